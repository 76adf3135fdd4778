"""What differs between two runs: a pure function of their records.

A metric is *identical* when both values are the same double, *close* when they differ by no more than
:data:`TOLERANCE` relative to the larger one, else *different*. One that is only known as it was printed *agrees as
printed* when the values differ by one unit of its last digit at most. A value that is not a score is the same when it
is identical or close. What only one record knows, or none yet (a digest that is still being computed), is listed as
not known, never as equal.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from ..canonical import canonical_json, jsonable
from .metric_pairs import AS_PRINTED as AS_PRINTED
from .metric_pairs import CLOSE as CLOSE
from .metric_pairs import DIFFERENT as DIFFERENT
from .metric_pairs import IDENTICAL as IDENTICAL
from .metric_pairs import NEVER_COMPARED as NEVER_COMPARED
from .metric_pairs import ONE_SIDED as ONE_SIDED
from .metric_pairs import TOLERANCE as TOLERANCE
from .metric_pairs import MetricPair, pairs_of, values_alike
from .metric_pairs import relation as relation
from .run import DataUse, RunRecord
from .untracked import unknown_reads

Documents = tuple[Mapping[str, Any], Mapping[str, Any]]


@dataclass(frozen=True)
class Side:
    """One of the two runs."""

    record_id: str
    name: str | None
    status: str
    started: float
    notebook: str | None
    duration: float | None
    cause: str | None = None
    """Why it was ended; None: it ended by itself, or is not known."""

    @classmethod
    def of(cls, record: RunRecord) -> Side:
        """Facts about a run besides what is compared."""
        return cls(
            record.record_id,
            record.name,
            record.status,
            record.started,
            record.code.notebook,
            record.duration,
            record.cause,
        )


@dataclass(frozen=True)
class Difference:
    """Anything else that differs; None where a side has no such thing, or where that is its value: see ``absent``."""

    part: str
    """``status``, ``params``, ``values``, ``data``, ``environment``, ``modules`` or ``git``."""
    name: str
    left: Any
    right: Any
    note: str = ""
    absent: Literal["", "left", "right"] = ""
    """The side that has no such parameter or value; empty: both have it, or it is neither."""


@dataclass(frozen=True)
class RecordComparison:
    """Everything that was compared. ``same`` counts, by part, what was equal."""

    left: Side
    right: Side
    metrics: tuple[MetricPair, ...]
    """The metrics that count: those named by ``--metrics``, else all but timings and readings."""
    differences: tuple[Difference, ...]
    same: dict[str, int]
    code: str = ""
    """Unified diff of the cell; empty when equal."""
    earlier: str = ""
    """Unified diff of the earlier cells of the two sessions."""
    unknown: tuple[str, ...] = ()
    """What could not be compared, and why."""
    tolerance: float = TOLERANCE

    def of(self, part: str) -> tuple[Difference, ...]:
        """The differences of one part."""
        return tuple(item for item in self.differences if item.part == part)

    @property
    def results_agree(self) -> bool:
        """Same state, and every metric and value that counts agrees."""
        return all(pair.agrees for pair in self.metrics) and not self.of("values") and not self.of("status")

    @property
    def equal(self) -> bool:
        """Nothing at all differs."""
        return self.results_agree and not (self.differences or self.code or self.earlier)

    def as_json(self) -> dict[str, Any]:
        """Everything, as JSON can hold it."""
        document = {**asdict(self), "results_agree": self.results_agree, "equal": self.equal}
        return dict(jsonable(document))


def compare_records(
    left: RunRecord, right: RunRecord, *, environments: Documents | None = None, tolerance: float = TOLERANCE
) -> RecordComparison:
    """Compare two runs.

    :param environments: the two environment documents (the blobs of ``record.environment``), for the list of
        distributions; None: only said that they differ.
    :param tolerance: relative difference up to which metrics and values are close.
    """
    findings = _Findings()
    _status(findings, left, right)
    findings.chosen("params", left.params, right.params)
    ours, theirs = (
        {name: value for name, value in record.values.items() if not name.startswith(NEVER_COMPARED)}
        for record in (left, right)
    )
    findings.chosen("values", ours, theirs, alike=values_alike(ours, theirs, tolerance))
    _data(findings, left.data, right.data)
    for record in (left, right):
        if (why := unknown_reads(record)) is not None:
            findings.unknown.append(f"data of {record.record_id[:8]}: {why}")
    _environment(findings, left, right, environments)
    findings.mapping("modules", *({m.path: m.blob or f"{m.size} B" for m in r.modules} for r in (left, right)))
    _git(findings, left, right)
    metrics = tuple(pairs_of(left, right, tolerance))
    findings.same["metrics"] += sum(pair.agrees for pair in metrics)
    return RecordComparison(
        Side.of(left),
        Side.of(right),
        metrics,
        tuple(findings.differences),
        dict(findings.same),
        _diff([left.code.source], [right.code.source]),
        _diff([cell.source for cell in left.before], [cell.source for cell in right.before]),
        tuple(findings.unknown),
        tolerance,
    )


class _Findings:
    """Collects differences and counts what is the same."""

    def __init__(self) -> None:
        self.differences: list[Difference] = []
        self.same: Counter[str] = Counter()
        self.unknown: list[str] = []

    def item(self, part: str, name: str, left: Any, right: Any, note: str = "") -> None:
        if canonical_json(left) == canonical_json(right):
            self.same[part] += 1
        else:
            self.differences.append(Difference(part, name, left, right, note))

    def mapping(self, part: str, left: Mapping[str, Any], right: Mapping[str, Any]) -> None:
        """The entries of two mappings."""
        for name in _union(left, right):
            self.item(part, name, left.get(name), right.get(name))

    def chosen(self, part: str, left: Mapping[str, Any], right: Mapping[str, Any], alike: Collection[str] = ()) -> None:
        """What the user's code named. A ``None`` there is a value, other than having no such entry.

        :param alike: those that count as the same though they are not equal.
        """
        for name in _union(left, right):
            if name in alike:
                self.same[part] += 1
            elif name in left and name in right:
                self.item(part, name, left[name], right[name])
            else:
                side: Literal["left", "right"] = "right" if name in left else "left"
                self.differences.append(Difference(part, name, left.get(name), right.get(name), absent=side))


def _union(left: Iterable[str], right: Iterable[str]) -> list[str]:
    return list(dict.fromkeys([*left, *right]))


def _status(findings: _Findings, left: RunRecord, right: RunRecord) -> None:
    findings.item("status", "status", left.status, right.status)
    ours, theirs = (None if record.failure is None else record.failure.kind for record in (left, right))
    if ours or theirs:
        findings.item("status", "exception", ours, theirs)


# -- data ------------------------------------------------------------------------------------------


def _data(findings: _Findings, left: Sequence[DataUse], right: Sequence[DataUse]) -> None:
    ours, theirs = ({(use.kind, place_of(use.name)): use for use in uses} for uses in (left, right))
    for key in dict.fromkeys([*ours, *theirs]):
        _one_data(findings, key[1], ours.get(key), theirs.get(key))


def place_of(name: str) -> str:
    """A file that a package ships is the same one in every environment."""
    _, inside, within = name.rpartition("/site-packages/")
    return f"site-packages/{within}" if inside else name


def _one_data(findings: _Findings, name: str, left: DataUse | None, right: DataUse | None) -> None:
    if left is None or right is None:
        findings.differences.append(Difference("data", name, _version(left), _version(right), "only on one side"))
        return
    for use in (left, right):
        if use.changed_since:
            findings.unknown.append(f"data {name}: the file changed between its reading and its hashing")
            return
    if left.digest is not None and right.digest is not None:
        findings.item("data", name, left.digest, right.digest)
        if left.digest_after or right.digest_after:
            findings.item("data", f"{name} (at the end)", left.digest_after, right.digest_after)
    elif left.size != right.size and None not in (left.size, right.size):
        findings.differences.append(Difference("data", name, left.size, right.size, "sizes in bytes"))
    else:
        findings.unknown.append(f"data {name}: not hashed yet")


def _version(use: DataUse | None) -> str | None:
    if use is None:
        return None
    return use.digest or (f"{use.size} bytes" if use.size is not None else "present")


# -- environment and git ---------------------------------------------------------------------------


def _environment(findings: _Findings, left: RunRecord, right: RunRecord, documents: Documents | None) -> None:
    ours, theirs = left.environment, right.environment
    if ours is None or theirs is None:
        findings.unknown.append("environment: not recorded on both sides")
        return
    if documents is not None:
        _documents(findings, *documents)
    elif ours.digest == theirs.digest:
        findings.same["environment"] += 1
    else:
        findings.item("environment", "environment", ours.digest, theirs.digest)
    findings.mapping("environment", ours.variables, theirs.variables)


def _documents(findings: _Findings, left: Mapping[str, Any], right: Mapping[str, Any]) -> None:
    """The documents that :func:`jupyter_bioml.host.environment.describe` made."""
    ours, theirs = ({item["name"]: item for item in document.get("distributions") or ()} for document in (left, right))
    for name in _union(ours, theirs):
        versions = [side[name]["version"] if name in side else None for side in (ours, theirs)]
        findings.item("environment", name, versions[0], versions[1])
        if versions[0] == versions[1] and ours[name].get("files_sha256") != theirs[name].get("files_sha256"):
            findings.differences.append(
                Difference("environment", name, versions[0], versions[1], "same version, other files")
            )
    findings.mapping("environment", _flat(left), _flat(right))


def environment_entries(document: Mapping[str, Any]) -> dict[str, Any]:
    """The compared entries of an environment, by their names in differences: versions, and every other entry."""
    versions = {item["name"]: item["version"] for item in document.get("distributions") or ()}
    return {**_flat(document), **versions}


def _flat(document: Mapping[str, Any]) -> dict[str, Any]:
    """The other entries with dotted names; where things lie on the disk does not matter."""
    found: dict[str, Any] = {}
    for key, value in document.items():
        if key in ("distributions", "variables", "absent"):
            continue
        parts = value.items() if isinstance(value, Mapping) else [("", value)]
        found.update({f"{key}.{name}".rstrip("."): part for name, part in parts if name != "executable"})
    return found


def _git(findings: _Findings, left: RunRecord, right: RunRecord) -> None:
    ours, theirs = left.git, right.git
    if ours is None and theirs is None:
        return
    for name in ("commit", "branch", "dirty", "patch_blob"):
        findings.item("git", name, getattr(ours, name, None), getattr(theirs, name, None))


# -- code ------------------------------------------------------------------------------------------


def _diff(left: Sequence[str], right: Sequence[str]) -> str:
    if list(left) == list(right):
        return ""
    ours, theirs = _numbered(left), _numbered(right)
    return "\n".join(difflib.unified_diff(ours, theirs, "left", "right", lineterm="", n=3))


def _numbered(cells: Sequence[str]) -> list[str]:
    if len(cells) == 1:
        return cells[0].splitlines()
    return [line for number, cell in enumerate(cells, 1) for line in (f"# cell {number}", *cell.splitlines())]
