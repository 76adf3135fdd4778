"""For each way of showing a result: one that repeats is reproduced, and one that changes is never called so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from kernels import Kernel
from pairs_case import PAIRS, VACUOUS, Pair
from user_git import git

from jupyter_bioml.reproduce.reproduce import Asked, reproduce
from jupyter_bioml.reproduce.verdict import DIFFERENT, NOT_COMPARED, REPRODUCED, Reproduction
from jupyter_bioml.workbench import Workbench

#: One way of each kind is in every run; the others are left to ``make test-slow``.
ALWAYS = {
    "score-of-a-call",
    "score-in-a-later-cell",
    "printed-line",
    "frame-displayed",
    "linear-model-only",
    "statsmodels-summary",
    "seed-from-a-clock",
    "a-shape",
    "a-fit-and-its-repr",
}
Again = Callable[[Pair, str, dict[str, str]], Reproduction]


def ways(pairs: tuple[Pair, ...]) -> list[Any]:
    """The pairs as parameters, those that are not in every run marked as slow."""
    marked = []
    for each in pairs:
        marks = [pytest.mark.slow] if each.way not in ALWAYS else []
        marked.append(
            pytest.param(each, id=each.way, marks=[*marks, *([pytest.mark.needs_torch] if each.torch else [])])
        )
    return marked


@pytest.fixture(scope="module")
def pairs_root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One project for all sessions, a folder each."""
    root = tmp_path_factory.mktemp("pairs") / "project"
    (root / ".bioml").mkdir(parents=True)
    git(root, "init", "-q")
    git(root, "commit", "-q", "--allow-empty", "-m", "start")
    yield root


@pytest.fixture
def again(pairs_root: Path, monkeypatch: pytest.MonkeyPatch) -> Again:
    """Records a session, and makes its run again."""
    monkeypatch.chdir(pairs_root)
    monkeypatch.setenv("BIOML_PUBLISH", "off")

    def recorded_and_made_again(case: Pair, place: str, env: dict[str, str]) -> Reproduction:
        folder = pairs_root / f"{case.way}-{'steady' if place == case.steady else 'changing'}"
        folder.mkdir()
        kernel = Kernel(folder, env=env)
        for number, source in enumerate(case.text(place)):
            ran = kernel.run(source, f"c{number}", (), str(folder / "n.ipynb"))
            assert ran.status == "ok", ran.error
        kernel.close()
        bench = Workbench.at(pairs_root)
        (identity,) = [row.record_id for row in bench.runs.list().rows if row.notebook == f"{folder.name}/n.ipynb"]
        bench.publish(wait=True, timeout=250)
        assert identity is not None
        return reproduce(bench.project, bench.runs.find(identity).record, Asked())

    return recorded_and_made_again


@pytest.mark.parametrize("case", ways(PAIRS))
def test_what_repeats_is_reproduced(case: Pair, again: Again) -> None:
    report = again(case, case.steady, {})
    assert (report.verdict, report.exit_code) == (REPRODUCED, 0), report


@pytest.mark.parametrize("case", ways(PAIRS))
def test_what_changes_is_not(case: Pair, again: Again) -> None:
    report = again(case, case.changing, case.env)
    assert report.verdict in (DIFFERENT, NOT_COMPARED) and report.exit_code != 0, report


@pytest.mark.parametrize("case", ways(VACUOUS))
def test_what_shows_nothing_is_not_reproduced_either(case: Pair, again: Again) -> None:
    report = again(case, case.changing, case.env)
    assert report.verdict in (DIFFERENT, NOT_COMPARED) and report.exit_code != 0, report


def test_there_are_ways_enough() -> None:
    names = [each.way for each in (*PAIRS, *VACUOUS)]
    assert len(set(names)) == len(names) and set(names) >= ALWAYS
    assert len(PAIRS) >= 22
    assert all("VARY" in "".join(each.cells) for each in (*PAIRS, *VACUOUS))
