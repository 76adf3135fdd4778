"""What was found out about a version and may be believed again: answers of gates, and the digest of a model's files.

Each is a file in ``.bioml/state/gates``. Its name is a digest of the *basis*: all that was known before the question
was asked. In it are the answer, the files that it rests on besides, and a digest of their stamps. It is believed only
while the basis is the same and every one of these files is as it was; another basis is another file.

All digests are keyed with a secret of the user that lies outside of every project, so a file that somebody else wrote
or altered is not believed, whatever it says, and its name tells nothing of the variables in a basis. What is damaged,
altered or somebody else's is the same as nothing: the question is asked again. Nothing here fails.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import stat
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ..canonical import canonical_json, digest, jsonable, restore
from ..config import Destination, Project, state_folder
from ..journal.stamps import GRAIN, stamp_of
from ..processes.identity import BEGAN, own_code
from ..redact import redact, redact_value

FOLDER, SECRET = "gates", "gates.key"
#: Bytes of the secret; files that are kept (the newest), and files that one answer may rest on.
_SECRET_BYTES, _MOST, MOST_FILES = 32, 200, 20_000


@dataclass(frozen=True)
class KeptAnswer:
    """What was kept."""

    value: Any
    at: float
    """When it was found out, seconds since the epoch."""


class KeptAnswers:
    """What is kept of one project's versions at one destination.

    :param folder: None: nothing is kept.
    """

    def __init__(self, folder: Path | None, about: list[str]) -> None:
        self._folder = folder
        self._about = about

    @classmethod
    def of(cls, project: Project, target: Destination) -> KeptAnswers:
        """That of a project; nothing is kept in a folder that is not a project."""
        folder = project.home / "state" / FOLDER if project.home.is_dir() else None
        return cls(folder, [str(project.root), target.uri])

    def find(self, question: str, basis: Any) -> KeptAnswer | None:
        """What was found out; None: nothing that holds now.

        :param basis: as it was kept with.
        """
        secret = _secret(make=False)
        if self._folder is None or secret is None or _code() is None:
            return None
        name = self._name(secret, question, basis)
        try:
            mac, _, text = (self._folder / name).read_bytes().partition(b"\n")
        except OSError:
            return None
        if not hmac.compare_digest(mac, _keyed(secret, name.encode() + text).encode()):
            return None
        kept = json.loads(text)
        now, _ = _stamps(kept["files"])
        return KeptAnswer(restore(kept["value"]), kept["at"]) if kept["stamps"] == _keyed(secret, now) else None

    def keep(self, question: str, basis: Any, value: Any, files: Iterable[str], since: int) -> None:
        """Keep what was found out.

        :param files: what it rests on beside its basis: files, and folders for what they list.
        :param since: nanoseconds since the epoch: none of them was read before. One that changed later is not known to
            be what was read, and nothing is kept.
        """
        folders = _by_folder(files)
        if self._folder is None or folders is None or _code() is None:
            return
        secret = _secret(make=True)
        if secret is None:
            return
        stamps, changed = _stamps(folders)
        if changed + GRAIN > since:
            return
        name = self._name(secret, question, basis)
        document = {
            "value": redact_value(jsonable(value)),
            "at": time.time(),
            "files": folders,
            "stamps": _keyed(secret, stamps),
        }
        text = json.dumps(document, allow_nan=False).encode()
        with contextlib.suppress(OSError):
            self._write(name, _keyed(secret, name.encode() + text).encode() + b"\n" + text)

    def _name(self, secret: bytes, question: str, basis: Any) -> str:
        whole = [self._about, _code(), question, basis]
        return _keyed(secret, canonical_json(whole).encode("utf-8", "surrogatepass"))[:32]

    def _write(self, name: str, data: bytes) -> None:
        """Put a file there whole; of two that write it at once, either is right."""
        assert self._folder is not None
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _put(self._folder / name, data, os.replace)
        with os.scandir(self._folder) as entries:
            files = [(entry.stat(follow_symlinks=False).st_mtime, entry.path) for entry in entries]
        for _, path in sorted(files)[:-_MOST]:
            os.unlink(path)


@cache
def _code() -> str | None:
    """A digest of this package's files; None: they changed after this process began, so they are not what it runs."""
    stamps = own_code()
    return digest(stamps) if all(changed < BEGAN for _, changed, _, _ in stamps) else None


def _put(place: Path, data: bytes, rename: Any) -> None:
    new = place.with_name(f".{place.name}.{os.urandom(4).hex()}")
    fd = os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    try:
        with open(fd, "wb") as file:
            file.write(data)
        rename(new, place)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(new)


def _secret(*, make: bool) -> bytes | None:
    """The user's secret; None: there is none, or others could have read or written it.

    :param make: make it where there is none, or not a whole one.
    """
    place = state_folder() / SECRET
    for rename in (os.link, os.replace, None):  # of two that make the first one at once, one does
        try:
            found = _read_secret(place)
        except FileNotFoundError:
            found = b""
        except OSError:
            return None
        if found is None or len(found) == _SECRET_BYTES:
            return found
        if not make or rename is None:
            return None
        with contextlib.suppress(OSError):
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _put(place, os.urandom(_SECRET_BYTES), rename)
    return None


def _read_secret(place: Path) -> bytes | None:
    """What the file holds; None: it is not the user's alone."""
    with open(os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb") as file:
        status = os.fstat(file.fileno())
        own = status.st_uid == os.geteuid() and stat.S_ISREG(status.st_mode) and not status.st_mode & 0o077
        return file.read(_SECRET_BYTES + 1) if own else None


def _keyed(secret: bytes, data: bytes) -> str:
    return hmac.new(secret, data, hashlib.sha256).hexdigest()


def _by_folder(files: Iterable[str]) -> dict[str, list[str]] | None:
    """The names of the files by their folders; None: too many, or one is relative or must not be written."""
    found: dict[str, list[str]] = {}
    paths = sorted(set(files))
    for path in paths:
        folder, name = os.path.split(path)
        found.setdefault(folder, []).append(name)
    text = "\n".join(paths)
    fits = len(paths) <= MOST_FILES and all(map(os.path.isabs, paths))
    return found if fits and redact(text) == text else None


def _stamps(folders: Mapping[str, Iterable[str]]) -> tuple[bytes, int]:
    """The stamps of all files as bytes, and when any of them changed last (nanoseconds since the epoch)."""
    found, changed = [], 0
    for folder, names in folders.items():
        for name in names:
            stamp = stamp_of(f"{folder}/{name}")
            found.append(stamp)
            changed = max(changed, stamp[1], stamp[2])
    return json.dumps(found).encode(), changed
