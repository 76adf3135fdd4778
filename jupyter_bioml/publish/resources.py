"""Readings as MLflow metrics. Everything below ``system/`` is shown in MLflow's "System metrics" tab.

Figures of a whole GPU have the names that MLflow's own monitor gives them. CPU, memory and disk figures are the
kernel's (and its children's), not the machine's as MLflow's own are, so they are called ``process_…``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ..records.run import Metric, Reading, RunRecord

#: Readings sent at most: an even choice of a long run's; all are in ``bioml/record.json``.
SENT = 2000
_MEGABYTE = 1e6
#: Key of a GPU's figures → (suffix of the metric, divisor).
_GPU = {
    "utilization_percent": ("utilization_percentage", 1.0),
    "memory_used": ("memory_usage_megabytes", _MEGABYTE),
    "own_memory": ("process_memory_usage_megabytes", _MEGABYTE),
    "power_watts": ("power_usage_watts", 1.0),
    "temperature_celsius": ("temperature_celsius", 1.0),
}


def system_metrics(record: RunRecord) -> list[Metric]:
    """The run's readings, and its totals at its end. What was not read is absent."""
    found = [
        Metric(f"system/{key}", value, step, reading.at)
        for step, reading in enumerate(_chosen(record.resources.readings))
        for key, value in _figures(reading)
    ]
    at = record.ended or record.started
    if record.resources.peak_rss is not None:
        found.append(Metric("system/process_peak_memory_megabytes", record.resources.peak_rss / _MEGABYTE, 0, at))
    if record.resources.cpu_seconds is not None:
        found.append(Metric("system/process_cpu_seconds", record.resources.cpu_seconds, 0, at))
    return found


def _chosen(readings: tuple[Reading, ...]) -> Iterable[Reading]:
    if len(readings) <= SENT:
        return readings
    return [readings[index * (len(readings) - 1) // (SENT - 1)] for index in range(SENT)]


def _figures(reading: Reading) -> Iterator[tuple[str, float]]:
    own = {
        "process_cpu_utilization_percentage": reading.cpu_percent,
        "process_memory_usage_megabytes": _megabytes(reading.rss),
        "process_disk_read_megabytes": _megabytes(reading.read_bytes),
        "process_disk_write_megabytes": _megabytes(reading.write_bytes),
    }
    yield from ((key, value) for key, value in own.items() if value is not None)
    for place, gpu in enumerate(reading.gpus):
        yield from _gpu_figures(gpu.get("index", place), gpu)


def _gpu_figures(index: int, gpu: dict[str, Any]) -> Iterator[tuple[str, float]]:
    for key, (suffix, divisor) in _GPU.items():
        if gpu.get(key) is not None:
            yield f"gpu_{index}_{suffix}", gpu[key] / divisor
    if gpu.get("memory_used") is not None and gpu.get("memory_total"):
        yield f"gpu_{index}_memory_usage_percentage", 100 * gpu["memory_used"] / gpu["memory_total"]


def _megabytes(size: int | None) -> float | None:
    return None if size is None else size / _MEGABYTE
