"""The run card as plain text: four lines, the most important figure first.

● gbm-depth3   finished · 3.2 s · run 7f3a90c1…
  auc 0.9931  ▲ +0.0042 vs previous      log_loss 0.0876  ▼ −0.011
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
    format_value,
    printable,
    short_id,
    shorten,
)
from .run import FAILED, FINISHED, KILLED, RUNNING, DataUse, Reading, RunRecord

#: State → its sign and its word: never colour alone.
SIGNS = {RUNNING: "◐", FINISHED: "●", FAILED: "✗", KILLED: "⊘"}
WORDS = {RUNNING: "running", FINISHED: "finished", FAILED: "failed", KILLED: "killed"}
NOT_CHECKED = "not checked"
TIMING = "timing."
_APART = "      "
_SHOWN = 4


def key_metrics(record: RunRecord) -> dict[str, float]:
    """The metrics to show first: those named by ``--metrics``, else all that are compared, else timings."""
    latest = record.latest()
    if record.compared is not None:
        return {key: latest[key] for key in record.compared if key in latest}
    compared = {key: value for key, value in latest.items() if not key.startswith((TIMING, "system/"))}
    return compared or latest


def card_lines(
    record: RunRecord,
    *,
    previous: Mapping[str, float] | None = None,
    verdict: str | None = None,
) -> list[str]:
    """The four lines.

    :param previous: metrics of the previous run of the same name.
    :param verdict: what a reproduction said; None: not checked.
    """
    return [
        _state_line(record),
        "  " + _metrics_line(record, previous or {}),
        "  " + _made_from_line(record),
        "  " + _APART.join([_resources(record), f"verdict: {verdict or NOT_CHECKED}"]).strip(),
    ]


def name_of(record: RunRecord) -> str:
    """The name that the user gave, else the notebook's and the number of the cell's execution."""
    return record.name or default_name(record.code.notebook, record.code.execution_count)


def _state_line(record: RunRecord) -> str:
    identity = f"run {short_id(record.record_id)}"
    if record.part_of:
        identity += f", part of {short_id(record.part_of)}"
    parts = [WORDS.get(record.status, record.status.lower()), format_duration(record.duration), identity]
    if record.duration is None:
        del parts[1]
    line = f"{SIGNS.get(record.status, '?')} {printable(name_of(record))}   {' · '.join(parts)}"
    if record.failure is not None:
        last = f"{record.failure.kind}: {record.failure.message}"
        line += f"   {shorten(printable(last), 100)}"
    elif record.cause:
        line += f"   {shorten(printable(record.cause), 100)}"
    return line


def _metrics_line(record: RunRecord, previous: Mapping[str, float]) -> str:
    metrics = key_metrics(record)
    if not metrics:
        return "no metrics"
    parts: list[str] = []
    for key, value in list(metrics.items())[:_SHOWN]:
        text = f"{printable(key)} {format_number(value)}"
        if key in previous:
            text += f"  {format_change(value, previous[key])}" + (" vs previous" if not parts else "")
        parts.append(text)
    if len(metrics) > _SHOWN:
        parts.append(f"+ {len(metrics) - _SHOWN} more")
    return _APART.join(parts)


def _made_from_line(record: RunRecord) -> str:
    return _APART.join(part for part in (_params(record.params), _data(record.data), _before(record)) if part)


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


def _data(uses: tuple[DataUse, ...]) -> str:
    """What the cell read itself comes first; what it got from earlier cells is named only where it read nothing."""
    read = [use for use in uses if use.role != "written" and not use.inherited]
    if not read:
        inherited = [printable(PurePath(use.name).name) for use in uses if use.inherited]
        more = f" + {len(inherited) - 2} more" if len(inherited) > 2 else ""
        return f"data of earlier cells: {', '.join(inherited[:2])}{more}" if inherited else "no data read"
    more = f" + {len(read) - 2} more" if len(read) > 2 else ""
    return "data " + ", ".join(data_text(use) for use in read[:2]) + more


def _before(record: RunRecord) -> str:
    count = len(record.before)
    return f"after {counted(count, 'cell')}" if count else "first cell"


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
