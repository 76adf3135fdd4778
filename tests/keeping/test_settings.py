"""A setting that is decided from JupyterLab: one line of ``bioml.toml``, and nothing else of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_bioml.config import load_settings
from jupyter_bioml.errors import UsageError
from jupyter_bioml.keeping.settings import decide, decided

COMMENTED = """# our study
outputs = false  # too many figures
environment_variables = [
    "SITE",  # track = true
]
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, "track = true\n"),
        ("", "track = true\n"),
        (COMMENTED, f"track = true\n{COMMENTED}"),
        ("track = false\n", "track = true\n"),
        (
            "auto = true\n  track=false # for now\nresources = false\n",
            "auto = true\n  track=true # for now\nresources = false\n",
        ),
        ("# track = false\n", "track = true\n# track = false\n"),
    ],
)
def test_one_line_is_written_and_all_others_stay(tmp_path: Path, before: str | None, after: str) -> None:
    file = tmp_path / "bioml.toml"
    if before is not None:
        file.write_text(before)
    decide(tmp_path, "track", True)
    assert file.read_text() == after and load_settings(tmp_path).track is True
    assert decided(tmp_path, "track") is True and not list(tmp_path.glob(".bioml*"))
    decide(tmp_path, "track", False)
    assert decided(tmp_path, "track") is False and load_settings(tmp_path).track is False


@pytest.mark.parametrize("text", ["track = ", "trakc = true\n", "track = 'yes'\n", "auto = 1\n"])
def test_a_file_that_is_not_valid_is_left_as_it_is(tmp_path: Path, text: str) -> None:
    file = tmp_path / "bioml.toml"
    file.write_text(text)
    with pytest.raises(UsageError, match=r"bioml\.toml"):
        decide(tmp_path, "track", True)
    assert file.read_text() == text and decided(tmp_path, "track") is None


def test_nobody_has_decided_at_first_and_a_variable_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert decided(tmp_path, "track") is None
    (tmp_path / "bioml.toml").write_text("auto = true\n")
    assert decided(tmp_path, "track") is None
    monkeypatch.setenv("BIOML_TRACK", "on")
    assert decided(tmp_path, "track") is True
    with pytest.raises(UsageError, match="BIOML_TRACK is set"):
        decide(tmp_path, "track", False)
