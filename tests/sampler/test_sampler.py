"""The sampler beside a process that journals like a kernel: readings, patch, environment, death, mending."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from fake_kernel import FakeKernel, wait_until

from jupyter_bioml.journal.log import is_locked
from jupyter_bioml.journal.sessions import SessionLog

Start = Callable[..., FakeKernel]


def test_peak_memory_of_a_run_is_seen(fake_kernel: Start) -> None:
    kernel = fake_kernel()
    run = kernel.start()
    first = kernel.entry("reading", run)
    kernel.do("block = b'x' * 500_000_000")
    wait_until(lambda: len(kernel.entries("reading", run)) > 5)
    real = kernel.do("import psutil; answer = psutil.Process().memory_info().rss")
    asked = time.time()
    wait_until(lambda: kernel.entries("reading", run)[-1]["at"] > asked)
    kernel.finish(run)
    log = SessionLog(kernel.segment)
    wait_until(lambda: log.refresh() or log.fold.record(run).resources.readings)
    resources = log.fold.record(run).resources
    assert resources.peak_source == "sampled"
    assert resources.peak_rss is not None and abs(resources.peak_rss - real) < 0.05 * real
    assert "cpu_percent" not in first, "a percentage needs two looks"
    assert first["rss"] < 200_000_000
    assert any(reading.cpu_percent is not None for reading in resources.readings)
    assert all(reading.gpus == () for reading in resources.readings)


def test_readings_stop_with_the_run(fake_kernel: Start) -> None:
    kernel = fake_kernel()
    run = kernel.start()
    kernel.entry("reading", run)
    kernel.finish(run)
    second = kernel.start(mark="cell")
    kernel.finish(second)
    third = kernel.start()
    kernel.entry("reading", third)
    ended = len(kernel.entries("reading", run))
    wait_until(lambda: len(kernel.entries("reading", third)) > 3)
    assert len(kernel.entries("reading", run)) == ended
    assert not kernel.entries("reading", second)


def test_a_run_without_resources_is_not_read(fake_kernel: Start) -> None:
    kernel = fake_kernel()
    silent = kernel.start(resources=False)
    kernel.finish(silent)
    loud = kernel.start()
    kernel.entry("reading", loud)
    assert not kernel.entries("reading", silent)


def test_resources_can_be_switched_off_for_the_project(fake_kernel: Start, project_dir: Path) -> None:
    (project_dir / "bioml.toml").write_text("resources = false\n")
    kernel = fake_kernel()
    run = kernel.start()
    kernel.entry("environment")
    kernel.finish(run)
    kernel.kill()
    assert kernel.entries("died") and not kernel.entries("reading")


def test_kill_in_mid_cell_is_noticed(fake_kernel: Start) -> None:
    kernel = fake_kernel()
    run = kernel.start()
    kernel.entry("reading", run)
    kernel.kill()
    died = kernel.entry("died")
    assert "mid-cell" in died["cause"]
    log = SessionLog(kernel.segment)
    log.refresh()
    record = log.fold.record(run, dead=log.dead())
    assert (record.status, record.cause) == ("KILLED", died["cause"])


def test_death_between_cells_is_told_apart(fake_kernel: Start) -> None:
    kernel = fake_kernel()
    kernel.finish(kernel.start())
    kernel.kill()
    assert "between two cells" in kernel.entry("died")["cause"]


def test_an_orderly_end_is_no_death(fake_kernel: Start) -> None:
    kernel = fake_kernel()
    kernel.do("append('closed')")
    wait_until(lambda: not kernel.sampler_lives())
    assert kernel.process.poll() is None
    assert not kernel.entries("died")


def test_a_sampler_that_comes_too_late_still_reports_the_death(fake_kernel: Start) -> None:
    kernel = fake_kernel(sample=False)
    kernel.start()
    kernel.process.kill()
    kernel.process.wait()
    subprocess.run([sys.executable, "-m", "jupyter_bioml.sampler.loop", str(kernel.segment)], check=True)
    assert "mid-cell" in kernel.entry("died")["cause"]


def test_an_idle_kernel_is_rarely_looked_at_and_heard_at_once(fake_kernel: Start) -> None:
    kernel = fake_kernel(sample=False)
    code = (
        "from jupyter_bioml.sampler import loop; loop.IDLE, loop.RARE_LOOK = 0.0, 600.0; loop.main(loop.sys.argv[1:])"
    )
    rare = subprocess.Popen([sys.executable, "-c", code, str(kernel.segment)])
    run = kernel.start()
    kernel.entry("reading", run)
    kernel.finish(run)
    kernel.entry("reading", kernel.start())
    kernel.kill()
    assert "mid-cell" in kernel.entry("died")["cause"]
    assert rare.wait(timeout=60) == 0


def test_a_second_sampler_leaves_at_once(fake_kernel: Start) -> None:
    kernel = fake_kernel()
    second = subprocess.run([sys.executable, "-m", "jupyter_bioml.sampler.loop", str(kernel.segment)])
    assert second.returncode == 1
    assert len(kernel.entries("helper")) == 1


def test_nobodys_child(fake_kernel: Start) -> None:
    kernel = fake_kernel()
    answer = kernel.do(
        "try:\n    os.wait()\n    answer = 'a child'\nexcept ChildProcessError as error:\n    answer = type(error).__name__"
    )
    assert answer == "ChildProcessError"
    pid = kernel.sampler_pid
    assert os.getsid(pid) != os.getsid(kernel.process.pid)
    streams = {os.readlink(f"/proc/{pid}/fd/{number}") for number in (0, 1, 2)}
    assert streams == {"/dev/null"}


def test_who_waits_for_the_kernels_output_does_not_wait_for_the_sampler(fake_kernel: Start) -> None:
    kernel = fake_kernel(sample=False)
    code = "import sys; from jupyter_bioml.processes.launch import start_detached as s; s(*sys.argv[1:2], sys.argv[2:])"
    command = [sys.executable, "-c", code, "jupyter_bioml.sampler.loop", str(kernel.segment)]
    ended = subprocess.run(command, capture_output=True, timeout=60)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")
    kernel.entry("helper")
    assert kernel.sampler_lives()


def test_interrupting_the_kernels_group_leaves_the_sampler(fake_kernel: Start) -> None:
    kernel = fake_kernel()
    pid = kernel.sampler_pid
    os.kill(pid, signal.SIGINT)
    os.kill(pid, signal.SIGHUP)
    run = kernel.start()
    kernel.entry("reading", run)
    assert kernel.sampler_pid == pid


def test_gpus_are_read_and_refusals_are_absent(fake_kernel: Start, nvml: Path) -> None:
    kernel = fake_kernel()
    nvml.write_text(str(kernel.process.pid))
    environment = json.loads(kernel.blob(kernel.entry("environment")["blob"]))
    run = kernel.start()
    reading = wait_until(lambda: [r for r in kernel.entries("reading", run) if "gpus" in r])[0]
    assert reading["gpus"] == [
        {
            "index": 0,
            "name": "Stand-in 0",
            "uuid": "GPU-0000-0",
            "utilization_percent": 37,
            "memory_used": 2**30,
            "memory_total": 2**33,
            "own_memory": 123 * 2**20,
            "power_watts": 71.5,
            "temperature_celsius": 55,
            "energy_millijoules": 123456789,
        },
        {
            "index": 1,
            "name": "Stand-in 1",
            "uuid": "GPU-0000-1",
            "memory_used": 0,
            "memory_total": 2**33,
            "temperature_celsius": 30,
        },
    ]
    assert (environment["driver"], environment["cuda"]) == ("999.10", "12.4")
    assert [gpu["name"] for gpu in environment["gpus"]] == ["Stand-in 0", "Stand-in 1"]


def test_deleted_project_folder_is_mended(fake_kernel: Start, published: Path) -> None:
    """A cell deletes ``.bioml``: the sampler writes its own segment and the environment again."""
    kernel = fake_kernel()
    environment = kernel.entry("environment")
    run = kernel.start()
    kernel.entry("reading", run)
    kernel.do("shutil.rmtree(home); answer = segment.heal()")
    published.parent.mkdir()
    published.write_text(f"{time.time() + 1e6}\n")
    wait_until(lambda: len(kernel.entries("environment")) == 2, "the environment, described again")
    assert kernel.entries()[0]["t"] == "helper", "what was written before is there"
    assert kernel.blob(environment["blob"])
    count = len(kernel.entries("reading", run))
    wait_until(lambda: len(kernel.entries("reading", run)) > count)
    kernel.finish(run)
    assert (kernel.home / ".gitignore").read_text() == "*\n"


def test_a_kernel_killed_right_after_deleting_its_journal_loses_nothing(fake_kernel: Start) -> None:
    kernel = fake_kernel()
    run = kernel.start()
    kernel.entry("reading", run)
    kernel.do("shutil.rmtree(home / 'journal')")
    kernel.process.kill()
    wait_until(lambda: kernel.segment.exists() and kernel.entries("died"))
    log = SessionLog(kernel.segment)
    log.refresh()
    assert log.fold.order == [run]
    assert log.dead()


def test_a_deleted_journal_is_no_death(fake_kernel: Start) -> None:
    kernel = fake_kernel()
    run = kernel.start()
    kernel.do("shutil.rmtree(home / 'journal')")
    wait_until(kernel.helper.exists, "the sampler's own segment, written again")
    wait_until(lambda: len(kernel.entries("reading", run)) > 3)
    assert not kernel.entries("died")
    assert kernel.do("answer = segment.heal()")


def test_a_full_disk_delays_but_loses_nothing(fake_kernel: Start) -> None:
    """No file may grow over 100 bytes: entries wait in memory, the environment's blob is a gap and comes later."""
    kernel = fake_kernel(sample=False)
    kernel.do("import os; os.environ['PYTHONDONTWRITEBYTECODE'] = '1'")  # it would be cut off, for everybody
    kernel.do("import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY)); sample()")
    pid = kernel.sampler_pid
    kernel.do("resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))")
    wait_until(lambda: os.path.getsize(kernel.helper) == 100, "the full disk")
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert kernel.entry("gap")["part"] == "environment"
    run = kernel.start()
    kernel.entry("reading", run)
    assert kernel.blob(kernel.entry("environment")["blob"])
    kernel.finish(run)


def test_children_count_and_helpers_do_not(fake_kernel: Start) -> None:
    kernel = fake_kernel()
    run = kernel.start()
    alone = kernel.entry("reading", run)["rss"]
    program = "block = b'x' * 200_000_000; print(flush=True); import time; time.sleep(600)"
    kernel.do(
        f"child = subprocess.Popen([sys.executable, '-c', {program!r}], stdout=subprocess.PIPE); child.stdout.readline()"
    )
    wait_until(lambda: kernel.entries("reading", run)[-1]["rss"] > alone + 195_000_000)
    kernel.do("child.kill(); child.wait()")
    wait_until(lambda: kernel.entries("reading", run)[-1]["rss"] < alone + 50_000_000)


def test_a_stray_child_with_the_kernels_lock_does_not_hide_its_death(fake_kernel: Start) -> None:
    kernel = fake_kernel()
    kernel.start()
    child = kernel.do("answer = os.fork()\nif answer == 0:\n    os.close(0); os.close(1); time.sleep(600); os._exit(0)")
    kernel.process.kill()
    kernel.process.wait()
    try:
        kernel.entry("died")
        assert is_locked(kernel.segment), "the child still holds the lock"
    finally:
        os.kill(child, signal.SIGKILL)


def test_secrets_in_variables_are_masked(fake_kernel: Start) -> None:
    kernel = fake_kernel()
    entry = kernel.entry("environment")
    assert entry["variables"]["OMP_NUM_THREADS"] == "2"
    assert "correct-horse-9" not in json.dumps(entry)
    assert b"correct-horse-9" not in kernel.blob(entry["blob"])


def test_an_entry_that_makes_no_sense_is_a_gap_and_the_next_one_counts(fake_kernel: Start) -> None:
    kernel = fake_kernel()
    kernel.do("append('started', run='c' * 32)")
    run = kernel.start()
    kernel.entry("reading", run)
    assert kernel.entry("gap")["reason"] == "KeyError: 'mark'"
    kernel.finish(run)


def test_a_file_where_the_blobs_should_lie(fake_kernel: Start, project_dir: Path) -> None:
    """The environment cannot be stored: a gap says so, everything else goes on."""
    (project_dir / ".bioml" / "blobs").write_text("not a folder")
    kernel = fake_kernel()
    gap = kernel.entry("gap")
    assert gap["part"] == "environment" and "NotADirectoryError" in gap["reason"]
    run = kernel.start()
    kernel.entry("reading", run)
    kernel.finish(run)
