"""Find the lines of a notebook's output that tell how long something took, by reading the code that prints them.

A number is a duration if it comes from two readings of a clock, subtracted: also rounded, divided, or as the mean of
several. What is printed beside it is a result and stays.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ...notebooks.code_text import Names, Text

_CLOCKS = frozenset((
    "time.time", "time.time_ns", "time.perf_counter", "time.perf_counter_ns", "time.monotonic", "time.monotonic_ns",
    "time.process_time", "time.process_time_ns", "timeit.default_timer", "datetime.datetime.now",
    "datetime.datetime.utcnow", "pandas.Timestamp.now",
))  # fmt: skip
#: Functions of one duration, or of a list of them, whose result is a duration.
_SAME = frozenset(("round", "int", "float", "str", "abs", "sum", "max", "min", "mean", "median", "std", "timedelta",
                   "around", "format", "total_seconds"))  # fmt: skip
_PERCENT = re.compile(r"%(?:\([^)]*\))?[-+ #0]*\d*(?:\.\d+)?[sdifgeEG]")
_BRACES = re.compile(r"\{[^{}]*\}")
_LETTERS = re.compile(r"[^\W\d_]{2}")
_NUMBER, _ANYTHING = r"([-+]?\d[\d.:,]*(?:e[-+]?\d+)?)", r"[^\n]*?"
#: Values in one line beyond which it is not looked for, and characters of a line that is looked at.
_MOST_VALUES, LONGEST_LINE = 8, 2000
#: A piece of a printed line: a text that stands in the code, a duration, or anything else.
_DURATION, _OTHER = object(), object()
Piece = object


@dataclass(frozen=True)
class Timed:
    """One line that tells a duration."""

    pattern: re.Pattern[str]
    """Its groups are the durations."""

    def mask(self, line: str, mark: str) -> tuple[str, list[str]]:
        """(the line with ``mark`` where its durations stood, the durations)."""
        match = self.pattern.search(line) if len(line) <= LONGEST_LINE else None
        if match is None:
            return line, []
        found: list[str] = []
        for group in range(len(match.groups()), 0, -1):
            found.insert(0, match[group])
            line = line[: match.start(group)] + mark + line[match.end(group) :]
        return line, found


def timed_lines(texts: Iterable[Text]) -> Iterator[Timed]:
    """The printed lines of the code that tell a duration and have a word of their own to be known by."""
    names = Names(texts)
    clocks = _Clocks(names)
    for text in names.texts:
        for node in ast.walk(text.tree) if text.tree is not None else ():
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
                pieces: list[Piece] = []
                for argument in node.args:
                    pieces += [" "] * bool(pieces) + clocks.pieces(argument)
            elif isinstance(node, (ast.JoinedStr, ast.BinOp)) or _is_format(node):
                assert isinstance(node, ast.expr)
                pieces = clocks.pieces(node)
            else:
                continue
            if (pattern := _pattern(pieces)) is not None:
                yield Timed(pattern)


def _pattern(pieces: Sequence[Piece]) -> re.Pattern[str] | None:
    values = sum(not isinstance(piece, str) for piece in pieces)
    said = any(isinstance(piece, str) and _LETTERS.search(piece) for piece in pieces)
    if not said or values > _MOST_VALUES or not any(piece is _DURATION for piece in pieces):
        return None
    # only the line that holds the duration: a text can have several
    parts = [_NUMBER if piece is _DURATION else _ANYTHING if piece is _OTHER else str(piece) for piece in pieces]
    lines, kept = [""], [False]
    for piece, part in zip(pieces, parts, strict=True):
        if not isinstance(piece, str):
            lines[-1], kept[-1] = lines[-1] + part, kept[-1] or piece is _DURATION
            continue
        first, *rest = piece.split("\n")
        lines[-1] += re.escape(first)
        lines += [re.escape(line) for line in rest]
        kept += [False] * len(rest)
    chosen = [line for line, has in zip(lines, kept, strict=True) if has and _LETTERS.search(re.sub(r"\\.", "", line))]
    return re.compile(chosen[0]) if chosen else None


def _is_format(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format"


class _Clocks:
    """Which names stand for readings of a clock, and which for durations."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self.moments: set[str] = set()
        self.durations: set[str] = set()
        nodes = [node for text in names.texts if text.tree is not None for node in ast.walk(text.tree)]
        for _ in range(3):  # a duration of a duration of a duration
            for node in nodes:
                self._learn(node)

    def _learn(self, node: ast.AST) -> None:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    self._bind(target.id, node.value)
        elif isinstance(node, (ast.AugAssign, ast.AnnAssign)) and isinstance(node.target, ast.Name):
            if node.value is not None:
                self._bind(node.target.id, node.value)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "append":
            self._append(node.func.value, node.args)

    def _append(self, to: ast.expr, arguments: Sequence[ast.expr]) -> None:
        if isinstance(to, ast.Name) and arguments and self.is_duration(arguments[0]):
            self.durations.add(to.id)

    def _bind(self, name: str, value: ast.expr) -> None:
        if self._is_moment(value):
            self.moments.add(name)
        elif self.is_duration(value):
            self.durations.add(name)

    def _is_moment(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Name):
            return node.id in self.moments
        return isinstance(node, ast.Call) and self._names.meaning(node.func) in _CLOCKS

    def is_duration(self, node: ast.expr) -> bool:
        """Whether an expression is a duration, in whatever unit."""
        if isinstance(node, ast.Name):
            return node.id in self.durations
        if isinstance(node, ast.BinOp):
            if isinstance(node.op, ast.Sub) and (self._is_moment(node.left) or self._is_moment(node.right)):
                return True
            return self.is_duration(node.left) or self.is_duration(node.right)
        if isinstance(node, ast.Attribute):
            return node.attr in ("seconds", "microseconds", "days") and self.is_duration(node.value)
        if isinstance(node, ast.Call):
            last = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            of = [*node.args[:1], *([node.func.value] if isinstance(node.func, ast.Attribute) else [])]
            keyword = [item.value for item in node.keywords if item.arg == "seconds"]
            return last in _SAME and any(self.is_duration(item) for item in (*of, *keyword))
        return False

    # -- printed lines -------------------------------------------------------------------------------

    def pieces(self, node: ast.expr) -> list[Piece]:
        """The pieces of a text that an expression makes, in order."""
        if isinstance(node, ast.Constant):
            return [str(node.value)]
        if isinstance(node, ast.JoinedStr):
            return [piece for part in node.values for piece in self._part(part)]
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and not self.is_duration(node):
            return [*self.pieces(node.left), *self.pieces(node.right)]
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and isinstance(node.left, ast.Constant):
            values = node.right.elts if isinstance(node.right, ast.Tuple) else [node.right]
            return self._filled(str(node.left.value), _PERCENT, values)
        if _is_format(node) and isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            template = node.func.value
            return self._filled(str(getattr(template, "value", "")), _BRACES, node.args)
        return [_DURATION if self.is_duration(node) else _OTHER]

    def _part(self, part: ast.expr) -> list[Piece]:
        if isinstance(part, ast.FormattedValue):
            return [_DURATION if self.is_duration(part.value) else _OTHER]
        return self.pieces(part)

    def _filled(self, template: str, place: re.Pattern[str], values: Sequence[ast.expr]) -> list[Piece]:
        texts = place.split(template)
        found: list[Piece] = []
        for number, text in enumerate(texts):
            found += [text] if text else []
            if number < len(texts) - 1:
                given = values[number] if number < len(values) else None
                found.append(_DURATION if given is not None and self.is_duration(given) else _OTHER)
        return found
