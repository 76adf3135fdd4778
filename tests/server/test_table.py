"""The table of runs: filter, order, groups, whole columns, changes of many runs, saved views."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from front_case import SyntheticJournal
from server_case import API, Server, address

from jupyter_bioml.config import Project

Make = Callable[..., SyntheticJournal]


@pytest.fixture
def ask(server: Server, project: Project) -> Callable[..., Any]:
    """The answer of an address about the project, once all its runs were read."""

    def send(path: str, **query: Any) -> Any:
        where = {"path": project.root.name, "scope": "project"}
        server.wait(lambda: not server.json("/runs", **where)["loading"], "all runs")
        return server.json(path, **where, **query)

    return send


@pytest.fixture
def sweep(journal: Make) -> list[str]:
    """A parent with six children, and a run that has nothing of what they have."""
    made = journal()
    parent = made.run("sweep")
    runs = [
        made.run(
            f"trial {n}", {"auc": 0.5 + n / 10, "loss": 1.0 - n / 10}, parent=parent, params={"depth": n % 3, "seed": 7}
        )
        for n in range(5)
    ]
    failed = made.run("trial 5", {"auc": 0.99}, parent=parent, params={"depth": 2, "seed": 7}, status="FAILED")
    return [made.run("alone", params={"kind": "tree"}), parent, *runs, failed]


def names(page: Any) -> list[str]:
    return [row["name"] for row in page["rows"]]


def test_filter_and_order_by_any_column(sweep: list[str], ask: Callable[..., Any]) -> None:
    assert names(ask("/runs", where="auc > 0.7 and depth = 2", flat=1)) == ["trial 5"]
    assert names(ask("/runs", where="auc >= 0.7", flat=1, sort="column", column="depth", order="asc")) == [
        "trial 3", "trial 4", "trial 5", "trial 2",
    ]  # fmt: skip
    page = ask("/runs", flat=1, sort="column", column="params.depth", order="asc")
    assert names(page)[:2] == ["trial 3", "trial 0"] and page["total"] == 8
    assert set(names(page)[6:]) == {"alone", "sweep"}, "what has no value comes last"
    page = ask("/runs", flat=1, sort="column", column="params.depth", order="desc")
    assert names(page)[:2] == ["trial 5", "trial 2"] and set(names(page)[6:]) == {"alone", "sweep"}
    assert names(ask("/runs")) == ["alone", "sweep"], "other lists fold the children into their parent"


def test_a_wrong_filter_is_a_usage_error_with_its_place(
    sweep: list[str], server: Server, project: Project, ask: Callable[..., Any]
) -> None:
    ask("/runs")
    for path in ("/runs", "/table/groups", "/table/values"):
        reply = server.get(path, path=project.root.name, scope="project", where="depht = 2", by="depth")
        assert reply.status == 400 and reply.json["code"] == "usage"
        assert "character 1" in reply.json["message"] and "depth" in reply.json["next"]
    for query in ({"sort": "column"}, {"sort": "column", "column": "nothing"}):
        assert server.get("/runs", path=project.root.name, scope="project", **query).status == 400


def test_groups_have_best_mean_and_deviation_of_finished_runs(sweep: list[str], ask: Callable[..., Any]) -> None:
    answer = ask("/table/groups", by="depth", of="auc", sort="column", column="auc", order="desc")
    assert [(group["value"], group["runs"], group["measured"]) for group in answer["groups"]] == [
        (2, 2, 1), (1, 2, 2), (0, 2, 2), (None, 2, 0),
    ]  # fmt: skip
    two, one, zero, without = answer["groups"]
    assert two["best"] == {"record_id": sweep[4], "value": 0.7} and two["sd"] is None and two["mean"] == 0.7
    assert one["mean"] == pytest.approx(0.75) and one["sd"] == pytest.approx(0.2121, abs=1e-4)
    assert without["key"] == "[]" and without["best"] is None and without["mean"] is None
    assert answer["total"] == 4 and answer["runs"] == 8
    assert names(ask("/runs", flat=1, group="depth", value=zero["key"])) == ["trial 3", "trial 0"]
    assert set(names(ask("/runs", flat=1, group="depth", value="[]"))) == {"alone", "sweep"}
    best = ask("/table/groups", by="params.depth", of="loss")["groups"][0]["best"]
    assert best == {"record_id": sweep[4], "value": pytest.approx(0.8)}, "the least loss is the best"


def test_whole_columns_in_the_order_of_the_rows(sweep: list[str], ask: Callable[..., Any]) -> None:
    answer = ask("/table/values", show=["params.depth", "auc", "name"], where="seed = 7", sort="started", order="asc")
    assert answer["runs"] == sweep[2:]
    assert answer["columns"][0] == [0, 1, 2, 0, 1, 2] and answer["columns"][2][0] == "trial 0"
    assert answer["columns"][1][-1] == 0.99
    everything = ask("/table/values")
    assert sorted(everything["runs"]) == sorted(sweep) and everything["columns"] == []


def test_columns_to_choose_from(sweep: list[str], ask: Callable[..., Any]) -> None:
    answer = ask("/table/columns")
    assert answer["metrics"] == [
        {"key": "auc", "runs": 6, "differs": True}, {"key": "loss", "runs": 5, "differs": True},
    ]  # fmt: skip
    assert answer["params"] == [
        {"key": "depth", "runs": 6, "differs": True}, {"key": "kind", "runs": 1, "differs": False},
        {"key": "seed", "runs": 6, "differs": False},
    ]  # fmt: skip


def test_many_runs_are_changed_at_once(
    sweep: list[str], server: Server, project: Project, ask: Callable[..., Any]
) -> None:
    target = address("/table/change", path=project.root.name)
    ask("/runs")
    body = {"runs": [*sweep[2:5], "f" * 32], "starred": True, "tags": {"site": "north", " stage ": "final"}}
    reply = server.send("POST", target, body)
    assert (reply.status, reply.json) == (200, {"changed": 3, "missing": ["f" * 32]})
    assert names(ask("/runs", flat=1, where="starred and site = north")) == ["trial 2", "trial 1", "trial 0"]
    reply = server.send("POST", target, {"runs": sweep[2:3], "archived": True, "tags": {"site": None}})
    assert reply.status == 200
    assert names(ask("/runs", flat=1, where="starred")) == ["trial 2", "trial 1"]
    (row,) = ask("/runs", flat=1, where="starred and archived", archived=1)["rows"]
    assert row["tags"] == {"stage": "final"} and row["archived"]
    for wrong in ({"runs": sweep}, {"runs": sweep, "tags": {"bioml.mark": "x"}}, {"runs": sweep, "tags": {"a": 1}}):
        assert server.send("POST", target, wrong).status == 400


def test_several_runs_are_exported_as_one_file(sweep: list[str], server: Server, project: Project) -> None:
    reply = server.get("/table/export", path=project.root.name, run=sweep[2:4])
    assert reply.status == 200 and reply.headers["content-disposition"].endswith("2-runs.zip")
    with zipfile.ZipFile(io.BytesIO(reply.body)) as archive:
        assert archive.namelist() == [f"trial_{n}-{sweep[2 + n][:8]}.zip" for n in range(2)]
        with zipfile.ZipFile(io.BytesIO(archive.read(archive.namelist()[0]))) as one:
            assert any(name.endswith("record.json") for name in one.namelist())
    assert server.get("/table/export", path=project.root.name).status == 400


VIEW = {
    "name": "deep trees", "columns": ["name", "params.depth", "metrics.auc", "figure"], "widths": [200, 0, 90, 0],
    "sort": "metrics.auc", "descending": True, "where": "depth > 1", "group": None, "metric": "auc", "archived": False,
    "reproductions": False,
}  # fmt: skip


def test_views_are_kept_in_the_project(server: Server, project: Project) -> None:
    views = address("/table/views", path=project.root.name)
    assert server.send("GET", views).json == []
    assert server.send("POST", views, VIEW).json == VIEW
    other = {**VIEW, "name": "  ärger / 100 %  ", "group": "tags.site"}
    assert server.send("POST", views, other).json["name"] == "ärger / 100 %"
    changed = {**VIEW, "where": ""}
    assert server.send("POST", views, changed).status == 200
    assert [view["name"] for view in server.send("GET", views).json] == ["deep trees", "ärger / 100 %"]
    assert server.send("GET", views).json[0] == changed
    (project.home / "views" / ("0" * 32 + ".json")).write_text('{"name": 3}')
    assert len(server.send("GET", views).json) == 2, "a damaged one hides no other"
    gone = f"{API}/table/views/{quote('ärger / 100 %', safe='')}?path={project.root.name}"
    assert server.send("DELETE", gone).status == 200 and server.send("DELETE", gone).status == 404
    assert [view["name"] for view in server.send("GET", views).json] == ["deep trees"]
    token = "ghp_" + "a1B2" * 9
    kept = server.send("POST", views, {**VIEW, "where": f'tags.key = "{token}"'}).json
    assert token not in kept["where"] and "tags.key" in kept["where"]
    for wrong in ({"name": " "}, {"name": "x" * 101}, {"widths": [1]}, {"columns": [3]}, {"sort": None}):
        assert server.send("POST", views, {**VIEW, **wrong}).status == 400
