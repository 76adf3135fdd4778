"""Does code run slower while its cell is tracked? Pure Python, C code that holds the GIL, and deep copies.

The cell times its own work; a kernel with the extension and one without it run it in turns.
"""

from __future__ import annotations

import functools

from .cells import TAG, in_turns
from .figures import Figure, median
from .kernels import Kernel, kernel, workplace

WORK = {
    "CPU-bound": ("", "total = 0\nfor n in range(1_000_000):\n    total += n * n % 7"),
    "GIL-holding": (
        "numbers = list(range(1_500_000, 0, -1))",
        "text = str(7 ** 40_000)\nordered = sum(sorted(numbers))",
    ),
    "deepcopy-heavy": (
        "import copy\nnested = [{'a': [1, 2, 3], 'b': {'c': (4, 5)}} for _ in range(1000)]",
        "for _ in range(12):\n    copied = copy.deepcopy(nested)",
    ),
}
#: What a Python audit hook that does nothing costs: the way not taken.
AUDIT_HOOK = "import sys\nsys.addaudithook(lambda event, arguments: None)"


def measure(quick: bool) -> list[Figure]:
    """Median of the ratios of neighbouring runs, minus one."""
    return [_figure(kind, 8 if quick else 60) for kind in WORK]


def _figure(kind: str, repetitions: int) -> Figure:
    setup, work = WORK[kind]
    limit = "import sys\nsys.set_int_max_str_digits(0)\n"
    with workplace() as folder, kernel(folder, load=True) as tracked, kernel(folder) as plain, kernel(folder) as hooked:
        for one in (tracked, plain, hooked):
            one.run(limit + setup)
        hooked.run(AUDIT_HOOK)
        asked = [functools.partial(_seconds, one, work) for one in (tracked, plain, hooked)]
        with_us, without, with_hook = in_turns(asked, repetitions)
    note = f"{median(without) * 1e3:.0f} ms of work, {repetitions} pairs in turns"
    others: dict[str, float | str] = {"do-nothing audit hook": _slowdown(with_hook, without)}
    return Figure(f"slowdown of a {kind} cell", "%", _slowdown(with_us, without), 1, others, note)


def _seconds(one: Kernel, work: str, turn: int) -> float:
    """Seconds of the work as the cell itself measures them; the cell differs each time, as an edited one does."""
    timed = (
        f"turn = {turn}\nimport time\nstart = time.perf_counter()\n{work}\nbench_result(time.perf_counter() - start)"
    )
    return float(one.result(timed, TAG))


def _slowdown(with_it: list[float], without: list[float]) -> float:
    return (median([one / other for one, other in zip(with_it, without, strict=True)]) - 1) * 100
