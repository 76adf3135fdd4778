"""What an exception of a re-run speaks for."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_bioml.notebooks.code_text import Text
from jupyter_bioml.reproduce.cause.failures import Raised, Scene, evidence_of
from jupyter_bioml.reproduce.verdict import CODE_ERROR

SCENE = Scene(
    texts=[Text("import lab", 1), Text("y = x + gene", 2)],
    left_out=[(7, "gene = load()")],
    notebook=[(1, "import lab"), (2, "y = x + gene"), (3, "x = 1")],
    versions={"scikit-learn": "1.7.2", "pandas": "2.3.3"},
    distributions={"sklearn": "scikit-learn", "pandas": "pandas"},
    changed={"pandas": ("2.3.3", "3.0.0")},
    modules=frozenset(("lab.scoring",)),
    root=Path("/home/ada/study"),
    work=Path("/home/ada/study/.bioml/work/1"),
)


@pytest.mark.parametrize(
    ("kind", "message", "cause", "repair"),
    [
        ("ModuleNotFoundError", "No module named 'sklearn'", "missing-package", "pip install scikit-learn==1.7.2"),
        ("ModuleNotFoundError", "No module named 'sklearn.svm'", "missing-package", "pip install scikit-learn==1.7.2"),
        ("ModuleNotFoundError", "No module named 'cv2'", "missing-package", "pip install opencv-python"),
        ("ModuleNotFoundError", "No module named 'lab.scoring'", "code-missing", "lab/scoring.py"),
        ("ModuleNotFoundError", "No module named 'pandas.old'", "version-changed", "pip install pandas==2.3.3"),
        ("ImportError", "cannot import name 'Panel' from 'pandas' (/x)", "version-changed", "pandas==2.3.3"),
        ("AttributeError", "module 'pandas' has no attribute 'Panel'", "version-changed", "pandas==2.3.3"),
        ("NameError", "name 'x' is not defined", "hidden-state", "move cell 3 before cell 2"),
        ("NameError", "name 'gene' is not defined", "hidden-state", "run that cell to its end"),
        ("NameError", "name 'other' is not defined", "hidden-state", "add a cell that makes other before cell 2"),
        ("NameError", "name 'lab' is not defined", "code-error", "fix cell 2"),
        ("FileNotFoundError", "[Errno 2] No such file or directory: 'rows.csv'", "data-missing", "rows.csv"),
        ("FileNotFoundError", "[Errno 2] No such file or directory: '/mnt/lab/rows.csv'", "path-not-portable", "data/rows.csv"),
        ("FileNotFoundError", "[Errno 2] No such file or directory: '/home/ada/study/a/b.csv'", "path-not-portable", "'a/b.csv'"),
        ("FileNotFoundError", "[Errno 2] No such: '/home/ada/study/.bioml/work/1/a.csv'", "data-missing", "a.csv"),
        ("OutsideWorkFolder", "[Errno 13] a reproduction may not write: '/srv/out.txt'", "path-not-portable", "data/out.txt"),
        ("OperationalError", "attempt to write a readonly database", "path-not-portable", "relative"),
        ("gaierror", "[Errno -2] Name or service not known", "network", "keep a copy"),
        ("URLError", "<urlopen error [Errno 111] Connection refused>", "network", "keep a copy"),
        ("StdinNotImplementedError", "raw_input was called, but this frontend does not …", "needs-input", "parameters"),
        ("StdinNotImplementedError", "getpass was called, but this frontend does not …", "needs-input", "os.environ"),
        ("UsageError", "Line magic function `%sql` not found.", "hidden-state", "%load_ext"),
        ("UsageError", "Cell magic `%%R` not found (But line magic `%R` exists).", "hidden-state", "before cell 2"),
        ("UsageError", "%matplotlib: unrecognized arguments: --x", "code-error", "fix cell 2"),
        ("MemoryError", "", "kernel-died", "more free memory"),
        ("CellTimeoutError", "The cell ran longer than 2 s.", "timeout", "--cell-timeout"),
        ("KeyError", "'age'", "code-error", "fix cell 2, which begins with: y = x + gene"),
        ("OSError", "something of a library", "code-error", "fix cell 2"),
    ],
)  # fmt: skip
def test_causes(kind: str, message: str, cause: str, repair: str) -> None:
    found = evidence_of(Raised(kind, message, "", 2), SCENE)
    assert found[0].cause == cause and repair in (found[0].repair or ""), found
    assert found[-1].cause == CODE_ERROR, "a plain error of the code where nothing else is believed"


def test_what_stands_behind_an_exception_counts_too() -> None:
    traceback = (
        "Traceback (most recent call last):\nsocket.gaierror: [Errno -3] Temporary failure in name resolution\n\n"
        "The above exception was the direct cause of the following exception:\n\nlab.LoadError: no atlas"
    )
    assert [item.cause for item in evidence_of(Raised("LoadError", "no atlas", traceback, 1), SCENE)] == [
        "network",
        "code-error",
    ]


def test_hostile_texts_are_harmless() -> None:
    name = "\u202e<script>" + "x" * 10_000
    for kind, message in (
        ("NameError", f"name '{name}' is not defined"),
        ("FileNotFoundError", f"[Errno 2] No: '/{name}'"),
    ):
        for item in evidence_of(Raised(kind, message, message, 2), SCENE):
            assert "\u202e" not in item.message and len(item.message) < 1000
