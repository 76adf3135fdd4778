"""What is known of a kernel's death from outside."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_bioml.sampler.ending import OutOfMemoryWatch


@pytest.mark.parametrize(
    ("listing", "file"),
    [
        ("0::/user/kernel\n", "sys/fs/cgroup/user/kernel/memory.events"),
        ("0::/unseen\n", "sys/fs/cgroup/memory.events"),
        ("5:cpu:/\n4:memory:/user/kernel\n0::/\n", "sys/fs/cgroup/memory/user/kernel/memory.oom_control"),
        ("4:memory:/unseen\n", "sys/fs/cgroup/memory/memory.oom_control"),
    ],
)
def test_a_kill_in_the_kernels_memory_group_is_seen(tmp_path: Path, listing: str, file: str) -> None:
    group, count = tmp_path / "proc/17/cgroup", tmp_path / file
    for path in (group, count):
        path.parent.mkdir(parents=True, exist_ok=True)
    group.write_text(listing)
    count.write_text("low 0\noom 3\noom_kill 2\noom_group_kill 0\n")
    watch = OutOfMemoryWatch(17, tmp_path)
    assert watch.report() is None
    count.write_text("low 0\noom 4\noom_kill 3\noom_group_kill 0\n")
    assert watch.report() == "out of memory: its memory group killed 1 process(es) meanwhile"


def test_a_kill_by_the_machine_is_seen_without_groups(tmp_path: Path) -> None:
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/vmstat").write_text("nr_free_pages 1\noom_kill 0\n")
    watch = OutOfMemoryWatch(17, tmp_path)
    (tmp_path / "proc/vmstat").write_text("nr_free_pages 1\noom_kill 1\n")
    assert "the machine killed 1" in (watch.report() or "")


def test_unreadable_counts_say_nothing(tmp_path: Path) -> None:
    assert OutOfMemoryWatch(17, tmp_path).report() is None


def test_the_real_system_is_readable() -> None:
    assert OutOfMemoryWatch(1).report() is None
