"""A column of runs compared with a value as it is written in a filter."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from ..errors import UsageError
from ..text.present import printable
from .columns import MISSING, RunColumn, Value
from .summary import Summary

Condition = Callable[[Summary], bool]
_SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_STATES = ("running", "finished", "failed", "killed", "interrupted")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0, "w": 7 * 86400.0}
_LENGTH = re.compile(r"(\d+\.?\d*|\.\d+)\s*(ms|s|min|m|h|d|w)?", re.ASCII)
_SIMPLE = {"true": True, "false": False, "none": None, "null": None}
#: Field → a value of it, for examples.
WORDS = {
    "status": "failed", "started": "7d", "duration": "5m", "starred": "true", "archived": "true", "model": "true",
    "name": "gbm", "notebook": "study.ipynb",
}  # fmt: skip


def comparison(column: RunColumn, sign: str, text: str, quoted: bool, now: float) -> Condition:
    """Whether a run's value compares so with a written one.

    :param sign: ``= != < <= > >=`` or ``contains``.
    :param quoted: it stood in quotes: a text, also where it looks like a number.
    :param now: epoch seconds; ages count from it.
    :raises UsageError: such a column has no such value.
    """
    read = column.reader()
    if sign == "contains":
        part = text.casefold()
        return lambda one: (value := read(one)) is not MISSING and part in shown(value).casefold()
    compare = _SIGNS[sign]
    if column.kind == "metrics":
        return _by_number(read, compare, _number(text, "A metric"))
    if column.kind == "field":
        if column.key == "duration":
            return _by_number(read, compare, _length(text))
        if column.key == "started":
            return _by_moment(read, sign, text, now)
        if column.key in ("starred", "archived", "model"):
            return _by_flag(read, sign, column.key, text)
        if column.key == "status":
            return _by_state(read, sign, text)
    return _by_any(read, sign, text, quoted)


def shown(value: Value) -> str:
    """A value as text, as it is written in tables."""
    return str(value)


def as_number(value: Value) -> float | int | None:
    """The number that a value is, or is written as (tags, and parameters of other programs, are text); None: it is
    none."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    if isinstance(value, str):
        try:
            number = float(value)
        except ValueError:
            return None
        return number if math.isfinite(number) else None
    return None


def _by_number(read: Callable[[Summary], Value], compare: Callable[[Any, Any], bool], than: float) -> Condition:
    return lambda one: (value := read(one)) is not MISSING and compare(value, than)


def _by_any(read: Callable[[Summary], Value], sign: str, text: str, quoted: bool) -> Condition:
    """A parameter, a tag or a field of words."""
    compare, equals = _SIGNS[sign], sign in ("=", "!=")
    if not quoted and text.lower() in _SIMPLE and equals:
        simple, same = _SIMPLE[text.lower()], sign == "="
        word = text.casefold()
        # 1 is not True
        return lambda one: (
            (value := read(one)) is not MISSING and same == (value is simple or shown(value).casefold() == word)
        )
    number = None if quoted else as_number(text)
    word = text.casefold()

    def holds(one: Summary) -> bool:
        value = read(one)
        if value is MISSING:
            return False
        if number is not None and (there := as_number(value)) is not None:
            return compare(there, number)
        if number is not None and not equals:
            return False
        return compare(shown(value).casefold(), word)

    return holds


def _by_flag(read: Callable[[Summary], Value], sign: str, name: str, text: str) -> Condition:
    wanted = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}.get(text.lower())
    if wanted is None or sign not in ("=", "!="):
        raise UsageError(f"{name} is true or false", next=f"Write {name}, not {name}, or {name} = true.")
    wanted = wanted if sign == "=" else not wanted
    return lambda one: read(one) is wanted


def _by_state(read: Callable[[Summary], Value], sign: str, text: str) -> Condition:
    wanted = text.lower()
    if wanted not in _STATES:
        raise UsageError(f"There is no status {printable(text[:40])!r}", next=f"Known: {', '.join(_STATES)}.")
    if sign not in ("=", "!="):
        raise UsageError("A status is one or another, none is more than another", next="Write = or !=.")
    same = sign == "="
    return lambda one: (read(one) == wanted) is same


def _by_moment(read: Callable[[Summary], Value], sign: str, text: str, now: float) -> Condition:
    """A day is all of it: ``= 2026-11-21`` holds from its first to its last moment, ``> 2026-11-21`` after it."""
    begin, end = _moment(text, now)
    tests: dict[str, Callable[[Any], bool]] = {
        "=": lambda at: begin <= at <= end, "!=": lambda at: not begin <= at <= end, "<": lambda at: at < begin,
        "<=": lambda at: at <= end, ">": lambda at: at > end, ">=": lambda at: at >= begin,
    }  # fmt: skip
    test = tests[sign]
    return lambda one: (value := read(one)) is not MISSING and test(value)


def _number(text: str, what: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if math.isnan(number):
        raise UsageError(f"{what} is a number, and {printable(text[:40])!r} is none", next="Write one, as 0.9 or 1e-3.")
    return number


def _length(text: str) -> float:
    match = _LENGTH.fullmatch(text.strip())
    if match is None:
        raise UsageError(f"{printable(text[:40])!r} is not a length of time", next="Write seconds, or 90s, 5m, 2h, 1d.")
    return float(match[1]) * _SECONDS[match[2] or "s"]


def _moment(text: str, now: float) -> tuple[float, float]:
    """First and last second of what is written: a day, a moment, or an age."""
    today = datetime.fromtimestamp(now).replace(hour=0, minute=0, second=0, microsecond=0)
    days = {"today": today, "yesterday": today - timedelta(days=1)}
    match = _LENGTH.fullmatch(text.strip())
    if match is not None and match[2]:
        at = now - float(match[1]) * _SECONDS[match[2]]
        return at, at
    try:
        moment = days.get(text.lower()) or datetime.fromisoformat(text)
        begin = moment.timestamp()
        whole_day = text.lower() in days or re.fullmatch(r"\d{4}-?\d\d-?\d\d", text) is not None
        return begin, (moment + timedelta(days=1)).timestamp() - 1e-6 if whole_day else begin
    except (ValueError, OverflowError, OSError):
        raise UsageError(
            f"{printable(text[:40])!r} is not a time",
            next='Write a day (2026-11-21), a moment ("2026-11-21 14:30"), today, yesterday, or an age (7d, 12h).',
        ) from None
