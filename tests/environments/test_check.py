"""``env check`` and ``env build`` from the command line: real environments, real kernels, the local index."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from environments.index_case import Index
from jupyter_bioml.cli.main import main
from jupyter_bioml.config import find_project
from jupyter_bioml.environments.check import check
from jupyter_bioml.environments.prepare import CURRENT, LATEST, LOCKED, prepare
from jupyter_bioml.environments.targets import Target
from jupyter_bioml.journal.blobs import Blobs
from jupyter_bioml.journal.runs import local_runs, read_journal

CELLS = ("import assay", "# %%\nvalue = 21", "double = assay.scale(value)\nprint(double)", "print('after')")


def notebook(path: Path, *cells: str) -> Path:
    made = [
        {
            "cell_type": "code", "id": f"cell-{number}", "metadata": {}, "execution_count": None, "outputs": [],
            "source": source,
        }
        for number, source in enumerate(cells, 1)
    ]  # fmt: skip
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": made}))
    return path


@pytest.fixture
def checked(
    offline: Index, document: dict[str, Any], project_dir: Path, cache: Path
) -> Callable[..., tuple[Any, list[str]]]:
    """Checks a notebook of the project against the fixture's lock."""
    offline.add("assay", "1.5", "def scale(x):\n    return 2 * x\n\n\ndef rescale(x):\n    return 2 * x\n")

    def run(path: Path, *kinds: str, bisect: bool = False) -> tuple[Any, list[str]]:
        said: list[str] = []
        target = Target(path, document, "the fixture", frozenset({"assay"}))
        project = find_project(project_dir)
        found = check(project, target, kinds=kinds, bisect=bisect, cache=cache, say=said.append, limit=500)
        return found, said

    return run


def runs_of(project_dir: Path) -> list[Any]:
    return [run.record for run in local_runs(read_journal(find_project(project_dir))[0])]


@pytest.mark.slow
def test_locked_passes_and_latest_names_the_package_the_cell_and_the_version(
    checked: Callable[..., tuple[Any, list[str]]], project_dir: Path
) -> None:
    path = notebook(project_dir / "dose.ipynb", "%load_ext jupyter_bioml", *CELLS[:2], f"%%experiment dose\n{CELLS[2]}")
    found, said = checked(path, LOCKED, LATEST, bisect=True)
    locked, latest = found.trials
    assert (locked.kind, locked.outcome) == ("locked", "passed")
    assert (latest.kind, latest.outcome) == ("latest", "failed") and found.exit_code == 1
    assert latest.failure.index == 3 and latest.failure.kind == "AttributeError"
    assert latest.suspected == ("assay",)
    assert [one.sentence for one in latest.prepared.differences] == ["assay 1.0 → 2.0"]
    assert (latest.culprit.name, latest.culprit.passes, latest.culprit.fails) == ("assay", "1.5", "2.0")
    assert any("bisecting: assay 1.5" in line for line in said)
    assert "fails first in cell 4: AttributeError" in latest.sentence

    tracked = {record.status: record for record in runs_of(project_dir)}
    assert tracked["FINISHED"].params["value"] == 21 and "assay" in tracked["FAILED"].failure.message
    recorded = json.loads(Blobs(find_project(project_dir).blobs).get(tracked["FINISHED"].environment.blob))
    versions = {one["name"]: one["version"] for one in recorded["distributions"]}
    assert versions["assay"] in ("1.0", "1.5") and "pandas" not in versions and "jupyter-bioml" in versions
    assert locked.result.notices == () and locked.result.session is not None


def test_without_a_trial_only_differences_and_imports_are_told(
    checked: Callable[..., tuple[Any, list[str]]], project_dir: Path
) -> None:
    (project_dir / "requirements.txt").write_text("seaborn\n")
    found, _ = checked(notebook(project_dir / "dose.ipynb", *CELLS))
    assert found.trials == () and found.exit_code == 1
    assert [one.sentence for one in found.declared.unmet] == ["requirements.txt:1: seaborn is declared, not installed"]
    assert "assay 1.0 is not installed" in [one.sentence for one in found.differences]
    assert found.imports.undeclared == ("assay",) and found.imports.unused == ("seaborn",)


def test_what_cannot_be_built_is_an_outcome(
    checked: Callable[..., tuple[Any, list[str]]], document: dict[str, Any], project_dir: Path
) -> None:
    path = notebook(project_dir / "dose.ipynb", *CELLS)
    ghost = {"name": "ghost", "version": "3", "origin": "unknown"}
    target = Target(path, {**document, "distributions": [*document["distributions"], ghost]}, "x", frozenset())
    found = check(find_project(project_dir), target, kinds=[LOCKED], say=lambda _: None)
    assert (found.trials[0].outcome, found.trials[0].package, found.exit_code) == ("not built", "ghost", 1)


def test_the_present_environment_is_compared_and_not_built(document: dict[str, Any], tmp_path: Path) -> None:
    found = prepare(CURRENT, document, cache=tmp_path / "cache")
    assert found.python == document["python"]["executable"] and found.digest is None
    assert ("assay", "missing") in [(one.name, one.kind) for one in found.differences]
    assert not (tmp_path / "cache").exists()


def test_the_command_on_a_notebook_that_never_ran(project_dir: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """There is no lock then, and nothing to compare the present environment with but itself."""
    notebook(project_dir / "plain.ipynb", "import json\nimport click\nimport sklearn.svm\nimport nowhere_to_be_found")
    assert main(["env", "check", "plain.ipynb", "--json"]) == 0
    answer = json.loads(capfd.readouterr().out)["checks"][0]
    assert answer["differences"] == [] and answer["imports"]["unknown"] == ["nowhere_to_be_found"]
    assert (answer["lock_from"], answer["lock_digest"]) == (None, None)
    assert answer["declared"]["state"] == "nothing declared"
    assert answer["imports"]["imported"]["sklearn.svm"] == ["scikit-learn"]
    assert main(["env", "check", "plain.ipynb"]) == 0
    out = capfd.readouterr().out
    assert "no lock" in out and "nothing declared" in out and "nowhere_to_be_found" in out
    assert "✓" not in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("check", "none.ipynb"), "no notebook"),
        (("check", "text.txt"), "is not a notebook"),
        (("check", "0123456789abcdef", "--bisect"), "--latest --bisect"),
        (("check",), "Missing argument"),
        (("build", "0123456789abcdef"), "0123456789abcdef"),
    ],
)
def test_what_makes_no_sense_is_said(
    project_dir: Path, capfd: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    (project_dir / "text.txt").write_text("x")
    assert main(["env", *words]) in (1, 2)
    assert said in capfd.readouterr().err
