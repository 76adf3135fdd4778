"""A kernel and its children: CPU, memory, disk traffic and GPUs. The only gateway of psutil and pynvml.

A figure that the system, a driver or a permission refuses is absent (its key is left out), never 0.
Readings are made in the sampler's process; both libraries are imported when they are first needed.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterable
from typing import Any

#: Listing the children reads the whole process table (3 ms with 160 processes, 20 ms with 1,160; a look without it
#: 0.25 ms); it may take this share of one core at most.
LISTING_SHARE = 0.01
#: In the command line of processes that are ours: never part of what the user's code used.
HELPER_MODULES = ("jupyter_bioml.publish", "jupyter_bioml.sampler.loop")


class Descendants:
    """The descendants of a process at the moment this is made.

    :param pid: the process; one that has already ended has none, since nothing records what it had started.
    """

    def __init__(self, pid: int) -> None:
        import psutil

        self._processes: list[Any] = []
        with contextlib.suppress(psutil.Error):
            self._processes = psutil.Process(pid).children(recursive=True)

    def kill(self) -> None:
        """Kill those that still run; a process that reuses the id of an ended one is left alone."""
        import psutil

        for process in self._processes:
            with contextlib.suppress(psutil.Error):
                process.kill()


class KernelProcesses:
    """A kernel and its children (theirs included), without this package's helper processes."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._known: dict[int, Any] = {}
        self._list_at = 0.0
        self._times: dict[tuple[int, float], float] = {}
        self._times_at: float | None = None

    def restart(self) -> None:
        """Begin a new run: the next look lists the children again and has no CPU percentage yet."""
        self._list_at = 0.0
        self._times_at = None

    @property
    def pids(self) -> set[int]:
        """The processes of the last look."""
        return set(self._known)

    def look(self) -> dict[str, Any]:
        """``cpu_percent`` (100: one core busy since the last look), ``rss`` (bytes, summed), ``read_bytes`` and
        ``write_bytes`` (moved from and to storage since the kernel started, ended children included)."""
        import psutil

        self._list(psutil)
        times: dict[tuple[int, float], float] = {}
        rss, traffic, refused = 0, [0, 0], False
        now = time.monotonic()
        for pid, process in list(self._known.items()):
            try:
                with process.oneshot():
                    cpu = process.cpu_times()
                    times[(pid, process.create_time())] = sum(cpu[:4])
                    rss += process.memory_info().rss
            except psutil.NoSuchProcess:
                del self._known[pid]
                continue
            except psutil.AccessDenied:
                refused = True
                continue
            traffic = _add_traffic(traffic, process, psutil.Error)
        found: dict[str, Any] = {}
        if self._pid not in self._known:
            return found
        percent = self._percent(times, now)
        if not refused:
            found["rss"] = rss
            if percent is not None:
                found["cpu_percent"] = percent
        if traffic:
            found["read_bytes"], found["write_bytes"] = traffic
        return found

    def _list(self, psutil: Any) -> None:
        """Renew the list of processes, as often as :data:`LISTING_SHARE` allows."""
        started = time.monotonic()
        if started < self._list_at:
            return
        try:
            kernel = self._known.get(self._pid) or psutil.Process(self._pid)
            current = {self._pid: kernel}
            for child in kernel.children(recursive=True):
                known = self._known.get(child.pid)
                if known is not None and known == child:
                    current[child.pid] = known
                elif not _is_ours(child, psutil.Error):
                    current[child.pid] = child
            self._known = current
        except psutil.NoSuchProcess:
            self._known = {}
        now = time.monotonic()
        self._list_at = now + (now - started) / LISTING_SHARE

    def _percent(self, times: dict[tuple[int, float], float], now: float) -> float | None:
        """CPU seconds used since the last look per second, times 100; None where it cannot be told.

        A process's time includes its ended children's, once it has waited for them. So a child that
        vanished appears in its parent's time, and what was counted of it before is taken off again.
        """
        before, before_at = self._times, self._times_at
        self._times, self._times_at = times, now
        if before_at is None or now <= before_at:
            return None
        used = sum(seconds - before[key] for key, seconds in times.items() if key in before)
        used -= sum(seconds for key, seconds in before.items() if key not in times)
        return None if used < 0 else round(100 * used / (now - before_at), 1)


def _add_traffic(total: list[int], process: Any, refusal: type[Exception]) -> list[int]:
    """``total`` plus the process's storage traffic; empty (absent) once one process refuses."""
    if not total:
        return total
    try:
        counters = process.io_counters()
    except (refusal, AttributeError, OSError):
        return []
    return [total[0] + counters.read_bytes, total[1] + counters.write_bytes]


def _is_ours(process: Any, refusal: type[Exception]) -> bool:
    """True for the sampler and the publisher, which a kernel that reaps orphans may have as children."""
    if process.pid == os.getpid():
        return True
    try:
        return any(part in HELPER_MODULES for part in process.cmdline())
    except refusal:
        return False


class Gpus:
    """The GPUs that NVML shows; none at all where there is no NVML library or no driver."""

    def __init__(self) -> None:
        self._devices: list[tuple[dict[str, Any], Any]] | None = None

    @property
    def opened(self) -> bool:
        """True once :meth:`open` has returned (it may take seconds where the driver sleeps)."""
        return self._devices is not None

    def open(self) -> None:
        """Load NVML and list the devices, once. Never raises: without NVML the list is empty."""
        if self._devices is not None:
            return
        devices: list[tuple[dict[str, Any], Any]] = []
        try:
            import pynvml

            pynvml.nvmlInit()
            for index in range(pynvml.nvmlDeviceGetCount()):
                devices += _device(pynvml, index)
        except (ImportError, OSError):
            pass
        except Exception as error:
            if not _is_refusal(error):
                raise
        finally:
            self._devices = devices

    def read(self, pids: Iterable[int]) -> list[dict[str, Any]]:
        """One dictionary per GPU: ``index``, ``name``, ``uuid`` and of these what the GPU tells:
        ``utilization_percent``, ``memory_used`` and ``memory_total`` (bytes of the device), ``own_memory``
        (bytes used by ``pids``), ``power_watts``, ``temperature_celsius``, ``energy_millijoules`` (a counter).
        """
        if not self._devices:
            return []
        import pynvml

        ours = set(pids)
        return [{**identity, **_measure(pynvml, handle, ours)} for identity, handle in self._devices]

    def inventory(self) -> dict[str, Any]:
        """``gpus`` (index, name, uuid, ``memory_total``), ``driver`` and ``cuda``; empty without NVML."""
        self.open()
        if not self._devices:
            return {}
        import pynvml

        gpus = []
        for identity, handle in self._devices:
            memory = _ask(pynvml.nvmlDeviceGetMemoryInfo, handle)
            gpus.append({**identity, **({} if memory is None else {"memory_total": int(memory.total)})})
        cuda = _ask(pynvml.nvmlSystemGetCudaDriverVersion)
        found = {
            "gpus": gpus,
            "driver": _ask(pynvml.nvmlSystemGetDriverVersion),
            "cuda": None if cuda is None else f"{cuda // 1000}.{cuda % 1000 // 10}",
        }
        return {key: value for key, value in found.items() if value is not None}


def _is_refusal(error: Exception) -> bool:
    import pynvml

    return isinstance(error, pynvml.NVMLError)


def _ask(question: Callable[..., Any], *arguments: Any) -> Any:
    """The answer, or None when NVML refuses it."""
    try:
        return question(*arguments)
    except Exception as error:
        if not _is_refusal(error):
            raise
        return None


def _device(nvml: Any, index: int) -> list[tuple[dict[str, Any], Any]]:
    """Identity and handle of one device; nothing when it cannot be opened."""
    handle = _ask(nvml.nvmlDeviceGetHandleByIndex, index)
    if handle is None:
        return []
    identity = {
        "index": index,
        "name": _ask(nvml.nvmlDeviceGetName, handle),
        "uuid": _ask(nvml.nvmlDeviceGetUUID, handle),
    }
    return [({key: value for key, value in identity.items() if value is not None}, handle)]


def _measure(nvml: Any, handle: Any, pids: set[int]) -> dict[str, Any]:
    memory = _ask(nvml.nvmlDeviceGetMemoryInfo, handle)
    utilization = _ask(nvml.nvmlDeviceGetUtilizationRates, handle)
    power = _ask(nvml.nvmlDeviceGetPowerUsage, handle)
    figures = {
        "utilization_percent": None if utilization is None else int(utilization.gpu),
        "memory_used": None if memory is None else int(memory.used),
        "memory_total": None if memory is None else int(memory.total),
        "own_memory": _own_memory(nvml, handle, pids),
        "power_watts": None if power is None else power / 1000,
        "temperature_celsius": _ask(nvml.nvmlDeviceGetTemperature, handle, nvml.NVML_TEMPERATURE_GPU),
        "energy_millijoules": _ask(nvml.nvmlDeviceGetTotalEnergyConsumption, handle),
    }
    return {key: value for key, value in figures.items() if value is not None}


def _own_memory(nvml: Any, handle: Any, pids: set[int]) -> int | None:
    """Bytes that ``pids`` use on the device. None when NVML lists none of them: they may use nothing, or it
    may know them by other numbers (containers), and the two cannot be told apart."""
    used: dict[int, int] = {}
    for question in (nvml.nvmlDeviceGetComputeRunningProcesses, nvml.nvmlDeviceGetGraphicsRunningProcesses):
        for process in _ask(question, handle) or ():
            if process.pid in pids and process.usedGpuMemory is not None:
                # a process with a compute and a graphics context stands in both lists with one figure
                used[process.pid] = max(used.get(process.pid, 0), int(process.usedGpuMemory))
    return sum(used.values()) if used else None
