"""From the first cell on: the cell that starts tracking, and the cells before it. Real kernels."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from kernels import Kernel
from nbclient import NotebookClient

from jupyter_bioml.capture.findings import Memory
from jupyter_bioml.capture.untracked import AT_ONCE, PORTION, Untracked
from jupyter_bioml.config import Project
from jupyter_bioml.doctor.enable import BLOCK, FILE_NAME
from jupyter_bioml.journal.lines import parse
from jupyter_bioml.journal.log import Segment
from jupyter_bioml.notebooks.slices import slice_notebook
from jupyter_bioml.records.run import RunRecord
from jupyter_bioml.records.untracked import unknown_reads

Start = Callable[..., Kernel]
Reader = Callable[[], list[RunRecord]]

LOAD = "%load_ext jupyter_bioml"
READ = "import csv\nrows = open('rows.csv').read().split()"
ONE = "uses 1 cell that ran before tracking started; what it read is unknown"
#: What JupyterLab sends when Track is pressed.
PRESSED = f"{LOAD}\n%bioml on\n%bioml auto off"

#: Way → (cells before the run, what is unknown, names of the files that are known, sources of the cells before it).
WAYS: dict[str, tuple[list[str], str | None, list[str], int]] = {
    "first line": ([f"{LOAD}\n{READ}"], None, ["rows.csv"], 1),
    "after the imports": ([f"import csv\nimport json\n%matplotlib --list\n{LOAD}\n{READ}"], None, ["rows.csv"], 1),
    "in the middle": ([f"{READ}\n{LOAD}\nmore = open('more.csv').read()"], ONE, ["more.csv"], 1),
    "last line": ([f"{READ}\n{LOAD}"], ONE, [], 1),
    "a call": ([f"get_ipython().run_line_magic('load_ext', 'jupyter_bioml')\n{READ}"], None, ["rows.csv"], 1),
    "within another magic": ([f"%%capture said\n{LOAD}\n{READ}"], ONE, ["rows.csv"], 1),
    "twice": ([f"{LOAD}\n{READ}", f"{LOAD}\nn = 1"], None, ["rows.csv"], 2),
    "loaded anew": ([f"{LOAD}\n{READ}", "%reload_ext jupyter_bioml\nn = 1"], ONE, [], 2),
    "cells before": (["import csv, numpy as np\nnp.random.seed(0)", READ, "depth = 3", LOAD], ONE, [], 3),
    "pressed late": (["import csv", READ, PRESSED], ONE, [], 2),
    "pressed first": ([PRESSED, READ], None, ["rows.csv"], 1),
    "only imports before": (["import csv\nimport json", "%config InlineBackend.rc = {}", PRESSED, READ], None, ["rows.csv"], 3),
}  # fmt: skip


@pytest.fixture
def data(project_dir: Path) -> None:
    (project_dir / "rows.csv").write_text("a\nb\n")
    (project_dir / "more.csv").write_text("c\n")


@pytest.mark.parametrize("way", WAYS)
def test_a_run_after_the_first_cells(way: str, start_kernel: Start, runs: Reader, data: None) -> None:
    cells, unknown, known, before = WAYS[way]
    kernel = start_kernel(load=False)
    for source in cells:
        silent = {"silent": True, "store_history": False} if source == PRESSED else {}
        ran = kernel.run(source, "c", **silent)
        assert (ran.status, ran.stderr) == ("ok", ""), ran.error
    card = kernel.run("%%experiment fit\nn = len(rows)").displays[0]["text/plain"]
    (run,) = runs()
    assert unknown_reads(run) == unknown, run.gaps
    assert [use.name for use in run.data] == known
    assert [cell.source for cell in run.before] == [source for source in cells if source not in (LOAD, PRESSED)]
    assert len(run.before) == before
    assert "first cell" not in card and "no data read" not in card
    assert (unknown in card) if unknown else ("what" not in card)
    assert ("_stand_in()" in slice_notebook(run)) == (way == "a call"), "it runs without this package, too"


def test_the_extension_loaded_by_the_configuration_sees_everything(
    start_kernel: Start, runs: Reader, data: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    profile = tmp_path / "ipython" / "profile_default"
    profile.mkdir(parents=True)
    (profile / FILE_NAME).write_bytes(b"c = get_config()\n" + BLOCK)
    monkeypatch.setenv("IPYTHONDIR", str(profile.parent))
    kernel = start_kernel(load=False)
    kernel.run(f"{LOAD}\n{READ}")
    kernel.run("%%experiment fit\nn = len(rows)")
    (run,) = runs()
    assert ([use.name for use in run.data], len(run.before), run.gaps) == (["rows.csv"], 1, ())


def test_the_history_is_taken_as_it_is(start_kernel: Start, runs: Reader, data: None) -> None:
    """Failed cells, other languages, help, what ran twice, secrets; in order, each with what is known of it."""
    cells = [
        ("password = 'hunter2-hunter2'\nrows = []", "UNKNOWN", False),
        ("rows += open('rows.csv').read().split()", "UNKNOWN", True),
        ("rows += open('rows.csv').read().split()", "UNKNOWN", True),
        ("1 / 0", "FAILED", False),
        ("%%bash\ntrue", "UNKNOWN", True),
        ("len?", "UNKNOWN", False),
        ("x = (", "FAILED", False),
        ("%%experiment early\nn = 1", "FAILED", False),
        ("raise KeyboardInterrupt", "KILLED", True),
    ]
    kernel = start_kernel(load=False)
    for source, _, _ in cells:
        kernel.run(source)
    kernel.run(f"depth = 3\n{LOAD}\nrows = rows[:depth]")
    kernel.run("%%experiment fit\nn = len(rows) + depth")
    (run,) = runs()
    *before, begun = run.before
    assert [(cell.status, cell.unseen) for cell in before] == [(status, unseen) for _, status, unseen in cells]
    assert [cell.source for cell in before[1:7]] == [source for source, _, _ in cells[1:7]]
    assert "hunter2" not in before[0].source and "password" in before[0].source
    assert before[7].source == "# %%experiment early", "nothing of it ran"
    assert [cell.execution_count for cell in run.before] == list(range(1, 11))
    assert {(cell.record_id, cell.seq, cell.cell_id) for cell in before} == {("", 0, None)}
    assert (begun.unseen, run.params) == (False, {"depth": 3})
    assert unknown_reads(run) == "uses 4 cells that ran before tracking started; what they read is unknown"
    assert run.report("taint").summary["unknown"][0].startswith("some cells ran without an id")  # type: ignore[union-attr]
    text = slice_notebook(run)
    assert "hunter2" not in text and text.count("rows += open") == 2 and "KeyboardInterrupt" not in text


@pytest.mark.parametrize(
    ("first", "said"),
    [
        (
            "get_ipython().history_manager.enabled = False",
            "2 cells ran before tracking started, and IPython's history is",
        ),
        (
            "get_ipython().history_manager.reset()",
            "2 cells ran before tracking started, and IPython's history was cleared",
        ),
    ],
)
def test_cells_that_the_history_does_not_have_are_a_named_gap(
    first: str, said: str, start_kernel: Start, runs: Reader, data: None
) -> None:
    kernel = start_kernel(load=False)
    kernel.run(READ)
    kernel.run(first)
    kernel.run(LOAD)
    card = kernel.run("%%experiment fit\nn = len(rows)").displays[0]["text/plain"]
    (run,) = runs()
    assert str(unknown_reads(run)).startswith(said), run.gaps
    assert said in card and "first cell" not in card and "no data read" not in card


def test_cells_that_run_while_tracking_is_off_are_named(start_kernel: Start, runs: Reader, data: None) -> None:
    kernel = start_kernel()
    kernel.run("%%experiment one\nn = 1")
    kernel.run("%bioml off")
    kernel.run(READ)
    kernel.run("%bioml on")
    kernel.run("%%experiment two\nn = len(rows)")
    one, two = runs()
    assert unknown_reads(one) is None
    assert unknown_reads(two) == "uses 1 cell that ran while tracking was off; what it read is unknown"
    assert READ in [cell.source for cell in two.before]


def test_a_tagged_cell_that_starts_tracking_is_a_run(start_kernel: Start, runs: Reader, data: None) -> None:
    kernel = start_kernel(load=False)
    ran = kernel.run(
        f"{READ}\nprint('above')\n{LOAD}\nprint('below')\nshare = len(rows) / 4", "c1", tags=("experiment",)
    )
    (run,) = runs()
    assert ran.stdout == "above\nbelow\n" and [output.text for output in run.outputs] == ["below\n"]
    assert any(gap.part == "start" and "printed" in gap.reason for gap in run.gaps), "what is not there is named"
    assert (run.code.cell_id, run.code.execution_count, run.code.tags) == ("c1", 1, ("experiment",))
    assert "the lines above the one that started tracking ran before it" in str(unknown_reads(run))
    card = ran.displays[0]["text/plain"]
    assert "what they read is unknown" in card and "no data read" not in card and "first cell" not in card


def test_a_notebook_run_by_nbclient(project_dir: Path, runs: Reader, data: None) -> None:
    cells = [f"import csv\n{LOAD}\n{READ}", "%%experiment fit\nn = len(rows)"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    NotebookClient(notebook, resources={"metadata": {"path": str(project_dir)}}).execute()
    (run,) = runs()
    assert ([use.name for use in run.data], len(run.before), unknown_reads(run)) == (["rows.csv"], 1, None)


#: What JupyterLab asks a kernel in the request that switches tracking on.
KERNEL_STATE = Path(__file__).parents[2] / "labextension" / "src" / "model" / "kernelstate.ts"
ASKED = re.compile(r"unseen: `(.+)`").search(KERNEL_STATE.read_text())


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["import numpy as np\nnp.random.seed(0)", "limit = 3\ndef load(path): ..."], "0"),
        (["import numpy as np", "rows = open('rows.csv').read()", "limit = 3"], "1"),
        (["import numpy as np", "get_ipython().history_manager.enabled = False"], "None"),
        ([], "0"),
    ],
)
def test_who_switches_tracking_on_late_hears_what_may_have_read(
    start_kernel: Start, data: None, cells: list[str], said: str
) -> None:
    kernel = start_kernel(load=False)
    for source in cells:
        kernel.run(source)
    assert ASKED is not None
    hooks = "__import__('sys').modules.get('jupyter_bioml.kernel.hooks')"
    asked = ASKED[1].replace("${HOOKS}", hooks)
    switch = "%load_ext jupyter_bioml\n%bioml on\n%bioml auto off"
    identity = kernel.client.execute(switch, silent=True, store_history=False, user_expressions={"unseen": asked})
    while (reply := kernel.client.get_shell_msg(timeout=60))["parent_header"].get("msg_id") != identity:
        pass
    answer = reply["content"]["user_expressions"]["unseen"]
    assert answer["data"]["text/plain"] == said, answer


def test_more_than_a_request_may_wait_for_is_not_counted(project_dir: Path) -> None:
    texts = ["", *(f"x{number} = {number}" for number in range(AT_ONCE + 1))]
    history = SimpleNamespace(enabled=True, input_hist_raw=texts, input_hist_parsed=texts, exceptions={})
    shell = SimpleNamespace(history_manager=history, execution_count=len(texts), user_ns={})
    segment = Segment(project_dir / "s.log")
    untracked = Untracked(shell, segment, Project(project_dir, project_dir / ".bioml"), Memory())
    assert untracked.starts(1, None) and untracked.counted() is None
    assert untracked.counted() == 0, "by then all of it is known"
    segment.close()


def test_a_long_history_is_read_a_portion_at_a_time(project_dir: Path) -> None:
    """Nothing of it is read when tracking starts."""
    texts = ["", *(f"x{number} = open('{number}.csv')" for number in range(10_000))]
    history = SimpleNamespace(enabled=True, input_hist_raw=None, input_hist_parsed=texts, exceptions={})
    shell = SimpleNamespace(history_manager=history, execution_count=len(texts), user_ns={})
    project = Project(project_dir, project_dir / ".bioml")
    segment = Segment(project_dir / "s.log")
    untracked = Untracked(shell, segment, project, Memory())
    history.input_hist_raw = range(len(texts))  # whoever reads a text fails
    assert untracked.starts(1, None) and untracked.pending
    history.input_hist_raw = texts
    untracked.journal(PORTION)
    assert len((project_dir / "s.log").read_bytes().splitlines()) == 1
    untracked.journal()
    segment.close()
    entries = [parse(line) for line in (project_dir / "s.log").read_bytes().splitlines(keepends=True)]
    assert [cell["source"] for entry in entries if entry for cell in entry["cells"]] == texts[1:]
    assert not untracked.pending and untracked.before == {1: (10_000, 10_000)}
