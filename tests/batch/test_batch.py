"""Several notebooks in one call: how each ended is told, kept and published, and none disturbs the next."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from headless_case import SHELF, cells_of, printed, records_of, states_of
from notebook_files import write

from jupyter_bioml.batch.batch import BatchReport, Running, run_notebooks
from jupyter_bioml.batch.request import BatchRequest, plan
from jupyter_bioml.batch.selection import select_notebooks
from jupyter_bioml.batch.state import read_state
from jupyter_bioml.config import destination, find_project
from jupyter_bioml.errors import UsageError
from jupyter_bioml.headless.process import Worker
from jupyter_bioml.headless.results import NotebookJob, NotebookResult
from jupyter_bioml.records.run import FAILED, FINISHED, KILLED
from jupyter_bioml.store.mlflow_store import MlflowStore

HOSTILE = ["we{ird} %s.ipynb", "quote\"s and 'such'.ipynb", "-line\nbreak 大.ipynb"]
BYTES_NAME = os.fsdecode(b"not-utf8-\xff.ipynb")


class Ran:
    """The report of one batch over the shelf, by notebook."""

    def __init__(self, root: Path, report: BatchReport) -> None:
        self.root = root
        self.report = report
        self.by_name = {os.path.relpath(result.notebook, root): result for result in report.results}

    def __getitem__(self, name: str) -> NotebookResult:
        return self.by_name[name]

    def output(self, name: str) -> str:
        output = self[name].output
        assert output is not None
        return output


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory, module_environment: pytest.MonkeyPatch) -> Ran:
    root = tmp_path_factory.mktemp("shelf")
    (root / ".bioml").mkdir()
    shutil.copytree(SHELF, root, dirs_exist_ok=True)
    (root / "endless.ipynb").unlink()
    for name in (*HOSTILE, BYTES_NAME):
        shutil.copy(SHELF / "no-kernelspec.ipynb", root / name)
    (root / "deeper").mkdir()
    shutil.copy(SHELF / "raises.ipynb", root / "deeper" / "raises.ipynb")
    return Ran(root, run_notebooks(BatchRequest((root,)), Running(jobs=2)))


def test_the_report_says_how_each_ended(ran: Ran) -> None:
    assert {name: result.status for name, result in ran.by_name.items()} == {
        "exits-in-order.ipynb": "passed",
        "exits-with-status.ipynb": "failed",
        "kernel-killed.ipynb": "killed",
        "no-kernelspec.ipynb": "passed",
        "not-json.ipynb": "broken",
        "other-language.ipynb": "broken",
        "parameters.ipynb": "passed",
        "raises-as-expected.ipynb": "passed",
        "raises.ipynb": "failed",
        "deeper/raises.ipynb": "failed",
        "unknown-kernelspec.ipynb": "passed",
        **dict.fromkeys((*HOSTILE, BYTES_NAME), "passed"),
    }
    assert ran.report.exit_code == 1 and not ran.report.interrupted
    json.dumps(ran.report.as_json(), allow_nan=False)


def test_a_failing_cell_is_shown_and_ends_its_notebook(ran: Ran) -> None:
    failure = ran["raises.ipynb"].failure
    assert failure is not None
    assert (failure.index, failure.cell_id, failure.kind) == (1, "fails", "ZeroDivisionError")
    assert failure.source.endswith("1 / 0") and "ZeroDivisionError: division by zero" in failure.traceback
    assert "\x1b" not in failure.traceback
    assert states_of(ran.output("raises.ipynb")) == ["completed", "failed", "pending"]
    result = ran["raises.ipynb"]
    assert result.home is not None and result.session is not None
    before, fails = records_of(Path(result.home), result.session)
    assert (before.mark, fails.mark, fails.status) == ("cell", "tag", FAILED)
    assert fails.failure is not None and "1 / 0" in fails.failure.traceback
    assert fails.latest() == {"loss": 0.75}, "what the cell had computed until then"
    assert result.records == (fails.record_id,)


def test_expected_exceptions_and_skipped_cells(ran: Ran) -> None:
    result = ran["raises-as-expected.ipynb"]
    assert result.home is not None and result.session is not None
    expected, after = records_of(Path(result.home), result.session)
    assert (expected.code.cell_id, expected.status) == ("expected", FAILED)
    assert (after.code.cell_id, after.status, after.values) == ("after", FINISHED, {"score": 1.0})


def test_a_dead_kernel_is_named_with_its_cell(ran: Ran) -> None:
    result = ran["kernel-killed.ipynb"]
    assert result.reason is not None and "SIGKILL" in result.reason and "cell 2 of 3" in result.reason
    output = ran.output("kernel-killed.ipynb")
    assert states_of(output) == ["completed", "failed", "pending"]
    assert printed(cells_of(output)["before"]) == "before\n"
    assert cells_of(output)["dies"]["outputs"][-1]["ename"] == "DeadKernelError"
    assert result.home is not None and result.session is not None
    before, dies = records_of(Path(result.home), result.session)
    assert (before.status, dies.status) == (FINISHED, KILLED)


def test_sys_exit_ends_the_notebook(ran: Ran) -> None:
    assert states_of(ran.output("exits-in-order.ipynb")) == ["completed", "pending"]
    failure = ran["exits-with-status.ipynb"].failure
    assert failure is not None and (failure.kind, failure.message) == ("SystemExit", "3")


@pytest.mark.parametrize("name", ["no-kernelspec.ipynb", "unknown-kernelspec.ipynb"])
def test_without_its_kernel_it_runs_on_this_python_and_says_so(ran: Ran, name: str) -> None:
    assert any("it runs on the current Python" in notice for notice in ran[name].notices)
    assert printed(cells_of(ran.output(name))["runs"]).strip() == sys.executable
    assert json.loads(Path(ran.output(name)).read_text())["metadata"]["kernelspec"]["name"] == "python3"


def test_a_missing_kernel_of_another_language_is_not_replaced(ran: Ran) -> None:
    reason = ran["other-language.ipynb"].reason
    assert reason is not None and "'ir'" in reason and "python3" in reason
    assert ran["other-language.ipynb"].output is None


def test_what_is_no_notebook_is_told(ran: Ran) -> None:
    reason = ran["not-json.ipynb"].reason
    assert reason is not None and "not a notebook" in reason


def test_every_run_is_in_mlflow_before_it_returns(ran: Ran) -> None:
    assert ran.report.waiting == ()
    expected = [record for result in ran.report.results for record in result.records]
    runs = MlflowStore(destination(find_project(ran.root)).uri).search()
    assert sorted(run.record_id or "" for run in runs) == sorted(expected)
    states = {(run.notebook, run.tags["bioml.cell_id"]): run.status for run in runs}
    assert states["kernel-killed.ipynb", "dies"] == KILLED
    assert states["raises.ipynb", "fails"] == FAILED
    assert states["parameters.ipynb", "score"] == FINISHED


def test_outputs_lie_as_their_notebooks_do(ran: Ran) -> None:
    folder = Path(ran.report.output_dir)
    assert folder.parent == ran.root / ".bioml" / "outputs"
    assert Path(ran.output("deeper/raises.ipynb")) == folder / "deeper" / "raises.ipynb"
    assert Path(ran.output(BYTES_NAME)) == folder / BYTES_NAME


# -- which notebooks, and where to ---------------------------------------------------------------------


def test_folders_are_searched_without_checkpoints_and_hidden_ones(
    shelf: Callable[..., Path], project_dir: Path
) -> None:
    kept = [shelf("raises", "b.ipynb"), shelf("raises", "a/z.ipynb")]
    for name in (".ipynb_checkpoints/b.ipynb", ".bioml/outputs/x/b.ipynb", ".hidden/b.ipynb", "a/.b.ipynb"):
        shelf("raises", name)
    assert select_notebooks([project_dir, project_dir / "b.ipynb"], None) == kept
    assert select_notebooks([project_dir], None, project_dir / "a") == kept[:1], "outputs of before are no inputs"


def test_tags_select(shelf: Callable[..., Path], project_dir: Path) -> None:
    nightly = [shelf("parameters"), shelf("raises-as-expected")]
    shelf("raises")
    broken = shelf("not-json")
    assert select_notebooks([project_dir], "nightly") == sorted([*nightly, broken])
    broken.unlink()
    with pytest.raises(UsageError, match="None of 3 notebooks has the tag 'weekly'"):
        select_notebooks([project_dir], "weekly")


@pytest.mark.parametrize(
    ("name", "message"),
    [("missing.ipynb", "does not exist"), ("data.csv", "is not a notebook"), (".", "No notebooks found")],
)
def test_paths_that_mean_nothing_are_refused(project_dir: Path, name: str, message: str) -> None:
    (project_dir / "data.csv").write_text("a\n")
    with pytest.raises(UsageError, match=message):
        run_notebooks(BatchRequest((project_dir / name,)))


def test_an_output_never_overwrites_its_notebook(shelf: Callable[..., Path], project_dir: Path) -> None:
    notebook = shelf("raises")
    with pytest.raises(UsageError, match="would overwrite"):
        run_notebooks(BatchRequest((notebook,), output_dir=project_dir))
    assert plan(BatchRequest((notebook,)), [notebook], project_dir / "out")[0].job.output == str(
        project_dir / "out" / "raises.ipynb"
    )


def test_outputs_that_cannot_be_kept_are_refused_before_anything_runs(
    shelf: Callable[..., Path], project_dir: Path
) -> None:
    (project_dir / ".bioml" / "outputs").write_text("a file where the folder should be")
    with pytest.raises(UsageError, match="cannot be written"):
        run_notebooks(BatchRequest((shelf("raises"),)))


# -- interruptions -------------------------------------------------------------------------------------

#: A caller that starts the tests in the background lets SIGINT be ignored: that is inherited.
SCRIPT = """
import json, signal, sys
from pathlib import Path
signal.signal(signal.SIGINT, signal.default_int_handler)
from jupyter_bioml.batch.request import BatchRequest
from jupyter_bioml.batch.batch import Running, run_notebooks
asked = BatchRequest(tuple(Path(p) for p in sys.argv[1:]), output_dir=Path("out"))
report = run_notebooks(asked, Running(jobs=2))
print(json.dumps(report.as_json()))
"""


def test_ctrl_c_keeps_what_was_done(shelf: Callable[..., Path], project_dir: Path) -> None:
    markers = [project_dir / name for name in ("2.started", "3.started")]
    for marker in markers:
        source = f"open({str(marker)!r}, 'w').close()\nwhile True:\n    pass"
        write(marker.with_suffix(".ipynb"), (source, ["experiment"]), "print('never')")
    paths = [str(shelf("no-kernelspec", "1.ipynb")), *(str(marker.with_suffix(".ipynb")) for marker in markers)]
    paths.append(str(shelf("raises", "4.ipynb")))
    with subprocess.Popen([sys.executable, "-c", SCRIPT, *paths], stdout=subprocess.PIPE, text=True) as process:
        for marker in markers:
            wait_for(marker)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=120)
    report = json.loads(out)
    assert process.returncode == 0 and report["interrupted"]
    done, *interrupted, never = report["notebooks"]
    statuses = [item["status"] for item in report["notebooks"]]
    assert statuses == ["passed", "interrupted", "interrupted", "not run"]
    for item in interrupted:
        assert states_of(item["output"]) == ["failed", "pending"]
        endless = records_of(project_dir / ".bioml", item["session"])[-1]
        assert (endless.code.cell_id, endless.status) == ("c0", KILLED)
    left = [(task.id, task.attempt) for task in read_state(project_dir / "out").left()]
    assert left == [("2.ipynb", 2), ("3.ipynb", 2), ("4.ipynb", 1)], "what a resumed batch goes on with"
    assert done["attempt"] == 1 and never["attempt"] == 0


def wait_for(path: Path) -> None:
    until = time.monotonic() + 90
    while not path.exists():
        assert time.monotonic() < until, f"{path} never came"
        time.sleep(0.05)


def test_a_worker_that_dies_takes_one_notebook_with_it(shelf: Callable[..., Path], project_dir: Path) -> None:
    first, second = shelf("raises"), shelf("no-kernelspec")
    out = project_dir / "out"
    with Worker() as worker:

        def kill(index: int, count: int) -> None:
            assert worker.pid is not None
            os.kill(worker.pid, signal.SIGKILL)

        result = worker.run(NotebookJob(str(first), str(out / "1.ipynb"), str(project_dir)), kill)
        assert result.status == "broken" and result.reason is not None and "SIGKILL" in result.reason
        assert worker.run(NotebookJob(str(second), str(out / "2.ipynb"), str(project_dir))).passed
