"""The list of runs: what is in it and when, filters, order, pages."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from front_case import Bench, SyntheticJournal
from server_case import Server, address

from jupyter_bioml.config import Project
from jupyter_bioml.runs.snapshot import data_changed
from jupyter_bioml.store.mlflow_store import MlflowStore

Make = Callable[..., SyntheticJournal]
HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "x" * 10_000,
    "\u202emoc.live",
    "\U0001f9ec",
    "a\x00b",
    "\ud800",
    "tab\tnew\nline",
]


@pytest.fixture
def rows(server: Server, project: Project) -> Callable[..., list[dict[str, Any]]]:
    """Rows of the project."""

    def ask(**query: Any) -> list[dict[str, Any]]:
        found = server.json("/runs", path=f"{project.root.name}/diagnosis.ipynb", **query)
        return list(found["rows"])

    return ask


def names(rows: list[dict[str, Any]]) -> list[str]:
    return [row["name"] for row in rows]


def test_a_run_is_there_from_its_start_to_its_end(journal: Make, rows: Callable[..., list[dict[str, Any]]]) -> None:
    made = journal()
    assert rows() == []
    run = made.start("baseline", source="x = 1")
    (row,) = rows()
    assert (row["record_id"], row["state"], row["duration"], row["cell_id"]) == (run, "RUNNING", None, "c1")
    made.entry(t="log", run=run, m={"auc": 0.9}, step=1)
    assert rows()[0]["metrics"] == {"auc": 0.9}
    made.finish(run, metrics={"auc": 0.9}, params={"depth": 3, "kind": "forest", "rate": float("inf")})
    (row,) = rows()
    assert (row["state"], row["duration"], row["published"], row["run_id"]) == ("FINISHED", 3.2, False, None)
    assert row["params"]["depth"] == 3 and row["params"]["kind"] == "forest"
    assert row["data_changed"] is None and row["environment_changed"] is None, "not known is not the same as no"


def test_the_death_of_a_kernel_ends_its_run(
    server: Server, project: Project, journal: Make, rows: Callable[..., list[dict[str, Any]]]
) -> None:
    made = journal()
    made.start("baseline")
    assert rows()[0]["state"] == "RUNNING"
    made.entry(t="closed")
    made.die()
    assert rows()[0]["state"] == "KILLED"


def test_filters_and_order(
    server: Server, project: Project, journal: Make, rows: Callable[..., list[dict[str, Any]]]
) -> None:
    made = journal()
    made.run("b", {"auc": 0.7, "loss": 0.3}, note="with a Forest", params={"depth": 3})
    made.run("a", {"auc": 0.9, "loss": 0.4}, params={"depth": 5})
    made.run(
        "c", {"loss": 0.2}, status="FAILED", failure={"kind": "ValueError", "message": "no\nrows", "traceback": "…"}
    )
    first = made.run("a", {"auc": 0.8}, values={"val_loss": float("nan")})
    again = made.run("a", {"auc": 0.8}, reproduces=first)
    assert names(rows()) == ["a", "c", "a", "b"]
    assert again in {row["record_id"] for row in rows(reproductions=1)}
    assert names(rows(sort="name", order="asc")) == ["a", "a", "b", "c"]
    assert names(rows(sort="metric", metric="auc")) == ["a", "a", "b", "c"], "what has none comes last"
    assert names(rows(sort="metric", metric="auc", order="asc")) == ["b", "a", "a", "c"]
    assert names(rows(metric="auc", min=0.75, max=0.85)) == ["a"]
    assert names(rows(q="FOREST")) == ["b"] and names(rows(q="depth=5 a")) == ["a"]
    assert names(rows(q='"with a forest"')) == ["b"] and names(rows(q='"a forest with"')) == []
    assert names(rows(state="FAILED,KILLED")) == ["c"] and names(rows(name="c")) == ["c"]
    assert names(rows(limit=2, offset=1)) == ["c", "a"]
    (failed,) = rows(state="FAILED")
    assert failed["error"] == "ValueError: no"
    page = server.json("/runs", path=project.root.name, scope="project")
    assert page["total"] == 4 and set(page["metric_keys"]) == {"auc", "loss"}
    assert page["best"]["auc"]["value"] == 0.9 and page["best"]["loss"]["value"] == 0.3
    other = server.json("/runs", path=f"{project.root.name}/other.ipynb")
    assert other["rows"] == [] and other["total"] == 0


def test_child_runs_are_asked_for_by_their_parent(
    server: Server, project: Project, journal: Make, rows: Callable[..., list[dict[str, Any]]]
) -> None:
    made = journal()
    made.run("alone", {"auc": 0.7})
    parent = made.run("grid")
    children = [made.run(f"grid {n}", {"auc": n / 10}, parent=parent, params={"depth": n}) for n in range(3)]
    grid, alone = rows()
    assert (grid["name"], grid["children"], grid["parent"]) == ("grid", 3, None) and alone["children"] == 0
    below = rows(parent=parent, sort="metric", metric="auc")
    assert [row["record_id"] for row in below] == children[::-1]
    assert {row["parent"] for row in below} == {parent}
    assert names(rows(q="depth=1")) == ["grid 1"], "one that is found without its parent is listed itself"
    assert rows(parent="0" * 32) == []
    page = server.json("/runs", path=project.root.name, scope="project", parent=parent, limit=2)
    assert page["total"] == 3 and len(page["rows"]) == 2 and page["best"]["auc"]["record_id"] == children[2]


@pytest.mark.parametrize("state", ["FAILED", "KILLED", "RUNNING"])
def test_only_finished_runs_are_the_best(server: Server, project: Project, journal: Make, state: str) -> None:
    made = journal()
    best = made.run("a", {"auc": 0.8, "loss": 0.3})
    made.run("a", {"auc": 0.7, "loss": 0.4})
    other = made.start("a")
    values = {"auc": 0.99, "loss": 0.01, "only_here": 1.0}
    if state == "FAILED":
        made.finish(other, metrics=values, status=state)
    else:
        made.entry(t="log", run=other, m=values, step=0)
    if state == "KILLED":
        made.entry(t="closed")
        made.die()
    where = {"path": project.root.name}
    page = server.json("/runs", scope="project", **where)
    assert (page["rows"][0]["state"], page["rows"][0]["metrics"]) == (state, values), "its values are shown"
    assert page["best"] == {
        "auc": {"record_id": best, "value": 0.8},
        "loss": {"record_id": best, "value": 0.3},
    }
    assert page["metric_keys"] == ["auc", "loss", "only_here"]
    assert server.json(f"/runs/{other}", **where)["group"]["best"] == best
    reply = server.send(
        "POST", address("/compare", **where), {"runs": [other, *(row["record_id"] for row in page["rows"][1:])]}
    )
    metrics = {row["key"]: row for row in reply.json["sections"][0]["rows"]}
    assert (metrics["auc"]["values"], metrics["auc"]["best"], metrics["loss"]["best"]) == ([0.99, 0.7, 0.8], 2, 2)
    assert metrics["only_here"]["best"] is None


def test_hostile_text_breaks_nothing(
    server: Server, project: Project, journal: Make, rows: Callable[..., list[dict[str, Any]]]
) -> None:
    made = journal()
    for text in HOSTILE:
        made.run(text, {text: 1.0}, params={text: text}, note=text)
    found = rows()
    assert len(found) == len(HOSTILE)
    assert HOSTILE[0] in names(found)
    for row in found:
        assert server.json(f"/runs/{row['record_id']}", path=project.root.name)["row"]["record_id"] == row["record_id"]
    assert len(rows(q="<img")) == 1
    reply = server.get("/runs", path=project.root.name, scope="project")
    assert reply.headers["content-type"].startswith("application/json")
    assert reply.headers["x-content-type-options"] == "nosniff"


def test_the_same_answer_again_is_a_304(server: Server, project: Project, journal: Make) -> None:
    made = journal()
    made.run("a")
    where = {"path": project.root.name, "scope": "project"}
    server.wait(lambda: not server.json("/runs", **where)["loading"], "the first look at MLflow")
    first = server.get("/runs", **where)
    tag = {"If-None-Match": first.headers["etag"]}
    again = server.get("/runs", headers=tag, **where)
    assert (again.status, again.body) == (304, b"")
    made.run("b")
    assert server.get("/runs", headers=tag, **where).status == 200


def test_mlflows_runs_join_the_journals(
    server: Server,
    project: Project,
    journal: Make,
    store: MlflowStore,
    rows: Callable[..., list[dict[str, Any]]],
    empty_database: Any,
    capfd: pytest.CaptureFixture[str],
) -> None:
    bench = Bench(project, empty_database, capfd)
    made = journal()
    known, foreign = made.run("known", {"auc": 0.5}), made.run("foreign", {"auc": 0.6})
    run_id = bench.publish(made.record(known))
    elsewhere = bench.publish(made.record(foreign), record_id="f" * 32, name="made elsewhere")
    found = server.wait(
        lambda: (all_ := {row["name"]: row for row in rows()}) and "made elsewhere" in all_ and all_, "it"
    )
    assert len(found) == 3, "a run that is in both is one"
    assert found["known"]["run_id"] == run_id and found["known"]["published"] and found["known"]["cell_id"] == "c1"
    assert found["made elsewhere"]["run_id"] == elsewhere and found["made elsewhere"]["error"] is None
    store.rename(run_id, "another name")
    server.wait(lambda: "another name" in names(rows()), "the new name")
    store.delete_run(elsewhere)
    server.wait(lambda: "made elsewhere" not in names(rows()), "the deletion")
    listed = server.json("/experiments", path=project.root.name)
    assert listed == [{"name": "diagnosis.ipynb", "runs": 2}]
    of_it = server.json("/runs", path=project.root.name, scope="experiment", experiment="diagnosis.ipynb")
    assert of_it["total"] == 2


def test_changes_against_the_run_before(
    server: Server, project: Project, journal: Make, rows: Callable[..., list[dict[str, Any]]]
) -> None:
    made = journal()
    made.entry(t="environment", digest="e1", blob="0" * 64)
    made.run("a")
    time.sleep(0)
    made.entry(t="environment", digest="e2", blob="1" * 64)
    made.run("a")
    made.run("a")
    last, middle, first = rows()
    assert (first["environment_changed"], middle["environment_changed"], last["environment_changed"]) == (
        None,
        True,
        False,
    )
    assert last["data_changed"] is None, "no data was hashed yet"


CSV, VALUE = ("file", "cohort.csv", "a41c"), ("value", "cohort", "sha256:9ca3")


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        (None, {CSV}, None),
        ({CSV}, None, None),
        (set(), set(), False),
        ({CSV, VALUE}, {CSV, VALUE}, False),
        ({CSV}, {("file", "cohort.csv", "9e02")}, True),
        ({CSV}, {("file", "other.csv", "a41c")}, True),
        ({CSV}, set(), True),
        ({CSV, VALUE}, {CSV, ("value", "cohort", "sha256:0000")}, True),
        ({CSV}, {CSV, VALUE}, False),
        ({VALUE}, {("directory", "cohort", "sha256:9ca3")}, True),
    ],
)
def test_data_changed_only_where_other_data_was_read(
    before: set[tuple[str, str, str]] | None, after: set[tuple[str, str, str]] | None, changed: bool | None
) -> None:
    pair = [None if uses is None else frozenset(uses) for uses in (before, after)]
    assert data_changed(*pair) is changed


def test_a_run_that_cannot_be_understood_hides_no_other(server: Server, project: Project, journal: Make) -> None:
    made = journal()
    made.run("a")
    made.run("broken", metrics={"auc": "no number"})
    made.run("b")
    page = server.json("/runs", path=project.root.name, scope="project")
    assert names(page["rows"]) == ["b", "broken", "a"]
    assert len(page["problems"]) == 1 and "is damaged; 3 of its runs are shown" in page["problems"][0]
