"""One call of a scoring function in the user's text: what its value is bound to, printed as or shown as, and its name.

Rules N1 to N3 and N5 of ``docs/reference/scores.md``. A part of a name that only the running cell knows (``res[name]``)
stays a name to look up.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from .arithmetic import Applied
from .labels import clean_label, key_of, label_and_group
from .words import is_score

#: (first line from 1, first column, last line, last column), as ``code.co_positions()`` gives them: columns in bytes.
Position = tuple[int, int, int, int]
#: Name or dotted expression → its text or number while the cell runs; a model's variable or class; None: unknown.
Lookup = Callable[[str], str | float | None]

TEXT, NUMBER, NAME, JOINED, UNKNOWN = "text", "number", "name", "joined", "unknown"
_LONGEST_PART, _LONGEST_NAME = 60, 200
#: What a label's written text has in place of a name, and in place of another value.
_HOLE, _VALUE = "\0", "\1"
#: Targets of loops that say how something is drawn.
_DRAWN = re.compile(
    r"(?:^|_)(?:colou?rs?|clr|markers?|linestyles?|ls|styles?|cmap|hatch|fmt)(?:$|_)|^c$", re.IGNORECASE
)
_OF_HOLE = re.compile(r"\s(?:of|for|from|with|by|using|mit|von|für|de|pour|para|con)\s+\0")


class ModelClass(str):
    """The class of a model that a name holds: it tells apart where no text does."""

    __slots__ = ()


@dataclass(frozen=True)
class NamePart:
    """One part of a key or a label."""

    kind: str
    """``text`` or ``number`` as written, ``name`` to look up, ``joined`` of pieces, ``unknown``"""
    text: str
    """The literal, or the expression to look up"""
    roots: tuple[str, ...] = ()
    """The variables in it"""
    pieces: tuple[NamePart, ...] = ()
    """Of ``f"{name}_acc"``"""


@dataclass(frozen=True)
class Site:
    """Where one call stands and what becomes of its value."""

    function: str
    """As the text calls it, without what stands before the dot"""
    receiver: str | None = None
    """Of a method: ``clf``, ``models[name]``, ``self.model``"""
    arguments: tuple[str | None, ...] = ()
    """Base names of the positional arguments: ``y_test`` for ``y_test.values[:5]``"""
    keywords: tuple[tuple[str, str | None], ...] = ()
    """The same of keyword arguments"""
    variable: str | None = None
    """The name its value, or what holds the value, is bound to"""
    key: tuple[NamePart, ...] = ()
    """Subscripts of the target and keys of the dicts around the value, from outside to inside"""
    entry: tuple[NamePart, ...] = ()
    """Keys of the dicts around an appended value, within what is appended"""
    unpacked: tuple[str | None, ...] = ()
    """The names of the parts: ``p, r, f, _ = f(…)``"""
    appended: bool = False
    """``accs.append(f(…))``"""
    accumulated: bool = False
    """``total += f(…)``: the bound value is not the call's"""
    row: tuple[NamePart, ...] = ()
    """Texts and names beside the value in the row that holds it: ``{"model": name, "acc": f(…)}``"""
    among: bool = False
    """Other values stand beside it in a list or tuple"""
    label: tuple[NamePart, ...] | None = None
    """What is printed before the value"""
    displayed: bool = False
    """The cell's last expression, or an argument of ``display``"""
    printed: bool = False
    """An argument of ``print`` or a logger, or a part of a text"""
    returned: bool = False
    """The enclosing function returns it"""
    consumed: bool = False
    """Compared, or handed to a function that is not known: what is bound then is something else"""
    expression: tuple[Applied, ...] = ()
    """What the value goes through, for ``arithmetic.evaluate``"""
    loops: tuple[tuple[str, ...], ...] = ()
    """Targets of the loops and comprehensions around it, in its own function; () of a ``while``"""
    parameters: tuple[str, ...] = ()
    """Of the enclosing function"""
    enclosing: str = ""
    """Name of the enclosing function"""
    place: Position = (0, 0, 0, 0)
    """Of the outermost expression that is bound or shown: equal for two scores in one expression"""

    def name(self, function: str, lookup: Lookup, index: int | None = None, caller: Site | None = None) -> str:
        """The name of the metric by N1 to N3, with the text or model of each loop around it (N5).

        :param function: the scoring function's own name (``roc_auc_score``), however the text calls it.
        :param index: which part of a result with several, where the text unpacks it.
        :param caller: the site of the call of the function that returns this value.
        """
        if self.returned and caller is not None and not caller.consumed:
            return self._by_caller(function, lookup, caller, index)
        unpacked = self.unpacked[index] if index is not None and index < len(self.unpacked) else None
        base = unpacked or self._bound(function, lookup) or self.labelled(lookup) or self.called_name(function)
        return ".".join([base, *self.qualifiers(lookup)])[:_LONGEST_NAME]

    def step(self, lookup: Lookup) -> int | None:
        """The step of the value in a series: the whole number of a key, a row or the innermost loop; None: count."""
        for part in reversed((*self.key, *self.entry, *self.row, *(self.label or ()))):
            number = _number(part, lookup)
            if number is not None and (part.roots or part in self.key):
                return number
        numbers = (_whole(lookup(target)) for loop in reversed(self.loops) for target in loop if target != "_")
        return next((number for number in numbers if number is not None), None)

    def qualifiers(self, lookup: Lookup) -> list[str]:
        """The texts of the loops around it, from outside to inside, that its key or variable does not hold yet."""
        held = {root for part in (*self.key, *self.entry) for root in part.roots if _text(part, lookup)}
        held |= {target for loop in self.loops if held & set(loop) for target in loop}
        found: list[str] = []
        for part in self._named_beside():
            text = _text(part, lookup)
            if text and not held & set(part.roots) and not (part.roots and is_score(text)):
                found.append(text)
                held |= set(part.roots)
        for loop in self.loops:
            if not held & set(loop):
                text = _told_by(loop, lookup)
                found += [text] if text and text not in found else []
        return found

    def several(self, lookup: Lookup) -> list[str]:
        """Texts of the enclosing function's parameters, which tell apart the values of one place in several calls."""
        return [text for name in self.parameters if (text := _clean(lookup(name)))]

    def _named_beside(self) -> Iterable[NamePart]:
        """What stands beside the value in its row or its label."""
        if self.variable is None and self.label is not None:
            return [part for part in self.label if part.kind == NAME]
        first = next((part for part in self.row if part.kind in (TEXT, NAME)), None)
        return [first] if first is not None else []

    def _bound(self, function: str, lookup: Lookup) -> str | None:
        """N1: the user's variable with its keys."""
        keys = [text for part in self.key if (text := _text(part, lookup))]
        entry = [text for part in self.entry if (text := _text(part, lookup))]
        if self.consumed or (self.variable is None and not keys and not entry):
            return None
        own = [short(function)] if self.among else []
        if self.appended and (entry or own):  # the row's own key is the name, not the list
            return ".".join(entry or own)
        return ".".join([*([self.variable] if self.variable else []), *keys, *own])

    def labelled(self, lookup: Lookup) -> str | None:
        """N2: the printed label."""
        if self.label is None:
            return None
        written = _written(self.label)
        if any(map(str.isalpha, written)):
            return written
        shown = [text for part in self.label if (text := _text(part, lookup))]
        return next((key_of(text) for text in shown if is_score(text)), None)

    def called_name(self, function: str) -> str:
        """N3: the function and its first argument, of ``score`` the second."""
        named = dict(self.keywords)
        if function == "score":
            argument = (
                self.arguments[1] if len(self.arguments) > 1 else named.get("y", next(iter(self.arguments), None))
            )
        else:
            argument = next(iter(self.arguments), None) or named.get("y_true") or next(iter(named.values()), None)
        return f"{short(function)}.{argument}" if argument else short(function)

    def _by_caller(self, function: str, lookup: Lookup, caller: Site, index: int | None) -> str:
        """The name where the value goes: ``acc = evaluate(clf)`` is ``acc``; of several returned, each its target."""
        place = next((int(part.text) for part in self.key if part.kind == NUMBER), index)
        if place is not None and place < len(caller.unpacked):
            return caller.name(function, lookup, place)
        keys = [text for part in self.key if (text := _text(part, lookup))]
        own = [short(function)] if not keys and any(part.kind == NUMBER for part in self.key) else []
        return ".".join([caller.name(function, lookup), *keys, *own])[:_LONGEST_NAME]


def _told_by(loop: Sequence[str], lookup: Lookup) -> str:
    """The text of a loop's targets that says most: a name or label, else a model's class, else how it is drawn."""
    values = [(target, lookup(target)) for target in loop if target != "_"]
    texts = [
        (_DRAWN.search(target) is not None, isinstance(value, ModelClass), _clean(value)) for target, value in values
    ]
    return min((one for one in texts if one[2]), key=lambda one: one[:2], default=(False, False, ""))[2]


def _written(label: Sequence[NamePart]) -> str:
    """The key of a label's written text; what a hole stands for is left out."""
    signs = {UNKNOWN: _VALUE, NAME: _HOLE, JOINED: _HOLE}
    pattern = "".join(signs.get(part.kind, part.text) for part in label)
    before, _, last = pattern.rpartition(_VALUE)
    pattern = last if any(map(str.isalpha, last)) else before or last
    behind = pattern.rpartition(_HOLE)[2]
    if is_score(clean_label(behind)):
        return key_of(label_and_group(behind)[1])
    _, text = label_and_group(_OF_HOLE.sub(" ", pattern))
    return key_of(text.replace(_HOLE, " ").replace(_VALUE, " "))


def short(function: str) -> str:
    """A function's name in a metric's name: ``roc_auc_score`` → ``roc_auc``, ``get_f1`` → ``f1``."""
    return function.removeprefix("get_").removesuffix("_score") or function


def _text(part: NamePart, lookup: Lookup) -> str:
    """The text of a part that is one; empty for numbers and what is not known."""
    if part.kind == TEXT:
        return _clean(part.text)
    if part.kind == JOINED:
        pieces = [piece.text if piece.kind in (TEXT, NUMBER) else lookup(piece.text) for piece in part.pieces]
        whole = [str(_whole(piece)) if isinstance(piece, float) else str(piece) for piece in pieces]
        return _clean("".join(whole)) if None not in pieces else ""
    return _clean(lookup(part.text)) if part.kind == NAME else ""


def _number(part: NamePart, lookup: Lookup) -> int | None:
    if part.kind == NUMBER:
        return int(part.text)
    return _whole(lookup(part.text)) if part.kind == NAME else None


def _clean(value: str | float | None) -> str:
    return " ".join(value.split())[:_LONGEST_PART] if isinstance(value, str) else ""


def _whole(value: str | float | None) -> int | None:
    """The value where it is a whole number that is not negative."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0 and value == value // 1:
        return int(value)
    return None
