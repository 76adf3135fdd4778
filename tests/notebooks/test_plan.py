"""From a record to the notebook that runs it again."""

from __future__ import annotations

import ast
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_bioml.config import find_project
from jupyter_bioml.errors import UsageError
from jupyter_bioml.notebooks.plan import CELL_ID, STATES, document, notebook_text, plan_of, without_our_lines
from jupyter_bioml.records.facts import BEFORE_TRACKING, CaptureGap
from jupyter_bioml.records.run import FAILED, FINISHED, KILLED, UNKNOWN, Code, PriorCell, RunRecord
from jupyter_bioml.reproduce.reproduce import reproduce


def record(*before: PriorCell, **fields: Any) -> RunRecord:
    code = Code("auc = lr + 0.25", "score", "train.ipynb", magic="%%experiment first --seed 1")
    known: dict[str, Any] = {"code": code, "mark": "magic", "seq": 9, "before": before, **fields}
    return RunRecord(record_id="a" * 32, session="s", status=FINISHED, started=1.0, **known)


def prior(seq: int, source: str, cell_id: str | None = None, **fields: Any) -> PriorCell:
    return PriorCell(f"{seq:032x}", seq, source, cell_id, **fields)


def test_a_tracked_notebook_keeps_the_last_cells_mark_and_every_identity() -> None:
    plan = plan_of(
        record(
            prior(1, "lr = 0.5", "parameters", tags=("parameters",)),
            prior(2, "lr = 0.125", "parameters", tags=("injected-parameters",)),
            prior(3, "x = 1", "other", tags=("experiment", "slow")),
        )
    )
    made = document(plan, tracked=True)
    assert [cell["source"] for cell in made["cells"]] == [
        "lr = 0.5",
        "lr = 0.125",
        "x = 1",
        "%%experiment first --seed 1\nauc = lr + 0.25",
    ]
    assert [cell["metadata"][CELL_ID] for cell in made["cells"]] == ["parameters", "parameters", "other", "score"]
    assert [cell["id"] for cell in made["cells"]] == ["parameters", "run-2", "other", "score"]
    assert made["cells"][2]["metadata"]["tags"] == ["slow"], "only the run's own cell becomes a run"


def test_other_magics_stay_where_a_rerun_finds_them() -> None:
    code = Code("%%time\nauc = 1", "score", "train.ipynb", magic="%%experiment first")
    plan = plan_of(record(prior(1, "%%capture out\n%time x = 1"), code=code))
    tracked, plain = document(plan, tracked=True)["cells"], document(plan, tracked=False)["cells"]
    assert [cell["source"] for cell in tracked] == ["%%capture out\n%time x = 1", "%%experiment first\n%%time\nauc = 1"]
    assert [cell["source"] for cell in plain] == ["%%capture out\n%time x = 1", "%%time\nauc = 1"]


def test_a_plain_notebook_has_nothing_of_ours() -> None:
    plan = plan_of(record(prior(1, "%load_ext jupyter_bioml\nx = 1", "load")), {f"{1:032x}": {"random": "b" * 64}})
    text = notebook_text(plan)
    nbformat.validate(nbformat.reads(text, as_version=4))
    cells = json.loads(text)["cells"]
    assert [cell["source"] for cell in cells] == ["# %load_ext jupyter_bioml\nx = 1", "auc = lr + 0.25"]
    assert [cell["metadata"] for cell in cells] == [{"tags": []}, {"tags": []}]


def states_of(*before: PriorCell, from_start: bool = True, **fields: Any) -> list[str]:
    """The generator states of each planned cell, as the first letter of the blob; empty: none."""
    known = {f"{number:032x}": {"numpy": str(number) * 64} for number in range(1, 5)}
    plan = plan_of(record(*before, states={"numpy": "t" * 64}, **fields), known, from_start=from_start)
    made = json.loads(notebook_text(plan, tracked=True, metadata={STATES: {"random": "a" * 64}}))
    assert made["metadata"][STATES] == {"random": "a" * 64}
    return [cell["metadata"].get(STATES, {}).get("numpy", "")[:1] for cell in made["cells"]]


def test_generator_states_are_put_back_where_the_cells_do_not_lead_to_them() -> None:
    first, second = prior(1, "x = 1"), prior(2, "y = 1")
    assert states_of(first, second) == ["", "", ""], "other states would hide that a seed is taken from the clock"
    assert states_of(first, second, from_start=False) == ["1", "", ""]
    assert states_of(first, prior(3, "train()", status=KILLED), second) == ["", "2", ""], "it is left out"
    untracked = replace(prior(0, "z = 1", status=UNKNOWN), record_id="")
    assert states_of(untracked, first, second) == ["", "1", "", ""]
    assert states_of(first, second, untracked) == ["", "", "", "t"]
    gap = CaptureGap(BEFORE_TRACKING, "uses 1 cell that ran before tracking started; what it read is unknown")
    assert states_of(first, gaps=(gap,)) == ["1", ""]


def test_cells_that_failed_may_fail_again_and_interrupted_ones_are_left_out() -> None:
    plan = plan_of(
        record(prior(1, "1 / 0", status=FAILED), prior(2, "train()", status=KILLED), prior(3, "y", status="RUNNING"))
    )
    assert [(cell.source, cell.tags) for cell in plan.cells[:-1]] == [("1 / 0", ("raises-exception",))]
    assert plan.notes == (
        "Earlier cell run 2 was interrupted; it is left out.",
        "Earlier cell run 3 had not ended; it is left out.",
    )


@pytest.mark.parametrize("mark", ["tag", "auto"])
def test_a_run_without_a_magic_line_is_marked_by_its_tag(mark: str) -> None:
    plan = plan_of(record(mark=mark, code=Code("x = 1", "c", tags=("slow",))))
    assert document(plan, tracked=True)["cells"][-1]["metadata"]["tags"] == ["slow", "experiment"]
    assert document(plan, tracked=False)["cells"][-1]["metadata"]["tags"] == ["slow"]


def test_the_run_of_a_sweep_has_nothing_to_run(project_dir: Path) -> None:
    with pytest.raises(UsageError, match="stands for a sweep") as refused:
        reproduce(find_project(project_dir), record(mark="sweep", code=Code("")))
    assert "each is one set of parameters" in refused.value.next


@pytest.mark.parametrize("part", ["parent", "part_of"])
def test_parts_are_not_run_alone(part: str) -> None:
    whole = "b" * 32
    with pytest.raises(UsageError, match="part of another"):
        plan_of(replace(record(), **{part: whole}))


@pytest.mark.parametrize(
    ("source", "plain"),
    [
        ("%bioml auto on", "# %bioml auto on"),
        ("if x:\n    %bioml off\ny = 1", "if x:\n    pass  # %bioml off\ny = 1"),
        ("%reload_ext jupyter_bioml", "# %reload_ext jupyter_bioml"),
        ("%load_ext jupyter_bioml_other", "%load_ext jupyter_bioml_other"),
        ("%load_ext autoreload\nbioml = 1 %bioml", "%load_ext autoreload\nbioml = 1 %bioml"),
    ],
)
def test_our_line_magics_become_comments(source: str, plain: str) -> None:
    assert without_our_lines(source) == plain


LINES = [
    "%bioml status",
    "    %bioml auto on",
    "%load_ext jupyter_bioml",
    "x = 1",
    "if x:",
    "    y = 2",
    "",
    "# %bioml",
]


@given(st.lists(st.sampled_from(LINES), max_size=8))
def test_line_numbers_stay_and_a_second_time_changes_nothing(lines: list[str]) -> None:
    source = "\n".join(lines)
    plain = without_our_lines(source)
    assert plain.count("\n") == source.count("\n")
    assert without_our_lines(plain) == plain


@given(st.lists(st.sampled_from(["if x:\n    %bioml status", "%bioml auto on", "y = 2"]), max_size=5))
def test_what_is_left_is_python(blocks: list[str]) -> None:
    ast.parse(without_our_lines("\n".join(blocks)))


@given(st.lists(st.one_of(st.none(), st.text(max_size=70), st.sampled_from(["a", "run-1", "run-1-"])), max_size=6))
def test_ids_in_the_notebook_are_valid_and_unique_whatever_the_session_had(ids: list[str | None]) -> None:
    cells = [prior(seq, "x = 1", cell_id) for seq, cell_id in enumerate(ids, 1)]
    made = nbformat.reads(notebook_text(plan_of(record(*cells)), tracked=True), as_version=4)
    nbformat.validate(made)
    assert len({cell["id"] for cell in made.cells}) == len(ids) + 1
    assert [cell.metadata[CELL_ID] for cell in made.cells[:-1]] == ids
