"""How long a fresh kernel is busy until the extension is ready; for a peer: until its library is imported."""

from __future__ import annotations

from .figures import Figure, median
from .kernels import kernel, workplace
from .peers import PEERS, Peer

OURS = 'get_ipython().run_line_magic("load_ext", "jupyter_bioml")'


def measure(quick: bool) -> list[Figure]:
    """Each in a fresh kernel, in turns; the first round warms the disk cache and does not count."""
    rounds = 2 if quick else 6
    here = [peer for peer in PEERS if peer.version is not None]
    ours: list[float] = []
    theirs: dict[str, list[float]] = {peer.name: [] for peer in here}
    for turn in range(rounds):
        taken = _loading(OURS, {})
        counted = [(peer, _loading(peer.load, peer.env)) for peer in here] if turn < 4 else []
        if turn:
            ours.append(taken)
            for peer, seconds in counted:
                theirs[peer.name].append(seconds)
    peers: dict[str, float | str] = {peer.name: _shown(peer, theirs) for peer in PEERS}
    return [
        Figure(
            "load the extension in a fresh kernel",
            "ms",
            median(ours) * 1e3,
            50,
            peers,
            f"%load_ext, median of {len(ours)} kernels; peers: import of the library",
        )
    ]


def _loading(code: str, env: dict[str, str]) -> float:
    with workplace() as folder, kernel(folder, env) as fresh:
        return float(
            fresh.result(f"import time\nstart = time.perf_counter()\n{code}\nbench_result(time.perf_counter() - start)")
        )


def _shown(peer: Peer, theirs: dict[str, list[float]]) -> float | str:
    return median(theirs[peer.name]) * 1e3 if theirs.get(peer.name) else "not installed"
