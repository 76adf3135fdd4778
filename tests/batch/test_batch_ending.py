"""SIGTERM and a closed terminal end a command as Ctrl-C does: reports written, state kept, no process left, no traceback."""

from __future__ import annotations

import contextlib
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree

import psutil
import pytest
from notebook_files import write

from jupyter_bioml.batch.state import read_state

ENDLESS = "open(MARK, 'w').write(str(__import__('os').getpid()))\nwhile True:\n    pass"
#: A caller that starts the tests in the background (``nohup``) lets signals be ignored, and a command then ignores them
#: too: SIGHUP is given its meaning back.
COMMAND = ["env", "--default-signal=HUP", sys.executable, "-m", "jupyter_bioml.cli"]


@pytest.fixture
def endless(project_dir: Path) -> Path:
    """A notebook that runs until it is stopped; it says so in the file that is returned."""
    mark = project_dir / "endless.started"
    write(project_dir / "2.ipynb", (ENDLESS.replace("MARK", repr(str(mark))), ["experiment"]), "print('never')")
    write(project_dir / "1.ipynb", "x = 1")
    write(project_dir / "3.ipynb", "x = 1")
    return mark


Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(project_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    monkeypatch.setenv("BIOML_PUBLISH", "off")
    made: list[subprocess.Popen[str]] = []

    def begin(*arguments: str, **options: object) -> subprocess.Popen[str]:
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        made.append(subprocess.Popen([*COMMAND, *arguments], cwd=project_dir, text=True, **streams))  # type: ignore[call-overload]
        return made[-1]

    yield begin
    for process in made:
        process.kill()
        process.communicate()


def wait_for(there: Callable[[], object], what: str) -> None:
    until = time.monotonic() + 90
    while not there():
        assert time.monotonic() < until, what
        time.sleep(0.05)


def family(process: subprocess.Popen[str]) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


def gone(processes: list[psutil.Process]) -> bool:
    """No worker and no kernel is left; publishers and samplers go on by themselves."""
    left = [one for one in processes if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
    return not [one for one in left if {"jupyter_bioml.headless.worker", "ipykernel_launcher"} & set(one.cmdline())]


def has_kernel(process: subprocess.Popen[str]) -> bool:
    for one in family(process):
        with contextlib.suppress(psutil.Error):  # it has ended since
            if "ipykernel_launcher" in one.cmdline():
                return True
    return False


def run_endless(start: Start, mark: Path, *more: str, **options: object) -> subprocess.Popen[str]:
    process = start("run", "1.ipynb", "2.ipynb", "3.ipynb", "--output-dir", "out", "--junit", "j.xml", "--html",
                    "h.html", *more, **options)  # fmt: skip
    wait_for(lambda: mark.exists() and mark.read_text(), "the notebook never ran")
    return process


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=lambda one: one.name)
def test_a_batch_ends_with_its_reports(start: Start, endless: Path, project_dir: Path, number: signal.Signals) -> None:
    process = run_endless(start, endless)
    children = family(process)
    process.send_signal(number)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 128 + number, (out, err)
    assert "Traceback" not in out + err
    assert "interrupted" in out and "2.ipynb" in out and "not run" in out, "the table"
    cases = {
        case.get("name"): [child.tag for child in case]
        for case in ElementTree.parse(project_dir / "j.xml").iter("testcase")
    }
    assert len(cases) == 3 and sum("skipped" in tags for tags in cases.values()) == 2
    assert "2.ipynb" in (project_dir / "h.html").read_text()
    assert [task.id for task in read_state(project_dir / "out").left()] == ["2.ipynb", "3.ipynb"]
    wait_for(lambda: gone(children), "its processes live on")


def test_a_second_signal_does_not_wait(start: Start, project_dir: Path) -> None:
    mark = project_dir / "stubborn.started"
    source = (
        f"import signal, time\nopen({str(mark)!r}, 'w').write('x')\n"
        "while True:\n    try:\n        time.sleep(1)\n    except BaseException:\n        pass"
    )
    write(project_dir / "s.ipynb", source)
    process = start("run", "s.ipynb", "--output-dir", "out", "--junit", "j.xml")
    wait_for(mark.exists, "the notebook never ran")
    children = family(process)
    process.terminate()
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(1)
    process.terminate()
    out, err = process.communicate(timeout=20)
    assert process.returncode == 143 and "Traceback" not in out + err, (out, err)
    assert (project_dir / "j.xml").exists() and "interrupted" in out
    wait_for(lambda: gone(children), "its processes live on")


def test_a_closed_terminal_keeps_the_reports(start: Start, endless: Path, project_dir: Path) -> None:
    ours, theirs = pty.openpty()
    process = run_endless(start, endless, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
    children = family(process)
    os.close(theirs)
    os.close(ours)
    process.send_signal(signal.SIGHUP)
    process.send_signal(signal.SIGHUP)
    assert process.wait(120) == 129
    assert len(list(ElementTree.parse(project_dir / "j.xml").iter("testcase"))) == 3
    assert "2.ipynb" in (project_dir / "h.html").read_text()
    wait_for(lambda: gone(children), "its processes live on")


def test_what_is_not_interruptible_by_ctrl_c_is_by_sigterm(start: Start, endless: Path, project_dir: Path) -> None:
    """A background job of a shell ignores Ctrl-C; a scheduler's SIGTERM ends it all the same."""
    process = run_endless(start, endless, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
    process.terminate()
    out, err = process.communicate(timeout=120)
    assert process.returncode == 143 and "Traceback" not in out + err
    assert (project_dir / "j.xml").exists() and "interrupted" in out


def test_a_reproduction_ends_alike(start: Start, project_dir: Path) -> None:
    source = "import os, time\nx = 1\nif os.environ.get('BIOML_REPRODUCES'):\n    time.sleep(600)"
    write(project_dir / "r.ipynb", (source, ["experiment"]))
    assert start("run", "r.ipynb", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).wait(120) == 0
    listed = start("runs", "--json")
    (record,) = [line.split('"')[3] for line in listed.communicate()[0].splitlines() if '"record_id"' in line]
    process = start("reproduce", record, "--junit", "v.xml")
    wait_for(lambda: has_kernel(process), "the run was not made again")
    children = family(process)
    process.terminate()
    out, err = process.communicate(timeout=120)
    assert process.returncode == 143 and "Traceback" not in out + err, (out, err)
    wait_for(lambda: gone(children), "its processes live on")
