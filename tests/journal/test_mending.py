"""Segments that are deleted or whose disk is full: nothing acknowledged is lost, nothing is mixed up."""

from __future__ import annotations

import os
import resource
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jupyter_bioml.journal.lines import SegmentReader
from jupyter_bioml.journal.log import Segment, is_locked


def entries(path: Path) -> list[int]:
    return [line.entry["n"] for line in SegmentReader(path).read()]


@contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    """Writes beyond ``size`` fail in this process, after a part was written, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)


def test_two_segments_of_a_session_heal_apart(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    kernel, helper = Segment(journal / "s.log"), Segment(journal / "s.helper")
    kernel.append({"n": 1})
    helper.append({"n": 2})
    shutil.rmtree(journal)
    assert kernel.heal() and helper.heal()
    kernel.append({"n": 3})
    helper.append({"n": 4})
    assert entries(kernel.path) == [1, 3]
    assert entries(helper.path) == [2, 4]
    assert is_locked(kernel.path) and is_locked(helper.path)
    assert sorted(os.listdir(journal)) == ["s.helper", "s.log"]


def test_a_full_disk_while_healing_keeps_the_old_content(tmp_path: Path) -> None:
    segment = Segment(tmp_path / "journal" / "s.log")
    for n in range(50):
        segment.append({"n": n})
    shutil.rmtree(tmp_path / "journal")
    with file_size_limit(200):
        assert not segment.heal()
        assert not segment.heal()
    assert segment.heal()
    assert entries(segment.path) == list(range(50))


def test_flush_brings_what_was_refused_in_its_order(tmp_path: Path) -> None:
    segment = Segment(tmp_path / "s.log")
    segment.append({"n": 0})
    with file_size_limit(os.path.getsize(segment.path) + 5):
        assert not segment.append({"n": 1})
        assert not segment.append({"n": 2})
        assert not segment.flush()
        assert segment.refused == 2
    assert segment.flush()
    assert segment.flush()
    assert (segment.refused, entries(segment.path)) == (0, [0, 1, 2])
