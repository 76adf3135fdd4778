"""Sets of parameters: grids, files, samples."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_bioml.batch.grid import MOST, ParameterSets, chosen_sets, parse_grid, read_params_file
from jupyter_bioml.errors import UsageError


def test_a_grid_is_every_combination_the_last_name_fastest() -> None:
    sets = ParameterSets({"seed": "1"}, parse_grid(["lr=0.1,0.01", "depth=3,5"]), [])
    assert len(sets) == 4 and sets.varied == ["lr", "depth"]
    assert list(sets) == [{"seed": "1", "lr": lr, "depth": depth} for lr in ("0.1", "0.01") for depth in ("3", "5")]


def test_a_grid_over_the_sets_of_a_file() -> None:
    sets = ParameterSets({}, parse_grid(['names=["a,b", "c"]']), [{"x": 1}, {"x": 2, "y": 3}])
    assert [item for _, item in chosen_sets(sets, None, 0)] == [
        {"x": 1, "names": "a,b"}, {"x": 1, "names": "c"},
        {"x": 2, "y": 3, "names": "a,b"}, {"x": 2, "y": 3, "names": "c"},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("options", "says"),
    [(["lr"], "not of the form NAME=VALUE"), (["1x=2"], "not of the form NAME=VALUE"), (["lr=1,,2"], "empty value"), (["a=[1"], "not a JSON list"),
     (["a=1", "a=2"], "twice"), (["a="], "empty value"), (["a=[]"], "empty value")],
)  # fmt: skip
def test_grids_without_a_meaning_are_refused(options: list[str], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        parse_grid(options)


def test_a_name_is_given_once() -> None:
    with pytest.raises(UsageError, match="'lr': given twice"):
        ParameterSets({"lr": 1}, parse_grid(["lr=1,2"]), [])


def test_a_sample_is_the_same_for_the_same_seed_and_costs_nothing() -> None:
    sets = ParameterSets({}, {f"p{n}": list(range(10)) for n in range(12)}, [])
    first = list(chosen_sets(sets, 5, 7))
    assert first == list(chosen_sets(sets, 5, 7)) and first != list(chosen_sets(sets, 5, 8))
    assert len({number for number, _ in first}) == 5 and [n for n, _ in first] == sorted(n for n, _ in first)
    with pytest.raises(UsageError, match=f"limit of {MOST}"):
        chosen_sets(sets, None, 0)
    with pytest.raises(UsageError, match="Cannot draw a sample of"):
        chosen_sets(ParameterSets({}, {"a": [1, 2]}, []), 3, 0)


def test_files_of_parameters(tmp_path: Path) -> None:
    yaml, json_ = tmp_path / "p.yaml", tmp_path / "p.json"
    yaml.write_text("- lr: 0.1\n  name: ann\n- {lr: 1e-3}\n")
    json_.write_text('[{"lr": 0.1}]')
    assert read_params_file(yaml) == [{"lr": 0.1, "name": "ann"}, {"lr": "1e-3"}]
    assert read_params_file(json_) == [{"lr": 0.1}]


BOMB = "- a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"- {chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 10)}]\n" for n in range(8)
)


@pytest.mark.parametrize(
    ("text", "says"),
    [("lr: 0.1", "not hold a list"), ("[]", "not hold a list"), ("- 3", "entry 1 is not a mapping"), ("- {1: 2}", "entry 1"),
     ("- !!python/object/apply:os.system ['true']", "cannot be read as YAML"), ("- a: [", "cannot be read as YAML"),
     ("- day: 2026-11-21", "is a date"), (BOMB, "too large")],
)  # fmt: skip
def test_files_without_a_meaning_are_refused(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "p.yaml"
    file.write_text(text)
    with pytest.raises(UsageError, match=says):
        read_params_file(file)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_params_file(tmp_path / "none.yaml")
