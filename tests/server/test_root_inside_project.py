"""A server whose root lies inside a project tells what belongs to notebooks below its root, and nothing else."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mlflow
import numpy
import pytest
from front_case import SyntheticJournal
from promote.world import EASY, MODEL, World
from server_case import Reply, Server, address
from sklearn.linear_model import LogisticRegression

from jupyter_bioml.config import Project, find_project
from jupyter_bioml.journal.renames import Renames
from jupyter_bioml.runs.boundary import Boundary
from jupyter_bioml.server.app import ROUTES
from jupyter_bioml.server.base import BiomlHandler
from jupyter_bioml.server.openapi import VERBS
from jupyter_bioml.store.base import NOTEBOOK
from jupyter_bioml.store.mlflow_store import MlflowStore

#: In the name, note, parameters and output of every run from above the root.
SECRET = "told-by-nobody"
#: Notebooks of the project that are not below its folder ``notebooks``.
ABOVE = ("above.ipynb", "other/deep.ipynb", "notebooks-2/near.ipynb", "notebooks/../climbing.ipynb")
MINE = "notebooks/mine.ipynb"
RUN_VERBS = [
    (verb.upper(), path)
    for path, handler in ROUTES
    for verb in VERBS
    if "{run}" in path and getattr(handler, verb) is not getattr(BiomlHandler, verb)
]
BODIES: dict[str, Any] = {"/runs/{run}": {"starred": True}, "/runs/{run}/register": {"name": "m"}}


@dataclass
class Inside:
    """The server, the project around its root, and the runs."""

    server: Server
    project: Project
    mine: str
    above: dict[str, str]


@pytest.fixture(scope="module")
def inside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inside]:
    base = tmp_path_factory.mktemp("inside")
    root = base / "study" / "notebooks"
    root.mkdir(parents=True)
    (base / "study" / ".bioml").mkdir()
    project = find_project(base / "study")
    mine = SyntheticJournal(project, notebook=MINE)
    run = mine.run("mine", {"auc": 0.9}, params={"depth": 3})
    mine.start("mine too", source="open")
    above = {}
    for number, notebook in enumerate(ABOVE, 2):
        journal = SyntheticJournal(project, f"20261121T120000-0000000{number}", notebook)
        above[notebook] = journal.run(f"{SECRET} {number}", {SECRET: 0.5}, params={SECRET: SECRET})
        journal.start(f"{SECRET} running")
    server = Server(root, base / "home").start()
    yield Inside(server, project, run, above)
    server.stop()


def unknown(reply: Reply) -> None:
    assert reply.status == 404 and reply.json["code"] == "not-found", (reply.status, reply.body[:300])
    assert SECRET.encode() not in reply.body


def test_lists_have_only_what_is_below(inside: Inside) -> None:
    server = inside.server
    for query in ({}, {"scope": "project"}, {"scope": "project", "q": SECRET}, {"path": "mine.ipynb"}):
        page = server.json("/runs", **{"reproductions": "1", "archived": "1", **query})
        wanted = set() if "q" in query else {"mine", "mine too"}
        assert {row["name"] for row in page["rows"]} == wanted and SECRET not in str(page)
    assert [one["notebook"] for one in server.json("/status")["live"]] == [MINE]
    assert {one["name"] for one in server.json("/status")["waiting"]} == {"mine", "mine too"}
    assert {run["name"] for run in server.json("/live")["runs"]} == {"mine too"}
    for path in ("/experiments", "/models", "/jobs", "/"):
        assert SECRET not in str(server.json(path))


@pytest.mark.parametrize("notebook", ABOVE)
def test_a_run_from_above_is_unknown_in_every_endpoint(inside: Inside, notebook: str) -> None:
    server, run = inside.server, inside.above[notebook]
    assert len(RUN_VERBS) >= 10
    for identity in (run, run[:12]):
        for verb, path in RUN_VERBS:
            target = address(path.replace("{run}", identity).replace("{path}", "cell.py"))
            unknown(server.send(verb, target, BODIES.get(path) if verb != "GET" else None))
    unknown(server.send("POST", address("/compare"), {"runs": [inside.mine, run]}))
    unknown(server.send("POST", address("/jobs"), {"kind": "reproduce", "run": run}))
    assert server.json("/runs", scope="project", parent=run)["rows"] == []


def test_a_run_from_below_is_there(inside: Inside) -> None:
    server, run = inside.server, inside.mine
    assert server.json(f"/runs/{run}")["row"]["name"] == "mine"
    assert server.json(f"/runs/{run[:12]}")["record"]["params"] == {"depth": 3}
    for path in ("series", "resources", "outputs", "files"):
        assert server.get(f"/runs/{run}/{path}").status == 200
    assert server.send("PATCH", address(f"/runs/{run}"), {"note": "seen"}).json["note"] == "seen"


def test_what_concerns_the_whole_project_is_refused(inside: Inside) -> None:
    reply = inside.server.send("POST", address("/jobs"), {"kind": "publish"})
    assert (
        reply.status == 409 and "inside the project" in reply.json["message"] and "bioml publish" in reply.json["next"]
    )


def test_a_notebook_that_is_moved_takes_its_runs_along(inside: Inside) -> None:
    server, renames = inside.server, Renames(inside.project.home)
    number = ABOVE.index("above.ipynb") + 2
    renames.add("above.ipynb", "notebooks/below.ipynb")
    page = server.json("/runs", scope="project")
    assert {row["name"] for row in page["rows"]} == {"mine", "mine too", f"{SECRET} {number}", f"{SECRET} running"}
    assert {one["notebook"] for one in server.json("/status")["live"]} == {MINE, "above.ipynb"}
    assert server.get(f"/runs/{inside.above['above.ipynb']}").status == 200
    renames.add("notebooks/below.ipynb", "above.ipynb")
    assert {row["name"] for row in server.json("/runs", scope="project")["rows"]} == {"mine", "mine too"}
    unknown(server.get(f"/runs/{inside.above['above.ipynb']}"))


def test_what_lies_below_a_root(tmp_path: Path) -> None:
    (tmp_path / "study" / ".bioml").mkdir(parents=True)
    (tmp_path / "study" / "open").mkdir()
    os.symlink("study", tmp_path / "link")
    project = find_project(tmp_path / "study")
    for root in (tmp_path / "link", project.root, tmp_path, Path("/")):
        assert Boundary.of(project, root) is None, "the whole project lies below it"
    boundary = Boundary.of(project, tmp_path / "link" / "open")
    assert boundary is not None
    inside = ("open/a.ipynb", "open/deep/a.ipynb", str(project.root / "open" / "a.ipynb"))
    outside = ("", "a.ipynb", "open/../b.ipynb", "/etc/a.ipynb", "opener/a.ipynb", str(tmp_path / "a.ipynb"))
    assert [boundary.holds(name) for name in (*inside, *outside)] == [True] * 3 + [False] * 6


def test_models_of_runs_from_above_are_unknown(inside: Inside, empty_database: Path, tmp_path: Path) -> None:
    server, project = inside.server, inside.project
    file = project.home / "mlflow.db"
    shutil.copy(empty_database, file)
    store = MlflowStore(f"sqlite:///{file}")
    folder = tmp_path / "model"
    model = LogisticRegression().fit(numpy.array([[0.0], [1.0]]), [0, 1])
    mlflow.sklearn.save_model(model, str(folder), pip_requirements=[])
    world = World(project.root, store, folder)
    world.write_policy(EASY)
    for notebook in (MINE, "above.ipynb"):
        version = world.version()
        assert version.run_id is not None
        store.write(version.run_id, tags={NOTEBOOK: notebook})
    store.set_alias(MODEL, "2", "theirs")
    Server.wait(lambda: server.json("/models"), "the version below the root")
    (shown,) = server.json("/models")
    assert [one["version"] for one in shown["versions"]] == ["1"]
    for verb, path, body in (
        ("GET", "/versions/2/gates", None),
        ("POST", "/versions/2/promote", {"alias": "champion"}),
        ("POST", "/versions/2/approve", {"decision": "approve", "meaning": "review", "reason": "x"}),
        ("POST", "/rollback", {"alias": "theirs"}),
        ("PUT", "/aliases/mine", {"version": "2"}),
        ("DELETE", "/aliases/theirs", None),
    ):
        unknown(server.send(verb, address(f"/models/{MODEL}{path}"), body))
    assert store.model_version(MODEL, "2").aliases == ("theirs",) and world.actions() == []
    assert server.send("POST", address(f"/models/{MODEL}/versions/1/promote"), {"alias": "champion"}).json["promoted"]
