"""What a tracker kept of a notebook, held against the right list."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from .case import Right

#: Values that are computed twice may differ in their last bits.
CLOSE = 1e-9


@dataclass(frozen=True)
class Kept:
    """One metric that a tracker kept: the run's name, the metric's name and its values by step."""

    run: str
    name: str
    values: tuple[float, ...]
    steps: tuple[int, ...]
    digits: int | None = None
    """Decimals, where it says that it is only known as it was printed."""


@dataclass
class Judgement:
    """Counts of one notebook or of many, and a line for everything that is wrong."""

    asked: int = 0
    found: int = 0
    """With its name and value."""
    placed: int = 0
    """Of those, on the right run."""
    any_name: int = 0
    """The value is there, under any name, on any run."""
    false: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, other: Judgement) -> None:
        """Count another one in."""
        self.asked += other.asked
        self.found += other.found
        self.placed += other.placed
        self.any_name += other.any_name
        self.false += other.false
        self.wrong += other.wrong

    @property
    def recall(self) -> float:
        """Share of the right metrics that were found; 1 when there are none."""
        return self.found / self.asked if self.asked else 1.0

    @property
    def attribution(self) -> float:
        """Share of the metrics found that are on the right run; 1 when there are none."""
        return self.placed / self.found if self.found else 1.0


def judge(rights: Sequence[Right], kept: Iterable[Kept]) -> Judgement:
    """Find each right metric among what was kept. What is left over is false, unless it is a right value misnamed."""
    left = list(kept)
    judged = Judgement()
    # on its own run first, so that none is taken for another one's
    missing = [right for right in rights if not _take(right, left, right.run, judged)]
    missing = [right for right in missing if not _take(right, left, None, judged)]
    judged.asked = sum(not right.optional for right in rights)
    judged.any_name = judged.found
    for right in sorted(missing, key=lambda right: right.optional):
        other = next((one for one in left if _equal(right, one)), None)
        if right.optional:
            left = [one for one in left if one is not other]  # what may be missing may have any name, too
        elif other is None:
            judged.wrong.append(f"missing: {_told(right)}")
        else:
            left.remove(other)
            judged.any_name += 1
            judged.wrong.append(f"misnamed: {_told(right)} is {other.run}: {other.name}")
    judged.false = len(left)
    judged.wrong += [f"false: {one.run}: {one.name} = {_numbers(one.values, one.steps)}" for one in left]
    return judged


def judge_values(rights: Sequence[Right], kept: Sequence[Kept]) -> Judgement:
    """As lenient as can be: a right metric counts as found when its values occur, under any name, on any run."""
    values = [value for one in kept for value in one.values]
    judged = Judgement(asked=sum(not right.optional for right in rights))
    for right in rights:
        if not right.optional and any(
            all(any(_near(value, one, None) for one in values) for value in series) for series in right.values
        ):
            judged.found += 1
    judged.any_name = judged.found
    asked = [value for right in rights for series in right.values for value in series]
    judged.false = sum(
        not any(_near(value, one, None) for value in asked for one in kept_one.values) for kept_one in kept
    )
    return judged


def _take(right: Right, left: list[Kept], run: str | None, judged: Judgement) -> bool:
    names = {_plain(name) for name in right.names}
    for one in left:
        if _plain(one.name) in names and (run is None or _belongs(one, run)) and _equal(right, one):
            left.remove(one)
            if not right.optional:
                judged.found += 1
                judged.placed += _belongs(one, right.run)
            if not _belongs(one, right.run):
                judged.wrong.append(f"wrong run: {_told(right)} is on {one.run}")
            return True
    return False


def _belongs(one: Kept, run: str) -> bool:
    """True when it is on the run or on a child of it."""
    return one.run == run or one.run.startswith(f"{run}/")


def _plain(name: str) -> str:
    return name.replace(" ", "_").replace("-", "_")


def _equal(right: Right, one: Kept) -> bool:
    if right.steps is not None and right.steps != one.steps:
        return False
    return any(
        len(series) == len(one.values)
        and all(
            _near(a, b, right.digits if one.digits is None else one.digits)
            for a, b in zip(series, one.values, strict=True)
        )
        for series in right.values
    )


def _near(right: float, value: float, digits: int | None) -> bool:
    if digits is not None and abs(right - value) <= 0.500001 * 10**-digits:
        return True
    return math.isclose(right, value, rel_tol=CLOSE, abs_tol=1e-12)


def _told(right: Right) -> str:
    return f"{right.run}: {' or '.join(right.names)} = {_numbers(right.values[0], right.steps)}"


def _numbers(values: tuple[float, ...], steps: tuple[int, ...] | None) -> str:
    shown = [f"{value:.6g}" for value in values[:4]]
    if len(values) == 1:
        return shown[0]
    if steps is not None:
        shown = [f"{step}: {value}" for step, value in zip(steps, shown, strict=False)]
    return f"[{', '.join(shown)}{', …' if len(values) > 4 else ''}] ({len(values)} steps)"
