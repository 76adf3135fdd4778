"""Trouble with the disk: the cell behaves as without us, and what could not be kept is named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fake_kernel import wait_until
from kernels import Kernel

from jupyter_bioml.journal.blobs import Blobs
from jupyter_bioml.journal.sessions import sessions
from jupyter_bioml.records.run import RunRecord

Start = Callable[..., Kernel]
Reader = Callable[[], list[RunRecord]]

#: No file of this process may grow beyond its present size: what a full disk does, without root.
FULL = (
    "import os, resource, sys\n"
    "sys.dont_write_bytecode = True\n"  # it would be cut off too, and be there for everybody
    "from jupyter_bioml.capture import recorder\n"
    "size = os.path.getsize(recorder.active.segment.path)\n"
    "resource.setrlimit(resource.RLIMIT_FSIZE, (size + {room}, resource.RLIM_INFINITY))\n"
)
ROOM_AGAIN = "resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))"


def test_a_full_disk_delays_the_journal_and_nothing_else(start_kernel: Start, runs: Reader) -> None:
    kernel = start_kernel()
    kernel.run(FULL.replace("{room}", "100"))
    ran = kernel.run("%%experiment full\nx = len('abc') / 4\nprint('fine')\nx")
    assert (ran.status, ran.stdout, ran.result) == ("ok", "fine\n", {"text/plain": "0.75"})
    said = kernel.run("%bioml status").stdout
    assert "wait in memory" in said
    kernel.run(ROOM_AGAIN)
    kernel.run("%%experiment later\ny = x / 2")
    assert [(run.name, run.values) for run in runs()] == [("full", {"x": 0.75}), ("later", {"y": 0.375})]


#: The memory for what a full disk refuses has no room for a large file.
LITTLE_MEMORY = "recorder.active.shelters.blobs.memory.size = 1000\n"
ARTIFACT = "%%experiment full\nimport jupyter_bioml as bioml\nbioml.log_artifact('big.bin')\nprint('fine')"


def test_an_artifact_on_a_full_disk_is_kept_in_memory(start_kernel: Start, runs: Reader, project_dir: Path) -> None:
    (project_dir / "big.bin").write_bytes(b"x" * 3_000_000)
    kernel = start_kernel()
    kernel.run(FULL.replace("{room}", "1000000"))
    ran = kernel.run(ARTIFACT)
    assert (ran.status, ran.stdout, ran.stderr) == ("ok", "fine\n", "")
    (run,) = runs()
    (artifact,) = run.artifacts
    blobs = Blobs(project_dir / ".bioml" / "blobs")
    wait_until(lambda: blobs.path(artifact.blob).exists(), "the helper, which has no limit, to store it")
    assert blobs.get(artifact.blob) == b"x" * 3_000_000


def test_an_artifact_that_no_memory_has_room_for_is_a_named_gap(
    start_kernel: Start, runs: Reader, project_dir: Path
) -> None:
    (project_dir / "big.bin").write_bytes(b"x" * 3_000_000)
    kernel = start_kernel()
    kernel.run(FULL.replace("{room}", "1000000") + LITTLE_MEMORY)
    ran = kernel.run(ARTIFACT)
    assert (ran.status, ran.stdout, ran.stderr) == ("ok", "fine\n", "")
    (run,) = runs()
    assert run.artifacts == ()
    assert any(gap.part == "artifact" and "big.bin" in gap.reason for gap in run.gaps)
    left = list((project_dir / ".bioml" / "blobs").rglob("*.tmp"))
    assert left == []


def test_a_project_that_cannot_be_written_falls_back_and_says_so(start_kernel: Start, tmp_path: Path) -> None:
    folder = tmp_path / "readonly"
    folder.mkdir()
    (folder / ".git").mkdir()
    (folder / ".bioml").write_text("a file where the folder should be")
    kernel = start_kernel(folder=folder, load=False)
    loaded = kernel.run("%load_ext jupyter_bioml")
    assert loaded.status == "ok"
    assert "the journal goes to" in loaded.stderr
    kernel.run("%%experiment a\nx = len('abc') / 2")
    home = Path(loaded.stderr.split("the journal goes to ")[1].strip())
    assert home.is_relative_to(tmp_path / "home")
    (log,) = sessions(home / "journal")
    assert log.fold.record(log.fold.order[-1]).values == {"x": 1.5}


def test_an_unwritable_home_too_goes_to_the_temporary_folder(start_kernel: Start, tmp_path: Path) -> None:
    folder = tmp_path / "readonly"
    folder.mkdir()
    (folder / ".git").mkdir()
    (folder / ".bioml").write_text("")
    (tmp_path / "state").write_text("a file")
    kernel = start_kernel(
        folder=folder, load=False, env={"XDG_STATE_HOME": str(tmp_path / "state"), "TMPDIR": str(tmp_path)}
    )
    loaded = kernel.run("%load_ext jupyter_bioml")
    assert f"the journal goes to {tmp_path}/bioml-" in loaded.stderr


def test_bad_settings_are_said_and_the_cell_runs(start_kernel: Start, project_dir: Path) -> None:
    (project_dir / "bioml.toml").write_text("outputs = 'maybe'\n")
    kernel = start_kernel(load=False)
    loaded = kernel.run("%load_ext jupyter_bioml")
    assert loaded.status == "ok"
    assert "tracking is off" in loaded.stderr
    assert "outputs must be a bool" in loaded.stderr
    assert kernel.run("%%experiment a\n1 + 1").result == {"text/plain": "2"}


def test_outputs_setting_keeps_outputs_out(start_kernel: Start, runs: Reader, project_dir: Path) -> None:
    (project_dir / "bioml.toml").write_text("outputs = false\n")
    kernel = start_kernel()
    kernel.run("%%experiment a\nprint('private')")
    assert runs()[0].outputs == ()


def test_corrupt_lines_are_skipped_and_counted(start_kernel: Start, project_dir: Path) -> None:
    kernel = start_kernel()
    kernel.run("%%experiment a\nx = 1")
    kernel.run("%%experiment b\nx = 1")
    kernel.close()
    (path,) = (project_dir / ".bioml" / "journal").glob("*.log")
    lines = path.read_bytes().splitlines(keepends=True)
    number = next(n for n, line in enumerate(lines) if b'"finished"' in line)
    lines[number] = lines[number].replace(b"FINISHED", b"FINISHEX")
    path.write_bytes(b"".join(lines) + b"cut off in the mid")
    (log,) = sessions(project_dir / ".bioml" / "journal")
    assert log.corrupt == 1
    assert [
        log.fold.record(identity, dead=True).name for identity in log.fold.order if log.fold.record(identity).is_run
    ] == ["a", "b"]
