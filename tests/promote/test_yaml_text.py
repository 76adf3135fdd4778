"""YAML that people write: plain values with their lines; nothing hostile comes in or costs much."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_bioml.errors import NotFound, UsageError
from jupyter_bioml.promote.yaml_text import SIZE_LIMIT, parse_yaml, read_yaml


def test_values_and_the_lines_of_their_keys(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("\ufeff# comment\nversion: 1\nlist: [a, 2, 2.5, true, null]\ndeep:\n  ünï: {x: 1e-3}\n", "utf-8")
    document = read_yaml(file)
    assert document.value == {
        "version": 1,
        "list": ["a", 2, 2.5, True, None],
        "deep": {"ünï": {"x": "1e-3"}},
    }
    assert document.lines[("deep", "ünï")] == 5 and document.lines[("version",)] == 2
    said = document.wrong(("deep", "ünï", "x", "unknown"), "it is odd", ["a", "b"])
    assert "line 5: it is odd" in said.message and said.next == "Known: a, b."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: 1\nb: 2\na: 3\n", "line 3: the key 'a' appears twice"),
        ("a: &x [1]\nb: *x\n", "line 1: anchors and aliases"),
        ("a: !!python/object/apply:os.system ['true']\n", "line 1"),
        ("a: !!python/name:os.system\n", "line 1"),
        ("? [1, 2]\n: 3\n", "line 1: a key must be a word"),
        ("a: [1,\n", "line 2"),
        ("a: 2026-13-45\n", "line 1: '2026-13-45' is not a valid value"),
        ("[" * 60_000, "deeper than"),
        ("x" * (SIZE_LIMIT + 1), "more than"),
        ("a: b: c\n", "line 1"),
    ],
)
def test_what_is_no_plain_document_is_refused_with_its_line(text: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_yaml(text.encode(), "file.yaml")
    assert words in caught.value.message and caught.value.message.startswith("file.yaml")


def test_bytes_that_are_no_text_and_files_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not valid UTF-8"):
        parse_yaml(b"\xff\xfe\x00", "file.yaml")
    with pytest.raises(NotFound):
        read_yaml(tmp_path / "none.yaml")
    with pytest.raises(UsageError, match="cannot be read"):
        read_yaml(tmp_path)
    assert parse_yaml(b"", "file.yaml").value is None
