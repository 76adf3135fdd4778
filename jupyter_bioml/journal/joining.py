"""One journal from two folders: a project that could not be written for a while has a second one elsewhere.

What has ended is moved into the project's own folder once that can be written. What still runs, and everything as long
as the project is read-only, gets a link there, so that anyone who reads the one folder sees the runs of both.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..config import sqlite_uri
from .blobs import ALSO
from .liveness import HELPER_SUFFIX, KERNEL_SUFFIX, is_alive
from .log import frame, is_locked
from .settling import read_header, read_session

#: Files of lines to which everybody appends.
_SHARED = ("annotations.log", "facts.log", "renames.log")
_DATABASE = "mlflow.db"


def join(home: Path, other: Path, *, move: bool) -> int:
    """Make ``home`` hold the sessions of ``other`` too; returns how many came over now, moved or linked.

    :param move: move what has ended; False makes links only.
    :raises OSError: when the disk refuses; what has come is complete, the rest stays where it was.
    """
    fd = os.open(other / "journal", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return 0  # another process does it just now
        except OSError:
            pass  # a file system without locks for folders
        return _join(home, other, moves=move and os.access(other / "journal", os.W_OK))
    finally:
        os.close(fd)


def _join(home: Path, other: Path, *, moves: bool) -> int:
    found = list(_sessions(other))
    _drop_dead_links(home / "journal")
    new = [path for path in found if not _same(home / "journal" / path.name, path)]
    movable = [path for path in found if moves and _may_move(path)]
    if not new and not movable:
        return 0
    (home / "journal").mkdir(parents=True, exist_ok=True)
    _bring_lines(home, other, away=moves)
    if moves:
        _move_blobs(home / "blobs", other / "blobs")
    if moves and len(movable) == len(found):
        _forget(home, other)
    else:
        _refer(home, other)
    for path in found:
        if path in movable:
            _move(path, home, other)
        elif path in new:
            for part in (path.with_suffix(HELPER_SUFFIX), path):
                _link(part, home / "journal" / part.name)
    return len(new)


def _sessions(home: Path) -> Iterator[Path]:
    """The kernels' segments that lie in ``home`` itself."""
    with contextlib.suppress(OSError):
        for path in sorted((home / "journal").iterdir()):
            if path.suffix == KERNEL_SUFFIX and not path.is_symlink():
                yield path


def _same(target: Path, source: Path) -> bool:
    try:
        return target.samefile(source)
    except OSError:
        return False


def _may_move(path: Path) -> bool:
    """Nothing more will be written to it."""
    try:
        session = read_session(path)
    except (OSError, ValueError, KeyError, TypeError):
        return False
    helper = path.with_suffix(HELPER_SUFFIX)
    return session is not None and not is_alive(path, session) and is_locked(helper) is not True


def _drop_dead_links(journal: Path) -> None:
    with contextlib.suppress(OSError):
        for path in journal.iterdir():
            if path.is_symlink() and not path.exists():
                path.unlink()


def _link(source: Path, target: Path) -> None:
    """A link to a file, which may come later; a real file of that name stays."""
    with contextlib.suppress(FileExistsError):
        target.symlink_to(source)


def _move(path: Path, home: Path, other: Path) -> None:
    """A session, the helper's segment first: the kernel's is the one that is looked for."""
    helper = path.with_suffix(HELPER_SUFFIX)
    if helper.exists():
        _place(helper.read_bytes(), home / "journal" / helper.name)
    _place(_at_home(path, home, other), home / "journal" / path.name)
    path.unlink()
    helper.unlink(missing_ok=True)


def _at_home(path: Path, home: Path, other: Path) -> bytes:
    """The text of a segment. Its header names the new folder, and the database in it if it named the one in the old."""
    header, text = read_header(path), path.read_bytes()
    if header is None:
        return text
    said: dict[str, Any] = {**header, "home": str(home)}
    if header.get("destination") == sqlite_uri(other / _DATABASE):
        uri = sqlite_uri(home / _DATABASE)
        said |= {"destination": uri, "destination_key": hashlib.sha256(uri.encode()).hexdigest()[:16]}
    return frame(said) + text[text.index(b"\n") + 1 :]


def _place(text: bytes, target: Path) -> None:
    """Write a file under its name at once, or not at all; a link of that name gives way."""
    temporary = target.with_name(f"{target.name}.{os.getpid()}.coming")
    try:
        with open(temporary, "xb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.rename(temporary, target)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def _move_blobs(target: Path, source: Path) -> None:
    for path in source.glob("[0-9a-f][0-9a-f]/*"):
        place = target / path.parent.name / path.name
        if not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            coming = place.with_name(f"{place.name}.{os.getpid()}.tmp")
            try:
                shutil.copyfile(path, coming)
                os.rename(coming, place)
            except OSError:
                coming.unlink(missing_ok=True)
                raise


def _bring_lines(home: Path, other: Path, *, away: bool) -> None:
    """What was said later, and what was sent where. Lines that are here already are not repeated."""
    files = [other / name for name in _SHARED] + sorted((other / "publish").glob("*.ledger"))
    for source in files:
        if not source.is_file():
            continue
        target = home / source.relative_to(other)
        here = target.read_bytes() if target.exists() else b""
        more = source.read_bytes().removeprefix(here)
        if here and not away:
            continue  # brought when the first session was
        if more and not here.endswith(more):
            target.parent.mkdir(parents=True, exist_ok=True)
            with open(target, "ab", buffering=0) as file:
                file.write(more)


def _refer(home: Path, other: Path) -> None:
    (home / ALSO).write_text(f"{other / 'blobs'}\n", encoding="utf-8")


def _forget(home: Path, other: Path) -> None:
    """Everything was moved here: neither refers to the other any more."""
    for folder in (home, other):
        (folder / ALSO).unlink(missing_ok=True)
