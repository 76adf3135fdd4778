"""What child runs have in common is stored once, with the run above them (:mod:`jupyter_bioml.store.shared`).

Contents are added to the run above before a child names them, under a name made of their digest, so a publisher that
is killed in between, or a second sending, adds the same again. What is there already is read once and believed by its
digest only: a file that was cut off is written again.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..canonical import bytes_digest
from ..errors import NotFound
from ..store.base import FOLDER, SHARED_FILE, SHARED_FOLDER, Store
from ..store.shared import Edit, Shared, SharedFile, edited, edits_between

ENVIRONMENT, LOCK = "environment.json", "requirements.lock"
#: What may be shared, below ``bioml/``. Everything else is a child's own.
_FILES, _FOLDERS = ("cell.py", "slice.ipynb", ENVIRONMENT, LOCK, "changes.patch"), ("modules/",)
#: Bytes below which a file is not worth its line in ``shared.json``.
_SMALLEST = 512
#: Bytes of a text up to which it is compared with others, and how many of one name.
_COMPARED, _BASES = 2**20, 8
#: Runs above whose contents are remembered.
_REMEMBERED = 8


@dataclass(frozen=True)
class Holder:
    """The run above: its ids, and the content of its own environment (None: it has none)."""

    run_id: str
    record_id: str
    environment: str | None = None


@dataclass(frozen=True)
class _Kept:
    """A content in the run above: its digest, and its text where others may be made of it."""

    sha256: str
    text: str | None


class Sharing:
    """Moves what children share out of their files. One for a publisher: it remembers what it has seen.

    :param workplace: folder for temporary files.
    """

    def __init__(self, store: Store, workplace: Path) -> None:
        self._store = store
        self._workplace = workplace
        self._known: dict[str, dict[str, _Kept]] = {}

    def forget(self, run_id: str) -> None:
        """The files of a run were written again."""
        self._known.pop(run_id, None)

    def take(self, folder: Path, holder: Holder) -> bool:
        """Store with ``holder`` what a run has in common with others, and put ``shared.json`` in its place.

        :param folder: the run's files.
        :returns: False when there is nothing to share.
        """
        known = self._look(holder.run_id)
        files: dict[str, SharedFile] = {}
        added: dict[str, _Kept] = {}
        environment = folder / FOLDER / ENVIRONMENT
        same = environment.is_file() and bytes_digest(environment.read_bytes()) == holder.environment
        with tempfile.TemporaryDirectory(dir=self._workplace) as upload:
            for path, name in list(_sharable(folder / FOLDER)):
                data = path.read_bytes()
                found = _found(name, data, {**known, **added})
                if found is None:
                    found = _new(name, data, with_its_own=same and name in (ENVIRONMENT, LOCK))
                    added[found.at] = _kept(data)
                    target = Path(upload, found.at)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(data)
                files[name] = found
                path.unlink()
            if added:
                self._store.add_artifacts(holder.run_id, Path(upload))
                known.update(added)
        if files:
            (folder / SHARED_FILE).write_bytes(Shared(holder.run_id, holder.record_id, files).dump())
        return bool(files)

    def _look(self, run_id: str) -> dict[str, _Kept]:
        """What the run above has: path → content."""
        if run_id not in self._known:
            while len(self._known) >= _REMEMBERED:
                del self._known[next(iter(self._known))]
            found = {}
            for at in self._store.artifacts(run_id, FOLDER):
                if at.startswith(f"{SHARED_FOLDER}/") or _may_be_shared(at.removeprefix(f"{FOLDER}/")):
                    try:
                        found[at] = _kept(self._store.read_artifact(run_id, at))
                    except NotFound:
                        continue
            self._known[run_id] = found
        return self._known[run_id]


def _sharable(ours: Path) -> Iterator[tuple[Path, str]]:
    for path in sorted(ours.rglob("*")):
        name = path.relative_to(ours).as_posix()
        if path.is_file() and _may_be_shared(name) and path.stat().st_size >= _SMALLEST:
            yield path, name


def _may_be_shared(name: str) -> bool:
    return name in _FILES or name.startswith(_FOLDERS)


def _found(name: str, data: bytes, known: dict[str, _Kept]) -> SharedFile | None:
    """A content that is there: the same one, else one that the file can be made of; None: there is neither."""
    sha256 = bytes_digest(data)
    own = f"{FOLDER}/{name}"
    candidates = [at for at in known if at == own or (at.startswith(f"{SHARED_FOLDER}/") and _name(at) == name)]
    for at in candidates:
        if known[at].sha256 == sha256:
            return SharedFile(at, sha256, len(data))
    text = _kept(data).text
    if text is None:
        return None
    bases = [(at, base) for at in candidates if (base := known[at].text) is not None]
    bases.sort(key=lambda item: abs(len(item[1]) - len(text)))
    made = []
    for at, base in bases[:_BASES]:
        edits = edits_between(base, text)
        if edits is not None and edited(base, edits) == text:
            made.append(SharedFile(at, sha256, len(data), edits))
    return min(made, key=lambda file: _length(file.edits)) if made else None


def _name(at: str) -> str:
    """``slice.ipynb`` of ``bioml/shared/<digest>/slice.ipynb``."""
    return at.removeprefix(f"{SHARED_FOLDER}/").partition("/")[2]


def _length(edits: tuple[Edit, ...]) -> int:
    return sum(len(edit.text) + 16 for edit in edits)


def _new(name: str, data: bytes, *, with_its_own: bool) -> SharedFile:
    """Where a content comes to lie: with the run's own files where it has the same, else under its digest."""
    sha256 = bytes_digest(data)
    at = f"{FOLDER}/{name}" if with_its_own else f"{SHARED_FOLDER}/{sha256[:16]}/{name}"
    return SharedFile(at, sha256, len(data))


def _kept(data: bytes) -> _Kept:
    text = None
    if len(data) <= _COMPARED:
        try:
            text = data.decode()
        except UnicodeDecodeError:
            text = None
    return _Kept(bytes_digest(data), text)
