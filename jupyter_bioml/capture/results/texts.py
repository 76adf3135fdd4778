"""The user's text around a scoring call: which names tell its calls apart, and which may hold the model."""

from __future__ import annotations

import ast
import linecache
from collections.abc import Iterator
from functools import lru_cache
from types import CodeType

from ...scores.flow import flow_of
from ...scores.shown import PRINTED
from ...scores.site_reader import Sites, sites_of
from ...scores.sites import NAME, Site
from ...scores.syntax import position
from ..cellcode import CellCode
from ..scoring.calls import CallPlace, Position

#: Characters of a file whose calls are looked at.
LONGEST_FILE = 1 << 20


def sites_in(filename: str) -> Sites | None:
    """The calls of a cell or of one of the user's files; None where its text is not known."""
    lines = linecache.getlines(filename)
    text = "".join(lines)
    return sites_of(text) if text and len(text) <= LONGEST_FILE else None


def site_at(place: CallPlace) -> Site | None:
    """What becomes of the value of a call."""
    sites = sites_in(place.filename)
    return None if sites is None else sites.at(_where(place.position))


def position_of(place: CallPlace) -> tuple[int, int, int, int]:
    """Where a call stands in its text, as a syntax tree has it; zeros where that is not known."""
    sites = sites_in(place.filename)
    call = None if sites is None else sites.call_at(_where(place.position))
    return (0, 0, 0, 0) if call is None else position(call)


def printed_names(code: CellCode) -> dict[str, str]:
    """The key of a printed label → the variable whose value stands behind it: ``f"loss {epoch_loss:.4f}"``."""
    items = [item for item in code.shown if item.how == PRINTED and item.name is not None]
    sites = Sites(ast.Module(code.body, [])) if items else None
    found: dict[str, str] = {}
    for item in items:
        site = None if sites is None else sites.of_expression(item.place)
        label = None if site is None else site.labelled(lambda name: None)
        if label and item.name is not None:
            found[label] = "" if label in found and found[label] != item.name else item.name
    return {label: name for label, name in found.items() if name}


def wanted(code: CodeType, position: Position) -> tuple[str, ...]:
    """The names whose values tell the calls at a place apart: keys, labels, loops and parameters."""
    try:
        sites = sites_in(code.co_filename)
        site = None if sites is None else sites.at(_where(position))
        return () if site is None else tuple(dict.fromkeys(_names(site)))
    except Exception:  # a text that was edited since
        return ()


def models(code: CodeType, where: Position) -> tuple[str, ...]:
    """The names that may hold the model of the call at a place, or a prediction of it, nearest first."""
    try:
        lines = linecache.getlines(code.co_filename)
        sites = sites_in(code.co_filename)
        call = None if sites is None else sites.call_at(_where(where))
        if call is None:
            return ()
        read = [node.id for node in ast.walk(call) if isinstance(node, ast.Name)]
        flowed = _calls_in("".join(lines)).get(position(call), frozenset())
        return tuple(dict.fromkeys([*read, *sorted(flowed)]))
    except Exception:
        return ()


@lru_cache(maxsize=32)
def _calls_in(text: str) -> dict[tuple[int, int, int, int], frozenset[str]]:
    """Call → the names whose predictions go into it, for all calls of a text; any name may be a model's."""
    return flow_of(text, lambda name: False).calls


def _names(site: Site) -> Iterator[str]:
    for part in (*site.key, *site.row, *(site.label or ())):
        if part.kind == NAME:
            yield part.text
            yield from part.roots
    for loop in site.loops:
        yield from loop
    yield from site.parameters


def _where(position: Position) -> Position:
    """Python tells (line, last line, column, last column); a syntax tree goes by (line, column, last line, …)."""
    line, last_line, column, last_column = position
    return line, column, last_line, last_column
