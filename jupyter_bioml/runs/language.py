"""The language of filters: ``auc > 0.9 and params.depth = 7 and not tags.site contains "north"``.

A condition compares a column (:mod:`.columns`) with a value by ``= != < <= > >= contains``; a column alone asks whether
the run has it (of ``starred``, ``archived`` and ``model``: whether it is so). ``and`` binds closer than ``or``,
``not`` closer than both, and parentheses closest. A run without the value meets no comparison, ``!=`` included.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from ..errors import UsageError
from ..text.present import printable
from .columns import KINDS, MISSING, KnownKeys, RunColumn
from .comparing import WORDS, comparison
from .summary import Summary

Condition = Callable[[Summary], bool]
#: Characters of a filter, and how deep its parentheses may lie in each other.
LONGEST, DEEPEST = 4000, 50
_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<sign><=|>=|!=|==|=|<|>)|(?P<bracket>[()])|(?P<word>[^\s()=<>!"']+))"""
)
_KEYWORDS = ("and", "or", "not", "contains")
_FLAGS = ("starred", "archived", "model")


@dataclass(frozen=True)
class Token:
    """A piece of a filter."""

    kind: str
    """``text`` (it stood in quotes), ``sign``, ``bracket``, ``word``, or ``end``."""
    text: str
    at: int
    """Where it begins, from 0."""
    until: int

    def says(self, *words: str) -> bool:
        """Whether it is one of these keywords."""
        return self.kind == "word" and self.text.lower() in words


def parsed(text: str, known: KnownKeys, now: float) -> Condition:
    """The condition that a filter says.

    :param now: the moment (epoch seconds) that ages as ``7d`` count from.
    :raises UsageError: it is wrong: where, and what would do.
    """
    if len(text) > LONGEST:
        raise UsageError(f"The filter has {len(text):,} characters; at most {LONGEST:,} are read.")
    return _Parser(text, known, now).whole()


def _tokens(text: str) -> list[Token]:
    found, at = [], 0
    while match := _TOKEN.match(text, at):
        kind = str(match.lastgroup)
        word = match[kind]
        begin = match.start(kind)
        plain = re.sub(r"\\(.)", r"\1", word[1:-1]) if kind == "text" else word
        found.append(Token(kind, plain, begin, match.end()))
        at = match.end()
    if rest := text[at:].strip():
        begin = text.index(rest, at)
        what = "a quote is not closed" if rest[0] in "\"'" else f"{rest[0]!r} means nothing here"
        raise _wrong(begin, what, 'Close it, or write \\" for a quote in a text.' if rest[0] in "\"'" else "Write !=.")
    return [*found, Token("end", "", len(text), len(text))]


class _Parser:
    def __init__(self, text: str, known: KnownKeys, now: float) -> None:
        self._tokens = _tokens(text)
        self._place, self._depth = 0, 0
        self._known, self._now = known, now

    @property
    def _next(self) -> Token:
        return self._tokens[self._place]

    def _take(self) -> Token:
        token = self._next
        self._place += token.kind != "end"
        return token

    def whole(self) -> Condition:
        """All of it."""
        found = self._any()
        if (rest := self._next).kind != "end":
            if rest.text == ")":
                raise _wrong(rest.at, "a parenthesis is closed that was not opened", "Take it away.")
            raise _wrong(
                rest.at, f"{printable(rest.text[:40])!r} follows a whole condition", 'Write "and" or "or" between them.'
            )
        return found

    def _any(self) -> Condition:
        parts = [self._all()]
        while self._next.says("or"):
            self._take()
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else lambda one: any(part(one) for part in parts)

    def _all(self) -> Condition:
        parts = [self._one()]
        while self._next.says("and"):
            self._take()
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else lambda one: all(part(one) for part in parts)

    def _one(self) -> Condition:
        token = self._next
        self._depth += 1
        if self._depth > DEEPEST:
            raise _wrong(token.at, "there are too many parentheses in each other", "Write a simpler filter.")
        try:
            if token.says("not"):
                self._take()
                inner = self._one()
                return lambda one: not inner(one)
            if token.text == "(" and token.kind == "bracket":
                self._take()
                inner = self._any()
                if self._take().text != ")":
                    raise _wrong(token.at, "a parenthesis is not closed", "Write ) where it ends.")
                return inner
            return self._comparison()
        finally:
            self._depth -= 1

    def _comparison(self) -> Condition:
        column = self._column()
        token = self._next
        if token.kind == "sign":
            sign = "=" if self._take().text == "==" else token.text
        elif token.says("contains"):
            sign = self._take().text.lower()
        elif token.says("not") and self._tokens[self._place + 1].says("contains"):
            self._take()
            self._take()
            found = self._compared(column, "contains")
            read = column.reader()
            return lambda one: read(one) is not MISSING and not found(one)
        else:
            return _is_there(column)
        return self._compared(column, sign)

    def _compared(self, column: RunColumn, sign: str) -> Condition:
        value = self._take()
        if value.kind not in ("word", "text") or value.says(*_KEYWORDS):
            raise _wrong(value.at, f"a value is missing after {sign}", f"Write one, as in: {_example(column, sign)}")
        try:
            return comparison(column, sign, value.text, value.kind == "text", self._now)
        except UsageError as error:
            raise _wrong(value.at, error.message, error.next) from None

    def _column(self) -> RunColumn:
        token = self._take()
        if token.kind not in ("word", "text") or token.says(*_KEYWORDS):
            what = "a condition is missing" if token.kind == "end" else f"{printable(token.text[:40])!r} is not a name"
            raise _wrong(token.at, what, "Write one, as in: auc > 0.9 and depth = 7")
        name = token.text
        if token.kind == "word" and name.lower().rstrip(".") in (*KINDS, "tag") and name.endswith("."):
            quoted = self._next
            if quoted.kind == "text" and quoted.at == token.until:
                name += self._take().text
        try:
            return self._known.column(name)
        except UsageError as error:
            raise _wrong(token.at, error.message, error.next) from None


def _is_there(column: RunColumn) -> Condition:
    read = column.reader()
    if column.kind == "field" and column.key in _FLAGS:
        return lambda one: read(one) is True
    return lambda one: read(one) is not MISSING


def _example(column: RunColumn, sign: str) -> str:
    value = "high" if sign == "contains" else WORDS.get(column.id, "7" if column.kind != "tags" else "north")
    return f"{printable(column.id[:60])} {sign} {value}"


def _wrong(at: int, what: str, then: str) -> UsageError:
    """The error of a filter; places are counted from 1, as people do."""
    return UsageError(f"The filter is wrong at character {at + 1}: {what.rstrip('.')}.", next=then)
