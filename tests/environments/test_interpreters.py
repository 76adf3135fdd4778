"""Finding a Python of the recorded version: exactly it where there is one, its line otherwise, never another."""

from __future__ import annotations

import json
import platform
import sys
from pathlib import Path

import pytest

from jupyter_bioml.environments.interpreters import ask, find, running
from jupyter_bioml.environments.lock import EnvironmentNotBuildable, Lock


def stub(path: Path, version: str, implementation: str = "CPython") -> Path:
    """An executable that answers as an interpreter of that version would."""
    path.parent.mkdir(parents=True, exist_ok=True)
    said = json.dumps([implementation, version, str(path), ["/lib"], "/lib/site-packages", "/lib/site-packages"])
    path.write_text(f"#!/bin/sh\necho '{said}'\n")
    path.chmod(0o755)
    return path


def lock(version: str, executable: str | None = None) -> Lock:
    return Lock("CPython", version, (), executable)


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A home and a PATH with no other Python."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    for name in ("PYENV_ROOT", "UV_PYTHON_INSTALL_DIR", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_the_running_one_says_what_it_is() -> None:
    here = running()
    assert (here.version, here.implementation) == (platform.python_version(), platform.python_implementation())
    assert any(item["name"] == "pytest" for item in here.distributions())
    assert find(lock(platform.python_version())).version == platform.python_version()


def test_the_line_has_to_fit_and_the_exact_version_goes_first(alone: Path) -> None:
    stub(alone / "bin" / "python3.9", "3.9.2")
    assert find(lock("3.9.18")).version == "3.9.2"
    exact = stub(alone / ".pyenv" / "versions" / "3.9.18" / "bin" / "python3.9", "3.9.18")
    assert find(lock("3.9.18")).executable == str(exact)
    managed = stub(alone / ".local/share/uv/python/cpython-3.8.1-linux/bin/python3.8", "3.8.1")
    assert find(lock("3.8.1")).executable == str(managed)
    recorded = stub(alone / "elsewhere" / "python", "3.7.5")
    assert find(lock("3.7.5", str(recorded))).executable == str(recorded)


def test_no_other_python_stands_in(alone: Path) -> None:
    stub(alone / "bin" / "python3.6", "3.7.1")  # its name says otherwise
    with pytest.raises(EnvironmentNotBuildable, match=r"3\.6\.15") as refused:
        find(lock("3.6.15"))
    assert refused.value.package == "Python 3.6.15" and "python3.6" in refused.value.next
    stub(alone / "bin" / "python3.5", "3.5.1", "PyPy")
    with pytest.raises(EnvironmentNotBuildable):
        find(lock("3.5.1"))


@pytest.mark.parametrize("version", ["", "3", "../../x", "3.11\n; rm"])
def test_a_version_that_is_none_is_refused(version: str) -> None:
    with pytest.raises(EnvironmentNotBuildable):
        find(lock(version))


def test_what_does_not_answer_is_no_interpreter(tmp_path: Path) -> None:
    silent = tmp_path / "python3"
    silent.write_text("#!/bin/sh\nexit 127\n")
    silent.chmod(0o755)
    assert ask(silent) is None and ask(tmp_path / "none") is None and ask(sys.executable) is not None
