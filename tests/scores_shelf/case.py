"""One small notebook of the shelf, and what is right to be kept of it.

The right list is written from the rules for names alone. Values are expressions: a kernel without the extension runs the
same cells and evaluates them afterwards, so that the truth never comes from what is being tested.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

#: What truth expressions may use besides the names of the cells.
TRUTH = '''
def _rows(report):
    """A classification report as a dict, without support."""
    return {
        row: {key: value for key, value in part.items() if key != "support"} if isinstance(part, dict) else part
        for row, part in report.items()
    }
def _folds(scores):
    """What is kept of the scores of folds."""
    import numpy
    return {"mean": numpy.mean(scores), "std": numpy.std(scores)}
def _wire(value):
    if isinstance(value, dict):
        return {str(key): _wire(part) for key, part in value.items()}
    if hasattr(value, "tolist"):
        value = value.tolist()
    return [float(part) for part in value] if isinstance(value, (list, tuple)) else float(value)
'''


@dataclass(frozen=True)
class Case:
    """One notebook.

    ``cells`` are sent in order; one that begins with ``%%experiment NAME`` is a run, any other is an ordinary cell.

    ``right`` says for each run (by its name) which metrics it has afterwards: name → expression. In a name, `` | `` stands
    between names that are equally right, a last ``?`` says that it may be missing, and a last ``.*`` that the expression is
    a dict (of dicts) with one metric for each part. An expression that gives a list is a series in the order of its steps, and
    with ``@`` in front it is a dict from step to value. A last ``~3`` says that the notebook shows no more than three
    decimals, and that these are enough. `` | `` stands between expressions that are equally right, too.
    """

    name: str
    cells: tuple[str, ...]
    right: dict[str, dict[str, str]] = field(default_factory=dict)
    raises: tuple[int, ...] = ()
    """Cells that end with an exception."""
    files: dict[str, str] = field(default_factory=dict)
    """The project's own files, by name."""
    modules: tuple[str, ...] = ()
    """Libraries of the notebook that not every Python of the tests has."""
    site: tuple[str, ...] = ()
    """Stand-in packages that it finds installed."""

    @property
    def runs(self) -> tuple[str, ...]:
        """Names of its runs, in order."""
        first = (cell.split("\n", 1)[0].split() for cell in self.cells if cell.startswith("%%experiment"))
        return tuple(words[1] for words in first)

    @property
    def plain_cells(self) -> tuple[str, ...]:
        """The cells as they are without the extension: as many lines, so that tracebacks compare."""
        return tuple(re.sub(r"^%%experiment[^\n]*", "#", cell) for cell in self.cells)


@dataclass(frozen=True)
class Right:
    """One metric that a notebook shows: its right names, its run and its values."""

    run: str
    names: tuple[str, ...]
    values: tuple[tuple[float, ...], ...]
    """Each a series (of one, mostly) that is right."""
    steps: tuple[int, ...] | None = None
    """None: any steps that keep the order."""
    digits: int | None = None
    optional: bool = False


def expressions(case: Case) -> dict[str, str]:
    """What is to be evaluated after the cells of a case: expression → Python text of it."""
    asked = {}
    for metrics in case.right.values():
        for text in metrics.values():
            for part in text.split(" | "):
                asked[part] = re.sub(r"\s~\d+$", "", part).removeprefix("@")
    return asked


def right_list(case: Case, truth: dict[str, Any]) -> list[Right]:
    """The right list of a case, with the values that a kernel without the extension has found.

    :param truth: the value of every text of :func:`expressions`.
    """
    found: list[Right] = []
    for run, metrics in case.right.items():
        for name, text in metrics.items():
            found += _expanded(run, name, text.split(" | "), truth)
    return found


def _expanded(run: str, name: str, texts: list[str], truth: dict[str, Any]) -> list[Right]:
    names = tuple(name.removesuffix("?").split(" | "))
    digits = re.search(r"~(\d+)$", texts[0])
    steps: tuple[int, ...] | None = None
    values = []
    for text in texts:
        value = truth[text]
        if text.startswith("@"):
            steps = tuple(int(step) for step in value)
            value = list(value.values())
        values.append(value)
    keep = {"steps": steps, "digits": int(digits[1]) if digits else None, "optional": name.endswith("?")}
    if not names[0].endswith(".*"):
        return [Right(run, names, tuple(tuple(v) if isinstance(v, list) else (v,) for v in values), **keep)]
    whole = [_flat(value) for value in values]
    return [
        Right(
            run,
            tuple(start.removesuffix("*") + part for start in names),
            tuple(tuple(each[part]) if isinstance(each[part], list) else (each[part],) for each in whole),
            **keep,
        )
        for part in whole[0]
    ]


def _flat(parts: dict[str, Any], before: str = "") -> dict[str, Any]:
    flat = {}
    for name, part in parts.items():
        if isinstance(part, dict):
            flat.update(_flat(part, f"{before}{name}."))
        else:
            flat[before + name] = part
    return flat
