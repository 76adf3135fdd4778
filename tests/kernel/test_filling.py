"""The disk fills up, the kernel ends, room comes only later: nothing acknowledged is lost, doubled or kept quiet."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fake_kernel import wait_until
from kernels import Kernel
from small_disk import LimitedFiles, MountedDisk, may_mount, small_disk

from jupyter_bioml.config import Project, kept_folder
from jupyter_bioml.journal.blobs import Blobs
from jupyter_bioml.journal.lines import SegmentReader
from jupyter_bioml.journal.log import is_locked
from jupyter_bioml.journal.room import trouble
from jupyter_bioml.journal.sessions import SessionLog
from jupyter_bioml.workbench import Workbench

Start = Callable[..., Kernel]
Disk = MountedDisk | LimitedFiles
#: Runs of each round while the disk is full.
RUNS = 4
CELL = """%%experiment {name}
import jupyter_bioml as bioml
from IPython.display import display
for step in range(50):
    bioml.log(loss=1 / (step + 1), step=step)
display({{"image/png": {name!r}.encode() * 2000}}, raw=True)
print("fine")
"""


@pytest.fixture
def disk(request: pytest.FixtureRequest, project_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    """A disk of its own for the project and for the user's state folder: there is nowhere else to go."""
    monkeypatch.chdir("/")
    if request.param == "limited":
        yield LimitedFiles(project_dir)
        return
    with small_disk(project_dir) as found:
        (project_dir / ".bioml").mkdir(exist_ok=True)
        monkeypatch.setenv("XDG_STATE_HOME", str(project_dir / "state"))
        yield found


def shut_down(kernel: Kernel) -> None:
    kernel.close()


def restart(kernel: Kernel) -> None:
    kernel.manager.restart_kernel(now=False)


def kill(kernel: Kernel) -> None:
    kernel.kill()


def helper_of(segment: Path) -> int:
    """The process beside the kernel."""
    helper = segment.with_suffix(".helper")
    said = wait_until(lambda: [line.entry for line in SegmentReader(helper).read()], "the helper")
    return int(said[0]["pid"])


def helpers_of(kernel: int) -> list[int]:
    """The processes that were given memory of a kernel's, found without their segment: a full disk has none."""
    found = []
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = command.read_bytes().split(b"\0")
        except OSError:
            continue
        if (
            b"jupyter_bioml.sampler.loop" in words
            and Path(f"/proc/{kernel}/cwd").resolve()
            in Path(os.fsdecode(words[words.index(b"jupyter_bioml.sampler.loop") + 1])).parents
        ):
            found.append(int(command.parent.name))
    return found


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


@pytest.mark.parametrize(
    ("disk", "end"),
    [("its own", shut_down), ("its own", restart), ("its own", kill), ("limited", kill)],
    indirect=["disk"],
)
def test_runs_of_a_full_disk_are_there_once_it_has_room(
    disk: Disk, project_dir: Path, start_kernel: Start, end: Callable[[Kernel], None]
) -> None:
    kernel = start_kernel(folder=project_dir)
    (segment,) = (project_dir / ".bioml" / "journal").glob("*.log")
    helper = helper_of(segment)
    assert "fine" in kernel.run(CELL.format(name="before")).stdout
    kernel_pid = kernel.pid
    disk.fill([kernel_pid, helper])
    names = [f"full{number}" for number in range(RUNS)]
    silent = 0
    for name in names:
        ran = kernel.run(CELL.format(name=name))
        assert (ran.status, ran.stdout, ran.stderr) == ("ok", "fine\n", "")
        (card,) = (shown["text/plain"] for shown in ran.displays if "text/plain" in shown)
        silent += "memory only" not in card
    end(kernel)
    wait_until(lambda: not lives(kernel_pid), "the kernel's end")
    time.sleep(1.5)  # it stays full for a while: nobody gives up
    assert lives(helper)
    said = trouble(Project(project_dir, project_dir / ".bioml"))
    assert said is None if isinstance(disk, LimitedFiles) else "is full: what runs now is kept in memory only" in said
    disk.free([helper])
    wait_until(lambda: not is_locked(segment.with_suffix(".helper")), "the helper's end")

    log = SessionLog(segment)
    log.refresh()
    records = [log.fold.record(run, dead=True) for run in log.fold.order]
    found = Counter(record.name for record in records if record.is_run)
    lines = Counter(segment.read_bytes().splitlines())
    lost = sum(found[name] == 0 for name in ["before", *names])
    doubled = sum(count - 1 for count in lines.values())
    for record in records:
        if record.is_run:
            assert record.status == "FINISHED"
            assert [point.value for point in record.metrics if point.key == "loss"] == [1 / (n + 1) for n in range(50)]
            assert not record.gaps and not record.data
            (image,) = (shown for output in record.outputs if (shown := output.blob))
            assert Blobs(project_dir / ".bioml" / "blobs").get(image)
    sys.stdout.write(f"filling, {end.__name__}: rounds {RUNS}, lost {lost}, doubled {doubled}, silent {silent}\n")
    assert (lost, doubled, silent, log.corrupt) == (0, 0, 0, 0)


@pytest.mark.skipif(not may_mount(), reason="a limit that holds from the start holds for memory that is shared too")
def test_a_kernel_that_starts_on_a_full_disk_keeps_its_runs(
    project_dir: Path, start_kernel: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")
    with small_disk(project_dir) as disk:
        (project_dir / ".bioml" / "journal").mkdir(parents=True, exist_ok=True)
        (project_dir / ".bioml" / ".gitignore").write_text("*")
        monkeypatch.setenv("XDG_STATE_HOME", str(project_dir / "state"))
        kernel = start_kernel(folder=project_dir, load=False)
        disk.fill([kernel.pid])
        assert kernel.run("%load_ext jupyter_bioml").stderr == ""
        (card,) = (shown["text/plain"] for shown in kernel.run(CELL.format(name="full")).displays if len(shown) > 1)
        assert "memory only" in card
        (helper,) = helpers_of(kernel.pid)
        kernel.kill()
        disk.free([helper])
        wait_until(lambda: not lives(helper), "the helper's end")
        (segment,) = (project_dir / ".bioml" / "journal").glob("*.log")
        log = SessionLog(segment)
        log.refresh()
        (record,) = (log.fold.record(run, dead=True) for run in log.fold.order)
        assert (record.name, record.status, log.corrupt) == ("full", "FINISHED", 0)


@pytest.mark.skipif(not may_mount(), reason="needs a disk of its own; tests/journal/test_shelter.py has two real ones")
def test_a_copy_on_another_disk_survives_kernel_and_helper(
    project_dir: Path, start_kernel: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")
    with small_disk(project_dir) as disk:
        (project_dir / ".bioml").mkdir(exist_ok=True)
        kernel = start_kernel(folder=project_dir)
        (segment,) = (project_dir / ".bioml" / "journal").glob("*.log")
        helper = helper_of(segment)
        disk.fill([])
        (card,) = (shown["text/plain"] for shown in kernel.run(CELL.format(name="full")).displays if len(shown) > 1)
        assert f"this run is kept in {kept_folder(project_dir)} until there is room" in card
        wait_until(lambda: list(kept_folder(project_dir).glob("blobs/*/*")), "the copy of the figure")
        os.kill(helper, signal.SIGKILL)
        kernel.kill()
        wait_until(lambda: not lives(helper) and not lives(kernel.pid), "their ends")
        disk.free([])
        bench = Workbench.at(project_dir)
        (row,) = bench.runs.list(limit=5).rows
        assert (row.name, row.state) == ("full", "FINISHED")
        (output,) = (output for output in bench.runs.find(row.record_id).record.outputs if output.blob)
        assert Blobs(bench.project.blobs).get(str(output.blob)) == b"full" * 2000
        assert [path for path in kept_folder(project_dir).rglob("*") if path.is_file()] == []
