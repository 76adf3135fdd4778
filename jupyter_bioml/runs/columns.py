"""What runs are sorted, grouped, filtered and charted by: metrics, parameters, tags, and what every run has.

A column is written ``metrics.auc``, ``params.depth``, ``tags.site`` or by the name of a field (``duration``). A key
alone is enough where it is a key of one kind only, and no field.
"""

from __future__ import annotations

import difflib
import operator
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Final

from ..errors import UsageError
from ..text.present import printable
from .row import Scalar
from .summary import Summary


class _Missing:
    """The type of :data:`MISSING`."""

    def __repr__(self) -> str:
        return "MISSING"


#: The value of a run that has none: a parameter may well be None.
MISSING: Final = _Missing()
Value = Scalar | _Missing


def or_none(value: Value) -> Scalar:
    """A run's value; None also where it has none."""
    return None if isinstance(value, _Missing) else value


def status_of(one: Summary) -> str:
    """A run's state as it is shown: a killed one may have been interrupted by the user."""
    state = one.standing.state
    return "interrupted" if state == "KILLED" and one.row.interrupted else state.lower()


#: What a key may be of, as it is written before the key's name.
KINDS = ("metrics", "params", "tags")
_SINGULAR = {"metrics": "metric", "params": "parameter", "tags": "tag"}
#: Field → its value in a run; None: the run has none.
FIELDS: Mapping[str, Callable[[Summary], Scalar]] = {
    "name": lambda one: one.standing.name,
    "status": status_of,
    "notebook": lambda one: one.standing.notebook,
    "experiment": lambda one: one.row.experiment,
    "started": lambda one: one.standing.started,
    "duration": lambda one: one.row.duration,
    "starred": lambda one: one.row.starred,
    "archived": lambda one: one.standing.archived,
    "note": lambda one: one.row.note,
    "error": lambda one: one.row.error,
    "verdict": lambda one: one.row.verdict,
    "taint": lambda one: one.row.taint,
    "model": lambda one: one.row.has_model,
    "user": lambda one: one.user,
    "id": lambda one: one.standing.record_id,
}
_ALIASES = {"state": "status", "metric": "metrics", "param": "params", "parameters": "params", "tag": "tags"}
#: Names like a wrong one that are offered.
_OFFERED = 3


@dataclass(frozen=True)
class RunColumn:
    """One thing that runs have a value of."""

    kind: str
    """``metrics``, ``params``, ``tags`` or ``field``."""
    key: str

    @property
    def id(self) -> str:
        """As it is written in a filter and on the wire."""
        return self.key if self.kind == "field" else f"{self.kind}.{self.key}"

    def reader(self) -> Callable[[Summary], Value]:
        """A function that gives the value of a run."""
        key = self.key
        if self.kind == "field":
            field = FIELDS[key]
            return lambda one: MISSING if (value := field(one)) is None else value
        if self.kind == "metrics":
            return lambda one: one.scores.metrics.get(key, MISSING)
        if self.kind == "params":
            return lambda one: one.row.params.get(key, MISSING)
        return lambda one: one.row.tags.get(key, MISSING)


@dataclass(frozen=True)
class ColumnKey:
    """A metric, parameter or tag of some runs."""

    key: str
    runs: int
    """How many have it."""
    differs: bool
    """Not all of those have the same value; always true of metrics."""


@dataclass(frozen=True)
class ColumnKeys:
    """Every metric, parameter and tag of the project's runs."""

    metrics: tuple[ColumnKey, ...]
    params: tuple[ColumnKey, ...]
    tags: tuple[ColumnKey, ...]


class KnownKeys:
    """The metrics, parameters and tags of some runs. To ask for one costs far less than to count them all.

    :param whole: all runs were read: a key that none of them has does not exist.
    """

    def __init__(self, summaries: Iterable[Summary], *, whole: bool) -> None:
        self._runs = tuple(summaries)
        self.whole = whole

    @cached_property
    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """How many runs have which key, by kind."""
        return {kind: Counter(chain.from_iterable(self._of(kind))) for kind in KINDS}

    def _has(self, kind: str, key: str) -> bool:
        return any(key in one for one in self._of(kind))

    def _of(self, kind: str) -> Iterator[Mapping[str, Scalar]]:
        """What each run has of a kind."""
        if kind == "metrics":
            return (one.scores.metrics for one in self._runs)
        return (getattr(one.row, kind) for one in self._runs)

    def column(self, name: str) -> RunColumn:
        """The column that a name means.

        :raises UsageError: there is none, or more than one.
        """
        lower = name.lower()
        if (field := _ALIASES.get(lower, lower)) in FIELDS:
            return RunColumn("field", field)
        kind, dot, key = name.partition(".")
        kind = _ALIASES.get(kind.lower(), kind.lower())
        is_named = bool(dot and kind in KINDS and key)
        if is_named and self._has(kind, key):
            return RunColumn(kind, key)
        if is_named and not self._kinds(name):
            if not self.whole:
                return RunColumn(kind, key)
            raise UsageError(f"No run has a {_SINGULAR[kind]} {printable(key[:80])!r}.", next=self._like(key, (kind,)))
        kinds = self._kinds(name)
        if len(kinds) > 1:
            words = " and a ".join(_SINGULAR[one] for one in kinds)
            written = " or ".join(f"{one}.{name}" for one in kinds)
            raise UsageError(f"{printable(name[:80])!r} is a {words}.", next=f"Write {printable(written[:300])}.")
        if kinds:
            return RunColumn(kinds[0], name)
        if not self.whole:
            return RunColumn("params", name)
        raise UsageError(
            f"No run has a metric, parameter or tag {printable(name[:80])!r}.", next=self._like(name, KINDS)
        )

    def _kinds(self, key: str) -> list[str]:
        return [kind for kind in KINDS if self._has(kind, key)]

    def _like(self, name: str, kinds: Iterable[str]) -> str:
        """What may have been meant."""
        known = {key.lower(): key for kind in kinds for key in self.counts[kind]}
        known |= {field: field for field in FIELDS}
        close = difflib.get_close_matches(name.lower()[:80], list(known)[:5000], _OFFERED)
        if close:
            return f"Like it: {', '.join(printable(known[one][:80]) for one in close)}."
        return "The menu Columns lists every name."


def keys_of(summaries: Iterable[Summary], known: KnownKeys) -> ColumnKeys:
    """Every key with what a choice of columns needs to know."""
    rows = [one.row for one in summaries]

    def listed(kind: str) -> tuple[ColumnKey, ...]:
        counts = known.counts[kind]
        if kind == "metrics":
            return tuple(ColumnKey(key, counts[key], True) for key in sorted(counts))
        pairs = set(chain.from_iterable(getattr(row, kind).items() for row in rows))
        values = Counter(key for key, _ in pairs)
        return tuple(ColumnKey(key, counts[key], values[key] > 1) for key in sorted(counts))

    return ColumnKeys(listed("metrics"), listed("params"), listed("tags"))


def in_order(found: Sequence[Summary], column: RunColumn, *, descending: bool) -> list[Summary]:
    """The runs by their values of a column: numbers by their size, then words, the last of which is None.

    What has no value comes last, whichever the order; runs of equal values stay in the order in which they came.
    """
    read = column.reader()
    numbers: list[tuple[float, Summary]] = []
    words: list[tuple[str, Summary]] = []
    nothing, without = list[Summary](), list[Summary]()
    for one in found:
        value = read(one)
        if isinstance(value, (int, float)):
            numbers.append((value, one))
        elif isinstance(value, str):
            words.append((value.casefold(), one))
        else:
            (nothing if value is None else without).append(one)
    first = operator.itemgetter(0)
    numbers.sort(key=first, reverse=descending)
    words.sort(key=first, reverse=descending)
    kinds = [[one for _, one in numbers], [one for _, one in words], nothing]
    return [*chain.from_iterable(kinds[::-1] if descending else kinds), *without]
