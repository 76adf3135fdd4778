"""When a publisher is started, and when not: with a real lock and a publisher of the test's own."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_kernel import wait_until

from jupyter_bioml.journal.log import is_locked
from jupyter_bioml.processes.programs import Background
from jupyter_bioml.sampler import handover as module
from jupyter_bioml.sampler.handover import Handover, LockText, read_lock

#: Takes the lock, notes its start, and scans and ends when it is told to.
PUBLISHER = """
import fcntl, sys, time
from pathlib import Path
root, home, key = sys.argv[1:]
folder = Path(home, "publish")
folder.mkdir(exist_ok=True)
with open(folder / f"{key}.lock", "a") as lock:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        sys.exit()
    with open(folder / "starts", "a") as starts:
        print(root, home, key, file=starts)
    while not (folder / "go").exists():
        time.sleep(0.01)
    lock.truncate(0)
    lock.write((folder / "go").read_text() or f"{time.time()}\\n")
"""


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same folder for all tests, and so the same resident process."""
    folder = tmp_path_factory.mktemp("modules")
    (folder / "stand_in_publisher.py").write_text(PUBLISHER)
    return folder


@pytest.fixture
def publish(project_dir: Path, modules: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of the lock; ``starts`` in it has a line for each start, ``go`` lets a publisher end."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(modules), os.environ.get("PYTHONPATH")])))
    monkeypatch.setattr(module, "PUBLISHER", "stand_in_publisher")
    monkeypatch.setattr(module, "LOOK", 0.0)
    folder = project_dir / ".bioml" / "publish"
    folder.mkdir()
    yield folder
    (folder / "go").touch()
    wait_until(lambda: not is_locked(folder / "k.lock"))


def handover(publish: Path) -> Handover:
    return Handover("/root of it", str(publish.parent), "k")


def starts(publish: Path) -> int:
    try:
        return len((publish / "starts").read_text().splitlines())
    except OSError:
        return 0


def settle(matter: Handover) -> None:
    """Look until nothing waits any more."""
    wait_until(lambda: (matter.tick(), matter.done)[1])


def test_a_publisher_is_started_once_and_its_scan_ends_the_matter(publish: Path) -> None:
    matter = handover(publish)
    matter.tick()
    assert matter.done and not is_locked(publish / "k.lock"), "nothing to publish, nothing started"
    matter.want()
    matter.tick()
    wait_until(lambda: starts(publish) == 1)
    for _ in range(20):
        matter.tick()
    assert not matter.done
    (publish / "go").touch()
    settle(matter)
    assert (publish / "starts").read_text() == f"/root of it {publish.parent} k\n"


def test_a_running_publisher_is_waited_for(publish: Path) -> None:
    """Its last scan was before the event: a new one is started when it has ended."""
    matter = handover(publish)
    (publish / "go").touch()
    with open(publish / "k.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        print(time.time() - 10, file=lock, flush=True)
        matter.want()
        for _ in range(20):
            matter.tick()
        assert starts(publish) == 0 and not matter.done
    settle(matter)
    assert starts(publish) == 1


def test_a_running_publisher_that_scanned_since_is_enough(publish: Path) -> None:
    matter = handover(publish)
    with open(publish / "k.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        matter.want()
        print(time.time() + 1, file=lock, flush=True)
        matter.tick()
    assert matter.done and starts(publish) == 0


def test_an_unreachable_server_is_left_alone_until_the_time_said(publish: Path) -> None:
    matter = handover(publish)
    lock = publish / "k.lock"
    (publish / "go").touch()
    lock.write_text(f"{time.time() + 5}\nretry-after {time.time() + 3600}\n")
    matter.want()
    for _ in range(20):
        matter.tick()
    assert starts(publish) == 0 and not matter.done
    lock.write_text(f"{time.time() + 5}\nretry-after {time.time() - 1}\n")
    settle(matter)
    assert starts(publish) == 1


def test_a_publisher_that_cannot_start_is_tried_ever_more_rarely(
    publish: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts = []

    class Nothing(Background):
        def __init__(self, *arguments: object) -> None:
            attempts.append(time.monotonic())

        def settled(self) -> bool:
            return True

    monkeypatch.setattr(module, "Background", Nothing)
    monkeypatch.setattr(module, "FIRST_PATIENCE", 0.05)
    matter = handover(publish)
    matter.want()
    until = time.monotonic() + 1.0
    while time.monotonic() < until:
        matter.tick()
        time.sleep(0.005)
    assert 2 <= len(attempts) <= 6


def test_the_end_of_the_kernel_waits_for_the_start(publish: Path) -> None:
    matter = handover(publish)
    matter.want()
    matter.finish()
    assert starts(publish) == 1 or is_locked(publish / "k.lock")
    assert not matter.done, "the publisher goes on without us"


def test_the_end_of_the_kernel_does_not_wait_for_an_unreachable_server(publish: Path) -> None:
    (publish / "k.lock").write_text(f"{time.time() - 5}\nretry-after {time.time() + 3600}\n")
    matter = handover(publish)
    matter.want()
    matter.finish()
    assert starts(publish) == 0


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("", LockText()),
        ("12.5\n", LockText(12.5)),
        ("12.5\nretry-after 99\n", LockText(12.5, 99.0)),
        ("\nretry-after 99\n", LockText(0.0, 99.0)),
        ("rubbish", LockText()),
        ("1\nretry-after\n", LockText(1.0)),
    ],
)
def test_the_lock_files_text(tmp_path: Path, text: str, meaning: LockText) -> None:
    (tmp_path / "lock").write_text(text)
    assert read_lock(tmp_path / "lock") == meaning
    os.unlink(tmp_path / "lock")
    assert read_lock(tmp_path / "lock") == LockText()


def test_where_publishing_is_left_to_the_command_none_is_started(publish: Path, project_dir: Path) -> None:
    handover = Handover(str(project_dir), str(project_dir / ".bioml"), "key", on=False)
    handover.want()
    assert handover.done
    handover.tick()
    assert not (publish / "starts").exists()
