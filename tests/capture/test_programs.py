"""Processes that cannot be watched are named: workers and commands, with the project's files that they were given."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import subprocess
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from observed import Cell, read

from jupyter_bioml.capture.files.commands import command_of
from jupyter_bioml.capture.files.observer import FileObserver


@pytest.fixture
def gaps(observer: FileObserver, cell: Cell, project_dir: Path) -> Callable[[Callable[[], Any]], list[str]]:
    (project_dir / "data").mkdir()
    for name in ("data/a.csv", "data/b c.csv", "run.sh"):
        (project_dir / name).write_text("x\n")
    observer.gaps()

    def run(body: Callable[[], Any]) -> list[str]:
        cell(body)
        return [gap.reason for gap in observer.gaps() if gap.part == "data"]

    return run


Gaps = Callable[[Callable[[], Any]], list[str]]


async def _asynchronous() -> None:
    process = await asyncio.create_subprocess_exec("cat", "data/a.csv", stdout=subprocess.DEVNULL)
    await process.wait()


def _spawned() -> None:
    pid = os.posix_spawn("/bin/cat", ["cat", "data/a.csv"], dict(os.environ), file_actions=[(os.POSIX_SPAWN_CLOSE, 1)])
    os.waitpid(pid, 0)


COMMANDS: dict[str, Callable[[], Any]] = {
    "run": lambda: subprocess.run(["cat", "data/a.csv"], capture_output=True),
    "popen": lambda: os.popen("cat data/a.csv").close(),
    "path object": lambda: subprocess.check_output(["cat", Path("data/a.csv").absolute()]),
    "folder": lambda: subprocess.run(["cat", "a.csv"], cwd="data", capture_output=True),
    "shell": lambda: subprocess.getoutput("LC_ALL=C cat < data/a.csv 2>&1"),
    "system": lambda: os.system("cat data/a.csv > out.txt"),
    "asyncio": lambda: asyncio.run(_asynchronous()),
    "posix_spawn": _spawned,
    "spawnvp": lambda: os.spawnvp(os.P_WAIT, "cat", ["cat", "data/a.csv"]),
    "option": lambda: subprocess.run(["cat", "--file=data/a.csv"], capture_output=True),
    "pattern": lambda: os.system("cat data/a*.csv > /dev/null"),
}


@pytest.mark.parametrize("way", COMMANDS)
def test_a_command_is_named_with_the_file_it_was_given(gaps: Gaps, way: str) -> None:
    (gap,) = gaps(COMMANDS[way])
    assert "1 command that cells started (cat, given data/a.csv) is not watched; what it read is unknown" in gap
    assert gaps(lambda: read("data/a.csv")) == [], "the next cell started none"


def test_several_commands_and_what_else_is_in_a_line(gaps: Gaps) -> None:
    def body() -> None:
        os.system("cd data && sort 'b c.csv' | head -1 > /dev/null")
        for number in range(6):
            Path(f"{number}.csv").touch()
            for _ in range(2):  # the same command is one
                subprocess.run(["sort", f"{number}.csv"], capture_output=True)

    (gap,) = gaps(body)
    begin = "7 commands that cells started (sort | head, given data/b c.csv; sort, given 0.csv; "
    assert gap.startswith(begin) and "; 2 more) are not watched; what they read is unknown" in gap


@pytest.mark.parametrize(
    "line", ["ls data", "mkdir -p new", "echo data/a.csv", "rm -f nothing", "git --version", "pwd; date", "X=1 true"]
)
def test_what_reads_no_data_is_no_gap(gaps: Gaps, line: str) -> None:
    assert gaps(lambda: subprocess.run(line, shell=True, capture_output=True)) == []


def test_what_a_library_asks_of_the_machine_is_no_gap(gaps: Gaps, project_dir: Path) -> None:
    """Only where it hands on a file of the project: ``pybedtools`` runs bedtools."""
    source = "import subprocess\ndef ask(*words): return subprocess.run(words, capture_output=True)\n"
    library: Any = types.ModuleType("tool")
    exec(compile(source, "/env/lib/python3.12/site-packages/tool/core.py", "exec"), vars(library))
    assert gaps(lambda: library.ask("cat", "/proc/cpuinfo")) == []
    (project_dir / "Rscript").symlink_to("/bin/true")
    (gap,) = gaps(lambda: library.ask(str(project_dir / "Rscript"), "-e", "fit()"))
    assert "(Rscript)" in gap, "code of the user's runs in it"
    (gap,) = gaps(lambda: library.ask("cat", "data/a.csv"))
    assert "cat, given data/a.csv" in gap


def test_spawned_workers_are_named_in_each_cell_that_uses_them(gaps: Gaps) -> None:
    pool: Any = None

    def start() -> None:
        nonlocal pool
        pool = multiprocessing.get_context("spawn").Pool(1)
        pool.map(len, ["a"])

    said = "1 process that cells started (multiprocessing's workers) is not watched; what it read is unknown"
    try:
        (gap,) = gaps(start)
        assert said in gap
        (gap,) = gaps(lambda: pool.map(len, ["b"]))
        assert said in gap
        assert gaps(lambda: None) == [], "an idle worker reads nothing"
    finally:
        pool.terminate()
        pool.join()
    assert gaps(lambda: None) == []


def test_workers_of_joblib_and_of_a_fork_server(gaps: Gaps) -> None:
    import joblib
    from joblib.externals.loky import get_reusable_executor

    def parallel() -> None:
        joblib.Parallel(n_jobs=2)(joblib.delayed(len)("a") for _ in range(4))

    try:
        (gap,) = gaps(parallel)
        assert "2 processes that cells started (joblib's loky workers) are not watched; what they read" in gap
        (gap,) = gaps(parallel)
        assert "that cells started (joblib's loky workers)" in gap, "one of them may do all of the work"
    finally:
        get_reusable_executor().shutdown(wait=True)

    def served() -> None:
        process = multiprocessing.get_context("forkserver").Process(target=len, args=("a",))
        process.start()
        process.join()

    (gap,) = gaps(served)
    assert "(multiprocessing's fork server and its workers)" in gap


def test_a_command_of_a_forked_child(gaps: Gaps) -> None:
    def body() -> None:
        with multiprocessing.get_context("fork").Pool(1) as pool:
            pool.map(subprocess.check_output, [["cat", "data/a.csv"]])

    (gap,) = gaps(body)
    assert "cat, given data/a.csv" in gap


def test_secrets_of_a_command_are_not_in_the_gap(gaps: Gaps) -> None:
    secret = "ghp_" + "aB3" * 12
    (gap,) = gaps(lambda: subprocess.run(["cat", f"--token={secret}", "data/a.csv"], capture_output=True))
    assert secret not in gap and "cat, given data/a.csv" in gap


def test_starting_programs_looks_as_before(observer: FileObserver, project_dir: Path) -> None:
    assert os.system in (os.system,) and os.system.__name__ == "system" and "system" in repr(os.system)
    with pytest.raises(FileNotFoundError) as missing:
        subprocess.run(["no-such-program"])
    names = [entry.frame.code.path for entry in missing.traceback]
    assert not any("jupyter_bioml" in str(name) for name in names)
    assert subprocess.run([sys.executable, "-c", "raise SystemExit(3)"]).returncode == 3
    with pytest.raises(TypeError):
        os.system(3)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "programs", "given"),
    [
        (["sh", "-c", "cat a.csv | sort > b.csv; wc -l d/x.csv"], ("cat", "sort", "wc"), ("a.csv", "d/x.csv")),
        (["bash", "-c", "FOO=1 time nohup /opt/bin/tool --in=a.csv --out c.csv &"], ("tool",), ("a.csv",)),
        (["bash"], ("bash",), ()),
        (["env", "X=1", "tool", "a.csv"], ("tool",), ("a.csv",)),
        (["uv", "run", "fit.py", "a.csv"], ("uv run",), ("a.csv",)),
        (
            ["sh", "-c", "jupyter nbconvert --execute a.csv; conda install x; uv sync"],
            ("jupyter nbconvert",),
            ("a.csv",),
        ),
        (["sh", "-c", "sudo -n nice -n 10 tool a.csv"], ("tool",), ("a.csv",)),
        (["python3", "-m", "pip", "install", "x"], (), ()),
        (["python3", "-m", "train", "a.csv"], ("python3",), ("a.csv",)),
        (["sh", "-c", "echo 'unclosed a.csv"], (), ()),
        (["sh", "-c", "tool 'unclosed a.csv"], ("tool",), ("a.csv",)),
        (["tool", "a.csv", "a.csv", "", "-", "\x00", "d"], ("tool",), ("a.csv", "d")),
        (["sh", "-c", ""], (), ()),
        ([], (), ()),
    ],
)
def test_what_a_command_line_says(
    project_dir: Path, words: list[str], programs: tuple[str, ...], given: tuple[str, ...]
) -> None:
    (project_dir / "d").mkdir()
    for name in ("a.csv", "d/x.csv"):
        (project_dir / name).touch()

    def name_of(path: str) -> str | None:
        return os.path.relpath(path, project_dir)

    found = command_of(words, str(project_dir), name_of)
    assert (found.programs, found.given) == (programs, given)
