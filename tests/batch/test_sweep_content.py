"""A sweep in MLflow: the same content as when every child kept its own files, and each shared content once."""

from __future__ import annotations

import json
import os
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sweep_case import described, digests, key_of, run_sweep

from jupyter_bioml.config import Project, destination, find_project
from jupyter_bioml.host.environment import requirements_lock
from jupyter_bioml.journal.blobs import Blobs
from jupyter_bioml.reproduce.setup.elsewhere import bring_contents
from jupyter_bioml.store.base import MARK, SHARED, SHARED_FILE, StoredRun
from jupyter_bioml.store.mlflow_store import MlflowStore
from jupyter_bioml.store.shared import RunFiles
from jupyter_bioml.workbench import Workbench

REPOSITORY = Path(__file__).parents[2]
#: How MLflow had the same sweep when every run kept all of its files (``sweep_case.described`` and ``digests``). One thing is
#: put right in it: a child that had been sent before the run above it was not below that one.
BEFORE: dict[str, Any] = json.loads(Path(__file__).with_name("sweep_before.json").read_text(encoding="utf-8"))
#: Tags that runs have got since.
SINCE = {"bioml.duration", "bioml.params", "bioml.metrics", "bioml.taint", "bioml.report.taint"}
#: Metrics of then that are values since: they are not scores.
VALUES = {"total"}
#: Bytes of a child's files beside its model.
BUDGET = 20_000


@dataclass(frozen=True)
class Sweep:
    project: Project
    store: MlflowStore
    runs: dict[str, StoredRun]

    def read(self, run_id: str, path: str) -> bytes:
        return RunFiles(self.store, run_id).read(path)

    @property
    def children(self) -> list[StoredRun]:
        return [run for run in self.runs.values() if run.tags[MARK] != "sweep"]


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory, module_environment: pytest.MonkeyPatch) -> Iterator[Sweep]:
    root = tmp_path_factory.mktemp("sweep") / "project"
    (root / ".bioml").mkdir(parents=True)
    before = Path.cwd()
    os.chdir(root)
    report = run_sweep(root)
    assert report.passed and report.waiting == (), report
    project = find_project(root)
    store = MlflowStore(destination(project).uri)
    yield Sweep(project, store, {key_of(run): run for run in store.search()})
    os.chdir(before)


def test_every_run_is_as_it_was(sweep: Sweep) -> None:
    found = described(sweep.store, sweep.read)
    assert found.keys() == BEFORE.keys()
    for key, run in found.items():
        run["tags"] = {name: value for name, value in run["tags"].items() if name not in SINCE}
        assert {**run, "files": BEFORE[key]["files"]} == without_values(BEFORE[key]), key
        moved = {name: number for name, number in BEFORE[key]["metrics"].items() if name in VALUES}
        assert moved.items() <= sweep.store.record(sweep.runs[key].run_id).values.items(), "kept with the run"


def without_values(before: dict[str, Any]) -> dict[str, Any]:
    head, *rows = before["table"] or [[]]
    columns = [place for place, name in enumerate(head) if name not in VALUES]
    return {
        **before,
        "metrics": {name: number for name, number in before["metrics"].items() if name not in VALUES},
        "series": {name: points for name, points in before["series"].items() if name not in VALUES},
        "table": before["table"] and [[row[place] for place in columns] for row in (head, *rows)],
    }


def test_every_file_that_was_there_can_be_had_with_the_same_content(sweep: Sweep) -> None:
    for key, before in BEFORE.items():
        run_id = sweep.runs[key].run_id
        assert digests(list(before["files"]), run_id, sweep.read) == before["files"], key
        names = {name for name, _ in RunFiles(sweep.store, run_id).sizes()}
        assert names >= before["files"].keys(), key


def test_contents_that_differ_each_time_are_those_that_were_recorded(sweep: Sweep) -> None:
    for run in sweep.runs.values():
        record = sweep.store.record(run.run_id)
        environment, lock = (
            sweep.read(run.run_id, f"bioml/{name}") for name in ("environment.json", "requirements.lock")
        )
        assert record.environment is not None
        assert Blobs(sweep.project.blobs).get(record.environment.blob) == environment
        assert lock.decode() == requirements_lock(json.loads(environment))
        sizes = dict(RunFiles(sweep.store, run.run_id).sizes())
        assert sizes["bioml/environment.json"] == len(environment)


def test_a_child_is_small_and_says_where_the_rest_lies(sweep: Sweep) -> None:
    (parent,) = (run for run in sweep.runs.values() if run.tags[MARK] == "sweep")
    for run in sweep.children:
        sizes = dict(sweep.store.artifact_sizes(run.run_id))
        assert sum(size or 0 for size in sizes.values()) <= BUDGET, sizes
        assert run.tags[SHARED] == parent.run_id and SHARED_FILE in sizes
        assert "bioml/environment.json" not in sizes and "bioml/slice.ipynb" not in sizes
    kept = [name for name in sweep.store.artifacts(parent.run_id) if name.endswith("environment.json")]
    assert len(kept) == 1, "stored once for parent and children"


def test_a_childs_export_is_whole_without_its_parent(sweep: Sweep, tmp_path: Path) -> None:
    run = sweep.runs["fit.ipynb@2/fit"]
    made = Workbench.at(sweep.project.root).keeping.export(run.run_id, tmp_path)
    with zipfile.ZipFile(made) as archive:
        names = set(archive.namelist())
        assert archive.read("slice.ipynb") == sweep.read(run.run_id, "bioml/slice.ipynb")
    before = {name.removeprefix("bioml/") for name in BEFORE["fit.ipynb@2/fit"]["files"] if name.startswith("bioml/")}
    assert names >= before and "shared.json" not in names


def test_a_child_is_made_again_from_mlflow_alone(sweep: Sweep, tmp_path: Path) -> None:
    run, blobs = sweep.runs["fit.ipynb@3/fit"], Blobs(tmp_path / "blobs")
    record = sweep.store.record(run.run_id)
    assert bring_contents(record, run.run_id, sweep.store, blobs) == []
    assert record.environment is not None and blobs.get(record.environment.blob)
    assert [blobs.get(module.blob or "") for module in record.modules] == [
        (sweep.project.root / module.path).read_bytes() for module in record.modules
    ]


def test_plain_mlflow_has_all_files_with_the_snippet_of_the_page(sweep: Sweep, tmp_path: Path) -> None:
    import mlflow

    page = (REPOSITORY / "docs" / "how-to" / "read-without-us.md").read_text(encoding="utf-8")
    (snippet,) = re.findall(r"^```python\n(.*?)^```", page, flags=re.DOTALL | re.MULTILINE)
    names: dict[str, Any] = {}
    exec(snippet, names)
    mlflow.set_tracking_uri(destination(sweep.project).uri)
    for key, run in sweep.runs.items():
        ours = names["files_of"](run.run_id, str(tmp_path / run.run_id))
        for name in BEFORE[key]["files"]:
            if name.startswith("bioml/"):
                assert (ours.parent / name).read_bytes() == sweep.read(run.run_id, name), (key, name)
