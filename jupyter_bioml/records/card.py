"""The run card as plain text: four lines, the most important figure first.

● gbm-depth3   finished · 3.2 s · run 7f3a90c1…
  auc 0.9931  ▲ +0.0042 vs previous      accuracy 0.93 as printed
  depth 3  rate 0.1      data cohort.csv a41c… (unchanged)      after 4 cells
  CPU 96 % · 412 MB peak · GPU0 31 %      verdict: not checked
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from ..text.present import (
    counted,
    default_name,
    format_bytes,
    format_change,
    format_duration,
    format_number,
    format_printed,
    format_value,
    printable,
    short_id,
    shorten,
)
from .origins import by_importance, decimals_of
from .run import FAILED, FINISHED, INTERRUPTED, KILLED, RUNNING, DataUse, Reading, RunRecord
from .untracked import VERDICT, reads_seen, unknown_reads

#: State → its sign and its word: never colour alone.
SIGNS = {RUNNING: "◐", FINISHED: "●", FAILED: "✗", KILLED: "⊘"}
_WORDS = {RUNNING: "running", FINISHED: "finished", FAILED: "failed", KILLED: "killed"}
NOT_CHECKED = "not checked"
AS_PRINTED = "as printed"
TIMING = "timing."
_APART = "      "
_SHOWN = 4
#: Characters of a metric's name.
_NAME = 60


def state_word(status: str, *, interrupted: bool) -> str:
    """The word of a state. MLflow calls a run KILLED that its user stopped; people do not."""
    return INTERRUPTED if interrupted and status == KILLED else _WORDS.get(status, status.lower())


def word_of(record: RunRecord) -> str:
    """The word of a record's state."""
    return state_word(record.status, interrupted=record.cause == INTERRUPTED)


def key_metrics(record: RunRecord) -> dict[str, float]:
    """The metrics to show first: those named by ``--metrics``, else all that are compared by their importance
    (:func:`.origins.by_importance`), else timings."""
    latest = record.latest()
    if record.compared is not None:
        return {key: latest[key] for key in record.compared if key in latest}
    compared = {key: value for key, value in latest.items() if not key.startswith((TIMING, "system/"))} or latest
    scores = {score.key: score for score in record.scores}
    return {key: compared[key] for key in by_importance(compared, scores)}


def card_lines(
    record: RunRecord,
    *,
    previous: Mapping[str, float] | None = None,
    verdict: str | None = None,
    joined: str | None = None,
) -> list[str]:
    """The four lines.

    :param previous: metrics of the previous run of the same name.
    :param verdict: what a reproduction said; None: not checked.
    :param joined: the name of the run that the cell became a part of.
    """
    return [
        _state_line(record, joined),
        "  " + _metrics_line(record, previous or {}),
        "  " + _made_from_line(record),
        "  " + _APART.join([_resources(record), f"verdict: {verdict or NOT_CHECKED}"]).strip(),
    ]


def name_of(record: RunRecord) -> str:
    """The name that the user gave, else the notebook's and the cell's place."""
    return record.name or default_name(record.code.notebook, record.code.place, record.code.execution_count)


def _state_line(record: RunRecord, joined: str | None) -> str:
    identity = f"run {short_id(record.record_id)}"
    if record.part_of:
        identity = f"part of {f'{printable(joined)}, ' if joined else ''}run {short_id(record.part_of)}"
    parts = [word_of(record), format_duration(record.duration), identity]
    if record.duration is None:
        del parts[1]
    line = f"{SIGNS.get(record.status, '?')} {printable(name_of(record))}   {' · '.join(parts)}"
    if record.status == KILLED and record.cause == INTERRUPTED:
        return line  # its word says all of it
    if record.failure is not None:
        last = f"{record.failure.kind}: {record.failure.message}"
        line += f"   {shorten(printable(last), 100)}"
    elif record.cause:
        line += f"   {shorten(printable(record.cause), 100)}"
    return line


def _metrics_line(record: RunRecord, previous: Mapping[str, float]) -> str:
    metrics = key_metrics(record)
    if not metrics:
        return "no metrics" + (f", {counted(len(record.values), 'value')}" if record.values else "")
    digits = {score.key: decimals_of(score) for score in record.scores}
    shown = list(metrics.items())[:_SHOWN]
    at_end = len(shown) > 1 and all(digits.get(key) is not None for key, _ in shown)
    parts: list[str] = []
    for key, value in shown:
        decimals = digits.get(key)
        text = f"{shorten(printable(key), _NAME)} {format_printed(value, decimals)}"
        if decimals is not None and not at_end:
            text += f" {AS_PRINTED}"
        if key in previous:
            text += f"  {format_change(value, previous[key], decimals)}" + (" vs previous" if not parts else "")
        parts.append(text)
    if at_end:
        parts.append(f"({AS_PRINTED})")
    if len(metrics) > _SHOWN:
        parts.append(f"+ {len(metrics) - _SHOWN} more")
    return _APART.join(parts)


def _made_from_line(record: RunRecord) -> str:
    parts = (_params(record.params), _data(record), _before(record), unknown_place(record))
    return _APART.join(part for part in parts if part)


def _params(params: Mapping[str, Any]) -> str:
    if not params:
        return "no parameters"
    shown = [f"{printable(key)} {format_value(value, 24)}" for key, value in list(params.items())[:_SHOWN]]
    if len(params) > _SHOWN:
        shown.append(f"+ {len(params) - _SHOWN} more")
    return "  ".join(shown)


def data_text(use: DataUse) -> str:
    """One data version: its name, the beginning of its digest, and what is amiss with it."""
    name = printable(PurePath(use.name).name if use.kind != "value" else use.name)
    text = f"{name} {short_id(use.digest, 4) if use.digest else 'digest: hashing…'}"
    if use.changed_since:
        return f"{text} (changed since it was read)"
    if use.digest_after and use.digest_after != use.digest:
        return f"{text} (changed in the cell)"
    return text


def _data(record: RunRecord) -> str:
    """What the cell read itself comes first; what it got from earlier cells is named only where it read nothing, and
    what is not known always."""
    uses = record.data
    read = [use for use in uses if use.role != "written" and not use.inherited]
    known = ""
    if read:
        more = f" + {len(read) - 2} more" if len(read) > 2 else ""
        known = "data " + ", ".join(data_text(use) for use in read[:2]) + more
    elif inherited := [use for use in uses if use.inherited]:
        known = f"data of earlier cells: {_names(inherited)}"
    elif any(gap.part == "data" for gap in record.gaps):
        known = "data not known"
    return _APART.join(part for part in (known, _untracked(record)) if part) or "no data read"


def _untracked(record: RunRecord) -> str:
    """What is not known, or was only seen by a reproduction."""
    if (unknown := unknown_reads(record)) is not None:
        return f"⚠ {printable(unknown)}"
    seen = reads_seen(record.report(VERDICT))
    return f"read before tracking (seen by its reproduction): {_names(seen)}" if seen else ""


def _names(uses: Sequence[DataUse]) -> str:
    names = [printable(PurePath(use.name).name) for use in uses]
    return ", ".join(names[:2]) + (f" + {len(names) - 2} more" if len(names) > 2 else "")


def _before(record: RunRecord) -> str:
    count = len(record.before)
    if count:
        return f"after {counted(count, 'cell')}"
    return "" if unknown_reads(record) is not None else "first cell"


def unknown_place(record: RunRecord) -> str:
    """That the front end did not say which notebook or cell it is; empty where both are known, or there is none."""
    if record.mark not in ("magic", "tag", "auto"):
        return ""
    unknown = [("notebook", record.code.notebook), ("cell", record.code.cell_id)]
    words = [word for word, value in unknown if value is None]
    return f"{' and '.join(words)} unknown" if words else ""


def _resources(record: RunRecord) -> str:
    used = record.resources
    parts = []
    percent = [reading.cpu_percent for reading in used.readings if reading.cpu_percent is not None]
    if percent:
        parts.append(f"CPU {sum(percent) / len(percent):.0f} %")
    elif used.cpu_seconds is not None:
        parts.append(f"CPU {format_duration(used.cpu_seconds)}")
    if used.peak_rss is not None:
        parts.append(f"{format_bytes(used.peak_rss)} peak{' (sampled)' if used.peak_source == 'sampled' else ''}")
    parts += [_gpu(index, used.readings) for index in _gpus(used.readings)]
    return " · ".join(parts) or "no resource figures"


def _gpus(readings: Sequence[Reading]) -> list[int]:
    return sorted({gpu["index"] for reading in readings for gpu in reading.gpus if "index" in gpu})


def _gpu(index: int, readings: Sequence[Reading]) -> str:
    """Of one GPU: mean utilisation, most memory of the kernel's own (else of the device), energy; what is known."""
    seen = [gpu for reading in readings for gpu in reading.gpus if gpu.get("index") == index]
    parts = []
    if used := [gpu["utilization_percent"] for gpu in seen if "utilization_percent" in gpu]:
        parts.append(f"{sum(used) / len(used):.0f} %")
    own = [gpu["own_memory"] for gpu in seen if "own_memory" in gpu]
    if memory := own or [gpu["memory_used"] for gpu in seen if "memory_used" in gpu]:
        parts.append(format_bytes(max(memory)) + ("" if own else " (whole device)"))
    energy = [gpu["energy_millijoules"] for gpu in seen if "energy_millijoules" in gpu]
    if len(energy) > 1:
        parts.append(f"{format_number((energy[-1] - energy[0]) / 3.6e6)} Wh")
    return f"GPU{index} {', '.join(parts)}".strip()
