"""Our own package in another environment: importable with its entry points, and nothing else of the running one."""

from __future__ import annotations

import subprocess
import sys
import venv
from importlib import metadata
from pathlib import Path

from jupyter_bioml.environments.own_package import link


def test_ours_is_linked_and_nothing_else_comes_with_it(tmp_path: Path) -> None:
    venv.create(tmp_path / "env", with_pip=False)
    library = next((tmp_path / "env").glob("lib/python*/site-packages"))
    assert link(tmp_path / "env", library) == metadata.version("jupyter-bioml")
    before = sorted(tmp_path.glob("env/bioml/*"))
    assert link(tmp_path / "env", library) == metadata.version("jupyter-bioml")
    assert sorted(tmp_path.glob("env/bioml/*")) == before and len(before) == 1
    code = (
        "from importlib import metadata, util\n"
        "import jupyter_bioml\n"
        "print(metadata.version('jupyter-bioml'), [p.name for p in metadata.entry_points(group='papermill.engine')])\n"
        "print([name for name in ('pandas', 'IPython', 'mlflow', 'tests') if util.find_spec(name)])\n"
    )
    python = str(tmp_path / "env" / "bin" / "python")
    said = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path).stdout
    assert said.splitlines() == [f"{metadata.version('jupyter-bioml')} ['bioml']", "[]"]
    assert sys.prefix not in library.joinpath("jupyter_bioml_running.pth").read_text()
