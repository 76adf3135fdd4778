"""Every planted fault is found with the right cause, and every healthy session is made again."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kernels import Kernel
from shelf_case import FAULTY, HEALTHY, Case, filled, git, kept, outside

from jupyter_bioml.reproduce.agreement import BIT_EQUAL
from jupyter_bioml.reproduce.funnel import funnel
from jupyter_bioml.reproduce.levels import decision
from jupyter_bioml.reproduce.reproduce import Asked, reproduce
from jupyter_bioml.reproduce.verdict import REPRODUCED, Reproduction
from jupyter_bioml.reproduce.verdict_report import verdict_document
from jupyter_bioml.workbench import Workbench

documents: list[dict[str, object]] = []


@pytest.fixture(scope="module")
def shelf_root(tmp_path_factory: pytest.TempPathFactory, module_environment: pytest.MonkeyPatch) -> Path:
    """One project for all sessions, a folder each; nothing is sent until all of them are recorded."""
    root = tmp_path_factory.mktemp("shelf") / "project"
    (root / ".bioml").mkdir(parents=True)
    module_environment.setenv("BIOML_PUBLISH", "off")
    module_environment.chdir(root)
    git(root, "init", "-q")
    return root


@pytest.fixture(scope="module")
def recorded(shelf_root: Path, request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """Name of each session that a chosen test needs → the record id of its run. Afterwards the funnel is printed."""
    documents.clear()
    calls = [item.callspec for item in request.session.items if isinstance(item, pytest.Function) and item.cls is None
             and hasattr(item, "callspec")]  # fmt: skip
    chosen = [call.params["case"] for call in calls if isinstance(call.params.get("case"), Case)]
    for case in chosen:
        folder = shelf_root / case.name
        folder.mkdir()
        outside(folder).mkdir(parents=True)
        for name, text in case.files.items():
            (folder / name).write_text(text)
        if case.tracked:
            git(shelf_root, "add", case.name)
    git(shelf_root, "commit", "-q", "--allow-empty", "-m", "begin")
    sessions = {case.name: record(case, shelf_root / case.name) for case in chosen}
    bench = Workbench.at(shelf_root)
    assert not bench.publish(wait=True, timeout=300).waiting
    rows = {row.notebook: row.record_id or "" for row in bench.runs().rows}
    yield {name: rows[f"{name}/n.ipynb"] for name in sessions}
    sys.stdout.write("\n".join(["", *funnel(documents).lines(), ""]))


def record(case: Case, root: Path) -> str:
    """Run the session."""
    case.prepare(root)
    kernel = Kernel(root, env=filled(case.env, root), load=not case.untracked)
    for source in case.untracked:
        assert kernel.run(source).status == "ok"
    if case.untracked:
        assert kernel.run("%load_ext jupyter_bioml").status == "ok"
    for number, source in enumerate(case.cells):
        last = number == len(case.cells) - 1
        tags = ("experiment",) if last else ()
        found = kernel.run(source, f"c{number}", tags, str(root / "n.ipynb"))
        assert found.status == ("error" if case.fails and last else "ok"), found.error
    kernel.close()
    return case.name


def made_again(case: Case, root: Path, identity: str, monkeypatch: pytest.MonkeyPatch) -> Reproduction:
    case.change(root)
    for name, value in kept(filled(case.env, root)).items():
        monkeypatch.setenv(name, value)
    bench = Workbench.at(root.parent)
    report = reproduce(bench.project, bench.find(identity).record, Asked(**case.asked))
    documents.append(verdict_document(report))
    return report


@pytest.fixture
def again(
    recorded: dict[str, str], shelf_root: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Case], Reproduction]:
    """Makes the run of a case again, after what has happened to its project."""
    monkeypatch.chdir(shelf_root)
    monkeypatch.setenv("BIOML_PUBLISH", "off")
    return lambda case: made_again(case, shelf_root / case.name, recorded[case.name], monkeypatch)


@pytest.mark.parametrize("case", HEALTHY, ids=lambda case: case.name)
def test_healthy(case: Case, again: Callable[[Case], Reproduction]) -> None:
    report = again(case)
    assert (report.verdict, report.cause, report.repair) == (REPRODUCED, None, None), report
    assert report.outputs and decision(report.outputs).level == BIT_EQUAL and not report.proofs
    assert case.says in " ".join(item.message for item in report.evidence), report.evidence


@pytest.mark.parametrize("case", FAULTY, ids=lambda case: case.name)
def test_faulty(case: Case, again: Callable[[Case], Reproduction]) -> None:
    report = again(case)
    assert (report.verdict, report.cause) == (case.verdict, case.cause), report
    deciding = next(item for item in report.evidence if item.cause == case.cause)
    assert case.says in " ".join(item.message for item in report.evidence), report.evidence
    assert case.repair in (report.repair or ""), report.repair
    assert report.repair and deciding.proved is case.proved, (report.proofs, report.evidence)


def test_the_shelf_is_long_enough() -> None:
    assert len({case.name for case in FAULTY}) >= 16 and len({case.name for case in HEALTHY}) >= 8
    assert len({case.cause for case in FAULTY}) >= 15
