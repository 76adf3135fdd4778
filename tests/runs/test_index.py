"""The index on the disk: its answers are those of a fresh reading, whatever happened, and what did not change is not read."""

from __future__ import annotations

import contextlib
import dataclasses
import math
import multiprocessing
import os
import shutil
import sqlite3
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from index_world import World, answers, served

from jupyter_bioml.config import Project, destination, find_project
from jupyter_bioml.journal import lines, stamps
from jupyter_bioml.runs import index
from jupyter_bioml.runs.assembly import Assembly, Sources
from jupyter_bioml.runs.catalog import Catalog
from jupyter_bioml.runs.groups import grouped
from jupyter_bioml.runs.kept import KeptIndex
from jupyter_bioml.runs.kept_rows import summary_text
from jupyter_bioml.runs.query import Query, listing, page
from jupyter_bioml.runs.row import Progress, RunRow
from jupyter_bioml.runs.summary import Summary
from jupyter_bioml.runs.table import groups

STEPS = 40


@pytest.fixture
def project(project_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("BIOML_PUBLISH", "off")
    return find_project(project_dir)


def settle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files count as unchanged at once: what is done to them here changes their sizes or takes its time."""
    monkeypatch.setattr(stamps, "GRAIN", -(10**12))


@pytest.mark.parametrize("seed", range(6))
def test_the_answers_are_those_of_a_fresh_reading(project: Project, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    world, told = World(project, destination(project), seed), list[str]()
    if seed % 2:
        settle(monkeypatch)
    for _ in range(STEPS):
        told.append(world.step())
        state = world.dice.getstate()
        fresh = answers(world, KeptIndex(None))
        world.dice.setstate(state)
        found = answers(world, None)
        for name, answer in fresh.items():
            assert found[name] == answer, (name, told)
        kept = KeptIndex.of(project, world.target)
        assert served(world, kept) == served(world, KeptIndex(None)), told
    assert world.index_files() or told[-1] in ("hurt_index",)


def filled(project: Project, seed: int = 3) -> World:
    """A project with published runs, some that wait, and kernels that have ended."""
    world = World(project, destination(project), seed)
    for _ in range(3):
        world.start_session()
        for _ in range(4):
            world.start_run()
            world.end_run()
        world.publish()
    while world.sessions:
        world.kill()
    world.annotate()
    return world


def reading(monkeypatch: pytest.MonkeyPatch, world: World) -> list[str]:
    """The segments that are read, and ``store`` for each time that MLflow is asked, from now on."""
    read, before = list[str](), lines.SegmentReader.read

    def reads(self: lines.SegmentReader) -> Any:
        if self.path.parent == world.project.journal and self.path.exists():
            read.append(self.path.name)
        return before(self)

    def search(**_: Any) -> Any:
        read.append("store")
        return type(world.store).search(world.store, **_)

    monkeypatch.setattr(lines.SegmentReader, "read", reads)
    monkeypatch.setattr(world.store, "search", search)
    return read


def test_what_did_not_change_is_not_read(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    settle(monkeypatch)
    world = filled(project)

    def ask() -> int:
        return Catalog(project, world.target, world.open_store).runs(limit=2).total

    total = ask()
    read = reading(monkeypatch, world)
    assert ask() == total and not read, "nothing changed"
    world.annotate()
    assert ask() == total and not read, "a star changes no segment, and MLflow does not have it yet"
    world.start_session()
    world.start_run()
    assert ask() >= total and {name for name in read if name != "store"} == {one.path.name for one, _ in world.sessions}
    assert "store" not in read
    world.edit_in_mlflow()
    read.clear()
    ask()
    assert read.count("store") == 1


def test_only_the_rows_that_are_shown_are_made(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    settle(monkeypatch)
    world = filled(project)
    catalog = Catalog(project, world.target, world.open_store)
    catalog.runs()
    snapshot = Catalog(project, world.target, world.open_store).snapshot()
    made = [one for one in snapshot.summaries if "row" in one.__dict__]
    assert snapshot.summaries and not made
    assert snapshot.row(snapshot.summaries[0]).name and "row" in snapshot.summaries[0].__dict__


def test_groups_and_pages_read_the_rows_that_they_show(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """What runs are grouped, sorted and compared by lies beside them: to read every run takes a third of a second."""
    settle(monkeypatch)
    world = filled(project)
    fresh = Catalog(project, world.target, world.open_store, KeptIndex(None)).snapshot()
    Catalog(project, world.target, world.open_store).runs()
    found, snapshot = Catalog(project, world.target, world.open_store).listed(children=True)
    grouped((one.standing, one.scores) for one in found)
    asked = Query(sort="metric", metric="auc", minimum=0.0, limit=2, flat=True)
    known = listing(snapshot, asked)
    groups(snapshot, asked, "name", None)
    assert not [one for one in snapshot.summaries if "row" in one.__dict__]
    assert page(snapshot, asked, known).rows == page(fresh, asked).rows and len(known.rows) > 2
    assert 0 < len([one for one in snapshot.summaries if "row" in one.__dict__]) <= 4, "also of the runs before them"


def test_a_server_begins_with_every_session_that_was_kept(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its runs in MLflow would be merged without it, and then again."""
    settle(monkeypatch)
    world = filled(project)
    Catalog(project, world.target, world.open_store).runs()
    read = reading(monkeypatch, world)
    known = KeptIndex.of(project, world.target).read()
    made = Assembly(Sources.of(project, world.target, known), world.open_store, ended=True)
    made.take(known)
    made.journal.refresh(-math.inf)
    made.assemble()
    assert made.journal.complete and not made.store.loading and not read
    assert made.made and not [one for _, one in made.made.values() if "row" in one.__dict__], "nothing was merged again"


def test_a_server_lists_what_was_kept_before_it_compares_it(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """To merge ten thousand runs takes most of a second; what was listed last is shown meanwhile, and said to load."""
    settle(monkeypatch)
    monkeypatch.setattr(index, "MANY", 0)
    world = filled(project)
    whole = Catalog(project, world.target, world.open_store).snapshot()
    assembling, assemble = list[str](), Assembly.assemble
    monkeypatch.setattr(
        Assembly, "assemble", lambda it: assembling.append(threading.current_thread().name) or assemble(it)
    )
    kept = KeptIndex.of(project, world.target)
    made = index.RunIndex(Sources.of(project, world.target, kept.read()), world.open_store, kept)
    try:
        first = made.snapshot()
        assert first.loading and [one.standing for one in first.summaries] == [one.standing for one in whole.summaries]
        while (last := made.snapshot()).loading:
            time.sleep(0.01)
        assert assembling[0] != threading.current_thread().name, "nobody waits for it"
        assert last.version > first.version and last.by_id.keys() >= first.by_id.keys()
    finally:
        made.close()


def test_nothing_is_kept_where_nothing_can_be_written(project: Project) -> None:
    world = filled(project)
    fresh = answers(world, KeptIndex(None))
    shutil.rmtree(project.home / "state")
    (project.home / "state").write_text("not a folder")
    assert answers(world, None)["summaries"] == fresh["summaries"]
    assert (project.home / "state").read_text() == "not a folder"


def test_secrets_of_mlflow_are_not_copied(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    settle(monkeypatch)
    world = filled(project)
    secret = "ghp_" + "a1B2" * 9
    with world.writing():
        run = world.store.search()[0].run_id
        world.store.write(run, params={"password": "correct horse"}, tags={"note": f"token {secret}"})
    for _ in range(2):
        assert answers(world, None)["summaries"] == answers(world, KeptIndex(None))["summaries"]
        (index,) = world.index_files()
        assert not any(word in index.read_bytes() for word in (b"correct horse", secret.encode()))


def test_no_index_is_made_where_no_project_is(tmp_path: Path) -> None:
    project = Project(tmp_path / "x", tmp_path / "x" / ".bioml")
    assert Catalog(project, destination(project), lambda: None).runs().total == 0
    assert not project.root.exists()


def test_two_processes_write_at_once(project: Project) -> None:
    world = filled(project)
    fresh = answers(world, KeptIndex(None))
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_rewrite, args=(world,)) for _ in range(2)]
    for one in writers:
        one.start()
    while any(one.is_alive() for one in writers):
        assert answers(world, None)["summaries"] == fresh["summaries"]
    assert [one.exitcode for one in writers] == [0, 0]
    assert len(world.index_files()) == 1 and not list((project.home / "state").glob(".index*"))


def _rewrite(world: World) -> None:
    for _ in range(30):
        for path in world.index_files():
            path.unlink(missing_ok=True)
        Catalog(world.project, world.target, world.open_store).runs()


def test_reading_a_database_does_not_change_what_is_known_of_it(project: Project) -> None:
    """As root, SQLite says who owns the log whenever a process opens it."""
    target = destination(project)
    assert target.database is not None
    with contextlib.closing(sqlite3.connect(target.database)) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute("CREATE TABLE t (x)")
        writer.commit()
        before = stamps.database_stamps(target.database)
        for name in (target.database, target.database.with_name("mlflow.db-wal")):
            os.chown(name, os.getuid(), os.getgid())
        with contextlib.closing(sqlite3.connect(f"{target.database.as_uri()}?mode=ro", uri=True)) as reader:
            assert reader.execute("SELECT count(*) FROM t").fetchone() == (0,)
        assert stamps.database_stamps(target.database) == before
        writer.execute("INSERT INTO t VALUES (1)")
        writer.commit()
        assert stamps.database_stamps(target.database) != before


def test_a_database_is_never_opened_beside_sqlite(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """To close its file would give up the locks that SQLite has on it anywhere in this process."""
    world = filled(project)
    opened = list[str]()

    def noting(function: Any) -> Any:
        return lambda path, *a, **k: opened.append(str(path)) or function(path, *a, **k)

    monkeypatch.setattr("builtins.open", noting(open))
    monkeypatch.setattr(os, "open", noting(os.open))
    answers(world, None)
    assert opened and not [path for path in opened if "mlflow.db" in path]


def test_what_cannot_be_kept_costs_the_index_and_never_the_list() -> None:
    empty = {field.name: None for field in dataclasses.fields(RunRow)}

    def text(**known: Any) -> bytes | None:
        row = RunRow(**{**empty, **known})
        return summary_text(Summary(row, frozenset(), None, None, hidden=False, above=None, user=None))

    assert text(name="gbm", metrics={"auc": 0.5}) is not None
    assert text(progress=Progress("loss", (0.5, 0.25), 2, None)) is None, "another one in a moment"
    assert text(metrics={"auc": object()}) is None
