"""The statistics and p values in a table that a function of statistical tests returned: ANOVA, pairwise comparisons."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations
from typing import Any

#: Most rows of such a table; longer ones are data.
MOST_ROWS = 50
#: Columns with a statistic or a p value, as :func:`_plain` writes them. Sums, degrees of freedom and means are none.
_COLUMNS = frozenset((
    "f", "t", "w", "u", "h", "q", "z", "r", "chi2", "u_val", "w_val", "f_value", "pr_f", "pr_chi2", "p", "p_val",
    "pval", "p_value", "p_unc", "p_corr", "p_gg_corr", "p_tukey", "lb_stat", "lb_pvalue", "bp_stat", "bp_pvalue",
))  # fmt: skip
#: Columns that name the two sides of a comparison.
_PAIRS = (("A", "B"), ("X", "Y"))
_CUT = 40


def cells_of(frame: Any) -> Iterator[tuple[str, Any]]:
    """(``<column>.<row>``, the value) of each statistic in a frame of tests, column by column."""
    if len(frame) > MOST_ROWS:
        return
    rows = _rows(frame)
    for at, column in enumerate(frame.columns.tolist()):
        if _plain(column) in _COLUMNS:
            for row, value in zip(rows, frame.iloc[:, at].tolist(), strict=True):
                yield ".".join(filter(None, (str(column), row))), value


def comparisons_of(result: Any) -> Iterator[tuple[str, Any]]:
    """(``pvalue.<one group>-<other group>``, the p value) of Tukey's comparison of all pairs."""
    pairs = list(combinations(result.groupsunique, 2))
    values = result.pvalues
    if len(pairs) == len(values) <= MOST_ROWS:
        for (one, other), value in zip(pairs, values.tolist(), strict=True):
            yield f"pvalue.{_text(one)}-{_text(other)}", value


def _rows(frame: Any) -> list[str]:
    """Names of the rows: the index's, else of the compared sides, else the first column of different texts."""
    if len(frame) == 1:
        return [""]
    labels = frame.index.tolist()
    if all(isinstance(label, str) for label in labels):
        return [_text(label) for label in labels]
    names = frame.columns.tolist()
    for pair in _PAIRS:
        if set(pair) <= set(names):
            return [f"{_text(one)}-{_text(other)}" for one, other in zip(*(frame[name] for name in pair), strict=True)]
    for at in range(len(names)):
        column = frame.iloc[:, at].tolist()
        if all(isinstance(cell, str) for cell in column) and len(set(column)) == len(column):
            return [_text(cell) for cell in column]
    return [_text(label) for label in labels]


def _plain(column: object) -> str:
    """``PR(>F)`` → pr_f, ``p-unc`` → p_unc."""
    return "_".join(re.findall(r"[a-z0-9]+", column.lower())) if isinstance(column, str) else ""


def _text(label: object) -> str:
    return str(label).replace(".", " ")[:_CUT].strip()
