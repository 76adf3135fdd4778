"""What was found of each notebook, run once for all tests, also where these are spread over processes."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass

import pytest

from .case import Case, right_list
from .judge import Judgement, judge
from .session import Ran, Shelf


@dataclass
class Result:
    """One notebook: what was kept of it, and what its user would see of the tracking."""

    judged: Judgement
    changed: list[str]


class Results:
    """Results of the cases of a shelf, kept in a folder that the processes of one test run share."""

    def __init__(self, shelf: Shelf, factory: pytest.TempPathFactory) -> None:
        self._shelf = shelf
        # pytest-xdist's processes each have a folder below the one of their run
        base = factory.getbasetemp()
        self._folder = (base.parent if base.name.startswith("popen-") else base) / "shelf-results"
        self._folder.mkdir(exist_ok=True)

    def of(self, case: Case) -> Result:
        """The result of a case; it is run where no process has done so yet."""
        file = self._folder / f"{case.name}.json"
        if not file.exists():
            result = run(self._shelf, case)
            part = file.with_suffix(f".{id(self)}")
            part.write_text(json.dumps(asdict(result)))
            part.rename(file)
            return result
        found = json.loads(file.read_text())
        return Result(Judgement(**found["judged"]), found["changed"])


def run(shelf: Shelf, case: Case) -> Result:
    """Run a case plainly and tracked, and hold the one against the other."""
    plain, tracked = shelf.plain(case), shelf.tracked(case)
    return Result(judge(right_list(case, plain.truth), tracked.kept), changes(plain, tracked))


def changes(plain: Ran, tracked: Ran) -> list[str]:
    """What is not the same with the extension as without it."""
    found = []
    for number, pair in enumerate(zip(plain.seen, tracked.seen, strict=True)):
        without, with_it = (_even(repr(shown)) for shown in pair)
        if without != with_it:
            at = next(place for place in range(len(without) + 1) if without[: place + 1] != with_it[: place + 1])
            found.append(f"cell {number}: …{with_it[max(at - 60, 0) : at + 60]} instead of {without[at : at + 60]}")
    found += [f"generator {name}" for name, state in plain.generators.items() if tracked.generators.get(name) != state]
    found += [f"{name} looks otherwise" for name, look in plain.looks.items() if tracked.looks.get(name) != look]
    return found + [f"{name} is another object" for name in tracked.moved if name not in plain.moved]


def _even(text: str) -> str:
    """Without what differs from one kernel to the next: clocks, addresses, and our line, which a traceback shows empty."""
    text = text.replace("      1 #\\n", "      1 \\n")
    text = re.sub(r"\b\d\d:\d\d(?::\d\d)?(?: UTC)?\b", "hh:mm", text)  # a summary of statsmodels has no seconds
    return re.sub(r"x[0-9a-f]{8,}", "x…", text)
