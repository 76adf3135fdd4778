"""What child runs have in common is stored once, with the run above them (:mod:`jupyter_bioml.store.shared`).

Contents are added to the run above before a child names them, under a name made of their digest, so a publisher that
is killed in between, or a second sending, adds the same again. What is there already is read once and believed by its
digest only: a file that was cut off is written again.
"""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..canonical import bytes_digest
from ..errors import NotFound
from ..store.base import FOLDER, RECORD_FILE, SHARED_FILE, SHARED_FOLDER, Store
from ..store.shared import BEFORE, SHARED_KEY, Edit, Shared, SharedFile, edited, edits_between, record_text

ENVIRONMENT, LOCK = "environment.json", "requirements.lock"
#: What may be shared, below ``bioml/``. Everything else is a child's own.
_FILES, _FOLDERS = ("cell.py", "slice.ipynb", BEFORE, ENVIRONMENT, LOCK, "changes.patch"), ("modules/",)
#: Bytes below which a file is not worth its line in ``shared.json``.
_SMALLEST = 512
#: Bytes of a record's earlier cells below which they stay in it, so that it can be read alone.
_SMALLEST_BEFORE = 4096
#: Bytes of a text up to which it is compared with others, and how many of one name.
_COMPARED, _BASES = 2**20, 8
#: Bytes that an edit costs besides its text, about.
_EDIT = 16
#: Runs above whose contents are remembered.
_REMEMBERED = 8


@dataclass(frozen=True)
class Holder:
    """The run above: its ids, and the content of its own environment (None: it has none)."""

    run_id: str
    record_id: str
    environment: str | None = None


@dataclass(frozen=True)
class _Content:
    """A content in the run above: its digest, and its text where others may be made of it."""

    sha256: str
    text: str | None

    @classmethod
    def of(cls, data: bytes) -> _Content:
        text = None
        if len(data) <= _COMPARED:
            with contextlib.suppress(UnicodeDecodeError):
                text = data.decode()
        return cls(bytes_digest(data), text)


class _Above:
    """The contents of one run above, each read when it is first asked for."""

    def __init__(self, store: Store, run_id: str) -> None:
        self._store = store
        self._run_id = run_id
        self._sizes = {at: size or 0 for at, size in store.artifact_sizes(run_id) if _name(at) is not None}
        self._read: dict[str, _Content | None] = {}

    def keep(self, at: str, data: bytes) -> None:
        """A file was added."""
        self._sizes[at], self._read[at] = len(data), _Content.of(data)

    def find(self, name: str, data: bytes, environment: str | None) -> SharedFile | None:
        """The same content, or one that ``data`` can be made of; None: there is neither.

        :param environment: digest of the run's own environment.
        """
        sha256 = bytes_digest(data)
        for at in (f"{FOLDER}/{name}", _place(name, sha256)):
            content = self._content(at)
            if content is not None and content.sha256 == sha256:
                return SharedFile(at, sha256, len(data))
        text = _Content.of(data).text
        found = [] if text is None else self._edits(name, text, environment)
        made = [SharedFile(at, sha256, len(data), edits) for at, edits in found]
        return min(made, key=lambda file: sum(len(edit.text) + _EDIT for edit in file.edits)) if made else None

    def _edits(self, name: str, text: str, environment: str | None) -> Iterator[tuple[str, tuple[Edit, ...]]]:
        """What makes ``text`` of contents of that name, of those that are about as long.

        Of the run's own files only its environment: of the others it is not known that they are whole.
        """
        bases = [at for at in self._sizes if _name(at) == name]
        bases.sort(key=lambda at: abs(self._sizes[at] - len(text)))
        for at in bases[:_BASES]:
            content = self._content(at)
            if content is None or not (at.startswith(f"{SHARED_FOLDER}/") or content.sha256 == environment):
                continue
            if content.text is not None:
                edits = edits_between(content.text, text)
                if edits is not None and edited(content.text, edits) == text:
                    yield at, edits

    def _content(self, at: str) -> _Content | None:
        if at not in self._sizes:
            return None
        if at not in self._read:
            self._read[at] = self._intact(at)
        return self._read[at]

    def _intact(self, at: str) -> _Content | None:
        try:
            content = _Content.of(self._store.read_artifact(self._run_id, at))
        except NotFound:
            return None
        cut_off = at.startswith(f"{SHARED_FOLDER}/") and _place(str(_name(at)), content.sha256) != at
        return None if cut_off else content


class Sharing:
    """Moves what children share out of their files. One for a publisher: it remembers what it has seen.

    :param workplace: folder for temporary files.
    """

    def __init__(self, store: Store, workplace: Path) -> None:
        self._store = store
        self._workplace = workplace
        self._known: dict[str, _Above] = {}

    def forget(self, run_id: str) -> None:
        """The files of a run were written again."""
        self._known.pop(run_id, None)

    def take(self, folder: Path, holder: Holder) -> bool:
        """Store with ``holder`` what a run has in common with others, and put ``shared.json`` in its place.

        :param folder: the run's files.
        :returns: False when there is nothing to share.
        """
        above = self._above(holder.run_id)
        files: dict[str, SharedFile] = {}
        environment = folder / FOLDER / ENVIRONMENT
        same = environment.is_file() and bytes_digest(environment.read_bytes()) == holder.environment
        self._known.pop(holder.run_id)  # until everything that it is said to have is there
        _split_record(folder)
        with tempfile.TemporaryDirectory(dir=self._workplace) as upload:
            for path, name in list(_sharable(folder / FOLDER)):
                data = path.read_bytes()
                found = above.find(name, data, holder.environment)
                if found is None:
                    found = _new(name, data, with_its_own=same and name in (ENVIRONMENT, LOCK))
                    above.keep(found.at, data)
                    target = Path(upload, found.at)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(data)
                files[name] = found
                path.unlink()
            if any(Path(upload).iterdir()):
                self._store.add_artifacts(holder.run_id, Path(upload))
        self._known[holder.run_id] = above
        if files:
            (folder / SHARED_FILE).write_bytes(Shared(holder.run_id, holder.record_id, files).dump())
        return bool(files)

    def _above(self, run_id: str) -> _Above:
        if run_id not in self._known:
            while len(self._known) >= _REMEMBERED:
                del self._known[next(iter(self._known))]
            self._known[run_id] = _Above(self._store, run_id)
        return self._known[run_id]


def _split_record(folder: Path) -> None:
    """The earlier cells of a record as a file of their own, where they are worth one."""
    file = folder / RECORD_FILE
    document = json.loads(file.read_bytes())
    before = json.dumps(document.pop("before", []), indent=1).encode()
    if len(before) < _SMALLEST_BEFORE:
        return
    (folder / FOLDER / BEFORE).write_bytes(before)
    file.write_bytes(record_text({**document, SHARED_KEY: [BEFORE]}))


def _sharable(ours: Path) -> Iterator[tuple[Path, str]]:
    for path in sorted(ours.rglob("*")):
        name = path.relative_to(ours).as_posix()
        if path.is_file() and _may_be_shared(name) and path.stat().st_size >= _SMALLEST:
            yield path, name


def _may_be_shared(name: str) -> bool:
    return name in _FILES or name.startswith(_FOLDERS)


def _name(at: str) -> str | None:
    """``slice.ipynb`` of ``bioml/slice.ipynb`` and of ``bioml/shared/<digest>/slice.ipynb``; None for other files."""
    if at.startswith(f"{SHARED_FOLDER}/"):
        return at.removeprefix(f"{SHARED_FOLDER}/").partition("/")[2]
    name = at.removeprefix(f"{FOLDER}/")
    return name if name != at and _may_be_shared(name) else None


def _place(name: str, sha256: str) -> str:
    return f"{SHARED_FOLDER}/{sha256[:16]}/{name}"


def _new(name: str, data: bytes, *, with_its_own: bool) -> SharedFile:
    """The path of a content: with the run's own files if it has the same, else under its digest."""
    sha256 = bytes_digest(data)
    return SharedFile(f"{FOLDER}/{name}" if with_its_own else _place(name, sha256), sha256, len(data))
