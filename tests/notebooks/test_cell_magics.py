"""The flat code of cells with magics: as IPython runs it, or named."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_bioml.notebooks.cell_magics import as_python, flat_code
from jupyter_bioml.notebooks.code_text import Text


@pytest.mark.parametrize(
    ("source", "flat"),
    [
        ("%%time\nx = 1\n!ls", "x = 1\nget_ipython().system('ls')"),
        ("%%capture out --no-stderr\n\n%%time\nx = 1", "x = 1"),
        ("%%prun -q -D file first()\nsecond()", "first()\nsecond()"),
        ("for i in y:\n    %time z = f('a',  i)\n%time z", "for i in y:\n    z = f('a', i)\nz"),
        ("w = %time f(3)", "w = (f(3))"),
        ("%prun -l 5 -s time f('é')", "f('é')"),
        ("%lprun -f load load(path)", "load(path)"),
    ],
)
def test_code_stands_where_its_magic_stood(source: str, flat: str) -> None:
    found = flat_code(as_python(source) or "")
    assert found is not None
    assert (found.text.strip(), found.opaque) == (flat, ())


@pytest.mark.parametrize(
    ("source", "magics"),
    [
        ("%%bash\nx=1", ["%%bash"]),
        ("%%time\n%timeit f(x)\ny = 2", ["%timeit"]),
        ("%%mine\nx = 1", ["%%mine"]),
        ("%run train.py", ["%run"]),
        ("%%time once\nx = 1", ["%%time"]),
        ("%%html\n<b>x = 1</b>", []),
        ("%matplotlib inline\n%load_ext mine\n%cd data", []),
    ],
)
def test_what_is_not_the_cells_code_is_named(source: str, magics: list[str]) -> None:
    found = flat_code(as_python(source) or "")
    assert found is not None
    assert [one.magic for one in found.opaque] == magics
    assert "x = 1" not in found.text.split("\n")


def test_a_magic_counts_where_its_text_was_seen_running() -> None:
    text = as_python("%%mine\nx = 1") or ""
    seen = flat_code(text, lambda name, body: (name, body) == ("mine", "x = 1\n"))
    assert seen is not None
    assert (seen.text, seen.opaque) == ("x = 1\n", ())


def test_cells_without_magics_are_not_looked_at() -> None:
    assert flat_code("x = 1\nprint('%%time')") is None


@given(st.text(alphabet="%timeruncapx=1 \n'(;é-q!", max_size=60))
def test_no_text_breaks_it_and_what_it_gives_is_python(source: str) -> None:
    text = as_python(source)
    found = None if text is None else flat_code(text)
    if found is not None:
        ast.parse(found.text)


def test_the_text_of_a_planned_cell_keeps_its_line_numbers() -> None:
    text = Text("%%experiment a\n%%time\n\nx = 1\n%time y = 2", 1)
    assert [line.strip() for line in text.python.rstrip().split("\n")] == ["", "", "", "x = 1", "y = 2"]
    assert text.tree is not None
    assert [node.lineno for node in text.tree.body] == [4, 5]
