"""What forked children read and write counts as the cell's, however they come and go."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
import subprocess
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from observed import Cell, observing, read, roles, write

from jupyter_bioml.capture.files import openings
from jupyter_bioml.capture.files.observer import FileObserver

FORK = multiprocessing.get_context("fork")


@pytest.fixture
def files(project_dir: Path) -> Path:
    for number in range(6):
        (project_dir / f"f{number}").write_text(str(number))
    return project_dir


def forked(body: Callable[[], Any], end: int = 0) -> None:
    """Run ``body`` in a forked child; ``end``: the signal that it kills itself with."""
    child = os.fork()
    if child == 0:
        try:
            body()
            if end:
                os.kill(os.getpid(), end)
        finally:
            os._exit(7)
    _, status = os.waitpid(child, 0)
    if end:
        assert os.WTERMSIG(status) == end
    else:
        assert os.WEXITSTATUS(status) == 7, "its exit code is its own"


def _pool(files: Path) -> None:
    with FORK.Pool(2) as pool:
        assert pool.map(read, ["f0", "f1", "f2"]) == ["0", "1", "2"]
        pool.terminate()


def _executor(files: Path) -> None:
    with ProcessPoolExecutor(2, mp_context=FORK) as executor:
        assert list(executor.map(read, ["f0", "f1", "f2"])) == ["0", "1", "2"]


def _process(files: Path) -> None:
    for name in ("f0", "f1", "f2"):
        process = FORK.Process(target=read, args=(name,), daemon=True)
        process.start()
        process.join()
        assert process.exitcode == 0


def _killed(files: Path) -> None:
    for name in ("f0", "f1", "f2"):
        forked(lambda name=name: read(name), signal.SIGKILL)  # type: ignore[misc]


def _grandchild(files: Path) -> None:
    def child() -> None:
        read("f0")
        forked(lambda: [read("f1"), forked(lambda: read("f2"))])

    forked(child)


def _elsewhere(files: Path) -> None:
    def child() -> None:
        os.chdir("/")
        for number in range(3):
            os.close(os.open(files / f"f{number}", os.O_RDONLY))

    forked(child)


@pytest.mark.parametrize("way", [_pool, _executor, _process, _killed, _grandchild, _elsewhere])
def test_every_way_to_fork(cell: Cell, files: Path, way: Callable[[Path], None]) -> None:
    assert roles(cell(lambda: way(files))) == {"f0": "read", "f1": "read", "f2": "read"}


@pytest.mark.needs_torch
def test_a_loader_of_torch(cell: Cell, files: Path) -> None:
    import torch

    class Rows(torch.utils.data.Dataset):  # type: ignore[misc, name-defined]
        def __len__(self) -> int:
            return 4

        def __getitem__(self, number: int) -> float:
            return float(read(f"f{number}"))

    loaders = [
        torch.utils.data.DataLoader(Rows(), num_workers=2, persistent_workers=True, multiprocessing_context="fork")
    ]
    try:
        for _ in range(2):  # the workers live on, and each cell has its own reads
            assert sorted(cell(lambda: list(loaders[0]))) == ["f0", "f1", "f2", "f3"]
        assert cell(lambda: None) == {}
    finally:
        loaders.clear()


def test_a_worker_that_lives_on_tells_its_files_in_each_cell(cell: Cell, files: Path) -> None:
    pool: Any = None

    def start() -> None:
        nonlocal pool
        pool = FORK.Pool(1)
        pool.map(read, ["f0"])

    try:
        assert sorted(cell(start)) == ["f0"]
        assert sorted(cell(lambda: pool.map(read, ["f0", "f1"]))) == ["f0", "f1"]
        assert cell(lambda: None) == {}
        pool.map(read, ["f2"])  # between two cells: only the next one can use it
        assert sorted(cell(lambda: pool.map(read, ["f3"]))) == ["f2", "f3"]
    finally:
        pool.terminate()


def test_roles_follow_the_order_of_what_happened(cell: Cell, files: Path) -> None:
    def body() -> None:
        forked(lambda: write("made"))
        read("made")
        read("f0")
        forked(lambda: write("f0"))
        forked(lambda: write("f1", mode="a"))
        forked(lambda: read("f2"))

    assert roles(cell(body)) == {"made": "written", "f0": "read-written", "f1": "written", "f2": "read"}


def test_databases_and_libraries_that_open_by_themselves(cell: Cell, files: Path) -> None:
    import pandas as pd

    pd.DataFrame({"a": [1]}).to_parquet("t.parquet")
    for name in ("r.db", "w.db"):
        with sqlite3.connect(name) as connection:
            connection.execute("create table t (a)")
        connection.close()

    def ask(name: str, text: str) -> None:
        with sqlite3.connect(name) as connection:
            connection.execute(text)
        connection.close()

    def body() -> None:
        forked(lambda: ask("r.db", "select * from t"))
        forked(lambda: ask("w.db", "insert into t values (1)"))
        forked(lambda: pd.read_parquet("t.parquet"))

    found = roles(cell(body))
    assert found == {"r.db": "read", "w.db": "read-written", "t.parquet": "read"}


def test_names_that_are_no_text_and_hostile_ones(cell: Cell, files: Path) -> None:
    name = os.fsdecode(b'a\n"b\xff c')
    (files / name).write_text("x")
    assert sorted(cell(lambda: forked(lambda: read(name)))) == [name]


def test_a_child_that_closes_everything_harms_nobody_and_is_named(
    observer: FileObserver, cell: Cell, files: Path
) -> None:
    def child() -> None:
        os.closerange(3, 1024)
        own = [open(f"own{number}", "w+") for number in range(200)]  # noqa: SIM115
        read("f0")
        for file in own:
            file.seek(0)
            assert file.read() == "", "nothing was written into a file that took the number"
        Path("ended").touch()

    observer.gaps()
    cell(lambda: forked(child))
    assert Path("ended").exists()
    (gap,) = observer.gaps()
    assert "could not report everything that it read" in gap.reason
    cell(lambda: None)
    assert observer.gaps() == []


def test_a_child_that_becomes_another_program_after_closing_everything(
    observer: FileObserver, cell: Cell, files: Path
) -> None:
    def child() -> None:
        os.closerange(3, 1024)
        os.execvp("cat", ["cat", "f0", "f1"])

    def body() -> None:
        pid = os.fork()
        if pid == 0:
            try:
                child()
            finally:
                os._exit(9)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0

    observer.gaps()
    cell(body)
    (gap,) = observer.gaps()
    assert "cat, given f0, f1" in gap.reason


def test_more_files_than_are_kept(
    observer: FileObserver, cell: Cell, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openings, "LIMIT", 3)
    observer.gaps()
    uses = cell(lambda: forked(lambda: [read(f"f{number}") for number in range(5)]))
    assert sorted(uses) == ["f0", "f1", "f2"]
    assert [gap.reason for gap in observer.gaps()] == [
        "forked processes opened more files than are kept (limit 3 each)"
    ]


def test_nothing_is_left_open_and_programs_inherit_nothing(files: Path) -> None:
    def count() -> int:
        return len(os.listdir("/proc/self/fd"))

    before = count()
    with observing(files) as observer:
        observer.start()
        assert count() == before, "before the first fork nothing is made"
        for _ in range(5):
            forked(lambda: read("f0"))
        assert count() == before + 1
        told = subprocess.run(["ls", "-l", "/proc/self/fd"], capture_output=True, text=True, close_fds=False)
        assert "bioml-children" not in told.stdout
        assert roles({use.name: use for use in observer.finish()}) == {"f0": "read"}
    assert count() == before


def test_a_child_goes_on_when_nobody_listens_any_more(files: Path) -> None:
    go, said = FORK.Event(), FORK.Queue()

    def child() -> None:
        go.wait(60)
        said.put(read("f0"))

    with observing(files) as observer:
        observer.start()
        process = FORK.Process(target=child)
        process.start()
        observer.finish()
    go.set()
    assert said.get(timeout=60) == "0"
    process.join()
    assert process.exitcode == 0


def test_memory_of_what_was_taken_is_given_back(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from jupyter_bioml.capture.files import forked as module

    monkeypatch.setattr(module, "_GIVE_BACK", 4096)
    with observing(files) as observer:
        for round_ in range(3):
            observer.start()
            forked(lambda n=round_: [write(f"{n}-{'x' * 200}-{i}") for i in range(100)])  # type: ignore[misc]
            assert len(observer.finish()) == 100
            blocks = os.fstat(observer.openings.children._file).st_blocks * 512
            assert blocks <= 2 * 4096 + 4096, "pages that were read are gone"
