"""A batch on a real Dask cluster: a scheduler and two worker processes, one of which is killed in the middle."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import psutil
import pytest
from headless_case import cells_of, printed
from notebook_files import write

from jupyter_bioml.batch import dask_cluster
from jupyter_bioml.batch.batch import BatchReport, Running, run_notebooks
from jupyter_bioml.batch.request import BatchRequest
from jupyter_bioml.config import destination, find_project
from jupyter_bioml.errors import BiomlError
from jupyter_bioml.store.mlflow_store import MlflowStore


@dataclass
class Cluster:
    address: str
    scheduler: subprocess.Popen[bytes]
    workers: list[subprocess.Popen[bytes]]


def wait_for(condition: Callable[[], object], why: str) -> None:
    until = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < until, why
        time.sleep(0.1)


@pytest.fixture
def cluster(tmp_path: Path, project_dir: Path) -> Iterator[Cluster]:
    """Its processes work in a folder of their own, without any setting of ours."""
    folder = tmp_path / "cluster"
    folder.mkdir()
    file = folder / "scheduler.json"
    start = [sys.executable, "-m", "dask"]
    scheduler = [
        *start,
        "scheduler",
        "--host",
        "127.0.0.1",
        "--port",
        "0",
        "--no-dashboard",
        "--scheduler-file",
        str(file),
    ]
    worker = [*start, "worker", "--scheduler-file", str(file), "--nthreads", "1", "--no-nanny", "--no-dashboard",
              "--host", "127.0.0.1", "--local-directory", str(folder)]  # fmt: skip
    log = open(folder / "log", "wb")  # noqa: SIM115
    processes = [
        subprocess.Popen(command, cwd=folder, stdout=log, stderr=log) for command in (scheduler, worker, worker)
    ]
    try:
        wait_for(file.exists, "the scheduler never wrote its address")
        yield Cluster(json.loads(file.read_text())["address"], processes[0], processes[1:])
    finally:
        for process in reversed(processes):
            process.terminate()
        for process in processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        log.close()


@pytest.mark.slow
def test_one_worker_killed_every_notebook_has_exactly_one_result(cluster: Cluster, project_dir: Path) -> None:
    marks = project_dir / "marks"
    marks.mkdir()
    source = (
        "n = 0\nimport os, time\nfrom pathlib import Path\n"
        "above = [os.getpid()]\n"
        "while above[-1] > 1:\n"
        "    above.append(int(Path(f'/proc/{above[-1]}/stat').read_text().rpartition(')')[2].split()[1]))\n"
        f"Path({str(marks)!r}, f'{{n}}-{{os.getpid()}}').write_text(' '.join(map(str, above)))\n"
        f"while n == 2 and len(list(Path({str(marks)!r}).glob('2-*'))) == 1: time.sleep(0.1)"
    )
    notebook = write(project_dir / "n.ipynb", source, "%%experiment n\nloss = float(n)\nprint('n is', n)")
    victims: list[int] = []

    lines: list[str] = []

    def kill_the_worker_of_the_second() -> None:
        wait_for(lambda: list(marks.glob("2-*")), "\n".join(lines))
        time.sleep(3)  # its journal is sent on every second
        kernel, *above = map(int, next(marks.glob("2-*")).read_text().split())
        dask_worker = next(worker.pid for worker in cluster.workers if worker.pid in above)
        victims.append(kernel)
        os.kill(dask_worker, signal.SIGKILL)

    killer = threading.Thread(target=kill_the_worker_of_the_second, daemon=True)
    killer.start()
    report = run_notebooks(
        BatchRequest((notebook,), grid=("n=1,2,3",)), Running(progress=lines.append, dask=cluster.address)
    )
    check(report, project_dir, lines)
    assert len(victims) == 1 and sum(worker.poll() is not None for worker in cluster.workers) == 1
    wait_for(lambda: not Path(f"/proc/{victims[0]}").exists(), "the kernel of the killed worker lives on")


def check(report: BatchReport, root: Path, lines: list[str]) -> None:
    assert [(result.task, result.status, result.reason) for result in report.results] == [
        (f"n.ipynb@{number}", "passed", None) for number in (1, 2, 3)
    ], lines
    second = report.results[1]
    assert second.attempt == 2 and second.output is not None and printed(cells_of(second.output)["c1"]) == "n is 2\n"
    assert report.sweep is not None
    assert [row["metrics"] for row in report.sweep["rows"]] == [{"loss": float(number)} for number in (1, 2, 3)]
    runs = MlflowStore(destination(find_project(root)).uri).search()
    children = [run for run in runs if "bioml.task" in run.tags]
    assert Counter(run.tags["bioml.task"] for run in children) == {f"n.ipynb@{number}": 1 for number in (1, 2, 3)}
    assert {run.tags["bioml.attempt"] for run in children if run.tags["bioml.task"] == "n.ipynb@2"} == {"2"}
    assert {run.notebook for run in children} == {"n.ipynb"} and {run.status for run in children} == {"FINISHED"}
    parent = next(run for run in runs if run.record_id == report.sweep["record_id"])
    assert {run.tags["mlflow.parentRunId"] for run in children} == {parent.run_id}
    lost = [path for path in (root / ".bioml" / "journal").glob("*.log") if b'"attempt":1' in path.read_bytes()]
    assert len(lost) == 3 and report.waiting == (), "also the lost attempt's journal came home"


#: The first of three waits for ever, with its kernel's process id in a file; the others end at once.
_ONE_WAITS = (
    "n = 0\nimport os, time\nfrom pathlib import Path\n"
    "Path(ROOT, f'mark-{n}').write_text(str(os.getpid()))\n"
    "while n == 1: time.sleep(0.1)"
)


@pytest.fixture
def one_waits(cluster: Cluster, project_dir: Path) -> Iterator[subprocess.Popen[str]]:
    """The command, while two of its notebooks have passed and one waits."""
    source = _ONE_WAITS.replace("ROOT", repr(str(project_dir)))
    write(project_dir / "n.ipynb", source, "%%experiment n\nloss = float(n)")
    command = [sys.executable, "-m", "jupyter_bioml.cli", "run", "n.ipynb", "--grid", "n=1,2,3", "--json"]
    process = subprocess.Popen(
        [*command, "--dask", cluster.address, "--output-dir", "out"],
        cwd=project_dir,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    lines: list[str] = []
    assert process.stderr is not None
    for line in process.stderr:
        lines.append(line)
        if sum("passed" in one for one in lines) == 2 and (project_dir / "mark-1").exists():
            break
    assert process.poll() is None, lines
    yield process
    process.kill()
    process.communicate()


def gone(processes: list[psutil.Process]) -> bool:
    """None is left but publishers and samplers, which go on by themselves."""
    left = [one for one in processes if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
    return not [one for one in left if not {"jupyter_bioml.publish", "jupyter_bioml.sampler.loop"} & set(one.cmdline())]


def _kernel(root: Path) -> Path:
    return Path("/proc", (root / "mark-1").read_text())


def test_an_interrupt_keeps_what_has_ended(one_waits: subprocess.Popen[str], project_dir: Path) -> None:
    kernel = _kernel(project_dir)
    assert kernel.exists()
    one_waits.send_signal(signal.SIGINT)
    answer = json.loads(one_waits.communicate(timeout=120)[0])
    states = {item["task"]: item["status"] for item in answer["notebooks"]}
    assert states == {"n.ipynb@1": "interrupted", "n.ipynb@2": "passed", "n.ipynb@3": "passed"}
    assert answer["interrupted"] and one_waits.returncode == 1
    wait_for(lambda: not kernel.exists(), "the kernel on the worker lives on")
    assert len(list((project_dir / "out").glob("*.ipynb"))) >= 2, "their output notebooks are here"


#: A cluster of this machine, as a user's script makes it. It ends with its standard input.
_LOCAL = """
import sys
from dask.distributed import LocalCluster
if __name__ == "__main__":
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None, local_directory=sys.argv[1]) as cluster:
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()
"""


@pytest.fixture
def local_cluster(tmp_path: Path) -> Iterator[str]:
    """Its address."""
    file = tmp_path / "local_cluster.py"
    file.write_text(_LOCAL)
    with subprocess.Popen(
        [sys.executable, str(file), str(tmp_path / "work")], cwd=tmp_path, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as process:  # fmt: skip
        assert process.stdin is not None and process.stdout is not None
        yield process.stdout.readline().strip()
        process.stdin.close()
        process.wait(60)


def test_sigterm_ends_a_batch_on_a_cluster_as_ctrl_c_does(local_cluster: str, project_dir: Path) -> None:
    source = _ONE_WAITS.replace("ROOT", repr(str(project_dir)))
    write(project_dir / "n.ipynb", source, "%%experiment n\nloss = float(n)")
    command = [
        sys.executable,
        "-m",
        "jupyter_bioml.cli",
        "run",
        "n.ipynb",
        "--grid",
        "n=2,1,3",
        "--dask",
        local_cluster,
    ]
    process = subprocess.Popen(
        [*command, "--output-dir", "out", "--junit", "j.xml"],
        cwd=project_dir,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait_for(lambda: process.poll() is not None or (project_dir / "mark-1").exists(), "it never ran")
        wait_for(lambda: _kernel(project_dir).exists(), "its kernel never ran")
        children = psutil.Process(process.pid).children(recursive=True)
        kernel = _kernel(project_dir)
        process.terminate()
        out, err = process.communicate(timeout=120)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 143 and "Traceback" not in out + err, (out, err)
    assert "interrupted" in out and "not run" in out and "passed" in out, "the table"
    cases = {
        case.get("name"): [child.tag for child in case]
        for case in ElementTree.parse(project_dir / "j.xml").iter("testcase")
    }
    assert len(cases) == 3 and sum("skipped" in tags for tags in cases.values()) == 2, cases
    wait_for(lambda: not kernel.exists(), "the kernel on the worker lives on")
    wait_for(lambda: gone(children), "its processes live on")


@pytest.mark.slow
def test_a_scheduler_that_dies_loses_nothing_that_came_home(
    one_waits: subprocess.Popen[str], cluster: Cluster, project_dir: Path
) -> None:
    kernel = _kernel(project_dir)
    cluster.scheduler.kill()
    answer = json.loads(one_waits.communicate(timeout=200)[0])
    first, *others = answer["notebooks"]
    assert first["status"] == "broken" and "scheduler" in first["reason"] and "gone" in first["reason"]
    assert [item["status"] for item in others] == ["passed", "passed"] and one_waits.returncode == 1
    for worker in cluster.workers:
        worker.kill()
    wait_for(lambda: not kernel.exists(), "the kernel outlives its worker")


def test_a_scheduler_that_is_not_there(project_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_cluster, "CONNECT", 1.0)
    notebook = write(project_dir / "a.ipynb", "x = 1")
    with pytest.raises(BiomlError, match="does not answer"):
        run_notebooks(BatchRequest((notebook,)), Running(dask="tcp://127.0.0.1:9"))
