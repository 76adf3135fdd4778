"""Paths and settings: the project, its ``.bioml`` folder, its destination.

Settings come from ``bioml.toml`` in the project's root, overridden by ``BIOML_<NAME>`` variables.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
import re
import tempfile
import urllib.parse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import UsageError

HOME_NAME = ".bioml"
FILE = "bioml.toml"
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
    track: bool = False
    """Track every notebook of the project that is opened in JupyterLab [BIOML_TRACK]."""
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
    file = root / FILE
    if file.is_file():
        values.update(read_settings_file(file))
    for item in dataclasses.fields(Settings):
        variable = f"BIOML_{item.name.upper()}"
        if variable in os.environ:
            values[item.name] = _from_text(variable, os.environ[variable], item.default)
    return Settings(**values)


def read_settings_file(file: Path) -> dict[str, Any]:
    """The settings that a ``bioml.toml`` gives.

    :raises UsageError: naming the file and the key, if it is not valid.
    """
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
        return _look_for(root, homes)
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


def _look_for(root: Path, homes: list[Path]) -> Project:
    """The project with the folder that a kernel would use now, as far as there is one."""
    own, *others = homes
    if own.is_dir() and os.access(own, os.W_OK | os.X_OK):
        return Project(root, own)
    for home in others:
        if has_journal(home):
            return Project(root, home, f"{own} cannot be written")
    return Project(root, own)


def has_journal(fallback: Path) -> bool:
    """Whether a fallback folder holds a journal and is the user's own: anyone can make one in the temporary folder."""
    try:
        return (fallback / "journal").is_dir() and fallback.stat().st_uid == os.geteuid()
    except OSError:
        return False


def _candidate_homes(root: Path) -> list[Path]:
    if os.environ.get("BIOML_HOME"):
        return [Path(os.environ["BIOML_HOME"])]
    return [root / HOME_NAME, *fallback_homes(root)]


def fallback_homes(root: Path) -> list[Path]:
    """Where the journal of the project at ``root`` lies when the project cannot be written: state, temporary folder."""
    key = hashlib.sha256(os.fsencode(str(root))).hexdigest()[:16]
    return [state_folder() / key, Path(tempfile.gettempdir()) / f"bioml-{os.getuid()}" / key]


def state_folder() -> Path:
    """The user's own folder for what this package keeps outside of all projects; it need not exist."""
    state = os.environ.get("XDG_STATE_HOME") or os.path.join(os.path.expanduser("~"), ".local", "state")
    return Path(state) / "bioml"


def kept_folder(root: Path) -> Path:
    """Where copies of what the project's full disk refused lie until there is room."""
    return fallback_homes(root)[0] / "kept"


def prepare_home(home: Path) -> None:
    """Make the folder and its .gitignore; OSError if it cannot be written."""
    ignore = home / ".gitignore"
    if not ignore.exists() or not ignore.stat().st_size:  # empty: the disk was full then
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
    """The tracking URI of a sqlite database; ``%`` and ``?`` have a meaning in URIs and are escaped.

    MLflow makes the folder of the database by the URI's own text, escapes and all. From the first name with such a
    character on, the slashes are escaped too: the folder by that text is then one that exists.
    """
    text = str(file)
    special = re.search(r"[%?]", text)
    if special is None:
        return f"sqlite:///{text}"
    start = text.rfind("/", 0, special.start()) + 1
    rest = text[start:].replace("%", "%25").replace("?", "%3F").replace("/", "%2F")
    return f"sqlite:///{text[:start]}{rest}"


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
    return destination_at(uri) if uri else own_database(project.home)


def own_database(home: Path) -> Destination:
    """The database of a project itself, in its ``.bioml``."""
    return dataclasses.replace(destination_at(sqlite_uri(home / "mlflow.db")), embedded=True)


def destination_at(uri: str) -> Destination:
    """The destination behind a tracking URI."""
    named = uri = without_credentials(uri)
    if file := sqlite_file(uri):
        uri = sqlite_uri(file)  # a relative path would mean another file in the publisher's folder
        named = "sqlite:///" + str(file).replace("%", "%25").replace("?", "%3F")  # one name, however it is spelled
    key = hashlib.sha256(named.encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return Destination(uri, key, embedded=False)


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
