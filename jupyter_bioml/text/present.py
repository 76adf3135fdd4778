"""Formatting of figures and names for people: one way, in the card, the commands and the widgets.

Numbers have four significant digits and their unit; times are relative; text that came from outside is
freed of control characters, so that a hostile name cannot move the cursor or forge a line.
"""

from __future__ import annotations

import math
import time
import unicodedata
from datetime import datetime
from typing import Any

#: Shown where there is no value. Absent is absent: never 0.
ABSENT = "–"
MINUS = "−"
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def format_number(value: Any) -> str:
    """A figure with four significant digits; whole numbers exactly, with thousands separators.

    ``0.99314`` → ``0.9931``, ``20000`` → ``20,000``, ``1.2e-7`` → ``1.2e-7``, None → ``–``.
    """
    if value is None:
        return ABSENT
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("∞" if value > 0 else f"{MINUS}∞")
    if isinstance(value, int) and abs(value) < 10**12:
        return f"{value:,}".replace("-", MINUS)
    try:
        text = _digits(float(value), abs(float(value)))
    except OverflowError:
        return f"a whole number of {int(value).bit_length()} bits"
    return text.replace("-", MINUS, 1) if value < 0 else text


def _digits(value: float, size: float) -> str:
    if size == 0:
        return "0"
    if 1e4 <= size < 1e7:
        return f"{value:,.0f}"
    if 1e-4 <= size < 1e4:
        text = f"{value:.4g}"
        return f"{float(text):,.0f}" if size >= 999.95 else text
    mantissa, _, exponent = f"{value:.3e}".partition("e")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{mantissa}e{int(exponent)}"


def format_printed(value: float, digits: int | None) -> str:
    """A figure that is only known as it was printed, with the decimals that it had: ``0.90``.

    :param digits: the decimals; None: the whole figure is known.
    """
    if digits is None or not math.isfinite(value):
        return format_number(value)
    return f"{value:,.{digits}f}".replace("-", MINUS)


def format_change(value: float, previous: float, digits: int | None = None) -> str:
    """The difference to an earlier value, with a sign and an arrow: ``▲ +0.0042``, ``▼ −0.011``, ``=``.

    :param digits: decimals of a value that is only known as it was printed: the difference has no more.
    """
    change = value - previous
    if digits is not None and math.isfinite(change):
        change = round(change, digits)
    if not math.isfinite(change):
        return f"before {format_number(previous)}"
    if change == 0:
        return "="
    return f"▲ +{format_number(change)}" if change > 0 else f"▼ {format_number(change)}"


def format_duration(seconds: float | None) -> str:
    """A length of time: ``5.1 ms``, ``3.2 s``, ``1 min 12 s``, ``2 h 05 min``, ``3 d 4 h``."""
    if seconds is None:
        return ABSENT
    if seconds < 0.9995:
        text = f"{seconds * 1000:.2g}" if seconds < 0.0995 else f"{seconds * 1000:.0f}"
        return f"{text} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE:02d} s"
    if whole < _DAY:
        return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE:02d} min"
    return f"{whole // _DAY} d {whole % _DAY // _HOUR} h"


def format_bytes(size: float | None) -> str:
    """A size in decimal units: ``312 B``, ``1.2 kB``, ``412 MB``, ``3.2 GB``."""
    if size is None:
        return ABSENT
    value, unit = float(size), "B"
    for larger in ("kB", "MB", "GB", "TB", "PB"):
        if value < 999.5:
            break
        value, unit = value / 1000, larger
    text = f"{value:.0f}" if unit == "B" or value >= 99.95 else f"{value:.1f}".removesuffix(".0")
    return f"{text} {unit}"


def counted(count: int, noun: str) -> str:
    """``1 metric``, ``2 metrics``: a number and its noun."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def format_ago(at: float | None, now: float | None = None) -> str:
    """How long ago: ``just now``, ``2 min ago``, ``3 h ago``, ``yesterday``, ``5 d ago``, later the date.

    :param at: seconds since the epoch; a time that lies ahead (another machine's clock) is written out.
    :param now: the moment to count from (default: now).
    """
    if at is None:
        return ABSENT
    age = (time.time() if now is None else now) - at
    if age < -_MINUTE or age >= 30 * _DAY:
        return format_time(at)[:10]
    if age < 45:
        return "just now"
    if age < 59.5 * _MINUTE:
        return f"{max(1, round(age / _MINUTE))} min ago"
    if age < 23.5 * _HOUR:
        return f"{round(age / _HOUR)} h ago"
    return "yesterday" if age < 2 * _DAY else f"{int(age // _DAY)} d ago"


def format_time(at: float | None) -> str:
    """The exact local time with its offset: ``2026-11-21 14:03:07 +0100``."""
    if at is None:
        return ABSENT
    try:
        return datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M:%S %z")
    except (OverflowError, OSError, ValueError):
        return f"{at:.0f} s since 1970"


def default_name(notebook: str | None, place: int | None, execution_count: int | None) -> str:
    """The name of a run without a given one: ``sepsis, cell 4``; where less is known, ``sepsis [17]`` or ``cell 4``.

    :param place: of the cell among the notebook's code cells, from 1: the same in every run.
    """
    stem = (notebook or "").rpartition("/")[2].removesuffix(".ipynb")
    if place:
        return f"{stem}, cell {place}" if stem else f"cell {place}"
    stem = stem or "cell"
    return f"{stem} [{execution_count}]" if execution_count else stem


def format_value(value: Any, width: int = 60) -> str:
    """A parameter's value on one line: floats as they were written, text without quotes, cut at ``width``."""
    if value is None:
        return "None"
    return shorten(printable(str(value)), width)


def short_id(identity: str | None, length: int = 8) -> str:
    """The beginning of a run's, record's or content's id, long enough to be typed: ``7f3a90c1…``."""
    if not identity:
        return ABSENT
    head, separator, digest = identity.rpartition(":")
    return identity if len(digest) <= length else f"{head}{separator}{digest[:length]}…"


def printable(text: str) -> str:
    """``text`` on one line, every control or direction-changing character as its escape."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(character) for character in text)


def _escaped(character: str) -> str:
    if character == "\n":
        return "⏎"
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
        return character.encode("unicode_escape").decode("ascii")
    return character


def shorten(text: str, width: int) -> str:
    """``text`` in at most ``width`` columns, the cut shown by ``…``."""
    if columns(text) <= width:
        return text
    kept, used = [], 0
    for character in text:
        used += columns(character)
        if used > width - 1:
            break
        kept.append(character)
    return "".join(kept) + "…"


def columns(text: str) -> int:
    """Number of terminal columns that ``text`` takes (wide characters two, combining ones none)."""
    if text.isascii():
        return len(text)
    return sum(_width(character) for character in text)


def _width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
