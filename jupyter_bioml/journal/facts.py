"""Later findings: reports and tags of runs, and facts about model versions.

One file beside the segments, ``facts.log``, with many writers (:mod:`.shared`). Lines (``run`` is a record id, ``key``
a destination's, ``by`` who says it):

``report`` id, run, key, run_id, by, kind, state, summary, tags, blobs. The last one of a kind counts.
``tags`` id, run, key, run_id, by, tags. The last word on a key counts.
``fact`` id, key, model, version, kind, by, value. Every one counts: they are a list.
"""

from __future__ import annotations

import dataclasses
import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..canonical import canonical_json, jsonable, restore
from ..errors import UsageError
from ..records.draft import OURS
from ..records.run import Report, RunRecord
from ..records.shape import LineShape
from ..records.wire import from_dict, to_dict
from ..redact import redact, redact_value
from .lines import Entry
from .shared import SharedLog, user_name

FILE = "facts.log"
#: A fact's value: characters of its JSON text.
VALUE_LIMIT = 16_384
#: Facts of one kind about one version that are kept in memory and in MLflow: the newest.
MOST_FACTS = 10_000
_ABOUT_RUN: dict[str, Any] = {"id": str, "run": str, "key": str}
_SHAPES = {
    "report": LineShape.of(Report, **_ABOUT_RUN, more={"run_id": str | None}),
    "tags": LineShape.of(**_ABOUT_RUN, tags=dict[str, str], more={"run_id": str | None}),
    "fact": LineShape.of(
        id=str, at=float, key=str, model=str, version=str, kind=str, value=dict[str, Any], more={"by": str | None}
    ),
}
_KIND = re.compile(r"[a-z][a-z0-9_-]{0,39}")


@dataclass(frozen=True)
class Fact:
    """One fact about a model version."""

    id: str
    at: float
    """Seconds since the epoch."""
    by: str
    value: dict[str, Any]


@dataclass(frozen=True)
class RunFacts:
    """Later reports and tags of one run."""

    record_id: str
    last: str
    """Id of the newest line."""
    key: str
    """The destination that the run belongs to."""
    run_id: str | None = None
    """Its MLflow run, where that was known."""
    tags: dict[str, str] = field(default_factory=dict)
    reports: dict[str, Report] = field(default_factory=dict)
    """By kind."""

    @property
    def about(self) -> str:
        """What an ``applied`` line calls it."""
        return self.record_id

    @property
    def ours(self) -> dict[str, str]:
        """Tags that begin with ``bioml.``."""
        return {key: value for key, value in self.tags.items() if key.startswith(OURS)}

    @property
    def theirs(self) -> dict[str, str]:
        """The user's tags."""
        return {key: value for key, value in self.tags.items() if not key.startswith(OURS)}

    def onto(self, record: RunRecord) -> RunRecord:
        """The record with the later reports and tags; of two reports of one kind, the newer one."""
        reports = {report.kind: report for report in record.reports}
        for kind, report in self.reports.items():
            if kind not in reports or reports[kind].at <= report.at:
                reports[kind] = report
        tags, late = {**record.tags, **self.theirs}, {**record.late, **self.ours}
        return dataclasses.replace(record, tags=tags, late=late, reports=tuple(reports.values()))


@dataclass(frozen=True)
class VersionFacts:
    """The facts of one kind about one model version."""

    model: str
    version: str
    kind: str
    key: str
    """The destination whose registry has the version."""
    last: str
    """Id of the newest line."""
    count: int
    """The number of all facts."""
    newest: deque[Fact] = field(repr=False, compare=False)
    """At most :data:`MOST_FACTS`, oldest first."""

    @property
    def about(self) -> str:
        """What an ``applied`` line calls it."""
        return f"{self.model}/{self.version}/{self.kind}"


class FactLog(SharedLog):
    """The facts of one project (``home`` is its ``.bioml``). Reading needs no lock."""

    def __init__(self, home: Path) -> None:
        self._runs: dict[str, RunFacts] = {}
        self._versions: dict[tuple[str, str, str, str], VersionFacts] = {}
        super().__init__(home / FILE, _SHAPES)

    # -- asking ----------------------------------------------------------------------------------

    def of_run(self, record_id: str) -> RunFacts | None:
        """The later reports and tags of a run; None: none."""
        return self._runs.get(record_id)

    def with_later(self, record: RunRecord) -> RunRecord:
        """The record with the later reports and tags of its run."""
        said = self._runs.get(record.record_id)
        return record if said is None else said.onto(record)

    def of_version(self, model: str, version: str, key: str) -> Iterator[VersionFacts]:
        """The facts about a version in the registry of that destination, one item for each kind."""
        yield from (
            item for item in self._versions.values() if (item.model, item.version, item.key) == (model, version, key)
        )

    def newest(self, item: RunFacts | VersionFacts) -> RunFacts | VersionFacts:
        """The item, updated with everything added since it was returned."""
        if isinstance(item, RunFacts):
            return self._runs[item.record_id]
        return self._versions[item.model, item.version, item.kind, item.key]

    def reached(self, item: RunFacts | VersionFacts) -> bool:
        """Whether the destination has it, or has refused it for good."""
        return self._told(item.about, item.key, item.last)

    def refusal(self, item: RunFacts | VersionFacts) -> str | None:
        """Why the destination will not take what was said last."""
        return self._refused.get((item.about, item.key))

    def pending(self, key: str) -> list[RunFacts | VersionFacts]:
        """Changes not yet sent to a destination."""
        found: list[RunFacts | VersionFacts] = [*self._runs.values(), *self._versions.values()]
        return [item for item in found if item.key == key and not self.reached(item)]

    # -- saying: on the disk when it returns -----------------------------------------------------

    def report(self, record_id: str, key: str, report: Report, run_id: str | None = None) -> RunFacts:
        """Add a report about a run. Its blobs must be stored already.

        :param key: the destination that the run belongs to.
        :param run_id: its MLflow run, where the caller knows it.
        :raises UsageError: the kind is not one lower-case word.
        :raises JournalError: it cannot be written; nothing was changed.
        """
        masked = dataclasses.replace(
            report,
            kind=_checked(report.kind),
            summary=redact_value(jsonable(report.summary)),
            tags={name: redact(value) for name, value in report.tags.items()},
        )
        said = {name: value for name, value in to_dict(masked).items() if name != "at"}
        self._append("report", run=record_id, key=key, run_id=run_id, by=user_name(), **said)
        return self._runs[record_id]

    def tag(self, record_id: str, key: str, tags: Mapping[str, str], run_id: str | None = None) -> RunFacts:
        """Set tags of a run; ours begin with ``bioml.``.

        :raises JournalError: they cannot be written; nothing was changed.
        """
        plain = {name: redact(value) for name, value in tags.items()}
        self._append("tags", run=record_id, key=key, run_id=run_id, by=user_name(), tags=plain)
        return self._runs[record_id]

    def fact(self, model: str, version: str, key: str, kind: str, value: Mapping[str, Any]) -> VersionFacts:
        """Add a fact about a model version.

        :param kind: one lower-case word: ``feedback``, ``usage``, …
        :param key: the destination whose registry has the version.
        :raises UsageError: the kind is not one lower-case word, or the value is longer than :data:`VALUE_LIMIT`.
        :raises JournalError: it cannot be written; nothing was changed.
        """
        plain = redact_value(jsonable(dict(value)))
        if len(canonical_json(plain)) > VALUE_LIMIT:
            raise UsageError(
                f"The fact is longer than {VALUE_LIMIT:,} characters; it was not kept.",
                next="Store large content as a report of the run, and name the report in the fact.",
            )
        self._append(
            "fact", key=key, model=model, version=version, kind=_checked(kind), by=user_name(), value=plain
        )  # fmt: skip
        return self._versions[model, version, kind, key]

    def apply(self, item: RunFacts | VersionFacts, refused: str | None = None) -> None:
        """Note that the item's destination has it now, or has ``refused`` it for good.

        :raises JournalError: this cannot be written; the item will be sent once more.
        """
        self._apply(item.about, item.key, item.last, refused)

    # -- reading ---------------------------------------------------------------------------------

    def _run(self, entry: Entry) -> RunFacts:
        before = self._runs.get(entry["run"]) or RunFacts(entry["run"], "", "")
        run_id = entry.get("run_id") or before.run_id
        return dataclasses.replace(before, last=entry["id"], key=entry["key"], run_id=run_id)

    def _on_report(self, entry: Entry) -> None:
        report = from_dict(Report, entry)
        said = self._run(entry)
        self._runs[said.record_id] = dataclasses.replace(said, reports={**said.reports, report.kind: report})

    def _on_tags(self, entry: Entry) -> None:
        said = self._run(entry)
        self._runs[said.record_id] = dataclasses.replace(said, tags={**said.tags, **entry["tags"]})

    def _on_fact(self, entry: Entry) -> None:
        place = str(entry["model"]), str(entry["version"]), str(entry["kind"]), str(entry["key"])
        fact = Fact(entry["id"], float(entry["at"]), str(entry.get("by") or ""), restore(dict(entry["value"])))
        before = self._versions.get(place)
        newest = before.newest if before else deque(maxlen=MOST_FACTS)
        newest.append(fact)
        self._versions[place] = VersionFacts(*place, entry["id"], (before.count if before else 0) + 1, newest)


def _checked(kind: str) -> str:
    if not _KIND.fullmatch(kind):
        raise UsageError(f"The kind {kind!r} is not one lower-case word.", next="Use letters, digits, - and _.")
    return kind
