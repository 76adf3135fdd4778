"""What code imports, which distributions that is, and what a project declares."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from jupyter_bioml.environments.declared.gather import declared_for
from jupyter_bioml.environments.declared.statement import Declaration, Declared
from jupyter_bioml.environments.imports import (
    cells_of_notebook,
    direct_requirements,
    distributions_of,
    import_report,
    imported_modules,
    local_modules,
)
from jupyter_bioml.errors import UsageError


def document(**imports: list[str] | None) -> dict[str, Any]:
    items = [{"name": name.replace("_", "-"), "version": "1", "imports": found} for name, found in imports.items()]
    return {"distributions": [{key: value for key, value in item.items() if value is not None} for item in items]}


LOCK = document(
    scikit_learn=["sklearn"],
    pandas=None,
    mlflow=None,
    mlflow_skinny=["mlflow"],
    google_cloud_storage=["google.cloud.storage"],
    protobuf=["google.protobuf"],
    jupyter_bioml=None,
)


def test_every_way_of_importing_is_seen_and_pythons_own_are_left_out() -> None:
    cells = [
        "%%time\nimport pandas as pd, os\nfrom sklearn.svm import SVC",
        "%matplotlib inline\n!pip list\nfrom google.cloud import storage\nfrom . import near",
        "import importlib\nimportlib.import_module('lightgbm')\n__import__('json')",
        "def f():\n    import torch.nn as nn",
        "this is no Python: import numpy",
    ]
    assert imported_modules(cells) == {"pandas", "sklearn.svm.SVC", "google.cloud.storage", "lightgbm", "torch.nn"}


def test_a_module_belongs_to_the_distribution_that_says_so() -> None:
    modules = ["sklearn.svm", "pandas", "mlflow", "google.cloud.storage", "google.protobuf.x", "helpers"]
    assert distributions_of(modules, LOCK) == {
        "sklearn.svm": ["scikit-learn"],
        "pandas": ["pandas"],
        "mlflow": ["mlflow"],
        "google.cloud.storage": ["google-cloud-storage"],
        "google.protobuf.x": ["protobuf"],
        "helpers": [],
    }


def test_only_recorded_and_declared_names_are_asked_for() -> None:
    """A module of no distribution may be the project's own: an index could have a stranger of that name."""
    modules = ["sklearn.svm", "helpers", "jupyter_bioml", "pandas"]
    assert direct_requirements(modules, LOCK) == ["pandas", "scikit-learn"]
    assert direct_requirements(modules, LOCK, ["pandas>=2", "seaborn"]) == ["pandas>=2", "scikit-learn", "seaborn"]


def test_what_is_declared_beside_the_notebook_goes_before_what_is_above(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "x"\ndependencies = ["pandas>=2", "torch; extra == \'gpu\'"]\n'
    )
    near = tmp_path / "analysis"
    near.mkdir()
    assert declared_for(near, tmp_path).requirements == ("pandas>=2", 'torch ; extra == "gpu"')
    (near / "requirements.txt").write_text(
        "# what it needs\n-r more.txt\nnumpy ==1.26 ; python_version > '3'  # why\n--index-url https://x\n-e .\n"
        "https://example.org/x.whl\nscipy==1 \\\n  --hash=sha256:00\n"
    )
    (near / "more.txt").write_text("-r requirements.txt\nseaborn\n")
    found = declared_for(near, tmp_path)
    assert found.requirements == ("seaborn", 'numpy==1.26 ; python_version > "3"', "scipy==1")
    assert found.files == (str(near / "requirements.txt"),)
    assert declared_for(tmp_path.parent / "elsewhere", tmp_path) == Declared()


@pytest.mark.parametrize(
    ("name", "text"),
    [("requirements.txt", "numpy\n=1 what\n"), ("pyproject.toml", "[project\n"), ("pyproject.toml", "project = 3\n")],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    (unclear,) = declared_for(tmp_path, tmp_path).not_compared
    assert unclear.unreadable and unclear.place.startswith(name)


def test_the_report_says_what_is_unknown_undeclared_unused(tmp_path: Path) -> None:
    (tmp_path / "helpers.py").write_text("")
    modules = {"sklearn.svm", "pandas", "helpers", "vanished.part", "jupyter_bioml"}
    statements = (Declaration("pandas", "requirements.txt:1"), Declaration("polars", "requirements.txt:2", (">=1",)))
    declared = Declared(statements, files=("requirements.txt",))
    found = import_report(modules, LOCK, declared, local_modules(tmp_path))
    assert found.unknown == ("vanished",)
    assert found.undeclared == ("scikit-learn",)
    assert found.unused == ("polars",) and found.not_installed == ("polars",)
    assert not found.clean and len(list(found.sentences())) == 4
    without = import_report({"pandas"}, LOCK, Declared())
    assert without.clean and without.undeclared == () and list(without.sentences()) == []


def test_a_notebooks_cells_are_read(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "source": "import numpy"},
        {"cell_type": "code", "source": ["import pandas\n", "import sklearn"]},
    ]
    notebook = tmp_path / "a.ipynb"
    notebook.write_text(json.dumps({"cells": cells}))
    cells = cells_of_notebook(notebook)
    assert [(cell.label, cell.source) for cell in cells] == [("a.ipynb, cell 2", "import pandas\nimport sklearn")]
    notebook.write_text("[]")
    with pytest.raises(UsageError, match="cannot be read"):
        cells_of_notebook(notebook)
