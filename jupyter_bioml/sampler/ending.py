"""Facts about a kernel's death, seen from outside."""

from __future__ import annotations

import os
from pathlib import Path

from ..journal.liveness import is_alive, process_started
from ..records.run import Session


class OutOfMemoryWatch:
    """Counts of processes that the system killed for lack of memory: the kernel's cgroup's and the machine's."""

    def __init__(self, pid: int, system: Path = Path("/")) -> None:
        proc, cgroups = system / "proc", system / "sys/fs/cgroup"
        self._files = {"its memory group": _group_files(proc / str(pid) / "cgroup", cgroups)}
        self._files["the machine"] = [proc / "vmstat"]
        self._before = {name: _kills(files) for name, files in self._files.items()}

    def report(self) -> str | None:
        """A sentence when a count rose since the start, the nearest one first; None when none did."""
        for name, files in self._files.items():
            before, now = self._before[name], _kills(files)
            if before is not None and now is not None and now > before:
                return f"out of memory: {name} killed {now - before} process(es) meanwhile"
        return None


def _group_files(listing: Path, cgroups: Path) -> list[Path]:
    """Where the kill count of the process's memory cgroup may stand (version 2, version 1, in a container)."""
    found = []
    try:
        lines = listing.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    for line in lines:
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if "memory" in controllers.split(","):
            group = cgroups / "memory"
            found += [group / path.lstrip("/") / "memory.oom_control", group / "memory.oom_control"]
        elif not controllers:
            found += [cgroups / path.lstrip("/") / "memory.events", cgroups / "memory.events"]
    return found


def _kills(files: list[Path]) -> int | None:
    """The first ``oom_kill`` count that can be read."""
    for file in files:
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except OSError:
            continue
        for line in lines:
            name, _, count = line.partition(" ")
            if name == "oom_kill":
                return int(count)
    return None


def cause_of_death(session: Session, in_mid_cell: bool, out_of_memory: str | None) -> str:
    """The sentence of a ``died`` entry. A process that is nobody's parent cannot learn the signal."""
    where = "in mid-cell" if in_mid_cell else "between two cells, without closing its session"
    if session.process_started is not None and process_started(session.pid) == session.process_started:
        return f"the kernel let go of its journal {where}"
    cause = f"the kernel's process ended {where} (killed, restarted or crashed)"
    return f"{cause}; {out_of_memory}" if out_of_memory else cause


def kernel_lives(segment: Path, session: Session) -> bool:
    """Like :func:`is_alive`, but a deleted segment is not a sign of death: a cell may delete ``.bioml``."""
    if segment.exists():
        return is_alive(segment, session)
    if session.process_started is not None:
        return process_started(session.pid) == session.process_started
    try:
        os.kill(session.pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass
    return True
