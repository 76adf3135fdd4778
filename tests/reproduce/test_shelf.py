"""Every planted fault is found with the right cause, and every healthy session is made again."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from kernels import Kernel
from shelf_case import FAULTY, HEALTHY, SHOWN, Case, filled, kept, outside
from user_git import git

from jupyter_bioml.reproduce.compare.agreement import BIT_EQUAL
from jupyter_bioml.reproduce.compare.levels import decision
from jupyter_bioml.reproduce.report.document import verdict_document
from jupyter_bioml.reproduce.report.funnel import funnel
from jupyter_bioml.reproduce.reproduce import Asked, reproduce
from jupyter_bioml.reproduce.verdict import NOT_COMPARED, REPRODUCED, Reproduction
from jupyter_bioml.workbench import Workbench

#: One case for each way through comparison, cause and proof is in every run; the others are left to ``make test-slow``.
ALWAYS = {
    "code-from-git-and-patch",
    "clock",
    "data-changed",
    "kernel-died",
    "left-over-name",
    "only-a-shape",
    "shape-hides-result",
    "unseeded-generator",
    "vacuous-reproduced",
    "version-changed",
}
documents: list[dict[str, object]] = []


def cases(shelf: tuple[Case, ...]) -> list[Any]:
    """The cases as parameters, those that are not in every run marked as slow."""
    return [pytest.param(case, id=case.name, marks=() if case.name in ALWAYS else pytest.mark.slow) for case in shelf]


@pytest.fixture(scope="module")
def shelf_root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One project for all sessions, a folder each. Afterwards the funnel of those made again is printed."""
    root = tmp_path_factory.mktemp("shelf") / "project"
    (root / ".bioml").mkdir(parents=True)
    git(root, "init", "-q")
    documents.clear()
    yield root
    sys.stdout.write("\n".join(["", *funnel(documents).lines(), ""]))


def laid_out(case: Case, folder: Path) -> None:
    """The files of a session, committed where the case says so."""
    folder.mkdir()
    outside(folder).mkdir(parents=True)
    for name, text in case.files.items():
        (folder / name).write_text(text)
    if case.tracked:
        git(folder.parent, "add", case.name)
    git(folder.parent, "commit", "-q", "--allow-empty", "-m", case.name)


def record(case: Case, root: Path) -> str:
    """Run the session, and send it; the record id of its last run."""
    case.prepare(root)
    kernel = Kernel(root, env=filled(case.env, root), load=not case.untracked)
    for source in case.untracked:
        assert kernel.run(source, silent=True).status == "ok"
    if case.untracked:
        assert kernel.run("%load_ext jupyter_bioml").status == "ok"
    for number, source in enumerate(case.cells):
        last = number == len(case.cells) - 1
        tags = ("experiment",) if last else ()
        found = kernel.run(source, f"c{number}", tags, str(root / "n.ipynb"))
        assert found.status == ("error" if case.fails and last else "ok"), found.error
    kernel.close()
    bench = Workbench.at(root.parent)
    (identity,) = [row.record_id for row in bench.runs.list().rows if row.notebook == f"{case.name}/n.ipynb"]
    bench.publish(wait=True, timeout=250)  # readings that come later may still wait
    assert identity is not None and bench.runs.find(identity).run_id is not None
    return identity


def made_again(case: Case, root: Path, identity: str, monkeypatch: pytest.MonkeyPatch) -> Reproduction:
    case.change(root)
    for name, value in kept(filled(case.env, root)).items():
        monkeypatch.setenv(name, value)
    bench = Workbench.at(root.parent)
    report = reproduce(bench.project, bench.runs.find(identity).record, Asked(**case.asked))
    documents.append(verdict_document(report))
    return report


@pytest.fixture
def again(shelf_root: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Case], Reproduction]:
    """Records a case, and makes its run again after what has happened to its project."""
    monkeypatch.chdir(shelf_root)
    monkeypatch.setenv("BIOML_PUBLISH", "off")

    def recorded_and_made_again(case: Case) -> Reproduction:
        laid_out(case, shelf_root / case.name)
        return made_again(case, shelf_root / case.name, record(case, shelf_root / case.name), monkeypatch)

    return recorded_and_made_again


@pytest.mark.parametrize("case", cases(HEALTHY))
def test_healthy(case: Case, again: Callable[[Case], Reproduction]) -> None:
    report = again(case)
    assert (report.verdict, report.cause, report.repair) == (REPRODUCED, None, None), report
    assert report.outputs and decision(report.outputs).level == BIT_EQUAL and not report.proofs
    assert case.says in " ".join(item.message for item in report.evidence), report.evidence


@pytest.mark.parametrize("case", cases(FAULTY))
def test_faulty(case: Case, again: Callable[[Case], Reproduction]) -> None:
    report = again(case)
    assert (report.verdict, report.cause) == (case.verdict, case.cause), report
    deciding = next(item for item in report.evidence if item.cause == case.cause)
    assert case.says in " ".join(item.message for item in report.evidence), report.evidence
    assert case.repair in (report.repair or ""), report.repair
    assert report.repair and deciding.proved is case.proved, (report.proofs, report.evidence)


@pytest.mark.parametrize("case", cases(SHOWN))
def test_shown(case: Case, again: Callable[[Case], Reproduction]) -> None:
    report = again(case)
    assert (report.verdict, report.cause) == (case.verdict, case.cause), report
    assert case.says in " ".join(item.message for item in report.evidence), report.evidence
    if report.verdict != NOT_COMPARED:
        assert report.based_on.compared, report.based_on
    assert (report.repair is None) == (report.verdict == REPRODUCED)
    assert case.says or case.cause or not report.evidence, report.evidence
    assert case.proved in (None, *(item.proved for item in report.evidence)), (report.proofs, report.evidence)
    assert case.repair in (report.repair or "")


def test_the_shelf_is_long_enough() -> None:
    assert {case.name for case in (*HEALTHY, *FAULTY, *SHOWN)} >= ALWAYS
    assert len({case.name for case in FAULTY}) >= 16 and len({case.name for case in HEALTHY}) >= 8
    assert len({case.cause for case in FAULTY}) >= 15
