"""The ``%%experiment`` line: parsing, splitting, and the transformer that takes it away."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_bioml.capture.options import makes_none, parse, take_magic_away
from jupyter_bioml.errors import UsageError
from jupyter_bioml.text.experiment_line import split


def test_all_flags_are_read() -> None:
    found = parse(
        "%%experiment gbm --params a,b --metrics auc,f1 --data x.csv frame --model clf --example probe --predictions p "
        "--tag team=onc --tag round=2 --seed 7 --note 'two words' --no-resources --no-outputs"
    )
    assert found.name == "gbm"
    assert found.params == ("a", "b")
    assert found.metrics == ("auc", "f1")
    assert found.data == ("x.csv", "frame")
    assert (found.model, found.example, found.predictions) == ("clf", "probe", ("p",))
    assert found.tags == (("team", "onc"), ("round", "2"))
    assert (found.seed, found.note) == (7, "two words")
    assert not found.resources
    assert not found.outputs


@pytest.mark.parametrize(
    "line",
    [
        "%%experiment --sed 1",
        "%%experiment --seed x",
        "%%experiment 'open",
        "%%experiment --tag novalue",
        "%%experiment --seed -1",
        "%%experiment a b",
        "%%experiment a --join b",
        "%%experiment --model",
    ],
)
def test_a_malformed_line_is_a_usage_error_that_says_the_cell_did_not_run(line: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(line)
    assert "%%experiment" in str(caught.value)


def test_join_without_a_name_means_the_last_run() -> None:
    assert parse("%%experiment --join").join == ""
    assert parse("%%experiment --join gbm").join == "gbm"
    assert parse("%%experiment").join is None


def test_line_numbers_stay_as_they_are() -> None:
    assert take_magic_away(["%%experiment a\n", "x = 1\n", "1/0\n"]) == ["\n", "x = 1\n", "1/0\n"]


def test_another_cell_magic_comes_first_again() -> None:
    assert take_magic_away(["%%experiment a\n", "%%time\n", "x = 1\n"]) == ["%%time\n", "x = 1\n"]


def test_a_malformed_line_is_left_for_the_magic_that_raises() -> None:
    lines = ["%%experiment --sed 1\n", "x = 1\n"]
    assert take_magic_away(lines) == lines


@pytest.mark.parametrize("lines", [["%%experimental\n", "x\n"], ["x = '''\n", "%%experiment\n", "'''\n"], [], ["\n"]])
def test_other_cells_are_not_touched(lines: list[str]) -> None:
    assert take_magic_away(list(lines)) == lines


@given(st.lists(st.text(max_size=30), max_size=6))
def test_the_transformer_is_pure_and_never_raises(lines: list[str]) -> None:
    once = take_magic_away(list(lines))
    assert take_magic_away(list(lines)) == once


@pytest.mark.parametrize(
    ("source", "magic", "body"),
    [
        ("%%time\n%%experiment a\nx = 1", "%%experiment a", "%%time\nx = 1"),
        ("\n%%capture out\n\n%%time --no-raise-error\n%%experiment\nx", "%%experiment", "%%capture out\n%%time --no-raise-error\nx"),
        ("%%experiment a\n%%time\nx", "%%experiment a", "%%time\nx"),
        ("%%mine\n%%experiment a\nx", None, "%%mine\n%%experiment a\nx"),
        ("%%bash\n%%experiment a\nx", None, "%%bash\n%%experiment a\nx"),
        ("x = 1\n%%experiment a", None, "x = 1\n%%experiment a"),
    ],
)  # fmt: skip
def test_the_line_may_stand_below_magics_that_run_the_cell(source: str, magic: str | None, body: str) -> None:
    assert split(source) == (magic, body)
    left = "".join(take_magic_away(source.splitlines(keepends=True)))
    assert left.lstrip("\n") == (source if magic is None else body).lstrip("\n")
    assert makes_none(source) == source.startswith("%%mine")


def test_split_gives_magic_and_body() -> None:
    assert split("%%experiment a --seed 1\nx = 1") == ("%%experiment a --seed 1", "x = 1")
    assert split("\n\n%%experiment a\nx") == ("%%experiment a", "x")
    assert split("x = 1\n%%experiment") == (None, "x = 1\n%%experiment")
    assert split("%%experiment") == ("%%experiment", "")
