"""Files that child runs have in common: stored once with the run above them, and read as if they were their own.

Such a child has a file ``bioml/shared.json``::

    {"run_id": …, "record_id": …, "files": {"slice.ipynb": {"at": …, "sha256": …, "size": …, "edits": […]}}}

``run_id`` is the run that keeps the contents (``record_id`` its record, by which it is found in a copied store), ``at``
the file there. Where the child's content differs, ``edits`` makes it of what is stored: each ``[start, end, text]``
puts ``text`` in the place of these characters; later places come first when they are applied. ``sha256`` and ``size``
are those of the child's content. ``before.json`` is a part of ``record.json``: the earlier cells of its session, which
are nearly the same in every run of a sweep.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cached_property
from typing import Any

from ..canonical import bytes_digest
from ..errors import BiomlError, JournalError, NotFound
from ..records.run import RunRecord
from ..records.wire import load_record
from ..text.present import printable, short_id
from .base import FOLDER, RECORD_FILE, RECORD_ID, SHARED_FILE, StoreReader

#: The earlier cells of a record, as a file that is shared, and the key of a record that says so.
BEFORE, SHARED_KEY = "before.json", "shared"
#: Pieces of a text that are compared as a whole: up to a comma or the end of a line.
_PIECES = re.compile(r"[^,\n]*[,\n]|[^,\n]+")
#: Pairs of pieces that are compared at most, and the part of a text that edits may replace.
_PAIRS, _WORTH = 4_000_000, 0.5


@dataclass(frozen=True)
class Edit:
    """``text`` in the place of the characters from ``start`` to before ``end``."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class SharedFile:
    """Where a file's content lies, and what makes the child's content of it."""

    at: str
    sha256: str
    size: int
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True)
class Shared:
    """``bioml/shared.json``: the run that keeps the files, and the files by their names below ``bioml/``."""

    run_id: str
    record_id: str
    files: dict[str, SharedFile] = field(default_factory=dict)

    def dump(self) -> bytes:
        """The document."""
        files: dict[str, dict[str, Any]] = {}
        for name, file in self.files.items():
            files[name] = {"at": file.at, "sha256": file.sha256, "size": file.size}
            if file.edits:
                files[name]["edits"] = [[edit.start, edit.end, edit.text] for edit in file.edits]
        document = {"run_id": self.run_id, "record_id": self.record_id, "files": files}
        return (json.dumps(document, sort_keys=True) + "\n").encode()

    @classmethod
    def load(cls, data: bytes) -> Shared:
        """:raises JournalError: when it is not such a document."""
        try:
            document = json.loads(data)
            files = {_confined(name): _file(item) for name, item in document["files"].items()}
            return cls(str(document["run_id"]), str(document["record_id"]), files)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise JournalError(f"{SHARED_FILE} cannot be understood ({type(error).__name__}: {error}).") from None


def _file(item: dict[str, Any]) -> SharedFile:
    edits = tuple(Edit(int(start), int(end), str(text)) for start, end, text in item.get("edits", ()))
    return SharedFile(_confined(item["at"]), str(item["sha256"]), int(item["size"]), edits)


def _confined(path: str) -> str:
    """:raises ValueError: when a path does not stay in its folder."""
    if path.startswith("/") or "\\" in path or any(part in ("", ".", "..") for part in path.split("/")):
        raise ValueError(f"the path {path[:100]!r}")
    return path


def record_text(document: Mapping[str, Any]) -> bytes:
    """``record.json`` of a record's dictionary: its own keys by name; the order of parameters within says something."""
    return (json.dumps({key: document[key] for key in sorted(document)}, indent=1) + "\n").encode()


class RunFiles:
    """The files of one run, those that it shares among them: for everyone who reads files of runs."""

    def __init__(self, store: StoreReader, run_id: str) -> None:
        self._store = store
        self._run_id = run_id

    def read(self, path: str) -> bytes:
        """Content of one file.

        :param path: as :meth:`sizes` has it.
        :raises NotFound: the run has no such file, or a shared file no longer exists or was altered.
        :raises JournalError: ``bioml/shared.json`` cannot be understood.
        """
        try:
            data = self._store.read_artifact(self._run_id, path)
            return self._whole_record(data) if path == RECORD_FILE else data
        except NotFound:
            shared, name = self._shared, path.removeprefix(f"{FOLDER}/")
            if shared is None or name == path or name not in shared.files:
                raise
        return self._shared_content(path, shared, shared.files[name])

    def record(self) -> RunRecord:
        """The record that the run was made from; a shared part that no longer exists is one of its gaps.

        :raises NotFound: it has none.
        :raises SchemaTooNew: a newer version wrote it.
        """
        return load_record(json.loads(self.read(RECORD_FILE)))

    def _whole_record(self, data: bytes) -> bytes:
        """``record.json`` with the earlier cells in their place."""
        if f'"{SHARED_KEY}"'.encode() not in data:
            return data
        document = json.loads(data)
        if not document.pop(SHARED_KEY, None):
            return data
        try:
            document["before"] = json.loads(self.read(f"{FOLDER}/{BEFORE}"))
        except (NotFound, JournalError, ValueError) as error:
            reason = error.message if isinstance(error, BiomlError) else str(error)
            document["gaps"] = [*document.get("gaps", ()), {"part": "before", "reason": reason}]
        return record_text(document)

    def sizes(self) -> tuple[tuple[str, int | None], ...]:
        """Every file with its size in bytes; None where the store does not tell one."""
        found = dict(self._store.artifact_sizes(self._run_id))
        if SHARED_FILE in found and self._shared is not None:
            for name, file in self._shared.files.items():
                if name == BEFORE:
                    found[RECORD_FILE] = None  # it is made of both
                else:
                    found.setdefault(f"{FOLDER}/{name}", file.size)
        return tuple(sorted(found.items()))

    @cached_property
    def _shared(self) -> Shared | None:
        try:
            return Shared.load(self._store.read_artifact(self._run_id, SHARED_FILE))
        except NotFound:
            return None

    def _shared_content(self, path: str, shared: Shared, file: SharedFile) -> bytes:
        run, above = short_id(self._run_id), short_id(shared.run_id)
        for holder in self._holders(shared):
            try:
                data = self._store.read_artifact(holder, file.at)
            except NotFound:
                continue
            if file.edits:
                data = edited(data.decode("utf-8", "replace"), file.edits).encode("utf-8", "surrogatepass")
            if bytes_digest(data) == file.sha256:
                return data
            raise NotFound(
                f"{printable(path)} of the run {run} is stored with the run {above} above it, where it was altered."
            )
        raise NotFound(
            f"{printable(path)} of the run {run} is stored with the run {above} above it, "
            f"which is no longer in {self._store.uri}.",
            next=f"Restore the run {printable(shared.run_id)}, or read the file where the project's journal is.",
        )

    def _holders(self, shared: Shared) -> Iterator[str]:
        """The run that keeps the files; in a copy of the store it has another id."""
        yield shared.run_id
        for run in self._store.search(tags={RECORD_ID: shared.record_id}, deleted=True):
            if run.run_id != shared.run_id:
                yield run.run_id


def edited(text: str, edits: Sequence[Edit]) -> str:
    """``text`` with the edits applied."""
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def edits_between(before: str, after: str) -> tuple[Edit, ...] | None:
    """What makes ``after`` of ``before``; None when that would be half of it or more."""
    left, right = _PIECES.findall(before), _PIECES.findall(after)
    head = _common(left, right)
    tail = _common(left[head:][::-1], right[head:][::-1])
    old, new = left[head : len(left) - tail], right[head : len(right) - tail]
    starts = [sum(map(len, left[:head]))]
    for piece in old:
        starts.append(starts[-1] + len(piece))
    changes = [("replace", 0, len(old), 0, len(new))]
    if len(old) * len(new) <= _PAIRS:
        changes = [item for item in SequenceMatcher(None, old, new, autojunk=False).get_opcodes() if item[0] != "equal"]
    edits = tuple(_narrowed(before, Edit(starts[a], starts[b], "".join(new[c:d]))) for _, a, b, c, d in changes)
    return edits if sum(len(edit.text) for edit in edits) < _WORTH * len(after) else None


def _narrowed(before: str, edit: Edit) -> Edit:
    """An edit without the characters that stay."""
    old = before[edit.start : edit.end]
    head = _common(old, edit.text)
    tail = _common(old[head:][::-1], edit.text[head:][::-1])
    return Edit(edit.start + head, edit.end - tail, edit.text[head : len(edit.text) - tail])


def _common(left: Sequence[str], right: Sequence[str]) -> int:
    """How many pieces (of a text: characters) they begin with in common."""
    for number, (one, other) in enumerate(zip(left, right, strict=False)):
        if one != other:
            return number
    return min(len(left), len(right))
