"""Does code run slower while its cell is tracked? Pure Python, C code that holds the GIL, and deep copies.

The cell times its own work; a kernel with the extension and one without it run it in turns.
"""

from __future__ import annotations

import functools

from .cells import TAG, in_turns
from .figures import Figure, median
from .kernels import Kernel, kernel, workplace
from .own_cost import CPU, INSTRUCTIONS, cells, instructions, no_counter

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
        own: dict[Kernel, list[float]] = {tracked: [], plain: [], hooked: []}
        asked = [functools.partial(_seconds, one, work, own[one]) for one in own]
        with_us, without, with_hook = in_turns(asked, repetitions)
        cpu = [times[-repetitions:] for times in own.values()]
    note = f"{median(without) * 1e3:.0f} ms of work, {repetitions} pairs in turns"
    others: dict[str, float | str] = {"do-nothing audit hook": _slowdown(with_hook, without)}
    counted = no_counter() or f"{_counted(limit + setup, work):+.2f} %"
    apart = {CPU: f"{_slowdown(cpu[0], cpu[1]):+.1f} %", INSTRUCTIONS: counted}
    return Figure(f"slowdown of a {kind} cell", "%", _slowdown(with_us, without), 1, others, note, apart)


def _seconds(one: Kernel, work: str, own: list[float], turn: int) -> float:
    """Seconds of the work as the cell itself measures them; the cell differs each time, as an edited one does.

    :param own: takes the processor time of the cell's thread.
    """
    timed = (
        f"turn = {turn}\nimport time\nstart, busy = time.perf_counter(), time.thread_time()\n{work}\n"
        f"bench_result([time.perf_counter() - start, time.thread_time() - busy])"
    )
    seconds, cpu = one.result(timed, TAG)
    own.append(float(cpu))
    return float(seconds)


def _counted(setup: str, work: str) -> float:
    """Per cent more instructions of the work alone: those of a cell with it, less those of a cell without it."""

    def of_work(load: bool) -> int:
        prepare = cells(setup, "turn = 0", f"turn = 1\n{work}")
        idle, busy = instructions(prepare, cells("turn = 2"), cells(f"turn = 3\n{work}"), load=load)
        return busy - idle

    return (of_work(True) / of_work(False) - 1) * 100


def _slowdown(with_it: list[float], without: list[float]) -> float:
    return (median([one / other for one, other in zip(with_it, without, strict=True)]) - 1) * 100
