"""Where a text reads what a fitted model says of itself: ``km.inertia_``, ``forest.oob_score_``."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from .site_reader import Sites
from .sites import Site
from .syntax import FUNCTIONS, expression_of, position

#: Attributes in which fitted models state a score: one number, and never anything else.
STATED = (
    "best_score_",
    "best_validation_score_",
    "inertia_",
    "kl_divergence_",
    "loss_",
    "lower_bound_",
    "oob_score_",
    "reconstruction_err_",
    "stress_",
)


@dataclass(frozen=True)
class StatedRead:
    """One place where the text reads such an attribute."""

    attribute: str
    owner: str | None
    """The expression of the model; None of a long one"""
    fitted_here: bool
    """The model is fitted in the expression itself: ``KMeans(k).fit(X).inertia_``"""
    site: Site


def stated_reads(body: list[ast.stmt]) -> Iterator[StatedRead]:
    """What the cell's own scope reads, in the order of the text; functions and classes are left out."""
    sites: Sites | None = None
    waiting: list[ast.AST] = [*reversed(body)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            continue
        if isinstance(node, ast.Attribute) and node.attr in STATED and isinstance(node.ctx, ast.Load):
            sites = sites or Sites(ast.Module(body, []))
            site = sites.of_expression(position(node))
            if site is not None:
                yield StatedRead(node.attr, expression_of(node.value), _is_fit(node.value), site)
        waiting += reversed([*ast.iter_child_nodes(node)])


def _is_fit(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "fit"
