"""The code that a running cell's magics run: what of it counts, and where its frames stand in the flat text."""

from __future__ import annotations

import ast
import linecache
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import FrameType, TracebackType
from typing import Any

from ..notebooks.cell_magics import UNKNOWN, FlatCode, Inner, Opaque, flat_code
from ..records.facts import CaptureGap
from .outcome import is_cell
from .scoring.calls import FLAT, Position

_ABSENT = object()
#: Packages whose line magics are settings and tools: what is written behind them runs nothing that could be lost.
_SHELLS = frozenset({"IPython", "ipykernel", "matplotlib_inline"})


@dataclass(eq=False, repr=False)
class InnerCode:
    """The flat code of a cell with magics."""

    python: str
    """The cell as IPython has transformed it."""
    namespace: Mapping[str, Any]
    flat: FlatCode
    before: Mapping[str, float] = field(default_factory=dict)
    """The numbers that names held at its start, where an error may be swallowed."""
    ran: set[str] = field(default_factory=set)
    """Texts that were seen running in the user's names, as a cell within the cell."""
    stopped: tuple[tuple[int, ...], BaseException] | None = None
    """(lines, exception) of the first cell within the cell that raised: its magic kept that to itself."""

    def show(self) -> None:
        """Make the flat text known, so that the places of calls can be read."""
        linecache.cache[FLAT] = (len(self.flat.text), None, self.flat.text.splitlines(True), FLAT)

    def hide(self) -> None:
        """The cell has ended: nothing is left behind."""
        linecache.cache.pop(FLAT, None)

    def place(self, frame: FrameType, position: Position) -> Position | None:
        """Where a frame of a magic's code stands in the flat text; None for other code."""
        around = list(_cell_frames(frame, self.namespace))
        if not around or frame.f_code.co_filename != around[-1].f_code.co_filename:
            return None
        inner = self.flat.inside([one.f_lineno for one in around[:-1]])
        if inner is None or inner is self.flat.whole:
            return None
        return _moved(position, inner)

    def raising_line(self, trace: TracebackType | None, around: tuple[int, ...] = ()) -> int:
        """The line of the flat text that raised; 0: not known.

        :param around: the lines of the cell that ran a cell within it, whose exception this is.
        """
        lines = list(around)
        while trace is not None:
            code = trace.tb_frame.f_code
            if trace.tb_frame.f_globals is self.namespace:
                if not is_cell(code):
                    break
                lines.append(trace.tb_lineno)
            trace = trace.tb_next
        return self.flat.line(lines)

    def inner_ended(self, raw: str, error: BaseException | None) -> None:
        """A cell within the cell has ended."""
        self.ran.add(raw.strip())
        if error is not None and self.stopped is None:
            around = _cell_frames(sys._getframe(1), self.namespace)
            self.stopped = tuple(one.f_lineno for one in around), error

    def not_reached(self, body: list[ast.stmt]) -> ast.stmt | None:
        """The first statement that a swallowed error kept from running; None: none is known.

        It shows in the names that a statement binds: they are not there, or still the very number of before the cell.
        """
        for statement in body if self.flat.whole.swallows_somewhere else ():
            for name in _fresh(statement):
                value = self.namespace.get(name, _ABSENT)
                if value is _ABSENT or (type(value) is float and value is self.before.get(name)):
                    return statement
        return None

    def settle(self, shell: Any) -> tuple[bool, list[CaptureGap]]:
        """(is the flat text another one than at the start?, gaps), now that it is known what ran."""
        before = self.flat.text
        self.flat = flat_code(self.python, lambda _, body: body.strip() in self.ran) or self.flat
        reasons = dict.fromkeys(one.reason for one in self.flat.opaque if not _is_tool(one, shell))
        return self.flat.text != before, [CaptureGap("code", reason) for reason in reasons]


def inner_code(python: str, namespace: Mapping[str, Any]) -> InnerCode | None:
    """The code in the magics of a cell; None where it has none. Of magics that are not IPython's it may run."""
    flat = flat_code(python, lambda _, __: True)
    if flat is None:
        return None
    silent = flat.whole.swallows_somewhere
    before = {name: value for name, value in namespace.items() if type(value) is float} if silent else {}
    return InnerCode(python, namespace, flat, before)


def _fresh(statement: ast.stmt) -> Iterator[str]:
    """Names that a statement binds to what is a new object each time it runs."""
    if isinstance(statement, ast.Assign) and not isinstance(statement.value, (ast.Constant, ast.Name, ast.Attribute)):
        yield from (target.id for target in statement.targets if isinstance(target, ast.Name))


def _cell_frames(frame: FrameType | None, namespace: Mapping[str, Any]) -> Iterator[FrameType]:
    """The frames of the cell and of the code in its magics from the outermost one to ``frame``."""
    found = []
    while frame is not None:
        if frame.f_globals is namespace and is_cell(frame.f_code):
            found.append(frame)
        frame = frame.f_back
    return reversed(found)


def _moved(position: Position, inner: Inner) -> Position:
    line, last_line, column, last_column = position

    def across(value: int | None, of: int | None) -> int | None:
        return value if value is None or of != 1 else value + inner.column

    def down(value: int | None) -> int | None:
        return None if value is None else value + inner.line

    return down(line), down(last_line), across(column, line), across(last_column, last_line)


def _is_tool(opaque: Opaque, shell: Any) -> bool:
    """Is it one that does not exist, or a line magic of the shell's own, such as ``%env A=1``?"""
    if opaque.kind != UNKNOWN:
        return False
    kind = "cell" if opaque.magic.startswith("%%") else "line"
    function = shell.magics_manager.magics[kind].get(opaque.magic.lstrip("%"))
    module = getattr(function, "__module__", None) or ""
    return function is None or (kind == "line" and module.partition(".")[0] in _SHELLS)
