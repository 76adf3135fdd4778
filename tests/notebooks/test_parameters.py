"""Parameters: what a notebook lets be set, which values fit, and what stands in the notebook afterwards."""

from __future__ import annotations

import math
from typing import Any

import pytest
from notebook_files import document

from jupyter_bioml.errors import UsageError
from jupyter_bioml.notebooks.injection import injected, python_text
from jupyter_bioml.notebooks.parameters import checked, read_parameters

LITERALS = document(
    "import os\nlr = 0.1  # rate\ndepth = 3; wide = True",
    "%%time\nname = 'ann'\nsizes = [1, 2]\nlimit = None\nmade = 1 + depth\n%matplotlib inline",
    "for i in range(3):\n    total = 0\ntotal = 1\nx, y = 1, 2\ndef inside():\n    hidden = 1",
    "%%bash\nlr = 0.3",
)


def set_in(notebook: dict[str, Any], **values: Any) -> str:
    made, left = injected(notebook, values, {})
    assert left == {}
    return "\n---\n".join(cell["source"] for cell in made["cells"])


def test_names_that_can_be_set_are_the_literals_assigned_once() -> None:
    assert read_parameters(LITERALS).names == ["lr", "depth", "wide", "name", "sizes", "limit"]


def test_a_parameters_cell_says_all_of_them() -> None:
    tagged = document("lr = 0.5", ("rate: float = 1\nseed: 'int | None' = None", ["parameters"]))
    assert read_parameters(tagged).names == ["rate", "seed"]
    with pytest.raises(UsageError, match=r"has no parameter 'lr'.*rate, seed"):
        checked(read_parameters(tagged), {"lr": "1"}, "a.ipynb")


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ({"lr": "1"}, {"lr": 1.0}),
        ({"lr": "1e-3"}, {"lr": 0.001}),
        ({"lr": 2}, {"lr": 2.0}),
        ({"depth": "7"}, {"depth": 7}),
        ({"wide": "false"}, {"wide": False}),
        ({"name": "12"}, {"name": "12"}),
        ({"sizes": "[3, 4]"}, {"sizes": [3, 4]}),
        ({"limit": "9"}, {"limit": 9}),
        ({"limit": "None"}, {"limit": None}),
    ],
)
def test_values_become_what_the_notebook_declares(given: dict[str, Any], read: dict[str, Any]) -> None:
    found = checked(read_parameters(LITERALS), given, "a.ipynb")
    assert found == read and [type(value) for value in found.values()] == [type(value) for value in read.values()]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"depth": "0.5"}, "'depth' is a int there, and '0.5' is a text"),
        ({"depth": 2.0}, "'depth' is a int there, and 2.0 is a float"),
        ({"depth": True}, "True is a bool"),
        ({"lr": "fast"}, "'lr' is a float"),
        ({"lr": None}, "'lr' is a float"),
        ({"wide": 1}, "'wide' is a bool"),
        ({"sizes": '{"a": 1}'}, "'sizes' is a list"),
        ({"nothing": 1}, "has no parameter 'nothing': no literal is assigned to it"),
        ({"total": 1}, r"'total' cannot be set, it is assigned 2 times \(cell 3, 3\)"),
        ({"made": 1}, r"'made' cannot be set, the assigned value is not a literal \(cell 2\)"),
        ({"hidden": 1}, "has no parameter 'hidden'"),
    ],
)
def test_what_does_not_fit_is_refused_naming_both(given: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        checked(read_parameters(LITERALS), given, "a.ipynb")


def test_the_one_assignment_is_replaced_where_it_stands() -> None:
    notebook = document("größe = 'µ'; lr = (0.1 +\n 0j).real\ndepth = 3  # deep\nrest = 1", "print(depth)")
    shown = set_in(notebook, depth=5)
    assert "depth = 5  # deep  # bioml: depth was 3\nrest = 1" in shown and shown.count("bioml:") == 1


def test_several_on_one_line_and_a_value_over_several_lines() -> None:
    shown = set_in(document("a = 1; b = 'µ'; c = [\n  1,\n  2,\n]\nprint(c)"), a=7, b="z\n", c=[3])
    scope: dict[str, Any] = {"print": lambda _: None}
    exec(shown, scope)
    assert (scope["a"], scope["b"], scope["c"]) == (7, "z\n", [3])
    for name in ("a was 1", "b was 'µ'", "c was [ 1, 2, ]"):
        assert f"# bioml: {name}" in shown


def test_a_line_that_goes_on_is_refused_rather_than_broken() -> None:
    with pytest.raises(UsageError, match="'a' cannot be set in its place"):
        set_in(document("a = 1; \\\nb = 2"), a=3)


@pytest.mark.parametrize(
    "value", [math.nan, math.inf, -math.inf, 1e308, -0.0, "quote\"'\\\n大", [1, {"a": None}], True]
)
def test_values_are_written_as_they_are(value: Any) -> None:
    again = eval(python_text(value))
    assert repr(again) == repr(value)


def test_with_a_parameters_cell_papermill_puts_its_cell_behind_it() -> None:
    tagged = document(("lr = 0.1\nshape = (1, 2)\nkey = ''", ["parameters"]), "lr = 5")
    made, left = injected(tagged, {"lr": 1.0, "shape": [3, 4]}, {"key": "API_KEY"})
    assert left == {"lr": 1.0, "shape": (3, 4)}
    assert made["cells"][0]["source"].endswith('key = __import__("os").environ["API_KEY"]  # bioml: key is secret')


def test_another_language_takes_what_papermill_can_give() -> None:
    notebook = document(("x <- 1", ["parameters"]))
    notebook["metadata"]["kernelspec"] = {"name": "ir", "language": "R"}
    assert checked(read_parameters(notebook), {"x": "2"}, "a.ipynb") == {"x": 2}
    notebook["cells"][0]["metadata"]["tags"] = []
    with pytest.raises(UsageError, match="not in Python"):
        checked(read_parameters(notebook), {"x": "2"}, "a.ipynb")
