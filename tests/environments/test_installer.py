"""Calling an installer: the caller's indexes without their credentials, its last words, its end when it takes too long."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from jupyter_bioml.environments.installer import Installer, call, choose, masked
from jupyter_bioml.environments.lock import EnvironmentNotBuildable


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """No setting of the machine's own."""
    for name in list(os.environ):
        if name.startswith(("PIP_", "UV_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    return monkeypatch


def uv_at(folder: Path) -> str:
    """A PATH with something called uv on it, which is never run."""
    (folder / "uv").write_text("#!/bin/sh\nexit 9\n")
    (folder / "uv").chmod(0o755)
    return str(folder)


def test_uv_goes_first_and_pip_is_there_otherwise(bare: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert choose(search=str(tmp_path)).command == (sys.executable, "-P", "-m", "pip")
    found = choose(search=uv_at(tmp_path))
    command = found.install("/env/bin/python", ["--no-deps", "-r", "lock"])
    assert command[:5] == [str(tmp_path / "uv"), "pip", "install", "--python", "/env/bin/python"]
    assert command[-3:] == ["--no-deps", "-r", "lock"]


def test_byte_code_is_made_at_once_only_where_no_import_may_write_it(bare: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pip, uv = choose(search=""), choose(search=uv_at(tmp_path))
    bare.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    assert "--no-compile" in pip.install("python", []) and "--compile-bytecode" not in uv.install("python", [])
    bare.setenv("PYTHONDONTWRITEBYTECODE", "1")
    assert "--no-compile" not in pip.install("python", []) and "--compile-bytecode" in uv.install("python", [])


def test_settings_that_send_it_elsewhere_are_left_out(bare: pytest.MonkeyPatch) -> None:
    for name in ("TARGET", "USER", "CONSTRAINT", "REQUIRE_VIRTUALENV"):
        bare.setenv(f"PIP_{name}", "1")
    bare.setenv("PIP_INDEX_URL", "https://mirror.example.org/simple")
    bare.setenv("PYTHONPATH", "/somewhere")
    found = choose(search="").environment
    assert found["PIP_INDEX_URL"] == "https://mirror.example.org/simple" and found["PIP_NO_INPUT"] == "1"
    assert not {"PIP_TARGET", "PIP_USER", "PIP_CONSTRAINT", "PIP_REQUIRE_VIRTUALENV", "PYTHONPATH"} & found.keys()


def test_uv_is_told_what_pip_is_set_to(bare: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "pip.conf"
    file.write_text(
        "[global]\nindex-url = https://a.example.org/simple\nextra_index_url =\n  https://b/x\n  https://c/y\n"
    )
    bare.setenv("PIP_CONFIG_FILE", str(file))
    bare.setenv("PIP_FIND_LINKS", "/wheels /more")
    found = choose(search=uv_at(tmp_path)).environment
    assert found["UV_DEFAULT_INDEX"] == "https://a.example.org/simple"
    assert found["UV_INDEX"] == "https://b/x https://c/y"
    assert found["UV_FIND_LINKS"] == "/wheels,/more"
    bare.setenv("PIP_INDEX_URL", "https://over.example.org/simple")
    assert choose(search=uv_at(tmp_path)).environment["UV_DEFAULT_INDEX"] == "https://over.example.org/simple"
    bare.setenv("UV_DEFAULT_INDEX", "https://its-own.example.org/simple")
    found = choose(search=uv_at(tmp_path)).environment
    assert found["UV_DEFAULT_INDEX"] == "https://its-own.example.org/simple" and "UV_INDEX" not in found


def test_credentials_are_taken_out_of_what_it_prints() -> None:
    assert masked("Looking in indexes: https://me:s3cret-word@example.org/simple") == (
        "Looking in indexes: https://****@example.org/simple"
    )
    shown = repr(Installer("pip", ("pip",), {"PIP_INDEX_URL": "https://me:s3cret@example.org"}))
    assert "s3cret" not in shown


def run(code: str, seconds: float = 60) -> list[str]:
    return call([sys.executable, "-c", code], os.environ, lambda _: None, time.monotonic() + seconds)


def test_a_failure_says_the_lines_that_decide_and_names_the_distribution() -> None:
    lines = ["Collecting a"] * 30 + [
        "  error: subprocess-exited-with-error",
        "ERROR: Could not find a version that satisfies the requirement assay==1.0 (from versions: 2.0)",
        "ERROR: No matching distribution found for assay==1.0 at https://u:pw-12345@host/x",
    ]
    with pytest.raises(EnvironmentNotBuildable) as failed:
        run(f"print({chr(10).join(lines)!r}); raise SystemExit(1)")
    assert failed.value.package == "assay"
    assert "No matching distribution" in failed.value.message and "pw-12345" not in failed.value.message
    assert failed.value.message.count("Collecting") == 0 and "PIP_INDEX_URL" in failed.value.next


def test_what_takes_too_long_is_ended_with_its_children(tmp_path: Path) -> None:
    file = tmp_path / "child"
    code = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"open({str(file)!r}, 'w').write(str(child.pid))\n"
        "print('Collecting something', flush=True)\n"
        "time.sleep(600)\n"
    )
    with pytest.raises(EnvironmentNotBuildable, match="exceeded its time limit"):
        run(code, seconds=4)
    state = Path(f"/proc/{int(file.read_text())}/stat")
    until = time.monotonic() + 30
    while alive(state) and time.monotonic() < until:
        time.sleep(0.05)
    assert not alive(state)


def alive(state: Path) -> bool:
    """Whether the process of a stat file still is one (a zombie is none)."""
    try:
        return state.read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
