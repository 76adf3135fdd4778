"""The index on the disk with a real tracking server: lists are those that MLflow's own client gives, or say how old
they are, whatever happens on the server and to it."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from index_world import World, answers
from mlflow.tracking import MlflowClient
from relay import Answer, Asked, Relay, relay
from servers import TrackingServer

from jupyter_bioml.config import Destination, Project, destination, find_project
from jupyter_bioml.pages.lists import run_list
from jupyter_bioml.runs import store_index
from jupyter_bioml.runs.assembly import Assembly, Sources
from jupyter_bioml.runs.catalog import Catalog
from jupyter_bioml.runs.kept import KeptIndex
from jupyter_bioml.runs.row import RunList
from jupyter_bioml.store.base import RECORD_ID, Store
from jupyter_bioml.store.mlflow_store import MlflowStore
from jupyter_bioml.store.opening import StoreOpener

#: Runs on the server: more than a quick look asks for.
RUNS = 250
NOTEBOOK = "a.ipynb"


@pytest.fixture
def way(tracking_server: TrackingServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Relay]:
    """The way to the server, which is the project's destination."""
    monkeypatch.setenv("BIOML_PUBLISH", "off")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with relay(tracking_server.uri) as made:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", made.uri)
        yield made


@pytest.fixture
def project(project_dir: Path, way: Relay) -> Project:
    return find_project(project_dir)


@pytest.fixture
def client(tracking_server: TrackingServer) -> MlflowClient:
    """MLflow's own, by which others change what lies there."""
    return MlflowClient(tracking_server.uri)


def listed(project: Project, awaited: float | None = None) -> RunList:
    """As a command lists the runs."""
    target = destination(project)
    return Catalog(project, target, StoreOpener(target, awaited)).runs(archived=True, children=True)


def fresh(project: Project, server: TrackingServer) -> RunList:
    """As MLflow's own client has them, without an index."""
    store = MlflowStore(server.uri)
    return Catalog(project, destination(project), lambda: store, KeptIndex(None)).runs(archived=True, children=True)


def add_runs(server: TrackingServer, number: int) -> list[str]:
    """Runs that another machine has sent, one a minute until an hour ago, oldest first."""
    experiment = MlflowClient(server.uri).create_experiment(NOTEBOOK)
    run_ids, begin = (
        [os.urandom(16).hex() for _ in range(number)],
        int(time.time() * 1000) - 3_600_000 - number * 60_000,
    )
    with closing(sqlite3.connect(server.database, timeout=30)) as database, database:
        for place, run_id in enumerate(run_ids):
            at = begin + place * 60_000
            database.execute(
                "INSERT INTO runs (run_uuid, name, source_type, user_id, status, start_time, end_time, lifecycle_stage,"
                " artifact_uri, experiment_id) VALUES (?, ?, 'NOTEBOOK', 'bob', 'FINISHED', ?, ?, 'active', ?, ?)",
                (run_id, f"model {place % 9}", at, at + 500, f"mlflow-artifacts:/1/{run_id}/artifacts", experiment),
            )
            tags = {RECORD_ID: os.urandom(16).hex(), "bioml.notebook": NOTEBOOK, "team": "b"}
            database.executemany("INSERT INTO tags VALUES (?, ?, ?)", [(key, tags[key], run_id) for key in tags])
            database.execute("INSERT INTO params VALUES ('depth', ?, ?)", (str(place), run_id))
            for table in ("metrics", "latest_metrics"):
                database.execute(
                    f"INSERT INTO {table} (key, value, timestamp, step, is_nan, run_uuid) VALUES ('auc', ?, ?, 0, 0, ?)",
                    (place / number, at, run_id),
                )
    return run_ids


def by_name(runs: RunList) -> dict[str | None, str]:
    return {row.run_id: row.name for row in runs.rows}


def searches(way: Relay) -> int:
    return len([asked for asked in way.asked if asked.path.endswith("/runs/search")])


def test_changes_on_the_server_are_there_at_once_or_said_to_be_missing(
    project: Project, way: Relay, tracking_server: TrackingServer, client: MlflowClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_ids = add_runs(tracking_server, RUNS)
    assert listed(project) == fresh(project, tracking_server), "all were asked for"
    old, new = run_ids[0], run_ids[-1]
    changes: list[Callable[[], Any]] = [
        lambda: client.update_run(new, name="renamed there"),
        lambda: client.set_tag(new, "team", "c"),
        lambda: client.set_tag(run_ids[-2], "bioml.starred", "true"),
        lambda: client.delete_tag(run_ids[-2], "bioml.starred"),
        lambda: client.log_metric(run_ids[-3], "auc", 0.99, step=1),
        lambda: client.delete_run(new),
        lambda: client.restore_run(new),
        lambda: client.create_run(client.get_run(old).info.experiment_id, tags={RECORD_ID: "ab" * 16}, run_name="more"),
    ]
    for change in changes:
        change()
        way.asked.clear()
        found = listed(project)
        assert found.rows == fresh(project, tracking_server).rows
        assert searches(way) <= 2, "the newest ones"
        assert found.as_of is not None and time.time() - found.as_of < 600
    client.update_run(old, name="an old one renamed")
    client.delete_run(run_ids[1])
    found = listed(project)
    assert by_name(found)[old] != "an old one renamed" and run_ids[1] in by_name(found)
    assert "MLflow was asked for the newest runs; the others are listed as it had them" in " ".join(
        run_list(found, 200)
    )
    monkeypatch.setattr(store_index, "KEPT_FOR", 0.0)
    assert listed(project) == fresh(project, tracking_server), "an hour later"


def test_a_run_that_runs_or_was_sent_since_is_asked_for(
    project: Project, tracking_server: TrackingServer, client: MlflowClient
) -> None:
    """Also where it is not among the newest: its kernel began long before it was sent."""
    runs, at = add_runs(tracking_server, RUNS), int(time.time() * 1000) - 90_000_000
    experiment = client.get_run(runs[0]).info.experiment_id
    running = client.create_run(experiment, at, {RECORD_ID: "cd" * 16}, run_name="long").info.run_id
    assert listed(project).rows == fresh(project, tracking_server).rows
    client.log_metric(running, "auc", 0.5)
    client.set_terminated(running)
    assert listed(project).rows == fresh(project, tracking_server).rows
    world = ServerWorld(project, destination(project), 1)
    world.clock = at / 1000 - 500_000
    world.start_session()
    world.start_run()
    world.end_run()
    assert listed(project).rows == fresh(project, tracking_server).rows, "it waits"
    world.publish()
    found = listed(project)
    (row,) = [row for row in found.rows if row.record_id in world.runs]
    assert row.published and found.rows == fresh(project, tracking_server).rows


def test_few_runs_are_all_asked_for(project: Project, tracking_server: TrackingServer, client: MlflowClient) -> None:
    """One that the server's owner removed for good is no longer listed."""
    run_ids = add_runs(tracking_server, 5)
    assert len(listed(project).rows) == 5
    with closing(sqlite3.connect(tracking_server.database, timeout=30)) as database, database:
        for table in ("tags", "params", "metrics", "latest_metrics", "runs"):
            database.execute(f"DELETE FROM {table} WHERE run_uuid = ?", (run_ids[2],))
    found = listed(project)
    assert found == fresh(project, tracking_server) and found.total == 4 and found.as_of is None


@pytest.mark.parametrize("trouble", ["hangs", "is down", "401", "500", "sends a page", "stops in the middle"])
def test_with_a_server_in_trouble_the_list_is_what_was_known(
    project: Project, way: Relay, tracking_server: TrackingServer, trouble: str
) -> None:
    """Of MLflow as it was kept, and of the journal as it is, with one line that says how old they are."""
    add_runs(tracking_server, RUNS)
    world = ServerWorld(project, destination(project), 1)
    world.start_session()
    world.start_run()
    before = listed(project)
    assert before.total == RUNS + 1
    world.end_run()
    instead: dict[str, Callable[[Asked], Answer]] = {
        "hangs": way.hang,
        "sends a page": lambda asked: Answer(200, b"<title>Sign in</title>", {"Content-Type": "text/html"}),
        "stops in the middle": lambda asked: Answer(200, way.ask_server(asked).body[:-50]),
    }
    way.instead = instead.get(trouble, lambda asked: Answer(int(trouble) if trouble.isdecimal() else 502))
    if trouble == "is down":
        way.close()
    found = listed(project, awaited=0.3 if trouble == "hangs" else 60.0)
    assert {row.record_id for row in found.rows} == {row.record_id for row in before.rows}
    (ours,) = [row for row in found.rows if row.record_id in world.runs]
    assert ours.state != "RUNNING" and found.down and found.as_of == before_read(project)
    (line,) = [line for line in run_list(found, 200) if "⚠" in line]
    assert "so these are the journal's runs, and those that MLflow had" in line


def before_read(project: Project) -> float:
    """When the server was read, as it was kept."""
    known = KeptIndex.of(project, destination(project)).read()
    assert known is not None
    return known.runs.read_at


def test_runs_of_another_project_at_the_same_server_stay_out(
    project: Project, tracking_server: TrackingServer, tmp_path: Path, client: MlflowClient
) -> None:
    """Those of another repository; a copy of this one, on another machine, is the same project."""
    (run_id, other, _) = add_runs(tracking_server, 3)
    for repository, run in (("git@example.org:a.git", run_id), ("git@example.org:b.git", other)):
        client.set_tag(run, "mlflow.source.git.repoURL", repository)
    for name in ("config", "HEAD"):
        (project.root / ".git").mkdir(exist_ok=True)
        (project.root / ".git" / name).write_text(
            '[remote "origin"]\n\turl = git@example.org:a.git\n' if name == "config" else "ref: refs/heads/main\n"
        )
    for _ in range(2):
        found = listed(project)
        assert found == fresh(project, tracking_server)
        assert other not in by_name(found) and run_id in by_name(found) and found.total == 2


class ServerWorld(World):
    """A project whose runs are at a tracking server; others change them there by MLflow's own client."""

    def __init__(self, project: Project, target: Destination, seed: int) -> None:
        super().__init__(project, target, seed)
        self.theirs = MlflowStore(target.uri)
        self.store = self.theirs  # type: ignore[assignment]  # a real one, which is asked as the one in memory is
        self.client = MlflowClient(target.uri)
        self.asked: Store = self.theirs
        self.steps += [self.restore_in_mlflow] * 2

    def open_store(self) -> Any:
        return self.asked

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        yield

    def edit_in_mlflow(self) -> None:
        if runs := self.theirs.search(ours=False):
            run = self.dice.choice(runs).run_id
            tag = self.dice.choice(("bioml.starred", "team", "mlflow.note.content", "bioml.archived"))
            self.client.set_tag(run, tag, self.dice.choice(("true", "false", "x")))
            self.client.update_run(run, name=self.dice.choice(("renamed there", "forest")))

    def restore_in_mlflow(self) -> None:
        if gone := [run for run in self.theirs.search(ours=False, deleted=True) if run.deleted]:
            self.client.restore_run(self.dice.choice(gone).run_id)


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 7))])
def test_the_answers_are_those_of_mlflows_own_client(project: Project, seed: int) -> None:
    world, told = ServerWorld(project, destination(project), seed), list[str]()
    ours = StoreOpener(world.target)
    for _ in range(20 if seed == 0 else 60):
        told.append(world.step())
        state = world.dice.getstate()
        world.asked = world.theirs
        expected = answers(world, KeptIndex(None))
        world.dice.setstate(state)
        store = ours()
        assert store is not None
        world.asked = store
        found = answers(world, None)
        for name, answer in expected.items():
            assert found[name] == answer, (name, told)


def test_a_server_keeps_up_with_a_tracking_server(
    project: Project, tracking_server: TrackingServer, client: MlflowClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It begins with what was kept, asks for the newest runs every few seconds, and for all now and then."""
    monkeypatch.setattr(store_index, "QUICK", 0.0)
    run_ids = add_runs(tracking_server, RUNS)
    listed(project)
    target = destination(project)
    known = KeptIndex.of(project, target).read()
    made = Assembly(Sources.of(project, target, known), StoreOpener(target), ended=True)
    made.take(known)

    def names() -> dict[str | None, str]:
        made.store.look()
        made.assemble()
        return {one.row.run_id: one.row.name for one in made.shown().values()}

    expected = by_name(fresh(project, tracking_server))
    assert {one.run_id for one in made.store.lines.values()} == set(run_ids), "before anything is asked"
    assert names() == expected and not made.store.loading
    client.update_run(run_ids[-1], name="renamed there")
    client.update_run(run_ids[0], name="an old one")
    client.delete_run(run_ids[-2])
    assert {key: name for key, name in names().items() if key != run_ids[0]} == {
        key: name for key, name in by_name(fresh(project, tracking_server)).items() if key != run_ids[0]
    }
    made.store.expire()
    assert names() == by_name(fresh(project, tracking_server)) and names()[run_ids[0]] == "an old one"
