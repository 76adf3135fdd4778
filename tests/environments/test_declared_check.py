"""What is declared against what is installed, and the declared environment, built from the local index."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from environments.index_case import Index
from environments.test_check import CELLS, notebook
from jupyter_bioml.cli.main import main
from jupyter_bioml.config import find_project
from jupyter_bioml.environments.check import EnvironmentCheck, check
from jupyter_bioml.environments.declared.compare import DeclaredCheck, Present, compare
from jupyter_bioml.environments.declared.environment import prepared_declared
from jupyter_bioml.environments.declared.gather import declared_for
from jupyter_bioml.environments.interpreters import Interpreter
from jupyter_bioml.environments.lock import EnvironmentNotBuildable, lock_of
from jupyter_bioml.environments.prepare import DECLARED, LATEST
from jupyter_bioml.environments.targets import Target
from jupyter_bioml.errors import UsageError
from jupyter_bioml.pages.environment import checks_page

HERE = {"numpy": "2.4.6", "torch": "1.4.0+cu101", "pandas": "1.5.3", "odd": "not-a-version"}


@pytest.fixture
def present(tmp_path: Path) -> Present:
    """An environment of Python 3.11.7 with a few distributions in it, as their files say."""
    library = tmp_path / "environment" / "lib"
    for name, version in HERE.items():
        folder = library / f"{name}-{version}.dist-info"
        folder.mkdir(parents=True)
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    python = str(tmp_path / "environment" / "bin" / "python")
    return Present(Interpreter(python, "CPython", "3.11.7", (str(library),), (str(library),)))


def compared(folder: Path, present: Present, name: str, text: str) -> DeclaredCheck:
    project = folder / "project"
    project.mkdir(exist_ok=True)
    (project / name).write_text(text)
    return compare(declared_for(project, project), present, {"seaborn"})


@pytest.mark.parametrize(
    ("name", "text", "state", "unmet"),
    [
        ("requirements.txt", "numpy==1.11.1", "unmet", ["requirements.txt:1: numpy==1.11.1 is declared, 2.4.6 is installed"]),
        ("requirements.txt", "numpy>=1,<3", "met", []),
        ("requirements.txt", "numpy\npandas", "names only", []),
        ("requirements.txt", "torch==1.4.0", "met", []),
        ("requirements.txt", "torch==1.4.0+cpu", "unmet", ["requirements.txt:1: torch==1.4.0+cpu is declared, 1.4.0+cu101 is installed"]),
        ("requirements.txt", "numpy==1 ; python_version < '3.8'\npandas==1.5.3", "met", []),
        ("requirements.txt", "numpy==1 ; python_version < '3.12'", "unmet", ["requirements.txt:1: numpy==1 is declared, 2.4.6 is installed"]),
        ("requirements.txt", "scanpy", "unmet", ["requirements.txt:1: scanpy is declared, not installed"]),
        ("requirements.txt", "git+https://example.org/lab.git", "not compared", []),
        ("requirements.txt", "numpy @ git+https://example.org/numpy.git", "not compared", []),
        ("requirements.txt", "odd==1", "not compared", []),
        ("requirements.txt", "# nothing\n", "nothing declared", []),
        ("requirements-dev.txt", "pytest==6\nnumpy==1", "unmet", ["requirements-dev.txt:2: numpy==1 is declared (optional: dev), 2.4.6 is installed"]),
        ("poetry.lock", '[[package]]\nname = "numpy"\nversion = "1.0"\n[[package]]\nname = "gone"\nversion = "1"\n', "unmet", ["poetry.lock:2: numpy==1.0 is declared, 2.4.6 is installed"]),
        (".python-version", "3.8", "unmet", [".python-version:1: Python==3.8.* is declared, this is Python 3.11.7"]),
        (".python-version", "3.11", "met", []),
        ("environment.yml", "dependencies: [numpy=2.4, samtools=1.9, r-base]", "met", []),
        ("environment.yml", "dependencies: [scipy=1.5]", "unmet", ["environment.yml:1: scipy==1.5.* is declared, not installed"]),
        ("environment.yml", "dependencies: [seaborn=0.11]", "unmet", ["environment.yml:1: seaborn==0.11.* is declared, not installed"]),
        ("environment.yml", "dependencies: [samtools=1.9]", "not compared", []),
        ("environment.yml", "dependencies: [numpy=2\n", "not compared", []),
    ],
)  # fmt: skip
def test_the_state_and_what_is_unmet(
    tmp_path: Path, present: Present, name: str, text: str, state: str, unmet: list[str]
) -> None:
    found = compared(tmp_path, present, name, text)
    assert (found.state, [one.sentence for one in found.unmet]) == (state, unmet)
    assert found.as_json()["state"] == state and json.dumps(found.as_json())


def test_conda_says_what_it_has(tmp_path: Path, present: Present) -> None:
    packages = Path(present.interpreter.executable).parent.parent / "conda-meta"
    packages.mkdir()
    (packages / "samtools-1.7-h1_0.json").write_text("{}")
    found = compared(tmp_path, present, "environment.yml", "dependencies: [samtools=1.9, bwa]")
    assert [one.sentence for one in found.unmet] == [
        "environment.yml:1: samtools==1.9.* is declared, 1.7 is installed",
        "environment.yml:1: bwa is declared, not installed",
    ]


def test_a_dated_notebook_is_told_what_it_needs(project_dir: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """numpy 1.11.1 is declared, numpy 2 is here, and the answer said that all was as locked."""
    (project_dir / "requirements.txt").write_text("numpy==1.11.1")
    notebook(project_dir / "dated.ipynb", "!pip install 'scipy<0.18'", "import numpy as np\nprint(np.float(1))")
    assert main(["env", "check", "dated.ipynb"]) == 1
    page = capfd.readouterr().out
    assert "requirements.txt:1: numpy==1.11.1 is declared, 2." in page and "✓" not in page
    assert "dated.ipynb, cell 1, line 1: scipy<0.18 is declared" in page
    assert "bioml env check dated.ipynb --declared" in page
    assert main(["env", "check", "dated.ipynb", "--json"]) == 1
    answer = json.loads(capfd.readouterr().out)
    one = answer["checks"][0]
    assert answer["passed"] is False and one["next"] == "bioml env check dated.ipynb --declared"
    first = one["declared"]["unmet"][0]
    assert (first["name"], first["declared"], first["place"]) == ("numpy", "numpy==1.11.1", "requirements.txt:1")
    assert first["present"].startswith("2.")


def test_the_python_that_saved_it_is_mentioned_and_not_declared(
    project_dir: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = notebook(project_dir / "old.ipynb", "print('Python 3.5')")
    document = json.loads(path.read_text())
    document["metadata"]["language_info"] = {"name": "python", "version": "3.5.2"}
    path.write_text(json.dumps(document))
    assert main(["env", "check", "old.ipynb"]) == 0
    page = capfd.readouterr().out
    assert "○ nothing declared" in page and "the notebook was saved by Python 3.5.2, this is 3." in page


# -- the declared environment -----------------------------------------------------------------------


@pytest.fixture
def tried(offline: Index, document: dict[str, Any], project_dir: Path, cache: Path) -> Any:
    """Checks a notebook that needs ``assay`` 1.0 with a requirements file of those lines."""

    def run(*lines: str, kinds: tuple[str, ...] = (DECLARED,)) -> EnvironmentCheck:
        (project_dir / "requirements.txt").write_text("\n".join(lines))
        path = notebook(project_dir / "dose.ipynb", *CELLS)
        target = Target(path, document, None, frozenset({"assay"}))
        return check(find_project(project_dir), target, kinds=kinds, cache=cache, say=lambda _: None, limit=500)

    return run


def test_a_notebook_passes_with_what_is_declared_and_that_decides(tried: Any) -> None:
    assert tried("assay==1.0", kinds=()).exit_code == 1
    found = tried("assay==1.0")
    (trial,) = found.trials
    assert (trial.kind, trial.outcome, found.exit_code, found.next) == ("declared", "passed", 0, None)
    assert found.declared.state == "unmet" and trial.prepared.kind == "declared"
    assert "✓ declared: the notebook passes" in "\n".join(checks_page([found], 100))


def test_a_notebook_fails_with_what_is_declared(tried: Any) -> None:
    found = tried("assay>=2")
    (trial,) = found.trials
    assert (trial.outcome, trial.failure.kind, found.exit_code) == ("failed", "AttributeError", 1)


def test_the_package_without_a_wheel_and_the_python_that_would_do_are_named(tried: Any, offline: Index) -> None:
    earlier = sys.version_info.minor - 1
    offline.add("olden", "1.11.1", "x = 1\n", tags=f"cp3{earlier}-none-any")
    (trial,) = tried("assay==1.0", "olden==1.11.1").trials
    assert (trial.outcome, trial.package) == ("not built", "olden")
    assert f"olden==1.11.1 (requirements.txt:2) has no wheel for Python 3.{earlier + 1}" in trial.problem
    assert f"Python 3.{earlier} would do: it has wheels" in trial.problem and ".python-version" in trial.next


@pytest.mark.slow
def test_a_version_that_the_index_does_not_have(tried: Any) -> None:
    (nowhere,) = tried("assay==77").trials
    assert (nowhere.outcome, nowhere.package) == ("not built", "assay") and "would do" not in nowhere.problem


@pytest.mark.slow
def test_no_one_python_has_wheels_for_everything(tried: Any, offline: Index) -> None:
    offline.add("oldest", "1.0", "x = 1\n", tags="cp35-none-any")
    offline.add("younger", "1.0", "x = 1\n", tags="cp36-none-any")
    (trial,) = tried("oldest==1.0", "younger==1.0").trials
    assert trial.package == "oldest"
    assert "Python 3.5 would do for it, but not for everything declared" in trial.problem


def test_what_cannot_be_built_says_why(tried: Any, project_dir: Path) -> None:
    (nothing,) = tried("# nothing").trials
    assert nothing.outcome == "not built" and "No distribution is declared" in nothing.problem
    with pytest.raises(UsageError, match=r"requirements\.txt:1: =1 what: not a requirement"):
        tried("=1 what")
    with pytest.raises(UsageError, match=r"requirements\.txt:1"):
        tried("=1 what", kinds=(LATEST,))
    (project_dir / ".python-version").write_text("3.2")
    (unfound,) = tried("assay==1.0").trials
    assert "Python==3.2.* (.python-version:1) is declared, and no such Python was found" in unfound.problem


def test_private_names_stay_private(offline: Index, document: dict[str, Any], project_dir: Path, cache: Path) -> None:
    """A conda package that may be a program is not looked up on an index, nor is what was installed from nowhere."""
    offline.add("samtools", "1.9", "raise SystemExit('a stranger')\n")
    (project_dir / "environment.yml").write_text("dependencies: [samtools=1.9, {pip: [assay==1.0]}]")
    declared = declared_for(project_dir, project_dir)
    prepared = prepared_declared(lock_of(document), declared, (), cache, lambda _: None, limit=500)
    assert any("not installed from an index: samtools" in note for note in prepared.notes)

    def recorded(origin: str) -> Any:
        items = [one for one in document["distributions"] if one["name"] != "assay"]
        return lock_of({**document, "distributions": [*items, {"name": "assay", "version": "1.0", "origin": origin}]})

    assert (
        prepared_declared(recorded("conda"), declared, (), cache, lambda _: None, limit=500).python == prepared.python
    )
    with pytest.raises(EnvironmentNotBuildable, match="origin was not recorded"):
        prepared_declared(recorded("unknown"), declared, (), cache, lambda _: None, limit=500)
