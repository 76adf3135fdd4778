"""``--only-changed``: what has passed and depends on nothing that changed is left out; everything else says why."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_bioml.batch.batch import BatchReport, Running, run_notebooks
from jupyter_bioml.batch.request import BatchRequest

NOTEBOOKS = {
    "reads": "import settings\nx = 1\ntotal = sum(int(line) for line in open('numbers.txt')) * settings.FACTOR",
    "lists": "import glob, os\ncount = len(glob.glob('parts/*.csv'))\nmode = os.environ.get('STUDY_MODE', 'none')\n"
    "extra = open('extra.txt').read() if os.path.exists('extra.txt') else ''\nopen('count.txt', 'w').write(str(count))",
    "asks": "import socket\nwith socket.socket() as line:\n    refused = line.connect_ex(('127.0.0.1', 9))",
    "calls": "import subprocess, sys\nsubprocess.run([sys.executable, '-c', ''], check=True)",
    "fails": "1 / 0",
}


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Five notebooks that ran once."""
    folder = tmp_path_factory.mktemp("study")
    (folder / ".bioml").mkdir()
    (folder / "parts").mkdir()
    (folder / "parts" / "a.csv").write_text("1\n", encoding="utf-8")
    (folder / "numbers.txt").write_text("1\n2\n", encoding="utf-8")
    (folder / "settings.py").write_text("FACTOR = 2\n", encoding="utf-8")
    for name, source in NOTEBOOKS.items():
        cell = {
            "cell_type": "code",
            "id": "c",
            "metadata": {},
            "execution_count": None,
            "outputs": [],
            "source": source,
        }
        document = {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": {"language_info": {"name": "python"}},
            "cells": [cell],
        }
        (folder / f"{name}.ipynb").write_text(json.dumps(document), encoding="utf-8")
    time.sleep(1.1)  # a file written within a tick of the clock before its run could change unseen
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BIOML_PUBLISH", "off")
        patch.chdir(folder)
        yield folder


class _Batch:
    def __init__(self, folder: Path, *names: str) -> None:
        self.said: list[str] = []
        asked = BatchRequest(tuple(folder / f"{name}.ipynb" for name in names))
        self.report: BatchReport = run_notebooks(asked, Running(2, progress=self.said.append, only_changed=True))

    @property
    def states(self) -> dict[str, str]:
        return {Path(result.notebook).stem: result.status for result in self.report.results}

    def why(self, name: str) -> str:
        return next(line for line in self.said if f"{name}.ipynb: to be run: " in line).partition("to be run: ")[2]


@pytest.fixture(scope="module")
def first(study: Path) -> _Batch:
    return _Batch(study, *NOTEBOOKS)


@pytest.fixture(autouse=True)
def publishing_off(monkeypatch: pytest.MonkeyPatch, study: Path) -> None:
    """Every test clears the environment first."""
    monkeypatch.setenv("BIOML_PUBLISH", "off")
    monkeypatch.chdir(study)


def test_the_first_time_all_are_run_and_what_cannot_be_left_out_next_time_is_said(first: _Batch) -> None:
    assert first.states == {
        "reads": "passed",
        "lists": "passed",
        "asks": "passed",
        "calls": "passed",
        "fails": "failed",
    }
    assert first.why("reads") == "no passed run with this code, these parameters and this environment is known"
    later = [line.partition("next time: ")[2] for line in first.said if "next time: " in line]
    assert sorted(later) == ["it started other processes", "it uses the network"], first.said


def test_the_second_time_only_what_cannot_be_known_is_run(study: Path, first: _Batch) -> None:
    second = _Batch(study, *NOTEBOOKS)
    assert second.states == {**first.states, "reads": "unchanged", "lists": "unchanged"}
    assert (second.report.passed, second.report.exit_code) == (False, 1), "fails still fails"
    assert second.why("asks") == "it cannot be skipped: it uses the network"
    assert second.why("calls") == "it cannot be skipped: it started other processes"
    left = next(result for result in second.report.results if result.notebook.endswith("reads.ipynb"))
    before = next(result for result in first.report.results if result.notebook.endswith("reads.ipynb"))
    assert left.output == before.output and left.passed and left.reason is not None
    assert left.reason.startswith("no dependency has changed since ")


@pytest.mark.usefixtures("first")
@pytest.mark.parametrize(
    ("change", "runs", "reason"),
    [
        ("one byte", "reads", "numbers.txt changed"),
        ("a module", "reads", "settings.py changed"),
        ("a file more", "lists", "files were added to parts/ or removed"),
        ("one that was absent", "lists", "extra.txt is now a file, and was absent"),
        ("a variable", "lists", "the environment variable STUDY_MODE changed"),
        ("an output", "lists", "count.txt, which it wrote, was changed or removed"),
        ("a stand-in", "reads lists", "glob.py is now a file, and was absent"),
    ],
)
def test_a_change_runs_exactly_the_notebooks_that_depend_on_it(
    study: Path, monkeypatch: pytest.MonkeyPatch, change: str, runs: str, reason: str
) -> None:
    kept = {path: path.read_bytes() for path in study.iterdir() if path.is_file()}
    stamps = {path: path.stat().st_mtime_ns for path in kept}
    made: list[Path] = []
    match change:
        case "one byte":
            (study / "numbers.txt").write_text("1\n3\n", encoding="utf-8")
        case "a module":
            (study / "settings.py").write_text("FACTOR = 3\n", encoding="utf-8")
        case "a file more":
            made = [study / "parts" / "b.csv"]
        case "one that was absent":
            made = [study / "extra.txt"]
        case "a variable":
            monkeypatch.setenv("STUDY_MODE", "full")
        case "an output":
            (study / "count.txt").unlink()
        case "a stand-in":
            made = [study / "glob.py"]
    for path in made:
        path.write_text("0\n", encoding="utf-8")
    decided = _decided(study)
    for path in made:
        path.unlink()
    for path, content in kept.items():
        if not path.exists() or path.read_bytes() != content:
            path.write_bytes(content)
            os.utime(path, ns=(stamps[path], stamps[path]))
    assert {name for name, why in decided.items() if why is not None} == set(runs.split())
    assert reason in decided.values()
    monkeypatch.delenv("STUDY_MODE", raising=False)
    assert set(_decided(study).values()) == {None}, "put back, nothing has changed"


def _decided(study: Path) -> dict[str, str | None]:
    """Notebook → why it would be run; None: it would not."""
    from jupyter_bioml.batch.request import plan
    from jupyter_bioml.batch.unchanged import Unchanged

    notebooks = [study / "reads.ipynb", study / "lists.ipynb"]
    unchanged = Unchanged()
    decided: dict[str, str | None] = {}
    for task in plan(BatchRequest(tuple(notebooks)), notebooks, study / "out"):
        earlier, why = unchanged.look(task)
        decided[Path(task.job.path).stem] = None if earlier else why
    unchanged.close()
    return decided


@pytest.mark.usefixtures("first")
def test_other_code_another_parameter_or_a_damaged_note_means_a_run(study: Path) -> None:
    from jupyter_bioml.batch.request import plan
    from jupyter_bioml.batch.unchanged import Unchanged

    notebook = study / "reads.ipynb"
    unchanged = Unchanged()
    asked = BatchRequest((notebook,), parameters={"x": 2})
    assert unchanged.look(plan(asked, [notebook], study / "out")[0])[0] is None
    edited = study / "edited.ipynb"
    edited.write_text(notebook.read_text(encoding="utf-8").replace("FACTOR", "FACTOR + 0"), encoding="utf-8")
    os.replace(notebook, study / "kept.ipynb")
    os.replace(edited, notebook)
    task = plan(BatchRequest((notebook,)), [notebook], study / "out")[0]
    assert unchanged.look(task)[1].startswith("no passed run with this code")
    os.replace(study / "kept.ipynb", notebook)
    assert unchanged.look(task)[0] is not None
    for note in (study / ".bioml" / "state" / "batch").iterdir():
        note.write_text("{", encoding="utf-8")
    assert unchanged.look(task)[1].startswith("the record of its last run cannot be read")
    unchanged.close()


def test_values_of_variables_are_nowhere(study: Path, first: _Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDY_MODE", "a-value-to-look-for")
    batch = _Batch(study, "lists")
    assert batch.states == {"lists": "passed"}
    notes = [path.read_bytes() for path in (study / ".bioml").rglob("*") if path.is_file() and "state" in path.parts]
    assert notes and not any(b"a-value-to-look-for" in note for note in notes)
    key = study / ".bioml" / "state" / "batch.key"
    assert key.stat().st_mode & 0o077 == 0 and len(key.read_bytes()) == 32
