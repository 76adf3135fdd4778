"""What is begun before it is needed: a worker, a template, the process that has MLflow loaded."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from fake_kernel import wait_until
from notebook_files import Cell, document, write

from jupyter_bioml.headless import early, warm
from jupyter_bioml.headless.early import Expected, begin_template
from jupyter_bioml.headless.process import Worker
from jupyter_bioml.headless.results import INTERRUPTED, PASSED, NotebookJob
from jupyter_bioml.headless.warm import Templates
from jupyter_bioml.notebooks.top_imports import imports_of_native, known_imports


class Started:
    """Stands for a template process: which were started, with which modules, and which are closed."""

    made: list[tuple[str, ...]] = []
    closed: list[tuple[str, ...]] = []

    def __init__(self, python: str, modules: tuple[str, ...]) -> None:
        assert python == sys.executable
        self.modules = modules
        self.made.append(modules)

    def close(self) -> None:
        """It ends."""
        self.closed.append(self.modules)


@pytest.fixture
def templates(monkeypatch: pytest.MonkeyPatch) -> Iterator[Templates]:
    monkeypatch.setattr(Started, "made", [])
    monkeypatch.setattr(Started, "closed", [])
    monkeypatch.setattr(warm, "TemplateProcess", Started)
    with Templates() as found:
        yield found


def job(notebook: Path) -> NotebookJob:
    output = str(notebook.with_name("out.ipynb"))
    return NotebookJob(str(notebook), output, str(notebook.parent), warm=known_imports(notebook))


def alive(pid: int) -> bool:
    return os.path.exists(f"/proc/{pid}")


def running(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_worker_that_no_job_came_to_has_gone_when_it_is_closed(project_dir: Path) -> None:
    """It may import for seconds yet, and a command that is refused at once has nothing to wait for."""
    notebook = write(project_dir / "n.ipynb", "import numpy")
    with Worker() as worker:
        worker.begin(Expected(str(notebook), publishes=False))
        pid = worker.pid
        worker.begin(Expected())
        assert worker.pid == pid is not None and alive(pid)
    assert not alive(pid) and worker.pid is None


def test_an_idle_worker_has_gone_when_it_is_closed_and_its_template_too(project_dir: Path) -> None:
    notebook = write(project_dir / "n.ipynb", "print(1)")
    with Worker() as worker:
        assert worker.run(job(notebook)).passed and worker.pid is not None
        family = [worker.pid, *(child.pid for child in psutil.Process(worker.pid).children(recursive=True))]
    assert not alive(family[0])
    wait_until(lambda: not any(map(running, family)))


@pytest.mark.parametrize("expected", ["n.ipynb", "other.ipynb", "not a notebook.ipynb", "gone.ipynb", None])
def test_whatever_was_expected_the_job_is_run(expected: str | None, project_dir: Path) -> None:
    notebook = write(project_dir / "n.ipynb", "import json\nprint(json.dumps(1))")
    write(project_dir / "other.ipynb", "import numpy")
    (project_dir / "not a notebook.ipynb").write_text("[" * 100_000)
    with Worker() as worker:
        worker.begin(Expected(expected and str(project_dir / expected), publishes=False))
        begun = worker.pid
        result = worker.run(job(notebook))
        assert (result.status, result.reason, result.notices) == (PASSED, None, ())
        assert worker.pid == begun, "the process that was begun ran it"


def test_a_worker_that_was_begun_can_be_interrupted(project_dir: Path) -> None:
    notebook = write(project_dir / "n.ipynb", "print(1)")
    with Worker() as worker:
        worker.begin(Expected(str(notebook), publishes=False))
        worker.interrupt()
        assert worker.run(job(notebook)).status == INTERRUPTED


def test_the_template_of_the_expected_notebook_is_that_of_its_job(templates: Templates, tmp_path: Path) -> None:
    notebook = write(tmp_path / "n.ipynb", "import numpy\nimport json", "from scipy import stats")
    begin_template(str(notebook), None, templates)
    assert Started.made == [("numpy", "scipy")]
    begin_template(str(notebook), known_imports(notebook), templates)
    assert (Started.made, Started.closed) == ([("numpy", "scipy")], []), "it is there already"
    other = write(tmp_path / "other.ipynb", "import numpy")
    begin_template(str(other), known_imports(other), templates)
    assert (Started.made[1:], Started.closed) == ([("numpy",)], [("numpy", "scipy")]), "one at a time"


@pytest.mark.parametrize(
    ("metadata", "native"),
    [
        ({}, True),
        ({"kernelspec": {"name": "python3", "language": "python"}}, True),
        ({"kernelspec": {}}, True),
        ({"kernelspec": {"name": "lab-environment", "language": "python"}}, False),
        ({"language_info": {"name": "R"}}, False),
        ({"kernelspec": None}, False),
        ([], False),
    ],
)
def test_only_for_a_kernel_of_this_python_a_template_is_begun(
    metadata: Any, native: bool, templates: Templates, tmp_path: Path
) -> None:
    """The kernel of another one is started as usual; which Python it has is not known from the file."""
    notebook = tmp_path / "n.ipynb"
    notebook.write_text(json.dumps({**document("import numpy"), "metadata": metadata}))
    assert imports_of_native(notebook) == (("numpy",) if native else None)
    begin_template(str(notebook), None, templates)
    assert Started.made == ([("numpy",)] if native else [])


def test_no_template_is_begun_for_other_modules_than_the_jobs(templates: Templates, tmp_path: Path) -> None:
    """The notebook was changed since the job was made."""
    notebook = write(tmp_path / "n.ipynb", "import numpy")
    begin_template(str(notebook), ("pandas",), templates)
    assert Started.made == []


@pytest.mark.parametrize(
    ("cell", "may"),
    [
        ("%%experiment a\nx = 1", True),
        (("x = 1", ["experiment"]), True),
        ("import jupyter_bioml", True),
        ("x = 1", False),
    ],
)
def test_a_notebook_that_makes_no_run_has_no_mlflow_imported_for_it(
    cell: Cell, may: bool, project_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(early, "expect", asked.append)
    monkeypatch.setattr(early, "begin_template", lambda *_: None)
    notebook = write(project_dir / "n.ipynb", cell)
    with Templates() as none:
        early.prepare(Expected(str(notebook), publishes=False), none)
        early.prepare(Expected(str(notebook)), none)
        assert len(asked) == may
        (project_dir / "bioml.toml").write_text("auto = true\n")
        early.prepare(Expected(str(notebook)), none)
        assert len(asked) == may + 1, "every cell is a run there"
        (project_dir / "bioml.toml").write_text("auto = 7\n")
        early.prepare(Expected(str(notebook)), none)
        assert len(asked) == 2 * may + 1
