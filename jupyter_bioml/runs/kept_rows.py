"""How runs are written into the index on disk: as the journal has them, as MLflow has them, and as they are shown.

Only JSON: a file of the project must not be able to run code here.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import accumulate
from typing import Any

from typing_extensions import override

from ..redact import redact_written
from ..store.base import StoredRun
from .kept_file import Parts
from .row import RunRow
from .summary import Scores, Standing, Summary, parts_of, remote_of

encode = json.JSONEncoder(separators=(",", ":")).encode
_ROW = tuple(field.name for field in dataclasses.fields(RunRow))
_STORED = tuple(field.name for field in dataclasses.fields(StoredRun))
_SUMMARY = tuple(field.name for field in dataclasses.fields(Summary))
#: What the form of the parts depends on.
FORM = (_ROW, _STORED, _SUMMARY, Standing._fields, Scores._fields)


def mark_of(text: bytes) -> str:
    """What tells one content from another."""
    return hashlib.blake2b(text, digest_size=8).hexdigest()


class KeptSummaries:
    """The runs of an index: their texts, and their scores, which are all that many questions need.

    :param lengths: of the texts, in their order.
    """

    def __init__(self, parts: Parts, lengths: Iterable[int]) -> None:
        self._parts = parts
        self._starts = [0, *accumulate(lengths)]

    def body(self, number: int) -> bytes:
        """The text of a run."""
        start = self._starts[number]
        return self._parts.piece("summaries", start, self._starts[number + 1] - start)

    @cached_property
    def scores(self) -> list[Any]:
        """Those of every run."""
        return list(self._parts.json("scores"))


class KeptSummary(Summary):
    """A run as it was kept: where it stands is known, the rest is read when it is asked for.

    :param number: its place in ``kept``.
    """

    def __init__(self, standing: Standing, kept: KeptSummaries, number: int) -> None:
        fields = self.__dict__  # thousands: an update by keywords would take twice as long
        fields["standing"], fields["_kept"], fields["_number"] = standing, kept, number

    def __getattr__(self, name: str) -> Any:
        if name not in _SUMMARY:
            raise AttributeError(name)
        self.__dict__.update(_fields(json.loads(self.body)))
        return self.__dict__[name]

    @property
    def body(self) -> bytes:
        """Its text, as it is kept."""
        kept: KeptSummaries = self.__dict__["_kept"]
        return kept.body(self.__dict__["_number"])

    @cached_property
    @override
    def scores(self) -> Scores:
        kept: KeptSummaries = self.__dict__["_kept"]
        metrics, compared = kept.scores[self.__dict__["_number"]]
        return Scores(metrics, None if compared is None else tuple(compared))


def summary_text(summary: Summary) -> bytes | None:
    """A run as it is kept; None: it cannot be (it runs, so that it is another one in a moment)."""
    if isinstance(summary, KeptSummary):
        return summary.body
    document = summary_document(summary)
    if document is None:
        return None
    try:
        return encode(document).encode()
    except (
        TypeError,
        ValueError,
    ):  # not JSON, or a number of more digits than Python writes: a list never fails for it
        return None


def summary_document(summary: Summary) -> list[Any] | None:
    """As :func:`summary_text`, before it is text."""
    row = summary.row
    if row.usage is not None or row.progress is not None:
        return None
    inputs = None if summary.inputs is None else sorted(summary.inputs)
    names = sorted(summary.notebooks)
    values = [getattr(row, name) for name in _ROW]
    return [values, names, summary.environment, inputs, summary.hidden, summary.above, summary.user]


def summary_of(document: list[Any]) -> Summary:
    """The run that was kept so."""
    return Summary(**_fields(document))


def _fields(document: list[Any]) -> dict[str, Any]:
    values, names, environment, inputs, hidden, above, user = document
    row = object.__new__(RunRow)  # thousands: its own way in would take longer than the reading
    row.__dict__.update(zip(_ROW, values, strict=True))
    if row.compared is not None:
        row.__dict__["compared"] = tuple(row.compared)
    found = None if inputs is None else frozenset((kind, name, digest) for kind, name, digest in inputs)
    return dict(zip(_SUMMARY, (row, frozenset(names), environment, found, hidden, above, user), strict=True))


class KeptRows(Mapping[str, Summary]):
    """The rows of a session as they were kept, read when one is asked for."""

    def __init__(self, record_ids: list[str], body: bytes) -> None:
        self._ids = dict.fromkeys(record_ids)
        self._body = body
        self._rows: dict[str, Summary] | None = None

    def __getitem__(self, record_id: str) -> Summary:
        if record_id not in self._ids:
            raise KeyError(record_id)
        if self._rows is None:
            self._rows = {key: summary_of(document) for key, document in json.loads(self._body).items()}
        return self._rows[record_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def __len__(self) -> int:
        return len(self._ids)

    def __contains__(self, record_id: object) -> bool:
        return record_id in self._ids


class StoredLine:
    """A run as MLflow has it: what every list needs at hand, the rest read when it is asked for."""

    __slots__ = (
        "_run",
        "_secret",
        "body",
        "deleted",
        "mark",
        "parts",
        "read_at",
        "record_id",
        "remote",
        "run_id",
        "status",
    )

    def __init__(self, values: tuple[Any, ...], body: bytes, mark: str, read_at: float) -> None:
        self.run_id: str
        self.record_id: str | None
        self.status: str
        self.deleted: bool
        self.parts: tuple[str, ...]
        self.remote: str | None
        self.run_id, self.record_id, self.status, self.deleted, self.parts, self.remote = values
        self.body = body
        self.mark = mark
        self.read_at = read_at
        """When it was read (epoch seconds): what was written before that is in it."""
        self._run: StoredRun | None = None
        self._secret: bool | None = False

    @classmethod
    def of(cls, run: StoredRun, read_at: float) -> StoredLine:
        """The line of a run that was read just now."""
        body = stored_text(run)
        values = (run.run_id, run.record_id, run.status, run.deleted, parts_of(run), remote_of(run))
        line = cls(values, body, mark_of(body), read_at)
        line._run, line._secret = run, None
        return line

    @property
    def secret(self) -> bool:
        """A secret is in it, which somebody wrote past this package: it is not kept."""
        if self._secret is None:
            document = json.loads(self.body)
            self._secret = bool(redact_written(document) != document)
        return self._secret

    @property
    def run(self) -> StoredRun:
        """All that was read of it."""
        if self._run is None:
            self._run = StoredRun(**dict(zip(_STORED, json.loads(self.body), strict=True)))
        return self._run

    def kept(self) -> list[Any]:
        """What is kept of it beside its body."""
        values = [self.run_id, self.record_id, self.status, self.deleted, self.parts, self.remote]
        return [values, self.mark, self.read_at, len(self.body)]


def stored_text(run: StoredRun) -> bytes:
    """A run of MLflow as it is kept."""
    return encode([getattr(run, name) for name in _STORED]).encode()
