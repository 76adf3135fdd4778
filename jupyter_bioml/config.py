"""Paths and settings: the project, its ``.bioml`` folder, its destination.

Settings come from ``bioml.toml`` in the project's root, overridden by ``BIOML_<NAME>`` variables.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
import tempfile
import urllib.parse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import UsageError

HOME_NAME = ".bioml"
MARKERS = (".bioml", ".git", ".dvc")
NETWORK_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "lustre", "beegfs", "afs", "9p"}
)


@dataclass(frozen=True)
class Settings:
    """The project's settings (``bioml.toml``, or the environment variable in brackets)."""

    outputs: bool = True
    """Keep what cells print and display [BIOML_OUTPUTS]."""
    auto: bool = False
    """Make every cell a run from the start [BIOML_AUTO]."""
    resources: bool = True
    """Record CPU, memory and GPU use during runs [BIOML_RESOURCES]."""
    publish: bool = True
    """Send runs to MLflow as they end; if off, only ``jupyter bioml publish`` sends them [BIOML_PUBLISH]."""
    output_limit_kb: int = 1024
    """Limit for the text kept from a run's streams, in KiB [BIOML_OUTPUT_LIMIT_KB]."""
    display_limit_kb: int = 10240
    """Largest display that is kept, in KiB [BIOML_DISPLAY_LIMIT_KB]."""
    model_limit_mb: int = 2048
    """Largest model that is kept, in MiB [BIOML_MODEL_LIMIT_MB]."""
    environment_variables: tuple[str, ...] = ()
    """Names of additional environment variables to record, comma-separated [BIOML_ENVIRONMENT_VARIABLES]."""


def load_settings(root: Path) -> Settings:
    """Settings of the project at ``root``.

    :raises UsageError: naming the file and the key, if a value has the wrong type.
    """
    values: dict[str, Any] = {}
    file = root / "bioml.toml"
    if file.is_file():
        values.update(_read_toml(file))
    for item in dataclasses.fields(Settings):
        variable = f"BIOML_{item.name.upper()}"
        if variable in os.environ:
            values[item.name] = _from_text(variable, os.environ[variable], item.default)
    return Settings(**values)


def _read_toml(file: Path) -> dict[str, Any]:
    import tomllib

    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{file} cannot be read: {error}.", next="Fix it, or delete it.") from None
    values: dict[str, Any] = {}
    defaults = {item.name: item.default for item in dataclasses.fields(Settings)}
    for key, value in document.items():
        if key not in defaults:
            raise UsageError(f"{file} has an unknown setting {key!r}.", next=f"Known: {', '.join(sorted(defaults))}.")
        if isinstance(value, list):
            value = tuple(str(item) for item in value)
        if type(value) is not type(defaults[key]):
            raise UsageError(f"{file}: {key} must be a {type(defaults[key]).__name__}, not {value!r}.")
        values[key] = value
    return values


def _from_text(name: str, text: str, default: Any) -> Any:
    if isinstance(default, bool):
        if text.lower() in ("1", "true", "yes", "on"):
            return True
        if text.lower() in ("0", "false", "no", "off", ""):
            return False
        raise UsageError(f"{name} must be on or off, not {text!r}.")
    if isinstance(default, int):
        try:
            return int(text)
        except ValueError:
            raise UsageError(f"{name} must be a whole number, not {text!r}.") from None
    return tuple(part.strip() for part in text.split(",") if part.strip())


@dataclass(frozen=True)
class Project:
    """A project: its root, and the folder that holds its journal.

    ``home`` is ``root/.bioml``; where that cannot be written it lies in the user's state folder,
    else in the temporary folder, and ``fallback`` says why.
    """

    root: Path
    home: Path
    fallback: str | None = None
    work: Path | None = None
    """The fresh folder of a reproduction, which stands for the root [BIOML_WORK]."""

    @property
    def journal(self) -> Path:
        """The folder of the sessions' segments."""
        return self.home / "journal"

    @property
    def blobs(self) -> Path:
        """The folder of contents, by their SHA-256."""
        return self.home / "blobs"

    @property
    def publishing(self) -> Path:
        """The folder of what publishers keep: a lock, a ledger and a log per destination."""
        return self.home / "publish"

    def ledger(self, key: str) -> Path:
        """The ledger of the destination of that key: what was sent there."""
        return self.publishing / f"{key}.ledger"

    @property
    def latest(self) -> Path:
        """One small file per run name: its last published metrics, for the run card."""
        return self.home / "latest"

    def relative(self, path: Path | str) -> str:
        """``path`` relative to the root with ``/``; absolute when it lies outside."""
        resolved = Path(path).resolve()
        for root in self.roots:
            if resolved.is_relative_to(root):
                return resolved.relative_to(root).as_posix()
        return str(path)

    @property
    def roots(self) -> tuple[Path, ...]:
        """The folders that count as the project: the root, and before it the work folder of a reproduction."""
        return (self.root,) if self.work is None else (self.work, self.root)


def project_root(start: Path) -> Path:
    """``BIOML_PROJECT``, else the nearest ancestor of ``start`` with a marker, else ``start``."""
    if os.environ.get("BIOML_PROJECT"):
        return Path(os.environ["BIOML_PROJECT"]).expanduser().resolve()
    start = start.resolve()
    for folder in (start, *start.parents):
        if any((folder / marker).exists() for marker in MARKERS):
            return folder
    return start


def find_project(start: Path, *, create: bool = True) -> Project:
    """The project that ``start`` (a notebook's folder) belongs to.

    :param create: make ``.bioml`` (git-ignored by itself); False only looks.
    """
    root = project_root(start)
    homes = _candidate_homes(root)
    if not create:
        for home in homes:
            if home.is_dir():
                return Project(root, home, None if home == homes[0] else f"{homes[0]} cannot be written")
        return Project(root, homes[0])
    reason = None
    for home in homes:
        try:
            prepare_home(home)
        except OSError as error:
            reason = reason or f"{home} cannot be written ({error.strerror or error})"
            continue
        work = os.environ.get("BIOML_WORK")
        return Project(root, home, reason, Path(work).resolve() if work else None)
    raise UsageError(f"No folder for the journal: {reason}.", next="Set BIOML_PROJECT to a writable folder.")


def _candidate_homes(root: Path) -> list[Path]:
    if os.environ.get("BIOML_HOME"):
        return [Path(os.environ["BIOML_HOME"])]
    key = hashlib.sha256(os.fsencode(str(root))).hexdigest()[:16]
    state = os.environ.get("XDG_STATE_HOME") or os.path.join(os.path.expanduser("~"), ".local", "state")
    return [
        root / HOME_NAME,
        Path(state) / "bioml" / key,
        Path(tempfile.gettempdir()) / f"bioml-{os.getuid()}" / key,
    ]


def prepare_home(home: Path) -> None:
    """Make the folder and its .gitignore; OSError if it cannot be written."""
    ignore = home / ".gitignore"
    if not ignore.exists():
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        ignore.write_text("*\n", encoding="utf-8")
    if not os.access(home, os.W_OK | os.X_OK):
        raise PermissionError(13, "Permission denied", str(home))
    (home / "journal").mkdir(exist_ok=True)


@dataclass(frozen=True)
class Destination:
    """Where a session's runs are published: the tracking URI, shown without credentials."""

    uri: str
    key: str
    embedded: bool

    @property
    def database(self) -> Path | None:
        """The database file of a sqlite destination."""
        return sqlite_file(self.uri)


def sqlite_uri(file: Path) -> str:
    """The tracking URI of a sqlite database; ``%`` and ``?`` have a meaning in URIs and are escaped."""
    return "sqlite:///" + str(file).replace("%", "%25").replace("?", "%3F")


def sqlite_file(uri: str) -> Path | None:
    """The file of a ``sqlite:///…`` URI, absolute; None for every other store."""
    if not uri.startswith("sqlite:///"):
        return None
    return Path(os.path.abspath(urllib.parse.unquote(uri.removeprefix("sqlite:///").partition("?")[0])))


def without_credentials(uri: str) -> str:
    """``uri`` without ``user:password@``."""
    scheme, separator, rest = uri.partition("://")
    if not separator or "@" not in rest.split("/", 1)[0]:
        return uri
    host = rest.split("/", 1)[0].rpartition("@")[2]
    return scheme + separator + "/".join([host, *rest.split("/", 1)[1:]])


def destination(project: Project) -> Destination:
    """``MLFLOW_TRACKING_URI`` as it is now, else the project's own sqlite database."""
    uri = os.environ.get("MLFLOW_TRACKING_URI", "")
    embedded = not uri
    if embedded:
        uri = sqlite_uri(project.home / "mlflow.db")
    if file := sqlite_file(uri):
        uri = sqlite_uri(file)  # a relative path would mean another file in the publisher's folder
    uri = without_credentials(uri)
    return Destination(uri, hashlib.sha256(uri.encode()).hexdigest()[:16], embedded)


def file_system(path: Path) -> str | None:
    """The type of the file system that holds ``path`` (Linux; None where it cannot be told)."""
    try:
        lines = Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    target = str(path.resolve())
    best, kind = "", None
    for line in lines:
        _, mount, name, *_ = line.split()
        mount = mount.replace("\\040", " ")
        inside = target == mount or target.startswith(mount.rstrip("/") + "/")
        if inside and len(mount) >= len(best):
            best, kind = mount, name
    return kind


def on_network(path: Path) -> bool:
    """True when ``path`` lies on a network file system, where sqlite's locks are unreliable."""
    return file_system(path) in NETWORK_FILE_SYSTEMS
