"""What the disk refuses waits in memory: every line lands once and in order, no matter what is killed or refused."""

from __future__ import annotations

import errno
import os
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_bioml.journal import log
from jupyter_bioml.journal.blobs import Blobs
from jupyter_bioml.journal.disk import REFUSALS, in_words
from jupyter_bioml.journal.lines import SegmentReader
from jupyter_bioml.journal.log import Segment
from jupyter_bioml.journal.recovery import land_copies
from jupyter_bioml.journal.shelter import BlobShelter, SharedMemory, Shelter, Shelters, Spill
from jupyter_bioml.records.facts import SCHEMA

ROUNDS = 200


class BadDisk:
    """Stands in for ``os`` in the journal's writing: takes all, a part, or nothing of what is written to segments."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.number = 0
        self.full: int | None = None
        """Refuse with this error; None: there is room."""

    def __getattr__(self, name: str) -> object:
        return getattr(os, name)

    def write(self, fd: int, data: bytes) -> int:
        if self.full is None:
            return os.write(fd, data)
        taken = self.random.choice([0, 0, self.random.randrange(len(data))]) if len(data) > 1 else 0
        if not taken:
            raise OSError(self.full, os.strerror(self.full))
        return os.write(fd, data[:taken])


@pytest.fixture
def bad_disk(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> BadDisk:
    disk = BadDisk(getattr(request, "param", 0))
    monkeypatch.setattr(log, "os", disk)
    return disk


def numbers(path: Path) -> list[int]:
    reader = SegmentReader(path)
    found = [line.entry["n"] for line in reader.read()]
    assert reader.corrupt == 0
    return found


def test_every_line_lands_once_and_in_order(tmp_path: Path, bad_disk: BadDisk) -> None:
    """The disk fills and empties at random; writers are killed at random, and the next one goes on for them."""
    draw = random.Random(7)
    lost = doubled = disordered = 0
    for number in range(ROUNDS):
        path, bad_disk.full = tmp_path / f"{number}.log", None
        shelter = Shelter(SharedMemory(1 << 20))
        segment, written = Segment(path, shelter), 0
        for _ in range(draw.randrange(5, 60)):
            what = draw.random()
            if what < 0.2:
                bad_disk.full = draw.choice([None, *sorted(REFUSALS)])
            elif what < 0.3:
                os.close(segment._fd)  # kill -9: its memory is all that is left of it
                segment = Segment(path, shelter)
            else:
                segment.append({"n": written, "x": "y" * draw.randrange(50)})
                written += 1
        bad_disk.full = None
        assert segment.flush() and not segment.refused and segment.trouble is None
        segment.close()
        found = numbers(path)
        lost += written - len(set(found))
        doubled += len(found) - len(set(found))
        disordered += found != sorted(found)
    sys.stdout.write(f"filling at random: rounds {ROUNDS}, lost {lost}, doubled {doubled}, disordered {disordered}\n")
    assert (lost, doubled, disordered) == (0, 0, 0)


@pytest.mark.parametrize("number", sorted(REFUSALS), ids=lambda number: errno.errorcode[number])
def test_it_says_why_and_where(tmp_path: Path, bad_disk: BadDisk, number: int) -> None:
    segment = Segment(tmp_path / "p" / ".bioml" / "journal" / "s.log", Shelter(SharedMemory(1 << 16)))
    bad_disk.full = number
    assert not segment.append({"n": 0})
    said = segment.trouble
    assert said is not None
    assert said.startswith(in_words(tmp_path / "p", number))
    assert said.endswith("this run is kept in memory only; free some space before the kernel ends.")
    bad_disk.full = None
    assert segment.flush() and segment.trouble is None
    assert numbers(segment.path) == [0]


def test_what_does_not_fit_into_memory_is_a_named_gap(tmp_path: Path, bad_disk: BadDisk) -> None:
    segment = Segment(tmp_path / "s.log", Shelter(SharedMemory(10_000)))
    bad_disk.full = errno.ENOSPC
    for number in range(500):
        segment.append({"t": "tags", "n": number, "x": "y" * 100})
    assert segment.lost > 0
    bad_disk.full = None
    assert segment.flush()
    entries = [line.entry for line in SegmentReader(segment.path).read()]
    assert [entry["n"] for entry in entries[:-1]] == list(range(500 - segment.lost))
    assert entries[-1]["t"] == "gap"
    assert entries[-1]["reason"].startswith(f"{segment.lost} entries were lost")


def test_the_ends_of_runs_have_memory_when_logged_values_have_none_left(tmp_path: Path, bad_disk: BadDisk) -> None:
    segment = Segment(tmp_path / "s.log", Shelters(tmp_path / "s.log", tmp_path / "kept").lines)
    bad_disk.full = errno.ENOSPC
    while not segment.lost:
        segment.append({"t": "log", "m": {"x": "y" * 1_000_000}})
    kept = segment.refused
    segment.append({"t": "finished", "values": ["y" * 100_000]})
    assert (segment.refused, segment.lost) == (kept + 1, 1)


def test_a_fork_of_the_kernel_leaves_the_memory_alone(tmp_path: Path, bad_disk: BadDisk) -> None:
    segment = Segment(tmp_path / "s.log", Shelter(SharedMemory(1 << 16)))
    bad_disk.full = errno.ENOSPC
    segment.append({"n": 0})
    child = os.fork()
    if not child:
        segment.abandon_in_child()
        segment.append({"n": 1})
        segment.flush()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    bad_disk.full = None
    segment.append({"n": 2})
    assert numbers(segment.path) == [0, 2]


# -- blobs -----------------------------------------------------------------------------------------


def refuse(monkeypatch: pytest.MonkeyPatch, blobs: Blobs, number: int) -> None:
    def write(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(blobs, "_write", write)
    monkeypatch.setattr(blobs, "_stream", write)


@pytest.mark.parametrize("number", sorted(REFUSALS), ids=lambda number: errno.errorcode[number])
def test_a_blob_waits_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    shelter = BlobShelter(SharedMemory(10_000))
    blobs = Blobs(tmp_path / "blobs", shelter)
    refuse(monkeypatch, blobs, number)
    first = blobs.put(b"x" * 4000)
    assert blobs.put(b"x" * 4000) == first
    second, size = blobs.put_stream(lambda sink: sink.write(b"y" * 3000), 1 << 20)
    with pytest.raises(OSError, match=os.strerror(number)):
        blobs.put(b"z" * 4000)
    with pytest.raises(OSError, match=os.strerror(number)):
        blobs.put_stream(lambda sink: sink.write(b"z" * 4000), 1 << 20)
    assert [data[:1] for _, data in shelter.held()] == [b"x", b"y"]
    room = Blobs(tmp_path / "blobs")
    for end, data in shelter.held():
        room.put(data)
        shelter.landed(end)
    assert not shelter.waiting
    assert (room.get(first), room.get(second), size) == (b"x" * 4000, b"y" * 3000, 3000)
    assert blobs.put(b"z" * 9000), "the memory is free again"


# -- copies on another disk ------------------------------------------------------------------------


@pytest.fixture
def other_disk() -> Iterator[Path]:
    """A folder on a disk that is not the one of temporary files."""
    folder = Path(f"/dev/shm/bioml-test-{os.getpid()}")
    folder.mkdir()
    yield folder
    for path in sorted(folder.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    folder.rmdir()


def session_entry(path: Path) -> dict[str, object]:
    """A header of a kernel that has ended."""
    return {
        "t": "session", "schema": SCHEMA, "session": path.stem, "started": 1.0, "pid": 2**22 + 1,
        "process_started": 1.0, "host": "h", "boot": None, "python": "3", "executable": "p", "user": "u",
        "project": "p", "home": "h", "cwd": "c", "notebook": None, "path_source": None, "destination": "d",
        "destination_key": "k",
    }  # fmt: skip


@pytest.mark.parametrize("room", [True, False], ids=["the machine died, then room", "still full"])
def test_a_copy_on_another_disk_outlives_the_machine(
    tmp_path: Path, other_disk: Path, bad_disk: BadDisk, room: bool
) -> None:
    path = tmp_path / "p" / ".bioml" / "journal" / "s.log"
    segment = Segment(path, Shelter(SharedMemory(1 << 16), Spill(other_disk / "kept", path)))
    segment.append(session_entry(path))
    bad_disk.full = errno.ENOSPC
    for number in range(20):
        segment.append({"n": number})
    assert segment.trouble is not None
    assert segment.trouble.endswith(f"this run is kept in {other_disk / 'kept'} until there is room.")
    os.close(segment._fd)  # everything that held the memory is gone
    bad_disk.full = None if room else errno.ENOSPC
    assert land_copies(other_disk / "kept") == room
    bad_disk.full = None
    assert land_copies(other_disk / "kept") == (not room)
    assert [line.entry["n"] for line in SegmentReader(path).read() if "n" in line.entry] == list(range(20))
    assert list((other_disk / "kept").iterdir()) == []


def test_a_copy_that_was_not_needed_adds_nothing(tmp_path: Path, other_disk: Path, bad_disk: BadDisk) -> None:
    path = tmp_path / "p" / ".bioml" / "journal" / "s.log"
    segment = Segment(path, Shelter(SharedMemory(1 << 16), Spill(other_disk / "kept", path)))
    bad_disk.full = errno.EDQUOT
    segment.append(session_entry(path))
    segment.append({"n": 0})
    copy = (other_disk / "kept" / "s.log").read_bytes()
    bad_disk.full = None
    segment.append({"n": 1})
    assert not (other_disk / "kept" / "s.log").exists()
    (other_disk / "kept" / "s.log").write_bytes(copy)  # it was killed before it could delete it
    segment.append({"n": 2})
    assert land_copies(other_disk / "kept") == 0, "its writer lives"
    segment.close()
    assert land_copies(other_disk / "kept") == 1
    assert [line.entry["n"] for line in SegmentReader(path).read() if "n" in line.entry] == [0, 1, 2]
