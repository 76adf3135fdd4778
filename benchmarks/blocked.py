"""How much longer a cell takes because it is tracked: three parameters, three metrics.

Ours: the round trip (request to reply) of one and the same cell in a kernel with the extension and in one
without it, in turns. Peers: their calls for the same run, timed inside the cell.
"""

from __future__ import annotations

from pathlib import Path

from .cells import TAG, in_turns, timed, tracked_cell
from .figures import Figure, median, percentile
from .kernels import Kernel, kernel, workplace
from .own_cost import CPU, INSTRUCTIONS, cells, in_words, instructions, no_counter, thread_seconds
from .peers import Peer, ask_each

WARM_UP = 20
#: Cells whose instructions are counted: their number is the same every time, within a few per cent.
COUNTED = 20


def measure(quick: bool) -> list[Figure]:
    """What tracking adds to the median and to the 95th percentile, and until the kernel is idle again."""
    repetitions = 60 if quick else 400
    with workplace() as folder, kernel(folder, load=True) as tracked, kernel(folder) as plain:
        idle: dict[str, list[float]] = {"with": [], "without": []}
        own: dict[str, list[float]] = {"with": [], "without": []}
        with_us, without = in_turns(
            [
                lambda turn: _round_trip(tracked, turn, idle["with"], own["with"]),
                lambda turn: _round_trip(plain, turn, idle["without"], own["without"]),
            ],
            repetitions,
            warm_up=WARM_UP,
        )
    peers = ask_each(lambda peer, fresh, folder: _peer(peer, fresh, folder, 5 if quick else 20))
    how = f"{repetitions} round trips each, in turns; without us {median(without) * 1e3:.2f} ms"
    high = percentile(with_us, 0.95), percentile(without, 0.95)
    later = [median(idle[which][WARM_UP:]) for which in ("with", "without")]
    return [
        Figure(
            "a tracked cell is blocked, median",
            "ms",
            _added(median(with_us), median(without)),
            1,
            peers,
            how,
            {CPU: _own(own), INSTRUCTIONS: no_counter() or _counted(10 if quick else COUNTED)},
        ),
        Figure(
            "a tracked cell is blocked, 95th percentile",
            "ms",
            _added(*high),
            5,
            note=f"95th percentile with us minus that without us ({high[1] * 1e3:.2f} ms)",
        ),
        Figure(
            "until the kernel is idle again, median",
            "ms",
            _added(*later),
            note=f"with what is done after the reply; without us {later[1] * 1e3:.2f} ms",
        ),
    ]


def _round_trip(one: Kernel, turn: int, idle: list[float], own: list[float]) -> float:
    before = thread_seconds(one.pid)
    seconds = one.run(tracked_cell(turn), TAG)
    idle.append(one.until_idle)
    if before is not None:
        own.append((thread_seconds(one.pid) or before) - before)
    return seconds


def _own(own: dict[str, list[float]]) -> str:
    """What tracking adds to the processor time of the kernel's own thread, from the request until it is idle."""
    if not own["with"]:
        return "not told by this system"
    return f"{_added(*(median(own[which][WARM_UP:]) for which in ('with', 'without'))):.2f} ms"


def _counted(count: int) -> str:
    """What tracking adds to the instructions of a cell."""
    warm, cells_counted = (cells(*map(tracked_cell, range(start, start + count))) for start in (0, count))
    with_us, without = (instructions(warm, cells_counted, load=load)[0] for load in (True, False))
    return in_words((with_us - without) / count)


def _added(with_us: float, without: float) -> float:
    return (with_us - without) * 1e3


def _peer(peer: Peer, fresh: Kernel, folder: Path, repetitions: int) -> float:
    seconds = fresh.result(timed(peer.run, repetitions + 1))
    return median(seconds[1:]) * 1e3
