"""The sites of all calls in a text, found by the positions that code objects give."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache

from .climbing import Climb
from .sites import Position, Site
from .syntax import COMPREHENSIONS, FUNCTIONS, base_name, called, expression_of, loop_targets, parameters_of, position
from .templates import last_line

#: As ``code.co_positions()`` gives it: any part may be missing.
Where = tuple[int | None, int | None, int | None, int | None]
_DEEPEST = 400


class Sites:
    """The calls of one source text, each with its site. No method raises."""

    def __init__(self, tree: ast.Module) -> None:
        self._parents: dict[ast.AST, ast.AST] = {}
        self._calls: dict[Position, ast.Call] = {}
        self._methods: dict[tuple[int, int], ast.Call] = {}
        self._lines: dict[int, list[ast.Call]] = {}
        self._found: dict[ast.expr, Site | None] = {}
        self._expressions: dict[Position, ast.expr] = {}
        self._last = tree.body[-1] if tree.body else None
        for node in ast.walk(tree):
            for child in ast.iter_child_nodes(node):
                self._parents[child] = node
            if isinstance(node, ast.Call):
                self._note(node)

    def _note(self, call: ast.Call) -> None:
        self._calls.setdefault(position(call), call)
        self._lines.setdefault(call.lineno, []).append(call)
        if isinstance(call.func, ast.Attribute) and call.func.end_lineno and call.func.end_col_offset is not None:
            start = call.func.end_col_offset - len(call.func.attr.encode())
            self._methods.setdefault((call.func.end_lineno, start), call)

    def at(self, where: Where) -> Site | None:
        """The site of the call at a position; None where there is no such call, or several could be meant."""
        return self._site(self.call_at(where))

    def of_expression(self, place: Position) -> Site | None:
        """The site of any expression, as ``km.inertia_`` in ``print("Inertia:", km.inertia_)``; the outermost there."""
        return self._site(self.expression_at(place))

    def expression_at(self, place: Position) -> ast.expr | None:
        """The outermost expression at a place."""
        if not self._expressions:
            for node in [*self._parents]:
                if isinstance(node, ast.expr):
                    self._expressions.setdefault(position(node), node)
        return self._expressions.get(place)

    def _site(self, node: ast.expr | None) -> Site | None:
        if node is None:
            return None
        if node not in self._found:
            try:
                self._found[node] = self._read(node)
            except (RecursionError, ValueError, MemoryError):
                self._found[node] = None
        return self._found[node]

    def call_at(self, where: Where) -> ast.Call | None:
        """The call's node at a position.

        Python gives a method's call on a line of its own the position of the method's name; without columns
        (``-X no_debug_ranges``) a line with one call is enough.
        """
        line, column, end_line, last_column = where
        if line is None:
            return None
        if column is None or end_line is None or last_column is None:
            calls = self._lines.get(line, [])
            return calls[0] if len(calls) == 1 else None
        return self._calls.get((line, column, end_line, last_column)) or self._methods.get((line, column))

    def positions(self) -> Iterator[Position]:
        """Where calls are."""
        yield from self._calls

    def _read(self, node: ast.expr) -> Site:
        climb = Climb(node)
        call = node if isinstance(node, ast.Call) else ast.Call(ast.Name(expression_of(node) or ""), [], [])
        for _ in range(_DEEPEST):
            parent = self._parents.get(climb.node)
            if parent is None or not climb.step(parent, self._parents.get(parent), parent is self._last):
                break
            climb.inside, climb.node = climb.node, parent
        function = self._around(climb)
        return Site(
            function=called(call),
            receiver=expression_of(call.func.value) if isinstance(call.func, ast.Attribute) else None,
            arguments=tuple(base_name(argument) for argument in call.args),
            keywords=tuple((item.arg, base_name(item.value)) for item in call.keywords if item.arg),
            variable=climb.variable,
            key=tuple(climb.key),
            entry=tuple(climb.entry),
            unpacked=climb.unpacked,
            appended=climb.appended,
            accumulated=climb.accumulated,
            row=tuple(climb.row),
            among=climb.among,
            label=None if climb.label is None else last_line(climb.label),
            displayed=climb.displayed,
            printed=climb.printed,
            returned=climb.returned,
            consumed=climb.consumed,
            expression=tuple(climb.expression),
            loops=tuple(reversed(climb.loops)),
            parameters=parameters_of(function),
            enclosing=getattr(function, "name", ""),
            place=position(climb.node),
        )

    def _around(self, climb: Climb) -> ast.AST | None:
        """The enclosing function; the loops up to it are noted from inside to outside."""
        node = self._parents.get(climb.node)
        inside = climb.node
        while node is not None and not isinstance(node, FUNCTIONS):
            if isinstance(node, (ast.For, ast.AsyncFor)) and inside is not node.iter:
                climb.loops.append(loop_targets([node.target]))
            elif isinstance(node, ast.While):
                climb.loops.append(())
            elif isinstance(node, COMPREHENSIONS):
                climb.loops += [loop_targets([item.target]) for item in reversed(node.generators)]
            inside, node = node, self._parents.get(node)
        return node


@lru_cache(maxsize=128)
def sites_of(source: str) -> Sites | None:
    """The sites of a cell's or a file's text, kept for the next question; None where it is not Python."""
    try:
        return Sites(ast.parse(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
