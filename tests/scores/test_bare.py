"""Numbers without a label: which expression printed which of them."""

from __future__ import annotations

import ast

from jupyter_bioml.scores.bare import bare_lines, bare_prints, numbers_printed


def read(cell: str, text: str) -> dict[str, list[float]]:
    """Expression → what the output says that it printed."""
    body = ast.parse(cell).body
    found = numbers_printed(bare_prints(body), bare_lines(text))
    lines = cell.split("\n")
    return {lines[at[0] - 1][at[1] : at[3]]: [number.value for number in numbers] for at, numbers in found.items()}


def test_each_line_is_of_the_print_in_its_place() -> None:
    cell = "print(mse(y, p))\nprint('rows', n)\nprint(f'{r2(y, p):.2f}')\nprint(a, b)"
    assert read(cell, "0.25\nrows 3\n0.91\n1 2.5\n") == {
        "mse(y, p)": [0.25],
        "r2(y, p)": [0.91],
        "a": [1.0],
        "b": [2.5],
    }


def test_a_frame_or_a_text_in_between_changes_nothing() -> None:
    assert read("print(df)\nprint(f(y), g(y))", "   a  b\n0  x  2\n0.5 0.75\n") == {"f(y)": [0.5], "g(y)": [0.75]}


def test_where_two_prints_could_have_made_the_line_it_is_nobodys() -> None:
    assert read("print(table)\nprint(f(y))", "0.5\n") == {}
    assert read("print(f(y))", "0.5\n0.75\n") == {}, "a function printed one of them"


def test_a_loop_gives_all_its_lines_only_where_it_is_the_only_print() -> None:
    assert read("for m in ms:\n    print(f(m))", "0.5\n0.75\n") == {"f(m)": [0.5, 0.75]}
    assert read("for m in ms:\n    print(f(m))\nprint(g(y))", "0.5\n0.75\n0.9\n") == {}


def test_a_mean_and_its_spread_stand_in_one_line() -> None:
    assert read("print(f'{m(a):.2f} +/- {s(a):.2f}')", "0.91 +/- 0.02\n") == {"m(a)": [0.91], "s(a)": [0.02]}
    assert read("print('%.1f%%' % share(a))", "93.5%\n") == {"share(a)": [93.5]}
    assert read("print('{:.3f}'.format(f(a)))", "0.125\n") == {"f(a)": [0.125]}


def test_what_says_something_is_no_bare_print() -> None:
    for cell in (
        "print('R2', f(y))",
        "print(f'{f(y)} units')",
        "print('%s of it' % f(y))",
        "print(f(y), file=log)",
        "def show():\n    print(f(y))",
    ):
        assert bare_prints(ast.parse(cell).body) == []


def test_dates_lists_and_shares_are_no_bare_lines() -> None:
    for line in ("2024-01-02 x", "[0.1 0.2]", "(0.1, 0.2)", "1:30", "a 0.5", ""):
        assert bare_lines(line) == []
    ((number,),) = bare_lines("-1.25e-05")
    assert (number.value, number.digits) == (-1.25e-05, 7)
