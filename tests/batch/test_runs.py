"""Batches end to end: sweeps, retries, time limits, secrets, resuming, dying workers; real kernels and MLflow."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from headless_case import cells_of, printed
from notebook_files import write

from jupyter_bioml.batch.batch import Running, resume, run_notebooks
from jupyter_bioml.batch.request import BatchRequest
from jupyter_bioml.batch.state import FILE, read_state
from jupyter_bioml.config import destination, find_project
from jupyter_bioml.errors import Refused, UsageError
from jupyter_bioml.store.base import PARENT, StoredRun
from jupyter_bioml.store.mlflow_store import MlflowStore


def stored(root: Path) -> list[StoredRun]:
    return MlflowStore(destination(find_project(root)).uri).search()


def test_a_sweep_is_one_parent_with_children_and_a_table(project_dir: Path) -> None:
    notebook = write(
        project_dir / "fit.ipynb", "lr = 0.1\nrounds = 3", "%%experiment fit\nloss = lr * rounds\nsize = rounds + 1"
    )
    report = run_notebooks(BatchRequest((notebook,), grid=("lr=1,0.5",), parameters={"rounds": "2"}), Running(jobs=2))
    assert [result.status for result in report.results] == ["passed", "passed"] and report.waiting == ()
    assert [result.parameters for result in report.results] == [{"lr": 1.0, "rounds": 2}, {"lr": 0.5, "rounds": 2}]
    output = report.results[1].output
    assert output is not None and Path(output).name == "fit.2.ipynb"
    assert (
        "".join(cells_of(output)["c0"]["source"]) == "lr = 0.5  # bioml: lr was 0.1\nrounds = 2  # bioml: rounds was 3"
    )

    assert report.sweep is not None
    runs = {run.record_id: run for run in stored(project_dir)}
    parent = runs.pop(report.sweep["record_id"])
    assert (parent.name, parent.status, parent.metrics["tasks.passed"]) == ("sweep of fit", "FINISHED", 2.0)
    assert parent.params["tasks"] == "2" and parent.params["rounds"] == "2"
    children = sorted(runs.values(), key=lambda run: run.tags["bioml.task"])
    assert [run.tags[PARENT] for run in children] == [parent.run_id] * 2
    assert [(run.tags["bioml.task"], run.tags["bioml.attempt"]) for run in children] == [
        ("fit.ipynb@1", "1"), ("fit.ipynb@2", "1"),
    ]  # fmt: skip
    assert [run.params["lr"] for run in children] == ["1.0", "0.5"]
    assert [run.metrics["loss"] for run in children] == [2.0, 1.0]
    csv = MlflowStore(destination(find_project(project_dir)).uri).read_artifact(parent.run_id, "sweep.csv")
    rows = [line.split(",") for line in csv.decode().splitlines()]
    assert [row[:4] for row in rows] == [
        ["task", "lr", "loss", "status"], ["fit.ipynb@1", "1.0", "2.0", "passed"], ["fit.ipynb@2", "0.5", "1.0", "passed"],
    ]  # fmt: skip
    told = json.loads(json.dumps(report.as_json()))["sweep"]["rows"][1]
    assert (told["metrics"], told["values"]) == ({"loss": 1.0}, {"size": 3}), "a value is no column of the table"
    assert report.notes == ()


def test_attempts_that_failed_or_died_are_made_again_and_each_is_a_record(project_dir: Path) -> None:
    first = "import os, time\nfirst = not os.path.exists(NAME)\nopen(NAME, 'w').write(str(os.getpid()))\n"
    flaky = write(project_dir / "flaky.ipynb", (first.replace("NAME", "'flaky'") + "assert not first", ["experiment"]))
    dying = first.replace("NAME", "'dying'") + "while first: time.sleep(0.1)"
    died = write(project_dir / "died.ipynb", (dying, ["experiment"]))
    bad = write(project_dir / "bad.ipynb", ("1 / 0", ["experiment"]))

    def kill_its_process() -> None:
        wait_for(lambda: (project_dir / "dying").exists() and (project_dir / "dying").read_text())
        os.kill(child_of_ours(int((project_dir / "dying").read_text())), signal.SIGKILL)

    threading.Thread(target=kill_its_process, daemon=True).start()
    lines: list[str] = []
    running = Running(jobs=3, retries=1, progress=lines.append)
    report = run_notebooks(BatchRequest((flaky, died, bad), output_dir=project_dir / "out"), running)
    results = [(result.status, result.attempt) for result in report.results]
    assert results == [("passed", 2), ("passed", 2), ("failed", 2)], lines
    assert any("died.ipynb: broken" in line for line in lines), "the process was killed"
    found = sorted((run.tags["bioml.task"], run.tags["bioml.attempt"], run.status) for run in stored(project_dir))
    assert [run for run in found if run != ("died.ipynb", "1", "KILLED")] == [
        ("bad.ipynb", "1", "FAILED"),
        ("bad.ipynb", "2", "FAILED"),
        ("died.ipynb", "2", "FINISHED"),
        ("flaky.ipynb", "1", "FAILED"),
        ("flaky.ipynb", "2", "FINISHED"),
    ]


def test_time_limits_and_cells_and_what_comes_after(project_dir: Path) -> None:
    slow = write(project_dir / "slow.ipynb", ("import time\ntime.sleep(600)", ["experiment"]), "print('never')")
    fine = write(project_dir / "fine.ipynb", ("print('slow')", ["slow"]), "print('fine')")
    late, passed = run_notebooks(BatchRequest((slow, fine), cell_timeout=2, cells=("skip:slow",))).results
    assert (late.status, late.timed_out, late.reason) == ("failed", True, "a cell ran longer than 2 s")
    assert passed.status == "passed" and passed.output is not None
    cells = cells_of(passed.output)
    assert cells["c0"]["outputs"] == [] and printed(cells["c1"]) == "fine\n"
    (run,) = stored(project_dir)
    assert run.status == "KILLED"
    (late,) = run_notebooks(BatchRequest((slow,), timeout=6)).results
    assert (late.status, late.timed_out, late.reason) == ("failed", True, "it ran longer than 6 s")


SECRET = "s3cret/wörd\"quoted'"


def test_a_secret_parameter_is_nowhere(project_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB_ENTRY", SECRET)
    notebook = write(
        project_dir / "secret.ipynb",
        "entry = 'nothing'\nhost = 'here'",
        "import jupyter_bioml as bioml",
        "%%experiment secret\nbioml.log_params(given=entry, host=host)\nprint('given', entry, [entry])\nlength = len(entry)",
        ("raise ValueError(entry)", ["raises-exception", "experiment"]),
        "assert length == 19 and host == 'there'\nraise RuntimeError(f'with {entry}')",
    )
    asked = BatchRequest(
        (notebook,), secrets={"entry": "DB_ENTRY"}, parameters={"host": "there"}, output_dir=project_dir / "out"
    )
    report = run_notebooks(asked)
    failure = report.results[0].failure
    assert failure is not None and failure.message == "with [secret:parameter]"
    cells = cells_of(project_dir / "out" / "secret.ipynb")
    assert "".join(cells["c0"]["source"]).startswith(
        'entry = __import__("os").environ["DB_ENTRY"]  # bioml: entry is secret'
    )
    assert printed(cells["c2"]) == "given [secret:parameter] ['[secret:parameter]']\n"
    run = next(run for run in stored(project_dir) if run.name == "secret")
    assert run.params["given"] == "[secret:parameter]" and run.params["host"] == "there"
    forms = [form.encode() for form in (SECRET, repr(SECRET)[1:-1], json.dumps(SECRET)[1:-1], SECRET[:9])]
    for file in project_dir.rglob("*"):
        if file.is_file():
            data = file.read_bytes()
            assert not any(form in data for form in forms), file
    assert SECRET not in json.dumps(report.as_json(), ensure_ascii=False)


def test_secrets_that_cannot_be_given_are_refused(project_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    notebook = write(project_dir / "a.ipynb", "entry = ''\ncount = 3")
    monkeypatch.setenv("SHORT", "abc")
    monkeypatch.setenv("FINE", "long enough")
    for secrets, says in (
        ({"entry": "MISSING_ONE"}, "'MISSING_ONE' is not set"),
        ({"entry": "SHORT"}, "fewer than 4"),
        ({"count": "FINE"}, "'count' is not a text"),
        ({"other": "FINE"}, "has no parameter 'other'"),
    ):
        with pytest.raises(UsageError, match=says):
            run_notebooks(BatchRequest((notebook,), secrets=secrets))
    assert not (project_dir / ".bioml" / "outputs").exists(), "refused before anything was made"


def test_a_wrong_parameter_stops_the_batch_before_it_starts(project_dir: Path) -> None:
    write(project_dir / "a.ipynb", "lr = 0.1")
    write(project_dir / "b.ipynb", "lr = 1")
    with pytest.raises(UsageError, match=r"b\.ipynb: 'lr' is a int there, and '0\.5'"):
        run_notebooks(BatchRequest((project_dir,), grid=("lr=1,0.5",)))
    with pytest.raises(UsageError, match="No cell of these notebooks is tagged 'slwo'"):
        run_notebooks(BatchRequest((project_dir,), cells=("skip:slwo",)))
    assert not (project_dir / ".bioml" / "outputs").exists() and stored(project_dir) == []


#: Runs a batch; killed in the middle by the test.
SCRIPT = """
import sys
from pathlib import Path
from jupyter_bioml.batch.request import BatchRequest
from jupyter_bioml.batch.batch import run_notebooks
run_notebooks(BatchRequest((Path(sys.argv[1]),), grid=("n=1,2,3",), output_dir=Path("out")))
"""


def test_a_batch_that_was_killed_goes_on_where_it_stood(project_dir: Path) -> None:
    source = "n = 0\nimport os, time\nopen(f'ran-{n}-{os.getpid()}', 'w').close()\nwhile n == 2 and not os.path.exists('go'): time.sleep(0.1)"
    notebook = write(project_dir / "n.ipynb", source, "%%experiment n\nloss = float(n)")
    with subprocess.Popen([sys.executable, "-c", SCRIPT, str(notebook)]) as process:
        wait_for(lambda: list(project_dir.glob("ran-2-*")))
        with pytest.raises(Refused, match="Another process is running the batch"):
            resume(project_dir / "out")
        kernel = int(next(project_dir.glob("ran-2-*")).name.rpartition("-")[2])
        process.kill()
    wait_for(
        lambda: not Path(f"/proc/{kernel}").exists(), "the worker and its kernel end with the process that started them"
    )
    assert [task.id for task in read_state(project_dir / "out").left()] == ["n.ipynb@2", "n.ipynb@3"]
    with open(project_dir / "out" / FILE, "ab") as file:
        file.write(b"deadbeef {torn")
    (project_dir / "go").touch()
    report = resume(project_dir / "out", Running(jobs=2))
    assert [(result.status, result.attempt) for result in report.results] == [
        ("passed", 1),
        ("passed", 2),
        ("passed", 1),
    ]
    assert len(list(project_dir.glob("ran-1-*"))) == 1 and len(list(project_dir.glob("ran-3-*"))) == 1
    assert report.sweep is not None and [row["metrics"] for row in report.sweep["rows"]] == [
        {"loss": 1.0},
        {"loss": 2.0},
        {"loss": 3.0},
    ]
    parents = [run for run in stored(project_dir) if run.record_id == report.sweep["record_id"]]
    assert [(run.status, run.metrics["tasks.passed"]) for run in parents] == [("FINISHED", 3.0)]
    again = resume(project_dir / "out")
    assert again.passed and again.results == report.results, "nothing is left to do"


def test_what_cannot_be_resumed(project_dir: Path) -> None:
    with pytest.raises(UsageError, match="There is no batch"):
        resume(project_dir)
    assert not (project_dir / FILE).exists()


def child_of_ours(pid: int) -> int:
    """The process above ``pid`` (or itself) that this one started."""
    while (above := int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])) != os.getpid():
        pid = above
    return pid


def wait_for(condition: Callable[[], object], why: str = "it never came") -> None:
    until = time.monotonic() + 90
    while not condition():
        assert time.monotonic() < until, why
        time.sleep(0.05)
