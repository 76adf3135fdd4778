"""The cells that are run, and how two kernels are asked in turns so that the machine's drift hits both alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")

#: Three parameters (literals) and three metrics (computed real numbers), and next to no work of its own.
_TRACKED = """lr = {}
depth = 3
rounds = 10
auc = sum(range(rounds)) / 50
f1 = auc ** 2 / depth
loss = lr / rounds"""
#: The cell tag that marks a run, as JupyterLab sends it with the request.
TAG = ("experiment",)


def tracked_cell(number: int) -> str:
    """The tracked cell, edited a little each time, as a user does: nothing can be kept by its text."""
    return _TRACKED.format(0.1 + number / 10_000)


def in_turns(asked: Sequence[Callable[[int], T]], repetitions: int, warm_up: int = 3) -> list[list[T]]:
    """Ask each of ``asked`` ``repetitions`` times, with the turn's number; the order turns round (A B, B A, …).

    :returns: the answers, one list for each of ``asked``, in the order of asking; those of the warm-up left out.
    """
    answers: list[list[T]] = [[] for _ in asked]
    order = list(range(len(asked)))
    for turn in range(warm_up + repetitions):
        for index in order:
            answer = asked[index](turn)
            if turn >= warm_up:
                answers[index].append(answer)
        order.reverse()
    return answers


def timed(body: str, repetitions: int, *, before: str = "pass") -> str:
    """A cell that runs ``body`` for ``i`` in ``range(repetitions)`` and hands over the seconds of each."""
    lines = "\n    ".join(body.splitlines())
    return (
        f"import time\n_seconds = []\nfor i in range({repetitions}):\n    {before}\n    _start = time.perf_counter()\n"
        f"    {lines}\n    _seconds.append(time.perf_counter() - _start)\nbench_result(_seconds)"
    )
