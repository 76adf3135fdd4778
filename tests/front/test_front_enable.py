"""``enable`` and ``disable``: one block, in and out byte for byte, and a kernel that reads it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from front_case import Bench

from jupyter_bioml.doctor import enable
from jupyter_bioml.doctor.enable import BLOCK, config_file, switch_off, switch_on


@pytest.mark.parametrize(
    "before",
    [b"", b"c.InteractiveShellApp.extensions = ['autoreload']\n", b"# no newline at the end", b"x = 1\r\n\n\n"],
)
def test_in_and_out_byte_for_byte(before: bytes) -> None:
    file = config_file("user")
    file.parent.mkdir(parents=True)
    file.write_bytes(before)
    assert switch_on("user").changed and file.read_bytes() == before + BLOCK
    assert not switch_on("user").changed, "a second time changes nothing"
    file.write_bytes(file.read_bytes() + b"# the user's own, added later\n")
    assert switch_off("user").changed and file.read_bytes() == before + b"# the user's own, added later\n"
    assert not switch_off("user").changed


def test_a_file_of_ours_alone_goes_with_its_block() -> None:
    switch_on("user")
    assert config_file("user").exists()
    switch_off("user")
    assert not config_file("user").exists()


def test_mode_and_link_of_the_users_file_stay(tmp_path: Path) -> None:
    dotfile = tmp_path / "dotfiles.py"
    dotfile.write_text("x = 1\n")
    dotfile.chmod(0o640)
    file = config_file("user")
    file.parent.mkdir(parents=True)
    file.symlink_to(dotfile)
    switch_on("user")
    assert file.is_symlink() and dotfile.read_bytes() == b"x = 1\n" + BLOCK and dotfile.stat().st_mode & 0o777 == 0o640
    switch_off("user")
    assert file.is_symlink() and dotfile.read_text() == "x = 1\n"


def test_an_altered_block_is_left_alone(bench: Bench) -> None:
    file = config_file("user")
    switch_on("user")
    altered = file.read_bytes().replace(b"# <<< jupyter-bioml <<<\n", b"")
    file.write_bytes(altered)
    for verb in ("enable", "disable"):
        document = bench.json(verb, code=1)
        assert document["code"] == "refused" and "altered" in document["message"] and "by hand" in document["next"]
        assert file.read_bytes() == altered


def test_a_file_that_cannot_be_written_is_refused(bench: Bench) -> None:
    file = config_file("user")
    file.parent.parent.mkdir(parents=True, exist_ok=True)
    file.parent.write_text("a file where a folder should be")
    document = bench.json("enable", code=1)
    assert document["code"] == "refused" and "%load_ext" in document["next"]


def test_off_says_where_it_is_still_on(bench: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "environment"))
    made = bench.json("enable", "--env")
    assert made == {"scope": "env", "file": str(config_file("env")), "on": True, "changed": True, "still_on": None}
    assert config_file("env") == tmp_path / "environment/etc/ipython/ipython_kernel_config.py"
    assert bench.json("disable")["still_on"] == str(config_file("env"))
    _, out, _ = bench.run("disable", "--env")
    assert out.startswith("✓ off for this environment's kernels")


def test_a_kernel_is_tracked_without_load_ext(
    bench: Bench, start_kernel: Callable[..., Any], project_dir: Path
) -> None:
    """A real kernel with this IPYTHONDIR; the user's own list of extensions stays in force."""
    file = config_file("user")
    file.parent.mkdir(parents=True)
    file.write_text("c.InteractiveShellApp.extensions = ['autoreload']\n")
    bench.run("enable")
    kernel = start_kernel(load=False)
    ran = kernel.run(
        "%%experiment tracked\nauc = len('ab') / 4\n"
        "print('autoreload' in ' '.join(get_ipython().extension_manager.loaded))"
    )
    assert (ran.status, ran.stdout) == ("ok", "True\n"), ran.error
    (row,) = bench.json("runs")
    assert (row["name"], row["state"], row["metrics"]) == ("tracked", "FINISHED", {"auc": 0.5})


def test_another_environments_kernel_without_the_package_starts_quietly() -> None:
    """The user's file is read by every environment's kernels: where we are not installed it does nothing."""
    loaded: list[str] = []

    class Config:
        class InteractiveShellApp:
            extensions = loaded

    names = {"c": Config}
    exec(BLOCK.decode().replace('"jupyter_bioml"', '"no_such_package_here"'), names)
    assert loaded == []
    exec(BLOCK.decode(), names)
    assert loaded == ["jupyter_bioml"]


def test_the_folder_is_ipythons_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from IPython.paths import get_ipython_dir

    assert Path(get_ipython_dir()) == config_file("user").parent.parent
    monkeypatch.delenv("IPYTHONDIR")
    monkeypatch.setenv("HOME", str(tmp_path / "h"))
    os.makedirs(tmp_path / "h")
    assert Path(get_ipython_dir()) == config_file("user").parent.parent
    assert enable.is_on("user") is False
