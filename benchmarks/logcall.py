"""One ``log()`` call inside a tracked cell. Ours is with the operating system when it returns: ``kill -9`` keeps it."""

from __future__ import annotations

from pathlib import Path

from .cells import TAG
from .figures import Figure, median
from .kernels import Kernel, kernel, workplace
from .own_cost import CPU, INSTRUCTIONS, cells, in_words, instructions, no_counter
from .peers import Peer, ask_each

CHUNK = 500
CALL = "bioml.log(loss=0.5, step=i)"


def measure(quick: bool) -> list[Figure]:
    """Median over chunks of calls, of the time per call."""
    chunks = 8 if quick else 40
    with workplace() as folder, kernel(folder, load=True) as tracked:
        tracked.run("import jupyter_bioml as bioml")
        ours = tracked.result(_cell(CALL, CHUNK, chunks), TAG)
        cpu = tracked.result(_cell(CALL, CHUNK, chunks, "thread_time"), TAG)
    peers = ask_each(lambda peer, fresh, folder: _peer(peer, fresh, folder, quick))
    note = f"bioml.log(loss=…, step=…), {chunks} × {CHUNK} calls; peers' calls are in general not safe against kill -9"
    apart = {CPU: f"{median(cpu) * 1e6:.2f} µs", INSTRUCTIONS: no_counter() or _counted()}
    return [Figure("one log() call, safe against kill -9", "µs", median(ours) * 1e6, 7, peers, note, apart)]


def _cell(call: str, calls: int, chunks: int, clock: str = "perf_counter") -> str:
    return (
        f"import time\n_seconds = []\nfor _chunk in range({chunks}):\n    _start = time.{clock}()\n"
        f"    for i in range(_chunk * {calls}, (_chunk + 1) * {calls}):\n        {call}\n"
        f"    _seconds.append((time.{clock}() - _start) / {calls})\nbench_result(_seconds)"
    )


def _counted() -> str:
    """Instructions of a call: those of a cell with many of them, less those of the same cell with few."""
    few, many = 100, 2_100
    loops = [cells(f"for i in range({calls}):\n    {CALL}") for calls in (few, many)]
    first, second = instructions(cells("import jupyter_bioml as bioml"), *loops, load=True)
    return in_words((second - first) / (many - few))


def _peer(peer: Peer, fresh: Kernel, folder: Path, quick: bool) -> float:
    fresh.run(peer.log_setup)
    seconds = fresh.result(_cell(peer.log, 20 if quick else 50, 10))
    fresh.run(peer.log_end)
    return median(seconds) * 1e6
