"""One ``log()`` call inside a tracked cell. Ours is with the operating system when it returns: ``kill -9`` keeps it."""

from __future__ import annotations

from pathlib import Path

from .cells import TAG
from .figures import Figure, median
from .kernels import Kernel, kernel, workplace
from .peers import Peer, ask_each

CHUNK = 500


def measure(quick: bool) -> list[Figure]:
    """Median over chunks of calls, of the time per call."""
    chunks = 8 if quick else 40
    with workplace() as folder, kernel(folder, load=True) as tracked:
        tracked.run("import jupyter_bioml as bioml")
        ours = tracked.result(_cell("bioml.log(loss=0.5, step=i)", CHUNK, chunks), TAG)
    peers = ask_each(lambda peer, fresh, folder: _peer(peer, fresh, folder, quick))
    note = f"bioml.log(loss=…, step=…), {chunks} × {CHUNK} calls; peers' calls are in general not safe against kill -9"
    return [Figure("one log() call, safe against kill -9", "µs", median(ours) * 1e6, 7, peers, note)]


def _cell(call: str, calls: int, chunks: int) -> str:
    return (
        f"import time\n_seconds = []\nfor _chunk in range({chunks}):\n    _start = time.perf_counter()\n"
        f"    for i in range(_chunk * {calls}, (_chunk + 1) * {calls}):\n        {call}\n"
        f"    _seconds.append((time.perf_counter() - _start) / {calls})\nbench_result(_seconds)"
    )


def _peer(peer: Peer, fresh: Kernel, folder: Path, quick: bool) -> float:
    fresh.run(peer.log_setup)
    seconds = fresh.result(_cell(peer.log, 20 if quick else 50, 10))
    fresh.run(peer.log_end)
    return median(seconds) * 1e6
