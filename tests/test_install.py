"""What an installation leans on: the lock pins everything that is asked for, and a usable Python is found."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml

import jupyter_bioml

REPOSITORY = Path(__file__).parent.parent
FRONT_END = REPOSITORY / "labextension"
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCK = (REPOSITORY / "constraints.txt").read_text(encoding="utf-8")


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins() -> dict[str, str]:
    lines = [line for line in LOCK.splitlines() if line and not line.startswith("#")]
    return {normal(name): version for name, version in (line.split("==") for line in lines)}


def asked_for() -> set[str]:
    extras = PROJECT["optional-dependencies"]
    wanted = [*PROJECT["dependencies"], *extras["torch"], *extras["test"], *extras["docs"]]
    return {normal(re.split(r"[<>=!~\[; ]", requirement)[0]) for requirement in wanted}


def test_every_dependency_is_pinned() -> None:
    assert asked_for() - pins().keys() == set(), "run: make lock"


def test_the_lock_is_for_every_machine() -> None:
    """Plain versions only: no build of one machine (``+cpu``), no file, no host."""
    strange = [line for line in LOCK.splitlines()[1:] if not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.]*", line)]
    assert strange == []


@pytest.mark.needs_torch  # torch's own dependencies are among those looked at
def test_the_lock_holds_what_the_dependencies_need() -> None:
    """No dependency of a locked distribution that is installed here is missing from the lock."""
    missing = set()
    for name in asked_for():
        for requirement in metadata.requires(name) or []:
            needed = normal(re.split(r"[<>=!~\[; (]", requirement)[0])
            plain = ";" not in requirement
            if plain and needed not in pins() and needed not in ("pip", "setuptools"):
                missing.add(f"{needed} (by {name})")
    assert missing == set()


def test_one_version_stands_everywhere() -> None:
    stated = {
        "pyproject.toml": PROJECT["version"],
        "jupyter_bioml/__init__.py": jupyter_bioml.__version__,
        "labextension/package.json": json.loads((FRONT_END / "package.json").read_text(encoding="utf-8"))["version"],
        "labextension/package-lock.json": json.loads((FRONT_END / "package-lock.json").read_text(encoding="utf-8"))[
            "version"
        ],
    }
    assert len(set(stated.values())) == 1, stated


def test_every_supported_python_is_named_where_one_is_asked_for() -> None:
    """In the metadata, in ``.ci/run`` and in the matrix of the CI file."""
    classifiers = [line.rpartition(" ")[2] for line in PROJECT["classifiers"] if "Python :: 3." in line]
    ours = re.search(r"SUPPORTED=\((.*)\)", (REPOSITORY / ".ci" / "run").read_text(encoding="utf-8"))
    workflow = yaml.safe_load((REPOSITORY / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
    assert ours is not None
    assert classifiers == ours[1].split() == workflow["jobs"]["fast"]["strategy"]["matrix"]["python"]


def test_the_ci_file_calls_targets_that_exist() -> None:
    text = (REPOSITORY / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    whole = yaml.safe_load(text)["jobs"]["whole"]["strategy"]["matrix"]["target"]
    called = {*re.findall(r"run: make ([a-z-]+)", text), *whole}
    targets = set(re.findall(r"^([a-z-]+):", (REPOSITORY / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert called and called <= targets


def find_python(path: Path, *version: str, **env: str) -> subprocess.CompletedProcess[str]:
    script = str(REPOSITORY / ".ci" / "find-python")
    return subprocess.run(
        ["/bin/sh", script, *version],
        env={"PATH": str(path), "HOME": str(path), **env},
        capture_output=True,
        text=True,
        check=False,
    )


def shim(folder: Path, name: str, body: str) -> None:
    file = folder / name
    file.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    file.chmod(0o755)


def test_a_shim_without_a_python_is_passed_over(tmp_path: Path) -> None:
    shim(tmp_path, "python3.11", "echo 'no such version' >&2; exit 127")
    shim(tmp_path, "python3", f'exec {sys.executable} "$@"')
    found = find_python(tmp_path)
    assert found.returncode == 0 and os.access(found.stdout.strip(), os.X_OK)


@pytest.mark.parametrize("body", ["exit 1", "echo 3.9; exit 1"])
def test_without_a_usable_python_the_message_says_what_to_install(tmp_path: Path, body: str) -> None:
    shim(tmp_path, "python3", body)
    found = find_python(tmp_path)
    assert found.returncode == 1 and found.stdout == ""
    assert "apt install python3" in found.stderr and "3.11" in found.stderr


def test_a_version_is_found_in_pyenvs_folder_and_another_one_is_not_taken_for_it(tmp_path: Path) -> None:
    """pyenv's shims answer only for the versions that are switched on; its folder has the others."""
    own = f"{sys.version_info.major}.{sys.version_info.minor}"
    pythons = tmp_path / "pyenv" / "versions" / f"{own}.1" / "bin"
    pythons.mkdir(parents=True)
    shim(pythons, "python", f'exec {sys.executable} "$@"')
    shim(tmp_path, f"python{own}", "echo 'not switched on' >&2; exit 127")
    found = find_python(tmp_path, own, PYENV_ROOT=str(tmp_path / "pyenv"))
    assert found.returncode == 0 and os.access(found.stdout.strip(), os.X_OK)
    missing = find_python(tmp_path, "3.99", PYENV_ROOT=str(tmp_path / "pyenv"))
    assert missing.returncode == 1 and "No Python 3.99" in missing.stderr
