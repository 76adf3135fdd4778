"""Scores that later, unmarked cells showed: those cells are run again too, else their scores are not compared."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from headless_case import last_session, records_of
from kernels import Kernel

from jupyter_bioml.config import find_project
from jupyter_bioml.journal.liveness import kernel_segment
from jupyter_bioml.journal.log import Segment
from jupyter_bioml.notebooks.plan import ALLOWED_TO_FAIL, document
from jupyter_bioml.records.run import RunRecord
from jupyter_bioml.reproduce.compare.agreement import UNKNOWN
from jupyter_bioml.reproduce.reproduce import Asked, reproduce
from jupyter_bioml.reproduce.setup.recorded import Recorded
from jupyter_bioml.reproduce.verdict import REPRODUCED
from jupyter_bioml.workbench import Workbench

CELLS = (
    "import os",
    "%%experiment fit\nquality = len('abc') / 9",
    "half = float(open('half.txt').read())",
    "halved = quality * half if os.environ.get('LAB_WELL') else undefined",
    "after = 'the last cell that showed a score'",
)


@pytest.fixture
def session(project_dir: Path, start_kernel: Callable[..., Kernel], monkeypatch: pytest.MonkeyPatch) -> list[RunRecord]:
    """Its cell runs; the fourth one showed a score of the second."""
    monkeypatch.setenv("BIOML_PUBLISH", "off")
    monkeypatch.setenv("LAB_WELL", "1")
    (project_dir / "half.txt").write_text("0.5")
    kernel = start_kernel(project_dir)
    for number, source in enumerate(CELLS):
        assert kernel.run(source, f"c{number}", notebook="n.ipynb").status == "ok"
    kernel.close()
    name = last_session(project_dir)
    cells = records_of(project_dir / ".bioml", name)
    segment = Segment(kernel_segment(find_project(project_dir, create=False).journal, name))
    told = {"run": cells[1].record_id, "cell": cells[3].record_id, "key": "auc", "value": 0.75, "step": 0}
    assert segment.append({"t": "score", "at": time.time(), "origin": "returned", **told})
    segment.close()
    return records_of(project_dir / ".bioml", name)


def test_the_plan_has_the_cells_up_to_the_last_that_showed_a_score(session: list[RunRecord], project_dir: Path) -> None:
    recorded = Recorded(Workbench.at(project_dir).project, session[1])
    assert [score.cell for score in session[1].scores] == [session[3].record_id]
    assert [cell.source for cell in recorded.plan.cells] == ["import os", "quality = len('abc') / 9"]
    assert [cell.source for cell in recorded.plan.later] == list(CELLS[2:4])
    assert all(ALLOWED_TO_FAIL in cell.tags for cell in recorded.plan.later)
    assert [Path(item.path).name for item in recorded.inputs()] == ["half.txt"], "what they read is there"
    sources = [cell["source"] for cell in document(recorded.plan, tracked=True)["cells"]]
    assert sources == list(CELLS[:4]) and len(document(recorded.plan, tracked=False)["cells"]) == 2


def test_a_score_whose_cell_did_not_run_again_is_not_compared(
    session: list[RunRecord], project_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LAB_WELL")
    report = reproduce(Workbench.at(project_dir).project, session[1], Asked())
    assert report.verdict == REPRODUCED, report
    (auc,) = [item for item in report.outputs if item.name == "auc"]
    assert auc.level == UNKNOWN and "was not run again" in auc.note
    assert report.based_on.text.endswith("1 score not compared")
    assert any(note.startswith("Later cell run ") for note in report.notes)
    assert report.result.home is not None and report.result.session is not None
    again = records_of(Path(report.result.home), report.result.session)
    assert [cell.code.source for cell in again] == ["import os", "quality = len('abc') / 9", *CELLS[2:4]]
    assert [cell.status for cell in again] == ["FINISHED", "FINISHED", "FINISHED", "FAILED"]


def test_data_that_only_later_cells_read_stop_nothing(
    session: list[RunRecord], project_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project_dir / "half.txt").unlink()
    report = reproduce(Workbench.at(project_dir).project, session[1], Asked())
    assert report.verdict == REPRODUCED, report
    assert len([note for note in report.notes if note.startswith("Later cell run ")]) == 2
