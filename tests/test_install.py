"""What an installation leans on: the lock pins everything that is asked for, and a usable Python is found."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent
LOCK = (REPOSITORY / "constraints.txt").read_text(encoding="utf-8")


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins() -> dict[str, str]:
    lines = [line for line in LOCK.splitlines() if line and not line.startswith("#")]
    return {normal(name): version for name, version in (line.split("==") for line in lines)}


def asked_for() -> set[str]:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *project["optional-dependencies"]["torch"],
        *project["optional-dependencies"]["test"],
    ]
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


def find_python(path: Path, **env: str) -> subprocess.CompletedProcess[str]:
    script = str(REPOSITORY / ".ci" / "find-python")
    return subprocess.run(
        ["/bin/sh", script], env={"PATH": str(path), **env}, capture_output=True, text=True, check=False
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
