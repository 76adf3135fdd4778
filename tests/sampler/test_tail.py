"""Following the kernel's segment, and waiting for it."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path
from threading import Timer
from typing import Any

import pytest

from jupyter_bioml.journal.liveness import process_started
from jupyter_bioml.journal.log import Segment, frame
from jupyter_bioml.sampler.tail import OTHER, SegmentTail, sync
from jupyter_bioml.sampler.wakeup import Wakeup

RUN, LATE = "a" * 32, "b" * 32


def segment_of(*entries: dict[str, Any], path: Path) -> Segment:
    segment = Segment(path)
    for entry in entries:
        segment.append(entry)
    return segment


def kinds(tail: SegmentTail) -> list[tuple[str, str | None]]:
    return [(entry["t"], entry.get("run")) for entry in tail.read()]


def test_decoded_entries_come_in_order_and_the_rest_once_a_run(tmp_path: Path) -> None:
    path = tmp_path / "s.log"
    segment = segment_of({"t": "started", "run": RUN, "code": {"source": '"t":"closed"'}}, path=path)
    for step in range(100):
        segment.append({"t": "log", "run": RUN, "m": {"loss": step}})
    segment.append({"t": "finished", "run": RUN, "values": {"t": "closed"}})
    tail = SegmentTail(path)
    assert tail.grew()
    assert kinds(tail) == [("started", RUN), ("finished", RUN), (OTHER, RUN)]
    assert not tail.grew() and kinds(tail) == []
    segment.append({"t": "log", "run": LATE, "m": {}})
    segment.append({"t": "log", "run": None, "m": {}})
    assert tail.grew() and kinds(tail) == [(OTHER, LATE)]


def test_cut_and_damaged_lines_are_no_entries(tmp_path: Path) -> None:
    path = tmp_path / "s.log"
    line = frame({"t": "started", "run": RUN})
    path.write_bytes(line[:20])
    tail = SegmentTail(path)
    assert kinds(tail) == []
    with open(path, "ab") as file:
        file.write(line[20:] + line.replace(b"started", b"starred") + line.replace(b"aaaa", b"aaab") + line[:30])
    assert ("started", RUN) in kinds(tail)
    assert ("started", RUN) not in kinds(tail)


def test_a_replaced_segment_goes_on_where_the_old_one_was(tmp_path: Path) -> None:
    path = tmp_path / "journal" / "s.log"
    segment = segment_of({"t": "started", "run": RUN}, path=path)
    tail = SegmentTail(path)
    assert kinds(tail) == [("started", RUN), (OTHER, RUN)]
    shutil.rmtree(path.parent)
    segment.append({"t": "finished", "run": RUN})
    assert not tail.follow()
    assert ("finished", RUN) in kinds(tail), "written to the deleted file"
    assert segment.heal()
    segment.append({"t": "closed"})
    assert tail.follow() and not tail.follow()
    assert kinds(tail) == [("closed", None)]


def test_a_shorter_replacement_is_read_from_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "s.log"
    segment_of({"t": "started", "run": RUN}, {"t": "finished", "run": RUN}, path=path)
    tail = SegmentTail(path)
    kinds(tail)
    path.unlink()
    segment_of({"t": "closed"}, path=path)
    assert tail.follow()
    assert kinds(tail) == [("closed", None)]


def test_what_nobody_can_heal_any_more_is_put_back(tmp_path: Path) -> None:
    path = tmp_path / "journal" / "s.log"
    segment_of({"t": "started", "run": RUN}, path=path)
    tail = SegmentTail(path)
    content = path.read_bytes()
    assert not tail.put_back()
    shutil.rmtree(path.parent)
    assert tail.put_back()
    assert path.read_bytes() == content and os.listdir(path.parent) == ["s.log"]


def test_sync_closes_its_descriptor_even_where_there_is_nothing_to_sync(tmp_path: Path) -> None:
    for fd in (os.open(tmp_path, os.O_RDONLY), os.pipe()[0]):
        sync(fd)
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(fd)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "s.log"
    path.write_text("")
    return path


def wakeup() -> Wakeup:
    return Wakeup(os.getpid(), process_started(os.getpid()))


def waited(waiting: Wakeup, seconds: float, *, for_writes: bool) -> tuple[bool, bool]:
    """(the process ended, it took all the time)"""
    began = time.monotonic()
    ended = waiting.wait(seconds, for_writes=for_writes)
    return ended, time.monotonic() - began >= seconds - 0.01


def test_a_write_ends_the_waiting(path: Path) -> None:
    waiting = wakeup()
    waiting.watch(path)
    path.write_text("before the wait")
    assert waited(waiting, 60, for_writes=True) == (False, False)
    timer = Timer(0.1, lambda: path.write_text("during the wait"))
    timer.start()
    assert waited(waiting, 60, for_writes=True) == (False, False)
    timer.join()
    assert waited(waiting, 0.05, for_writes=False) == (False, True)


def test_a_replaced_file_is_watched_after_the_old_one(path: Path) -> None:
    waiting = wakeup()
    waiting.watch(path)
    path.unlink()
    path.write_text("another file")
    waiting.watch(path)
    while waited(waiting, 0.05, for_writes=True) == (False, False):
        continue  # what is still told of the old file
    path.write_text("more")
    assert waited(waiting, 60, for_writes=True) == (False, False)


@pytest.mark.parametrize("for_writes", [True, False])
def test_the_end_of_the_process_ends_the_waiting_once(path: Path, for_writes: bool) -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    waiting = Wakeup(process.pid, process_started(process.pid))
    waiting.watch(path)
    process.kill()
    assert waited(waiting, 60, for_writes=for_writes) == (True, False)
    assert waited(waiting, 0.05, for_writes=for_writes) == (False, True)
    process.wait()


def test_another_process_with_the_number_is_not_the_kernel() -> None:
    assert waited(Wakeup(os.getpid(), 1.0), 0.05, for_writes=False) == (False, True)


def test_without_descriptors_it_is_a_short_sleep(path: Path) -> None:
    """Too many open files: the system has neither an inotify instance nor a process descriptor to give."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        waiting = wakeup()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    waiting.watch(path)
    began = time.monotonic()
    assert not waiting.wait(600, for_writes=True)
    assert time.monotonic() - began < 300
    assert waited(waiting, 0.1, for_writes=False) == (False, True)
