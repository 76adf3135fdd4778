"""How much longer a cell takes because it is tracked: three parameters, three metrics.

Ours: the round trip (request to reply) of one and the same cell in a kernel with the extension and in one
without it, in turns. Peers: their calls for the same run, timed inside the cell.
"""

from __future__ import annotations

from pathlib import Path

from .cells import TAG, TRACKED, in_turns, timed
from .figures import Figure, median, percentile
from .kernels import Kernel, kernel, workplace
from .peers import Peer, ask_each


def measure(quick: bool) -> list[Figure]:
    """Median of what tracking adds, and its 95th percentile over the plain cell's median."""
    repetitions = 60 if quick else 400
    with workplace() as folder, kernel(folder, load=True) as tracked, kernel(folder) as plain:
        with_us, without = in_turns(
            [lambda: tracked.run(TRACKED, TAG), lambda: plain.run(TRACKED, TAG)], repetitions, warm_up=20
        )
    usual = median(without)
    peers = ask_each(lambda peer, fresh, folder: _peer(peer, fresh, folder, 5 if quick else 20))
    note = f"round trip with us minus without, {repetitions} each in turns (plain cell {usual * 1e3:.2f} ms)"
    spread = f"95th percentile with us minus that without ({percentile(without, 0.95) * 1e3:.2f} ms)"
    return [
        Figure("a tracked cell is blocked, median", "ms", (median(with_us) - usual) * 1e3, 1, peers, note),
        Figure(
            "a tracked cell is blocked, 95th percentile",
            "ms",
            (percentile(with_us, 0.95) - percentile(without, 0.95)) * 1e3,
            5,
            {},
            spread,
        ),
    ]


def _peer(peer: Peer, fresh: Kernel, folder: Path, repetitions: int) -> float:
    seconds = fresh.result(timed(peer.run, repetitions + 1))
    return median(seconds[1:]) * 1e3
