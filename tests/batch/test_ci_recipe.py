"""The recipes of docs/how-to/ci.md: their YAML is read, and their shell parts run as a CI system runs them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import yaml
from notebook_files import write

PAGE = Path(__file__).parent.parent.parent / "docs" / "how-to" / "ci.md"


def recipes() -> tuple[dict[str, Any], dict[str, Any]]:
    github, gitlab = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return yaml.safe_load(github), yaml.safe_load(gitlab)


def shell_of_github() -> list[str]:
    (job,) = recipes()[0]["jobs"].values()
    return [step["run"] for step in job["steps"] if "run" in step]


def shell_of_gitlab() -> list[str]:
    (job,) = recipes()[1].values()
    assert job["artifacts"]["reports"]["junit"] == "out/junit.xml" and job["artifacts"]["when"] == "always"
    return list(job["script"])


def test_both_recipes_run_the_same_commands() -> None:
    def words(scripts: list[str]) -> list[list[str]]:
        return [script.replace("\\\n", " ").split() for script in scripts]

    assert words(shell_of_github()) == words(shell_of_gitlab())


def test_the_shell_part_runs(project_dir: Path) -> None:
    (project_dir / "requirements.txt").write_text("jupyter-bioml\n")
    write(project_dir / "notebooks" / "fine.ipynb", "%%experiment fine\nauc = 0.9", tags=["nightly"])
    write(project_dir / "notebooks" / "bad.ipynb", "1 / 0", tags=["nightly"])
    write(project_dir / "notebooks" / "other.ipynb", "1 / 0")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = {**os.environ, "PATH": path, "PIP_NO_INDEX": "1"}  # the package is there already
    done = [
        subprocess.run(["bash", "-e", "-o", "pipefail", "-c", script], cwd=project_dir, env=env, capture_output=True)
        for script in shell_of_github()  # as GitHub's runner starts a step
    ]
    assert [one.returncode for one in done] == [0, 1], done
    suite = ElementTree.parse(project_dir / "out" / "junit.xml").getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    assert "bad.ipynb" in (project_dir / "out" / "report.html").read_text()
    assert (project_dir / "out" / "fine.ipynb").is_file(), "the others ran on"
