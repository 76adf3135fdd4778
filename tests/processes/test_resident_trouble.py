"""The resident process killed, stopped, in the way of other users or on a full disk: whoever asks it goes on without."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fake_kernel import wait_until
from resident_case import children, gone, kill, probe, residents, told, with_modules
from small_disk import MountedDisk, small_disk

from jupyter_bioml.processes import asking, forked, programs
from jupyter_bioml.processes.asking import READY, REFUSED, Place
from jupyter_bioml.processes.identity import folder, name_of_ours

#: A user without rights.
NOBODY = 65534
#: Resident processes that import nothing but what forks, and one that is at its imports until it is killed.
LIGHT, IMPORTS_FOR_EVER = "resident_light", "resident_that_imports"
PROGRAMS = {
    LIGHT: "import sys\nfrom jupyter_bioml.processes import resident\n"
    "resident._load = lambda: None\nsys.exit(resident.main(sys.argv[1:]))\n",
    IMPORTS_FOR_EVER: "import time\ntime.sleep(600)\n",
}


def place() -> Place:
    """Where the resident process of these tests is met."""
    name, where = name_of_ours(dict(os.environ)), folder()
    assert name is not None and where is not None
    return Place(where, name)


@pytest.fixture(autouse=True)
def light(alone: Path, ours: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Importing MLflow takes seconds, and what is tested here does not depend on it."""
    with_modules(ours, **PROGRAMS)
    monkeypatch.setattr(asking, "RESIDENT", LIGHT)
    yield
    for pid in residents(alone, LIGHT):
        kill(pid)


@pytest.fixture
def resident(alone: Path, tmp_path: Path) -> Iterator[int]:
    """A resident process that is ready."""
    pid = int(probe(tmp_path / "first")["parent"])
    assert pid != os.getpid() and place().marked() == READY
    yield pid


@contextlib.contextmanager
def stopped(pid: int) -> Iterator[None]:
    """A process that hangs."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_killed_while_it_imports_those_who_wait_start_their_own(
    alone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(asking, "RESIDENT", IMPORTS_FOR_EVER)
        asked = [programs.Background("probe", [str(tmp_path / f"of {number}")]) for number in range(3)]
    codes: list[int | None] = []
    waits = threading.Thread(
        target=lambda: codes.append(programs.run("probe", [str(tmp_path / "a")], dict(os.environ)))
    )
    waits.start()
    assert not any(one.settled() for one in asked)
    (pid,) = wait_until(lambda: residents(alone, IMPORTS_FOR_EVER))
    kill(pid)
    assert [one.settled() for one in asked] == [True] * 3
    waits.join(60)
    assert codes == [7] and told(tmp_path / "a")["parent"] != pid
    assert all(told(tmp_path / f"of {number}")["pid"] for number in range(3))


def test_killed_before_it_took_a_request_the_program_is_started(resident: int, tmp_path: Path) -> None:
    with stopped(resident):
        asked = programs.Background("probe", [str(tmp_path / "a")])
        assert not asked.settled()
        os.kill(resident, signal.SIGKILL)
    wait_until(asked.settled)
    assert told(tmp_path / "a")["parent"] != resident


def test_one_that_hangs_is_not_waited_for_again(resident: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once a sampler has found that out, whoever asks starts a process of its own, until it is another one."""
    monkeypatch.setattr(programs, "READY_LIMIT", 0.2)
    asked, connect = list[int](), Place.connect
    monkeypatch.setattr(Place, "connect", lambda self: asked.append(1) or connect(self))
    with stopped(resident):
        of_a_sampler = programs.Background("probe", [str(tmp_path / "a")])
        wait_until(of_a_sampler.settled)
        assert told(tmp_path / "a")["parent"] != resident
        assert place().marked() == REFUSED
        assert probe(tmp_path / "b")["parent"] == os.getpid()
        assert programs.hand_over("probe", [str(tmp_path / "c")]) is None
        programs.start("probe", [str(tmp_path / "d")])
        assert told(tmp_path / "d")["parent"] != resident
    assert len(asked) == 1
    kill(resident)
    place().lock_file.unlink()
    assert probe(tmp_path / "e")["parent"] not in (resident, os.getpid())


@pytest.mark.parametrize("way", ["hand over", "piped", "start", "run"])
def test_every_way_of_asking_ends_where_it_hangs(
    resident: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr(asking, "BEGIN_LIMIT", 0.2)
    monkeypatch.setattr(programs, "BEGIN_LIMIT", 0.2)
    file = tmp_path / "a"
    with stopped(resident):
        if way == "hand over":
            assert programs.hand_over("probe", [str(file)]) is None, "the caller runs it itself"
        elif way == "start":
            programs.start("probe", [str(file)])
            assert told(file)["parent"] != resident
        elif way == "run":
            assert programs.run("probe", [str(file)], dict(os.environ)) == 7 and told(file)["parent"] == os.getpid()
        else:
            made = programs.piped("probe", [str(file)], dict(os.environ), str(tmp_path))
            assert made.process.wait(timeout=60) == 7 and told(file)["parent"] == os.getpid()
            made.stdin.close(), made.stdout.close()
        assert place().marked() == READY, "the machine may be busy"


def test_a_short_wait_does_not_call_it_hanging(resident: int, tmp_path: Path) -> None:
    """The program goes on, later."""
    with stopped(resident):
        assert programs.run("probe", [str(tmp_path / "a")], dict(os.environ), timeout=0.1) is None
        assert place().marked() == READY
    assert told(tmp_path / "a")["parent"] == resident


def test_the_end_of_a_killed_fork_is_seen_where_it_hangs(
    resident: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forked, "_LAST_WORD", 0.2)
    codes: list[int | None] = []
    arguments = [str(tmp_path / "a"), str(tmp_path / "never")]
    waits = threading.Thread(target=lambda: codes.append(programs.run("probe", arguments, dict(os.environ))))
    waits.start()
    pid = told(tmp_path / "a")["pid"]
    with stopped(resident):
        os.kill(pid, signal.SIGTERM)
        waits.join(60)
    assert codes == [-signal.SIGKILL], "how it ended, nobody says"


@pytest.mark.parametrize("what", ["folder", "file", "link to nowhere", "link to a folder"])
@pytest.mark.parametrize("name", ["lock", "sock"])
def test_something_else_in_its_place_is_no_obstacle(alone: Path, tmp_path: Path, name: str, what: str) -> None:
    where = place()
    path = where.lock_file if name == "lock" else where.socket_file
    if what == "folder":
        path.mkdir()
    elif what == "file":
        path.write_text("something")
    else:
        (tmp_path / "there").mkdir()
        path.symlink_to(tmp_path / ("nowhere" if "nowhere" in what else "there"))
    for file in (tmp_path / "a", tmp_path / "b"):
        assert probe(file)["argv"] == [str(file)]


def test_a_folder_that_is_a_link_or_another_users_is_not_used(
    alone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = tmp_path / "there"
    there.mkdir(mode=0o700)
    (alone / "bioml").symlink_to(there)
    state = Path(os.environ["XDG_STATE_HOME"]) / "bioml" / "processes"
    assert folder() == state
    (alone / "bioml").unlink()
    (alone / "bioml").mkdir(mode=0o700)
    assert folder() == alone / "bioml"
    with _another_owner(alone / "bioml", monkeypatch):
        assert folder() != alone / "bioml"


@contextlib.contextmanager
def _another_owner(path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Where files can be given away, the file is; elsewhere this process asks as another user."""
    if os.geteuid() == 0:
        os.chown(path, NOBODY, NOBODY)
        yield
        os.chown(path, 0, 0)
        return
    with monkeypatch.context() as patch:
        patch.setattr(os, "geteuid", lambda: os.getuid() + 1)
        yield


def as_nobody(what: Callable[[], bool], inside: Path) -> int:
    """A process of another user that does ``what`` in a folder; it ends with 0 when that is true.

    Where nobody else can be had, it is this user's.
    """
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            os.chdir(inside)
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(NOBODY)
                os.setuid(NOBODY)
            code = 0 if what() else 2
        finally:
            os._exit(code)
    return pid


def ended(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_another_user_is_turned_away(resident: int, alone: Path) -> None:
    """By the folder; and where somebody opened that, by the process itself, which forks nothing for them."""
    where = place()

    def refused() -> bool:
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as channel:
            channel.settimeout(30)
            try:
                channel.connect(where.socket_file.name)
            except PermissionError:
                return True
            return os.geteuid() != NOBODY or b"another user asks" in channel.recv(4096)

    (alone / "bioml").chmod(0o700)
    assert ended(as_nobody(refused, alone / "bioml")) == 0
    (alone / "bioml").chmod(0o755)
    where.socket_file.chmod(0o777)
    assert ended(as_nobody(refused, alone / "bioml")) == 0
    assert children(resident) == [] and not gone(resident)


def test_another_users_listener_is_told_nothing(alone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    theirs.chmod(0o777)

    def hears_nothing() -> bool:
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
            listener.bind("trap")
            os.chmod("trap", 0o777)
            listener.listen()
            listener.settimeout(60)
            caller, _ = listener.accept()
            caller.settimeout(60)
            return caller.recv(1) == b""

    pid = as_nobody(hears_nothing, theirs)
    wait_until((theirs / "trap").exists)
    wait_until(lambda: (theirs / "trap").stat().st_mode & 0o777 == 0o777)
    where = place()
    where.socket_file.symlink_to(theirs / "trap")
    where.lock_file.write_text(READY)
    if os.geteuid() != 0:
        monkeypatch.setattr(asking, "same_user", lambda channel: False)
    assert programs.hand_over("probe", [str(tmp_path / "a")]) is None
    assert ended(pid) == 0


def test_on_a_full_disk_programs_run(alone: Path, tmp_path: Path) -> None:
    """What it writes into its lock's file may be missing: then it is met as one that still imports."""
    with small_disk(alone) as disk:
        alone.chmod(0o700)
        disk.fill([])
        found = [probe(tmp_path / name) for name in "abc"]
        if isinstance(disk, MountedDisk):
            assert place().marked() == ""
            assert {one["parent"] for one in found} <= {os.getpid(), *residents(alone, LIGHT)}
        disk.free([])
        for pid in residents(alone, LIGHT):
            kill(pid)
        parent = probe(tmp_path / "d")["parent"]
        assert parent != os.getpid() and place().marked() == READY
        kill(parent)


@pytest.mark.parametrize("requests", [30, pytest.param(500, marks=pytest.mark.slow)])
def test_it_does_not_grow(resident: int, tmp_path: Path, requests: int) -> None:
    """Neither in files nor in memory nor in processes, also with askers that leave, crash or never say what they want."""
    where = place()

    def state() -> tuple[int, int]:
        wait_until(lambda: children(resident) == [])
        status = Path(f"/proc/{resident}/status").read_text()
        memory = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
        return len(os.listdir(f"/proc/{resident}/fd")), memory

    def ask(number: int) -> None:
        if number % 3 == 0:
            where.connect().close()
        elif number % 3 == 1:
            assert programs.run("probe", [str(tmp_path / "file")], dict(os.environ)) == 7
        else:
            asked = programs.Background("probe", [str(tmp_path / "file"), str(tmp_path / "never")])
            wait_until(asked.settled)
            for pid in children(resident):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    for number in range(6):
        ask(number)
    files, memory = state()
    for number in range(requests):
        ask(number)
    now_files, now_memory = state()
    assert now_files == files and not gone(resident)
    assert now_memory - memory < 4_000, "kB"
    shutil.rmtree(where.folder)
    wait_until(lambda: gone(resident))
