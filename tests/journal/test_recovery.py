"""What earlier processes left elsewhere or unfinished is there again once one of our processes starts."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from fake_kernel import FakeKernel, wait_until
from kernels import Kernel
from small_disk import read_only

from jupyter_bioml.config import Project, fallback_homes, find_project
from jupyter_bioml.journal.blobs import Blobs
from jupyter_bioml.journal.lines import SegmentReader, parse
from jupyter_bioml.journal.log import frame, is_locked
from jupyter_bioml.journal.recovery import recover
from jupyter_bioml.journal.runs import local_runs, read_journal
from jupyter_bioml.workbench import Workbench

Start = Callable[..., Kernel]


@pytest.fixture(autouse=True)
def publish_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIOML_PUBLISH", "off")


def names(place: Path) -> list[str]:
    """The runs that ``bioml runs`` lists."""
    return sorted(row.name for row in Workbench.at(place).runs.list(limit=50).rows)


# -- a machine that died ---------------------------------------------------------------------------


def all_die(kernel: FakeKernel) -> None:
    """Kernel and helper together, as when the machine stops."""
    os.kill(kernel.sampler_pid, 9)
    kernel.kill()


def another_boot(segment: Path) -> None:
    """As the segment would look after a restart of the machine: its boot is not this one."""
    lines = segment.read_bytes().splitlines(keepends=True)
    header = parse(lines[0])
    assert header is not None
    segment.write_bytes(frame({**header, "boot": "another", "pid": os.getpid()}) + b"".join(lines[1:]))


@pytest.mark.parametrize("restarted", [False, True], ids=["killed together", "machine restarted"])
def test_runs_of_a_machine_that_died_are_settled_once(
    fake_kernel: Callable[..., FakeKernel], project_dir: Path, restarted: bool
) -> None:
    kernel = fake_kernel()
    kernel.finish(kernel.start())
    run = kernel.start()
    kernel.entry("reading", run)
    all_die(kernel)
    if restarted:
        another_boot(kernel.segment)
    before = time.time()
    time.sleep(0.05)
    found = recover(find_project(project_dir))
    assert [session.session for session in found.settled] == ["s0"]
    died = kernel.entry("died")
    assert died["at"] < before, "it ended when it wrote its last line, not when that was noticed"
    assert ("restarted while" in died["cause"]) == restarted
    (log,), _ = read_journal(find_project(project_dir))
    record = log.fold.record(run, dead=log.dead())
    assert (record.status, record.cause, record.ended) == ("KILLED", died["cause"], died["at"])
    assert not recover(find_project(project_dir)).any
    assert len(kernel.entries("died")) == 1


def test_living_and_closed_sessions_are_left_alone(fake_kernel: Callable[..., FakeKernel], project_dir: Path) -> None:
    alive, closed, died = fake_kernel(), fake_kernel(), fake_kernel()
    closed.do("append('closed')")
    wait_until(lambda: not closed.sampler_lives())
    closed.kill()
    died.kill()
    assert recover(find_project(project_dir)).settled == ()
    assert [len(kernel.entries("died")) for kernel in (alive, closed, died)] == [0, 0, 1]


def by_a_kernel(place: Path, start_kernel: Start) -> None:
    start_kernel()


def by_a_command(place: Path, start_kernel: Start) -> None:
    subprocess.run([sys.executable, "-m", "jupyter_bioml.cli", "status"], cwd=place, check=True, capture_output=True)


def by_a_server(place: Path, start_kernel: Start) -> None:
    from jupyter_bioml.server.workbenches import Workbenches

    Workbenches(place)


@pytest.mark.parametrize("start", [by_a_kernel, by_a_command, by_a_server])
def test_the_first_that_starts_settles_them(
    fake_kernel: Callable[..., FakeKernel], project_dir: Path, start_kernel: Start, start: Callable[..., None]
) -> None:
    kernel = fake_kernel()
    kernel.finish(kernel.start())
    kernel.start()
    all_die(kernel)
    start(project_dir, start_kernel)
    assert "together" in kernel.entry("died")["cause"]


# -- a project that cannot be written for a while ---------------------------------------------------

CELL = """%%experiment {name}
from IPython.display import display
display({{"image/png": {name!r}.encode() * 1000}}, raw=True)
x = len({name!r})
"""


def images(place: Path) -> dict[str | None, bytes]:
    project = Workbench.at(place).project
    logs, _ = read_journal(project)
    found = {}
    for run in local_runs(logs):
        (digest,) = (output.blob for output in run.record.outputs if output.blob)
        found[run.record.name] = Blobs(project.blobs).get(digest)
    return found


def run_here(start_kernel: Start, place: Path, name: str) -> Kernel:
    kernel = start_kernel(folder=place)
    assert kernel.run(CELL.format(name=name)).status == "ok"
    return kernel


def kept_quiet(kernel: Kernel, place: Path, home: Path) -> bool:
    """Whether a run lies elsewhere than in the project, and neither its kernel nor ``status`` says where."""
    status = Workbench.at(place).status()
    told = {"the kernel": str(home) in kernel.said, "status": bool(status.fallback) and status.home == str(home)}
    return not all(told.values())


def note(place: Path, name: str) -> None:
    """Say something of the run of that name."""
    bench = Workbench.at(place)
    (run,) = (row.record_id for row in bench.runs.list(limit=9).rows if row.name == name)
    bench.keeping.annotate(run, note=f"said {name}")


def ended(kernel: Kernel, home: Path) -> None:
    kernel.close()
    wait_until(lambda: not any(is_locked(path) for path in (home / "journal").glob("*.helper")), "the helpers' end")


def test_runs_made_while_the_project_was_read_only_are_found_then_and_later(
    project_dir: Path, start_kernel: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/shared.db")
    own, (fallback, _) = project_dir / ".bioml", fallback_homes(project_dir)
    ended(run_here(start_kernel, project_dir, "before"), own)
    with read_only(project_dir):
        first = run_here(start_kernel, project_dir, "first")
        silent = kept_quiet(first, project_dir, fallback)
        assert names(project_dir) == ["before", "first"], "while its kernel runs"
        ended(first, fallback)
        assert names(project_dir) == ["before", "first"]
        second = run_here(start_kernel, project_dir, "second")
        silent += kept_quiet(second, project_dir, fallback)
        seen = images(project_dir)
        assert seen == {name: name.encode() * 1000 for name in ("before", "first", "second")}
    assert names(project_dir) == ["before", "first", "second"], "its kernel still writes elsewhere"
    third = run_here(start_kernel, project_dir, "third")
    assert not third.said, "it lies in the project again"
    ended(second, fallback)
    third.close()
    every = ["before", "first", "second", "third"]
    assert names(project_dir) == every
    # a helper that just started may be at it, and have seen the second kernel alive
    wait_until(lambda: names(project_dir) == every and all(map(Path.is_symlink, (fallback / "journal").iterdir())))
    shutil.rmtree(fallback)
    found = names(project_dir)
    assert images(project_dir) == {name: name.encode() * 1000 for name in every}
    lost, doubled = len(set(every) - set(found)), len(found) - len(set(found))
    sys.stdout.write(f"read-only: rounds {len(every)}, lost {lost}, doubled {doubled}, silent {silent}\n")
    assert (lost, doubled, silent) == (0, 0, 0)


def test_a_session_that_comes_home_is_sent_to_the_project_s_own_database(
    project_dir: Path, start_kernel: Start
) -> None:
    own, (fallback, _) = project_dir / ".bioml", fallback_homes(project_dir)
    with read_only(project_dir):
        ended(run_here(start_kernel, project_dir, "elsewhere"), fallback)
    bench = Workbench.at(project_dir)
    assert bench.project.home == own
    (path,) = (own / "journal").glob("*.log")
    header = next(SegmentReader(path).read()).entry
    assert (header["home"], header["destination"], header["destination_key"]) == (
        str(own), bench.destination.uri, bench.destination.key,
    )  # fmt: skip
    assert [run.name for run in bench.status().waiting] == ["elsewhere"]


def test_what_was_said_of_runs_comes_along_once(project_dir: Path, start_kernel: Start) -> None:
    own, (fallback, _) = project_dir / ".bioml", fallback_homes(project_dir)
    ended(run_here(start_kernel, project_dir, "before"), own)
    note(project_dir, "before")
    with read_only(project_dir):
        ended(run_here(start_kernel, project_dir, "meanwhile"), fallback)
        note(project_dir, "meanwhile")
    for _ in range(2):
        rows = {row.name: row.note for row in Workbench.at(project_dir).runs.list(limit=9).rows}
        assert rows == {"before": "said before", "meanwhile": "said meanwhile"}
    text = (own / "annotations.log").read_text()
    assert (text.count("said before"), text.count("said meanwhile")) == (1, 1)


def test_a_folder_that_was_chosen_takes_nothing_from_the_project(
    fake_kernel: Callable[..., FakeKernel], project_dir: Path, tmp_path: Path
) -> None:
    kernel = fake_kernel()
    kernel.finish(kernel.start())
    kernel.kill()
    chosen = Project(project_dir, tmp_path / "chosen")  # as BIOML_HOME chooses it
    (chosen.home / "journal").mkdir(parents=True)
    assert not recover(chosen).any
    assert list(chosen.journal.iterdir()) == []
    assert kernel.segment.is_file()
