"""A run looks the same before and after it is published, here and on another machine, wherever it is shown."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_kernel import wait_until
from kernels import Kernel

from jupyter_bioml.cli.main import main
from jupyter_bioml.config import destination, find_project
from jupyter_bioml.publish.sending import publish
from jupyter_bioml.runs.query import Query
from jupyter_bioml.server.bench import ServerBench
from jupyter_bioml.views.encoding import encode
from jupyter_bioml.workbench import Workbench

Seen = dict[str, Any]
#: What publishing itself says, and what only the publisher finds out: digests of files, and against what they changed.
PUBLISHED = {"run_id", "published", "unsaid", "data_changed"}
#: What only the journal has: the cell's own text as the front end sent it, and the flag ``--metrics``.
ONLY_HERE = {"source_digest", "compared", "environment_changed"}

CELLS = (
    "import bioml_inputs as inputs\ndepth = 3",
    "%%experiment forest --note 'the first one'\n"
    "import jupyter_bioml as bioml\n"
    "from sklearn.ensemble import RandomForestClassifier\n"
    "X, y = inputs.X, inputs.y\n"
    "rate, kind, whole = 0.30000000000000004, 'gini', True\n"
    "first = RandomForestClassifier(n_estimators=3, max_depth=depth, random_state=0).fit(X, y)\n"
    "second = RandomForestClassifier(n_estimators=5, min_samples_leaf=2, random_state=0).fit(X, y)\n"
    "zeta = float(first.score(X, y)); alpha = zeta / 3\n"
    "bioml.log_params(zone='b', arm=2)\n"
    "bioml.log(loss=0.5, step=1); bioml.log(loss=0.25, step=2)",
    "%%experiment fails\nvalue = 1.5\nraise ValueError('no rows\\nat all')",
    "%%experiment several\nimport jupyter_bioml as bioml\n"
    "for size in (2, 1):\n    with bioml.run(f'size={size}', size=size) as one:\n        one.log(score=size / 4)\n"
    "    total = sum(range(300_000))  # some milliseconds: MLflow keeps no finer times",
)


@pytest.fixture
def project(start_kernel: Callable[..., Kernel], project_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with three runs and two children that a real kernel made, none of them published."""
    monkeypatch.setenv("BIOML_PUBLISH", "off")
    (project_dir / "bioml_inputs.py").write_text(
        "X = [[float(n)] for n in range(20)]\ny = [n % 2 for n in range(20)]\n"
    )
    kernel = start_kernel()
    for number, cell in enumerate(CELLS):
        kernel.run(cell, cell_id=f"cell-{number}", notebook="fit.ipynb", timeout=120)
    kernel.close()
    return project_dir


@contextlib.contextmanager
def bench_of(root: Path) -> Iterator[ServerBench]:
    found = find_project(root)
    bench = ServerBench(found, destination(found))
    try:
        yield bench
    finally:
        bench.close()


Command = Callable[..., str]


@pytest.fixture
def command(capfd: pytest.CaptureFixture[str]) -> Command:
    """What a command prints."""

    def run(*arguments: str) -> str:
        capfd.readouterr()
        assert main(list(arguments)) == 0
        return capfd.readouterr().out

    return run


def seen(root: Path, command: Command) -> Seen:
    """Everything that is shown of every run: list, page, ``show --json``, and the card as text."""
    workbench, found = Workbench.at(root), Seen()
    listed = json.loads(command("runs", "--json"))
    with bench_of(root) as bench:
        bench.page(Query())
        wait_until(lambda: not bench.page(Query()).loading, 60)
        page = {row.record_id: json.loads(encode(row)) for row in bench.page(Query()).rows}
        for row in listed:
            children = [json.loads(encode(one)) for one in bench.page(Query(parent=row["record_id"])).rows]
            found[row["record_id"]] = {
                "list": row,
                "page": page[row["record_id"]],
                "detail": json.loads(encode(bench.run.detail(row["record_id"]).row)),
                "show": json.loads(command("show", row["record_id"], "--json")),
                "card": command("show", row["record_id"]).splitlines()[:4],
                "children": children,
            }
    assert len(workbench.runs.list().rows) == len(found) == 3
    return found


def without(document: Any, names: set[str]) -> Any:
    """The document without these keys, wherever they are."""
    if isinstance(document, dict):
        return {key: without(value, names) for key, value in document.items() if key not in names}
    return [without(item, names) for item in document] if isinstance(document, list) else document


def rows(found: Seen, names: set[str]) -> Seen:
    """The rows of every view, with their keys' order: a list of pairs."""
    return {
        run: {view: json.dumps(without(each[view], names)) for view in ("list", "page", "detail", "children")}
        for run, each in found.items()
    }


def test_the_same_before_and_after_publishing(project: Path, command: Command) -> None:
    before = seen(project, command)
    target = find_project(project)
    assert publish(target, destination(target), wait=True, timeout=120).waiting == ()
    after = seen(project, command)
    assert rows(after, PUBLISHED) == rows(before, PUBLISHED)
    for run, each in after.items():
        assert all(each[view] == each["list"] for view in ("page", "detail")), "one row for every view"
        assert {key: each["show"][key] for key in each["list"]} == each["list"]
        assert each["card"] == before[run]["card"]
        assert each["list"]["run_id"] and each["list"]["published"] and each["list"]["record_id"] == run
        ours, theirs = before[run]["show"]["record"], each["show"]["record"]
        assert json.dumps(theirs.get("params")) == json.dumps(ours.get("params")), "order included"
        changed = {key for key in ours.keys() | theirs.keys() if ours.get(key) != theirs.get(key)}
        assert changed <= {"data", "gaps"}, "the publisher adds digests of files, and why one has none"
    forest = next(each["list"] for each in after.values() if each["list"]["name"] == "forest")
    keys = list(forest["params"])
    chosen = {"zone", "arm", "depth", "rate", "kind", "whole", "first.n_estimators", "first.max_depth",
              "first.random_state", "second.n_estimators", "second.min_samples_leaf", "second.random_state"}  # fmt: skip
    assert set(keys[: len(chosen)]) == chosen, "what the user set comes before what was left at its default"
    several = next(each for each in after.values() if each["list"]["name"] == "several")
    assert several["list"]["children"] == 2 and [child["name"] for child in several["children"]] == ["size=1", "size=2"]
    assert [child["name"] for child in several["show"]["child_runs"]] == ["size=2", "size=1"]
    assert {child["parent"] for child in several["children"]} == {several["list"]["record_id"]}


def test_the_same_where_the_journal_is_not(project: Path, command: Command) -> None:
    target = find_project(project)
    assert publish(target, destination(target), wait=True, timeout=120).waiting == ()
    here = seen(project, command)
    for gone in ("journal", "publish", "annotations.log"):
        shutil.rmtree(target.home / gone, ignore_errors=True)
    (target.home / "journal").mkdir()
    there = seen(project, command)
    rounded = {"started"}  # MLflow keeps milliseconds
    assert rows(there, ONLY_HERE | rounded | PUBLISHED) == rows(here, ONLY_HERE | rounded | PUBLISHED)
    for run, each in there.items():
        assert abs(each["list"]["started"] - here[run]["list"]["started"]) < 0.001
        assert each["card"] == here[run]["card"]


def test_child_runs_are_listed_where_they_are_asked_for(project: Path, command: Command) -> None:
    runs = Workbench.at(project).runs
    assert [row.name for row in runs.list().rows] == ["several", "fails", "forest"]
    assert [row.name for row in runs.list(children=True).rows] == ["size=1", "size=2", "several", "fails", "forest"]
    assert "several (+ 2 runs)" in command("runs") and "size=1" in command("runs", "--all")
    assert {group.name: group.runs for group in runs.groups().groups}["size=2"] == 1


def test_every_field_is_looked_at(project: Path) -> None:
    (row, *_) = Workbench.at(project).runs.list().rows
    assert set(row.as_json()) == {item.name for item in dataclasses.fields(row)}
