"""The verdict as a sentence that a scientist would say."""

from __future__ import annotations

from ...records.compare import Difference
from ...records.run import RunRecord
from ...text.present import format_duration, format_value, printable, shorten
from ..compare.agreement import BIT_EQUAL, DIFFERENT, NUMERICALLY_EQUAL, Compared
from ..compare.levels import Agreement
from ..verdict import COULD_NOT_RUN, NOT_COMPARED, REPRODUCED, WITHIN_NOISE, Surroundings, Verdict

#: Outputs that are named.
_NAMED = 4


def sentence(decided: Verdict, outputs: Agreement | None, new: RunRecord | None, environment: Surroundings) -> str:
    """The result, what decided it, its duration and its environment."""
    if decided.verdict == COULD_NOT_RUN or outputs is None:
        reason = next((item.message for item in decided.evidence if item.cause == decided.cause), "")
        return f"The run could not be reproduced ({decided.cause}): {reason or 'the reason is unknown.'}"
    took = "" if new is None or new.duration is None else f", in {format_duration(new.duration)}"
    results = [item for item in outputs.deciding if item.kind != "status"]
    if decided.verdict == REPRODUCED:
        return _praise(list(outputs.proving), took) + _other_environment(environment)
    if decided.verdict == NOT_COMPARED:
        return _nothing(outputs, took) + _cause(decided)
    if decided.verdict == WITHIN_NOISE:
        named = _names([item for item in results if item.level not in (BIT_EQUAL, NUMERICALLY_EQUAL)])
        return f"{named} differed no more than repeats of the run do{took}.{_cause(decided)}"
    differing = [item for item in outputs.deciding if item.level == DIFFERENT]
    if not differing:
        return f"The results are the same, but the data are not.{_cause(decided)}"
    return f"Not reproduced: {_changes(differing)}.{_cause(decided)}"


def _nothing(outputs: Agreement, took: str) -> str:
    """Why nothing is said about the results."""
    if outputs.proving:
        return f"The recorded results came out again{took}, but nothing shows that this is not by chance."
    if not outputs.unknown:
        return f"The run finished{took}, but offers no result that could be compared."
    why = f": {outputs.unknown[0].note}" if outputs.unknown[0].note else ""
    return f"The run finished{took}, but {_names(list(outputs.unknown))} could not be compared{why}."


def _praise(results: list[Compared], took: str) -> str:
    how = "exactly" if all(item.level == BIT_EQUAL for item in results) else "within the stated tolerance"
    if len(results) == 1:
        item = results[0]
        value = (
            f" of {format_value(item.left, 40)}" if item.kind in ("metric", "value") and item.left is not None else ""
        )
        return f"The {item.kind} {printable(shorten(item.name, 60))}{value} was reproduced {how}{took}."
    metrics = [item for item in results if item.kind == "metric"]
    what = f"All {len(metrics)} metrics" if metrics and len(metrics) == len(results) else f"All {len(results)} results"
    return f"{what} were reproduced {how}{took}."


def _other_environment(environment: Surroundings) -> str:
    if not environment.differences:
        return ""
    named = ", ".join(_package(item) for item in environment.differences[:_NAMED])
    return f" The environment differed: {named}."


def _package(item: Difference) -> str:
    if item.left == item.right:
        return f"{item.name} {item.left} with different files"
    return f"{item.name} {item.left or 'absent'} → {item.right or 'absent'}"


def _names(items: list[Compared]) -> str:
    named = ", ".join(printable(shorten(item.name, 60)) for item in items[:_NAMED])
    return named + (f" and {len(items) - _NAMED} more" if len(items) > _NAMED else "")


def _changes(items: list[Compared]) -> str:
    named = ", ".join(_change(item) for item in items[:_NAMED])
    return named + (f" and {len(items) - _NAMED} more" if len(items) > _NAMED else "")


def _change(item: Compared) -> str:
    name = printable(shorten(item.name, 60))
    if item.kind in ("metric", "value", "status") and item.left is not None and item.right is not None:
        return f"{name} ({format_value(item.left, 30)} → {format_value(item.right, 30)})"
    return name


def _cause(decided: Verdict) -> str:
    reason = next((item for item in decided.evidence if item.cause == decided.cause), None)
    proved = " (proved)" if reason is not None and reason.proved else ""
    return f" {decided.cause}{proved}: {reason.message}" if reason is not None else ""
