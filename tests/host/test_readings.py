"""One look at a process: what psutil and NVML tell, and what they refuse."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from fake_kernel import wait_until

from jupyter_bioml.host.readings import Descendants, Gpus, KernelProcesses

PROGRAM = "import os, subprocess, sys, time\nfor line in sys.stdin:\n    exec(line)\n    print(flush=True)"


class Process:
    """A Python process that runs the lines it is sent."""

    def __init__(self) -> None:
        self.popen = subprocess.Popen(
            [sys.executable, "-c", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def do(self, line: str) -> None:
        assert self.popen.stdin is not None and self.popen.stdout is not None
        self.popen.stdin.write(line + "\n")
        self.popen.stdin.flush()
        self.popen.stdout.readline()


@pytest.fixture
def process() -> Iterator[Process]:
    process = Process()
    with process.popen:
        yield process
        process.popen.kill()


def used_seconds(processes: KernelProcesses, since: float) -> float:
    """CPU seconds since the last look, as its percentage says them."""
    percent = processes.look()["cpu_percent"]
    assert isinstance(percent, float)
    return percent * (time.monotonic() - since) / 100


def test_cpu_of_an_ended_child_is_counted_once(process: Process) -> None:
    processes = KernelProcesses(process.popen.pid)
    process.do("pass")
    processes.look()
    since = time.monotonic()
    burn = "import time\\nwhile time.process_time() < 0.5: pass"
    process.do(f'subprocess.run([sys.executable, "-c", "{burn}"])')
    # never seen alive: its time comes through its parent's
    assert used_seconds(processes, since) == pytest.approx(0.5, rel=0.4)


def test_a_child_seen_alive_is_not_counted_again_when_it_ends(process: Process) -> None:
    processes = KernelProcesses(process.popen.pid)
    burn = "import sys, time\\nwhile time.process_time() < 0.5: pass\\nprint(flush=True)\\nsys.stdin.read()"
    process.do(
        f'c = subprocess.Popen([sys.executable, "-c", "{burn}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE);'
        " c.stdout.readline()"
    )
    processes.look()
    since = time.monotonic()
    process.do("c.stdin.close(); c.wait()")
    assert used_seconds(processes, since) < 0.3


def test_storage_traffic_is_counted(process: Process, tmp_path: Path) -> None:
    processes = KernelProcesses(process.popen.pid)
    before = processes.look()
    process.do(f"f = open({str(tmp_path / 'x')!r}, 'wb'); f.write(b'x' * 5_000_000); f.flush(); os.fsync(f.fileno())")
    assert processes.look()["write_bytes"] - before["write_bytes"] >= 5_000_000


def test_an_ended_process_has_no_figures(process: Process) -> None:
    processes = KernelProcesses(process.popen.pid)
    assert processes.look()["rss"] > 0
    process.popen.kill()
    process.popen.wait()
    assert processes.look() == {}
    assert KernelProcesses(process.popen.pid).look() == {}


def test_ourselves_are_left_out() -> None:
    """A kernel that reaps orphans has the sampler as a child; here the sampler is the test's own process."""
    processes = KernelProcesses(os.getppid())
    processes.look()
    assert os.getppid() in processes.pids and os.getpid() not in processes.pids


def test_the_publisher_is_left_out(process: Process) -> None:
    processes = KernelProcesses(process.popen.pid)
    sleep = "import time; time.sleep(600)"
    process.do(f'a = subprocess.Popen([sys.executable, "-c", "{sleep}", "-m", "jupyter_bioml.publish"])')
    process.do(f'b = subprocess.Popen([sys.executable, "-c", "{sleep}"])')
    found = wait_until(lambda: (processes.restart(), processes.look(), len(processes.pids) == 2)[2])
    process.do("a.kill(); b.kill(); a.wait(); b.wait()")
    assert found


def test_listing_children_has_a_share_of_the_time(process: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two listings the known processes are read again; a new run lists them again."""
    processes = KernelProcesses(process.popen.pid)
    monkeypatch.setattr("jupyter_bioml.host.readings.LISTING_SHARE", 1e-6)
    processes.look()
    process.do("c = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])")
    processes.look()
    assert len(processes.pids) == 1
    processes.restart()
    processes.look()
    assert len(processes.pids) == 2
    process.do("c.kill(); c.wait()")
    processes.look()
    assert len(processes.pids) == 1


def test_descendants_in_sessions_of_their_own_are_killed(process: Process) -> None:
    """As kernels are, and what they start; not the process itself, nor what it starts later."""
    below = "import subprocess, time; subprocess.Popen(['sleep', '600'], start_new_session=True); time.sleep(600)"
    process.do(f'c = subprocess.Popen([sys.executable, "-c", "{below}"], start_new_session=True)')
    above = psutil.Process(process.popen.pid)
    before = wait_until(lambda: len(found := above.children(recursive=True)) == 2 and found)
    family = Descendants(above.pid)
    process.do("d = subprocess.Popen(['sleep', '600'])")
    family.kill()
    process.do("c.wait()")
    wait_until(lambda: all(ended(child) for child in before))
    assert [child.name() for child in above.children(recursive=True)] == ["sleep"]
    process.do("d.kill(); d.wait()")
    family.kill()
    assert process.popen.poll() is None


def ended(child: psutil.Process) -> bool:
    """Whether a process has ended, also where nobody has taken note of it yet."""
    try:
        return child.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_an_ended_process_has_no_descendants(process: Process) -> None:
    process.popen.kill()
    process.popen.wait()
    Descendants(process.popen.pid).kill()


def test_without_nvml_there_are_no_gpus() -> None:
    code = "import sys, json; from jupyter_bioml.host.readings import Gpus; g = Gpus(); g.open()\n"
    code += "print(json.dumps([g.opened, g.read([1]), g.inventory()]))"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout == "[true, [], {}]\n"


def test_a_broken_nvml_library_is_no_gpus(tmp_path: Path) -> None:
    (tmp_path / "libnvidia-ml.so.1").write_bytes(b"not a library")
    code = "from jupyter_bioml.host.readings import Gpus; g = Gpus(); print(g.inventory())"
    env = {**os.environ, "LD_LIBRARY_PATH": str(tmp_path)}
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)
    assert ended.stdout == "{}\n"


def test_own_memory_is_absent_when_nvml_does_not_list_us(nvml: Path) -> None:
    """It may know us by another number (a container's): no figure, and not 0."""
    code = (
        "from jupyter_bioml.host.readings import Gpus; g = Gpus(); g.open()\n"
        "print([g.read([4242])[0].get('own_memory'), g.read([4243])[0].get('own_memory')])"
    )
    nvml.write_text("4242")
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout == f"[{123 * 2**20}, None]\n"


def test_reading_before_nvml_is_open_does_not_wait() -> None:
    gpus = Gpus()
    assert not gpus.opened and gpus.read([1]) == []


def test_importing_costs_neither_library() -> None:
    code = "import sys, jupyter_bioml.sampler.loop; print({'psutil', 'pynvml', 'mlflow', 'numpy'} & set(sys.modules))"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout == "set()\n"
