"""The gates ``metrics`` and ``not_worse``: the run's metrics and values, alone and against the alias's holder."""

from __future__ import annotations

import dataclasses
import io
import math
from dataclasses import dataclass, field
from typing import Any

from ...journal.stamps import stamp_of
from ...records.run import Predictions, RunRecord
from ...store.base import FOLDER, StoredVersion
from ...text.present import counted, format_number, printable, shorten
from .. import paired
from ..context import Context, GateKeeping
from ..gate import GateResult, Grounds, Undecided, failed, passed, undecided
from ..known_gates import gate
from ..options import Threshold


@dataclass(frozen=True)
class MetricOptions:
    """Options of the gate ``metrics``."""

    thresholds: dict[str, Threshold] = field(default_factory=dict)
    """Metric, or value of the run → ``min`` and ``max``, both allowed."""

    def check(self) -> str | None:
        """What is wrong with them; None: nothing."""
        return None if self.thresholds else "thresholds must name at least one metric"


@gate("metrics", "Metrics are within bounds.", MetricOptions)
def judge_metrics(context: Context) -> GateResult:
    """Judge the last value of each metric in the run's record, or in MLflow if the record has none of that name; the
    run's values where MLflow has none either."""
    options: MetricOptions = context.options
    outside, missing, seen, beside = [], [], {}, 0
    for name, bounds in options.thresholds.items():
        number, is_value = _figure(context, name)
        seen[name] = number
        beside += is_value
        if not isinstance(number, (int, float)) or isinstance(number, bool):
            missing.append(_no_number(name, number, is_value=is_value))
        elif not _within(float(number), bounds):
            what = f"the value {printable(name)}" if is_value else printable(name)
            outside.append(f"{what} is {format_number(number)}, {_wanted(bounds)}")
    if outside:
        return failed(f"Outside its bounds: {'; '.join(outside)}.", "Improve the model, or change the policy.", **seen)
    if missing:
        return undecided(f"{'; '.join(missing)}.", "Log it in the cell, and register the new run.", **seen)
    counts = ((len(seen) - beside, "metric"), (beside, "value"))
    said = " and ".join(counted(count, what) for count, what in counts if count)
    return passed(f"{said} within bounds.", **seen)


def _figure(context: Context, name: str) -> tuple[Any, bool]:
    """(what the run has of that name, whether it is a value)"""
    recorded, values = context.facts.record.latest(), context.facts.record.values
    if name in recorded:
        return recorded[name], False
    logged = context.facts.run.metrics
    return (logged[name], False) if name in logged else (values.get(name), name in values)


def _no_number(name: str, found: Any, *, is_value: bool) -> str:
    if is_value:
        return f"The value {printable(name)} is {shorten(printable(str(found)), 40)}, which is not a number"
    return f"The run has neither a metric nor a value {printable(name)}"


def _within(value: float, bounds: Threshold) -> bool:
    low = -math.inf if bounds.min is None else bounds.min
    high = math.inf if bounds.max is None else bounds.max
    return low <= value <= high


def _wanted(bounds: Threshold) -> str:
    parts = [f"at least {bounds.min:g}"] if bounds.min is not None else []
    parts += [f"at most {bounds.max:g}"] if bounds.max is not None else []
    return " and ".join(parts) + " required"


@dataclass(frozen=True)
class NotWorseOptions:
    """Options of the gate ``not_worse``."""

    predictions: str | None = None
    """Name of the predictions table; None: the only one that both runs have."""
    loss: paired.Loss = "auto"
    """The loss averaged over rows; ``auto``: labels → wrong, probabilities → brier, values → absolute."""
    group: str | None = None
    """Column whose equal values belong together (a patient, a batch)."""
    margin: float = 0.0
    """Allowed increase of the mean loss, in the loss's own unit."""
    relative_margin: float = 0.0
    """Allowed increase as a fraction of the holder's mean loss (0.05: five per cent); added to ``margin``."""
    confidence: float = 0.95
    resamples: int = 2000
    min_rows: int = 30
    """With fewer rows (or groups) the gate is not decidable."""

    def check(self) -> str | None:
        """What is wrong with them together; None: nothing."""
        if not 0.5 <= self.confidence < 1:
            return "confidence must be at least 0.5 and below 1"
        if not 100 <= self.resamples <= 100_000:
            return "resamples must be from 100 to 100000"
        return "margins must not be below 0" if min(self.margin, self.relative_margin) < 0 else None


def _basis(context: Context) -> Any:
    """The content of both tables, and what is installed to compare them with."""
    from ...host.distributions import import_folders

    facts = context.facts
    holder = facts.holder
    if holder is None or holder.version == facts.version.version:
        raise Undecided("There is nothing to compare with.")
    held = facts.record_of(holder)
    name, new, old = _tables(facts.record, held, context.options.predictions)
    for record, version, table in ((facts.record, facts.version, new), (held, holder, old)):
        _content(context, record, version, table)  # it is there, and is what was recorded
    places = [[place, stamp_of(place)] for place in import_folders()]
    return [facts.version.version, holder.version, name, new.blob, new.format, old.blob, old.format, places]


@gate("not_worse", "Not worse than the alias's holder.", NotWorseOptions, keeping=GateKeeping(_basis, promotes=True))
def judge_not_worse(context: Context) -> GateResult:
    """See :mod:`jupyter_bioml.promote.paired`."""
    options: NotWorseOptions = context.options
    facts = context.facts
    holder = facts.holder
    if holder is None:
        return passed(f"No version holds the alias {facts.alias}, so there is nothing to compare with.")
    if holder.version == facts.version.version:
        return passed(f"Version {holder.version} already holds the alias {facts.alias}.")
    held = facts.record_of(holder)
    name, new, old = _tables(facts.record, held, options.predictions)
    try:
        found = paired.compare(
            _frame(context, facts.record, facts.version, new), _frame(context, held, holder, old), loss=options.loss,
            group=options.group, confidence=options.confidence, resamples=options.resamples,
        )  # fmt: skip
    except paired.NotComparable as error:
        return undecided(f"Not comparable with version {holder.version}: {error}.", _LOG, predictions=name)
    # also where the rows do not decide: the same rows never will
    return dataclasses.replace(_decided(found, options, holder), grounds=Grounds())


_LOG = "Predict the same test rows in both notebooks and keep them: bioml.log_predictions(y_true, y_pred, key=…)"


def _tables(new: RunRecord, old: RunRecord, wanted: str | None) -> tuple[str, Predictions, Predictions]:
    ours = {table.name: table for table in new.predictions}
    theirs = {table.name: table for table in old.predictions}
    common = sorted(set(ours) & set(theirs))
    if wanted is not None:
        common = [name for name in common if name == wanted]
    if not common:
        which = "" if wanted is None else f" {printable(wanted)!r}"
        raise Undecided(f"The two runs share no predictions table{which}.", _LOG)
    if len(common) > 1:
        listed = ", ".join(printable(name) for name in common[:5])
        raise Undecided(f"Both runs have several tables: {listed}.", "Name one in the policy: predictions: NAME")
    return common[0], ours[common[0]], theirs[common[0]]


def _frame(context: Context, record: RunRecord, version: StoredVersion, table: Predictions) -> Any:
    import pandas

    data = io.BytesIO(_content(context, record, version, table))
    return pandas.read_csv(data) if table.format == "csv" else pandas.read_parquet(data)


def _content(context: Context, record: RunRecord, version: StoredVersion, table: Predictions) -> bytes:
    from ...publish.artifacts import safe_path

    artifact = f"{FOLDER}/predictions/{safe_path(table.name)}.{table.format}"
    return context.facts.content(record, version.run_id, table.blob, artifact)


def _decided(found: paired.PairedComparison, options: NotWorseOptions, holder: StoredVersion) -> GateResult:
    margin = options.margin + options.relative_margin * found.old
    seen = {**dataclasses.asdict(found), "margin": margin, "holder": holder.version, "method": _METHOD}
    units = found.rows if found.groups is None else found.groups
    level = f"{options.confidence:.0%}"
    figures = (
        f"mean {found.loss} loss {format_number(found.new)} against {format_number(found.old)} of version "
        f"{holder.version}; difference {_signed(found.difference)} ({level} interval {_signed(found.low)} to "
        f"{_signed(found.high)}), margin {format_number(margin)}, {found.rows:,} rows"
    )
    if units < options.min_rows:
        kind = "rows" if found.groups is None else "groups"
        more = f"Predict at least {options.min_rows} {kind}."
        return undecided(f"{units} {kind} are too few for a decision ({figures}).", more, **seen)
    if found.high <= margin:
        return passed(f"Not worse: {figures}.", **seen)
    if found.low > margin:
        return failed(f"Worse: {figures}.", "Improve the model.", **seen)
    return undecided(f"Inconclusive on these rows: {figures}.", "Use more test rows, or allow a larger margin.", **seen)


_METHOD = "paired percentile bootstrap of the mean difference of losses (Efron & Tibshirani 1993, ch. 13)"


def _signed(value: float) -> str:
    text = format_number(value)
    return text if value <= 0 else f"+{text}"
