"""``gc``: what is old and unneeded goes, what lives or is wanted stays; a dry run changes nothing."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from mlflow import MlflowClient

from jupyter_bioml.cli.main import main
from jupyter_bioml.errors import StoreUnavailable
from jupyter_bioml.keeping.collect import Rule
from jupyter_bioml.keeping.usage import sizes
from jupyter_bioml.publish.scan import waiting

from .conftest import Case
from .test_delete import with_output

DAY = 86400.0


def old_run(kernel: object, name: str, days: float) -> str:
    """A run that started so many days ago."""
    at = time.time() - days * DAY
    record_id = kernel.start(name=name, at=at)  # type: ignore[attr-defined]
    kernel.finish(record_id, at=at + 1)  # type: ignore[attr-defined]
    return str(record_id)


def aged(path: Path, days: float = 10) -> Path:
    """``path`` as if it had not been touched for days."""
    at = time.time() - days * DAY
    for folder, _, names in os.walk(path, topdown=False):
        for name in (*names, ""):
            os.utime(Path(folder, name), (at, at), follow_symlinks=False)
    if path.is_file():
        os.utime(path, (at, at))
    return path


def state(home: Path) -> dict[str, int]:
    """Every file of the project and its size; the database's own bookkeeping and the index of lists apart."""
    return {
        str(path): path.stat().st_size
        for path in sorted(home.rglob("*"))
        if path.is_file() and "mlflow.db" not in path.name and not path.name.startswith("index-")
    }


def test_old_runs_go_and_wanted_ones_stay(case: Case) -> None:
    kernel = case.kernel()
    old = {name: old_run(kernel, name, 100) for name in ("plain", "starred", "registered", "archived")}
    child = kernel.run(start={"name": "child", "mark": "child", "parent": old["plain"]})
    new = old_run(kernel, "new", 1)
    kernel.end()
    case.drain()
    live = case.kernel()
    unsent, running = old_run(live, "unsent", 100), live.start(name="running", at=time.time() - 100 * DAY)
    case.bench.keeping.annotate(old["starred"], starred=True)
    case.bench.keeping.annotate(old["archived"], archived=True)
    (stored,) = case.store.search(name="registered")
    client = MlflowClient(tracking_uri=case.target.uri)
    client.create_registered_model("diagnosis")
    client.create_model_version("diagnosis", "file:///nowhere", stored.run_id)
    before = state(case.project.home)
    plan = case.bench.keeping.collect(Rule(older_than=30), dry_run=True)
    assert state(case.project.home) == before and plan.dry_run
    assert {row.record_id for row in plan.runs} == {old["plain"], old["archived"]}
    assert plan.kept == {"starred": 1, "has a registered version": 1, "not in MLflow yet": 1, "still running": 1}
    done = case.bench.keeping.collect(Rule(older_than=30))
    assert {row.record_id for row in done.runs} == {old["plain"], old["archived"]} and done.stopped is None
    left = {row.record_id for row in case.rows(archived=True)}
    assert left == {old["starred"], old["registered"], new, unsent, running} and child not in left
    assert {run.record_id for run in case.store.search()} == left - {unsent, running}
    live.finish(running)
    case.drain()
    assert len(case.store.search()) == 5 and waiting(case.project, case.target) == ()
    assert case.bench.keeping.collect(Rule(older_than=30)).kept == {"starred": 1, "has a registered version": 1}


def test_keep_counts_the_newest_and_archived_restricts(case: Case) -> None:
    kernel = case.kernel()
    runs = [old_run(kernel, f"run {days}", days) for days in (1, 2, 3, 4)]
    kernel.end()
    case.drain()
    case.bench.keeping.annotate(runs[0], archived=True)
    case.bench.keeping.annotate(runs[3], archived=True)

    def plan(**rule: float | bool) -> list[str]:
        return [row.record_id for row in case.bench.keeping.collect(Rule(**rule), dry_run=True).runs]  # type: ignore[arg-type]

    assert plan(keep=2) == runs[2:] and plan(keep=0) == runs and plan(keep=9) == []
    assert plan(keep=2, archived=True) == [runs[3]] and plan(archived=True) == [runs[0], runs[3]]
    assert plan(keep=1, older_than=2.5) == runs[2:] and plan() == []


def test_blobs_segments_and_folders_go_but_not_those_of_the_living(case: Case) -> None:
    home = case.project.home
    dead = case.kernel()
    gone = old_run(dead, "gone", 100)
    figure = with_output(dead, gone, b"old figure")
    dead.end()
    live = case.kernel()
    shown = with_output(live, live.run(start={"name": "new"}), b"new figure")
    case.drain()
    fresh, stray = live.blobs.put(b"stored, its line comes in a moment"), live.blobs.put(b"nobody named it")
    aged(case.blob(stray)), aged(case.blob(figure))
    torn = case.blob(stray).with_name("x.1.tmp")
    torn.write_bytes(b"torn")
    aged(torn)
    for name in ("work/old", "work/new", "outputs/old"):
        (home / name / "sub").mkdir(parents=True)
        (home / name / "sub" / "a.txt").write_text("12345")
    outside = case.project.root / "precious.txt"
    outside.write_text("precious")
    (home / "work" / "old" / "link.txt").symlink_to(outside)
    (home / "work" / "link").symlink_to(case.project.root)
    aged(home / "work" / "old"), aged(home / "outputs" / "old")
    done = case.bench.keeping.collect(Rule())
    assert (done.runs, {name: part.count for name, part in done.parts.items()}) == (
        (), {"sessions": 0, "blobs": 2, "work": 1, "outputs": 0},
    )  # fmt: skip
    assert not (home / "work" / "old").exists() and (home / "work" / "new" / "sub" / "a.txt").exists()
    assert not case.blob(stray).exists() and not torn.exists() and case.blob(figure).exists()
    done = case.bench.keeping.collect(Rule(older_than=5))
    assert [row.record_id for row in done.runs] == [gone]
    assert {name: part.count for name, part in done.parts.items()} == {
        "sessions": 1, "blobs": 1, "work": 0, "outputs": 1,
    }  # fmt: skip
    assert not case.blob(figure).exists() and not dead.segment.path.exists()
    assert case.blob(shown).exists() and case.blob(fresh).exists() and live.segment.path.exists()
    assert outside.read_text() == "precious" and (home / "outputs").exists()
    assert case.bench.keeping.collect(Rule(older_than=5)).empty


def test_a_work_folder_in_which_a_kernel_lives_stays(case: Case) -> None:
    folder = case.project.home / "work" / "abc"
    (folder / "sub").mkdir(parents=True)
    kernel = case.kernel()
    kernel.write(
        "session", **{**vars_of(kernel.segment.path), "cwd": str(folder / "sub")}
    )  # the header as a reproduction's kernel has it
    aged(folder)
    assert case.bench.keeping.collect(Rule()).parts["work"].count == 0 and folder.exists()
    kernel.end()
    assert case.bench.keeping.collect(Rule()).parts["work"].count == 1 and not folder.exists()


def vars_of(segment: Path) -> dict[str, object]:
    """The fields of a segment's header."""
    header = json.loads(segment.read_bytes().splitlines()[0][9:])
    return {key: value for key, value in header.items() if key not in ("t", "at")}


def test_with_mlflow_down_no_run_goes_and_the_rest_is_cleaned(
    case: Case, down: Callable[[Case], Callable[[], None]]
) -> None:
    kernel = case.kernel()
    old_run(kernel, "old", 100)
    case.drain()
    up = down(case)
    with pytest.raises(StoreUnavailable):
        case.bench.keeping.collect(Rule(keep=0))
    assert case.bench.keeping.collect(Rule()).runs == ()
    up()
    assert len(case.rows()) == 1


def test_the_command_asks_and_prints_bytes(case: Case, capfd: pytest.CaptureFixture[str]) -> None:
    kernel = case.kernel()
    run = old_run(kernel, "old <img src=x>\x1b", 100)
    kernel.end()
    case.drain()
    assert main(["gc", "--older-than", "30", "--dry-run"]) == 0
    out, _ = capfd.readouterr()
    assert (
        "1 run would be deleted:" in out and "old <img src=x>" in out and "would be freed" in out and "\x1b" not in out
    )
    assert main(["gc", "--older-than", "30", "--json"]) == 2 and "--yes" in json.loads(capfd.readouterr()[0])["next"]
    assert len(case.rows()) == 1
    assert main(["gc", "--older-than", "30", "--json", "--yes"]) == 0
    document = json.loads(capfd.readouterr()[0])
    assert [item["record_id"] for item in document["runs"]] == [run] and document["bytes"] > 0
    assert case.rows() == []
    assert main(["gc", "--older-than", "30"]) == 0 and "Nothing to delete" in capfd.readouterr()[0]


def test_the_parts_of_a_project_are_measured(case: Case) -> None:
    (case.project.home / "work").mkdir()
    (case.project.home / "work" / "a").write_bytes(b"x" * 1000)
    (case.project.home / "strange").write_bytes(b"x" * 10)
    found = sizes(case.project.home)
    assert found["work folders"] == 1000 and found["other"] >= 10 and found["MLflow database"] > 100_000
    assert sizes(case.project.home / "nowhere") == {}
