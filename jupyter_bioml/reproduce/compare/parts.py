"""The outputs of a run, one part each, by a slot that says which outputs of two runs belong together.

Displays and results are numbered in the order they came; the pieces of a stream are joined, since where one ends
and the next begins is a matter of time. The run card is not an output.
"""

from __future__ import annotations

import functools
import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Protocol

from ...errors import BiomlError, NotFound
from ...records.card_html import MIME as CARD
from ...records.run import DataUse, Output, Predictions, RunRecord
from .agreement import Part
from .learned import ExamplePredictions, FittedModel, Reads
from .logged import logged_parts
from .source import Source
from .stored import StoredFile, open_display, open_file, open_predictions
from .tables import Page
from .texts import PlainText

#: What an artifact is called, so that it is not taken for a file of that name written by the run.
ARTIFACT = "artifact:"
STREAMS = ("stdout", "stderr")
#: The end of a name of what came after the cell's end, when something else may have come first.
AFTER_THE_END = " after the end"
#: The beginning of a run card, for displays that kept only its HTML.
_CARD_HTML = b'<div role="group" aria-label="run '
Slot = tuple[str, str]
Written = Callable[[DataUse], bytes]


class Contents(Protocol):
    """The storage of the outputs' content: :class:`jupyter_bioml.journal.blobs.Blobs`."""

    def get(self, digest: str) -> bytes:
        """The bytes of a SHA-256 digest.

        :raises NotFound: when they are not kept.
        :raises JournalError: when they are not those of the digest.
        """


def parts_of(
    record: RunRecord, blobs: Contents, written: Written, models: Reads | None = None
) -> Iterator[tuple[Slot, Part]]:
    """Every output of ``record`` with its slot.

    :param blobs: content of displays, artifacts and predictions.
    :param written: content of a file that the run wrote.
    :param models: reads models; None: they are compared by their bytes.
    """
    source = Source.of(record)
    for logged in logged_parts(record):
        yield (logged.kind, logged.name), logged
    if record.failure is not None:
        yield ("text", "exception"), PlainText("exception message", record.failure.message)
    if record.model is not None and record.model.blob is not None:
        fitted = FittedModel(record.model, models)
        yield ("model", fitted.name), fitted
        if record.model.sample_blob is not None:
            yield ("example", fitted.name), ExamplePredictions(fitted)
    seen: Counter[str] = Counter()
    for item in record.predictions:
        seen[item.name] += 1
        name = item.name if seen[item.name] == 1 else f"{item.name} #{seen[item.name]}"
        yield ("predictions", name), _predictions(name, item, blobs)
    yield from _displays(record.outputs, blobs, source)
    for artifact in {item.path: item for item in record.artifacts}.values():
        name, read = f"{ARTIFACT}{artifact.path}", functools.partial(blobs.get, artifact.blob)
        opened = functools.partial(open_file, artifact.path)
        yield ("file", name), StoredFile("file", name, artifact.blob, artifact.size, read, opened)
    for use in record.data:
        if use.role != "read" and use.kind != "value" and not use.inherited:
            yield ("file", use.name), _written(use, written)
    yield from _streams(record.outputs, source)


def _predictions(name: str, item: Predictions, blobs: Contents) -> StoredFile:
    opened = functools.partial(open_predictions, name, item.format)
    return StoredFile("predictions", name, item.blob, None, functools.partial(blobs.get, item.blob), opened)


def _written(use: DataUse, written: Written) -> StoredFile:
    """A file that the run wrote; one that is not hashed yet is hashed here, where it still is what was written."""
    digest = None if use.changed_since else use.digest
    if digest is None and use.kind == "file":
        try:
            digest = hashlib.md5(written(use), usedforsecurity=False).hexdigest()
        except BiomlError:
            digest = None
    opened = functools.partial(open_file, use.name)
    return StoredFile("file", use.name, digest, use.size, functools.partial(written, use), opened)


def _displays(outputs: tuple[Output, ...], blobs: Contents, source: Source) -> Iterator[tuple[Slot, Part]]:
    number = 0
    for output in outputs:
        if output.kind in STREAMS or output.mime == CARD:
            continue
        part = _display(f"display {number + 1}", output, blobs, source)
        if part is not None:
            number += 1
            yield ("display", part.name), part


def _display(name: str, output: Output, blobs: Contents, source: Source) -> Part | None:
    """The part of one display; None for our own run card."""
    if output.blob is None and not (output.cut and output.mime != "text/plain"):
        return PlainText(name, output.text or "", cut=output.cut, source=source)
    mime = output.mime or "text/plain"
    kind = "figure" if mime.startswith("image/") or mime == "application/pdf" else "text"
    if output.blob is None:
        lost = NotFound((output.text or "It was not kept").lstrip("… "))
        return StoredFile(kind, name, None, output.size, functools.partial(_raise, lost), lambda data: None)
    read = functools.partial(blobs.get, output.blob)
    opened = functools.partial(open_display, name, mime, source=source)
    if mime == "text/html":
        try:
            data = read()
        except BiomlError as error:
            return StoredFile(kind, name, output.blob, output.size, functools.partial(_raise, error), opened)
        if data.startswith(_CARD_HTML):
            return None
        page = Page(name, data.decode("utf-8", "replace"), source)
        return StoredFile(page.kind, name, output.blob, output.size, read, lambda data: page)
    return StoredFile(kind, name, output.blob, output.size, read, opened)


def _raise(error: BiomlError) -> bytes:
    raise error


def _streams(outputs: tuple[Output, ...], source: Source) -> Iterator[tuple[Slot, Part]]:
    for stream in STREAMS:
        for late in (False, True):
            pieces = [output for output in outputs if output.kind == stream and output.after_end == late]
            if pieces:
                name = f"{stream}{AFTER_THE_END}" if late else stream
                cut = any(piece.cut for piece in pieces)
                yield (
                    ("text", name),
                    PlainText(name, "".join(piece.text or "" for piece in pieces), cut=cut, source=source),
                )
