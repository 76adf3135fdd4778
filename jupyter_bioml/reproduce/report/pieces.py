"""What the verdict report is put together from: escaped texts, figures with all digits, lists and tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from ...text.present import ABSENT, format_number, printable, shorten
from ..compare.agreement import BIT_EQUAL, DIFFERENT, NUMERICALLY_EQUAL, UNKNOWN, WITHIN_NOISE

#: Rows shown of a table; all of them are in verdict.json.
MOST_ROWS = 200
#: Columns shown of a name or value, and of a message.
NAME, MESSAGE = 160, 1200
Document = Mapping[str, Any]
_LEVELS = {
    BIT_EQUAL: ("✓", "good", "bit-equal"),
    NUMERICALLY_EQUAL: ("✓", "good", "numerically equal"),
    WITHIN_NOISE: ("≈", "fair", "within noise"),
    UNKNOWN: ("?", "none", "not known"),
    DIFFERENT: ("✗", "bad", "different"),
}


def part(found: Document, name: str) -> Document:
    """A part of a document that is itself one; empty where it is something else."""
    return part_of(found.get(name))


def part_of(value: Any) -> Document:
    """A document as it is; empty where it is something else."""
    return value if isinstance(value, Mapping) else {}


def items_of(value: Any) -> list[Any]:
    """The items of a list; none where it is something else."""
    return list(value) if isinstance(value, (list, tuple)) else []


def show(value: Any, width: int = NAME) -> str:
    """Text as HTML, escaped and shortened; nothing for None.

    :param width: the most characters that are shown.
    """
    return "" if value is None else escape(shorten(printable(str(value)[: 2 * width]), width))


def show_lines(value: Any) -> str:
    """Code on its lines, at most :data:`MOST_ROWS` of them."""
    lines = str(value).splitlines()
    more = [f"… {len(lines) - MOST_ROWS:,} more lines"] if len(lines) > MOST_ROWS else []
    return "\n".join(
        escape(shorten(printable(line[: 2 * MESSAGE].expandtabs(4)), MESSAGE)) for line in [*lines[:MOST_ROWS], *more]
    )


def show_code(value: Any) -> str:
    """Text as HTML in the font of code; a sign for None."""
    return f"<code>{show(value)}</code>" if value is not None else ABSENT


def show_digest(value: Any) -> str:
    """A digest as HTML, at most 80 characters of it."""
    return f"<code>{show(str(value)[:80])}</code>" if value else "not known"


def show_value(value: Any) -> str:
    """A figure with all its digits, a text as it is."""
    if isinstance(value, float):
        plain = repr(value) if value == value and abs(value) != float("inf") else format_number(value)
        return show(plain)
    return ABSENT if value is None else show(value)


def show_sides(item: Document) -> list[str]:
    """The recorded and the new value of one output, as two cells."""
    return [show_value(item.get("left")), show_value(item.get("right"))]


def show_level(level: str) -> str:
    """A level of agreement as HTML: its sign, which screen readers leave out, and its word."""
    sign, colour, word = _LEVELS.get(level, ("?", "none", level))
    return f'<span class="{colour}"><span aria-hidden="true">{sign}</span> {escape(word)}</span>'


def bullets(items: Iterable[str]) -> str:
    """Finished pieces of HTML as a list; nothing where there are none."""
    made = "".join(f"<li>{item}</li>" for item in items)
    return f"<ul>{made}</ul>" if made else ""


def rows_table(heads: Sequence[str], rows: Iterable[Sequence[str]], count: int) -> str:
    """A table of finished HTML cells; at most :data:`MOST_ROWS` rows."""
    classes = {"recorded": "value", "new": "value", "now": "value", "digest": "value", "level": "level"}
    head = "".join(f"<th scope=col>{escape(title)}</th>" for title in heads)
    body = []
    for _, row in zip(range(MOST_ROWS), rows, strict=False):
        cells = (
            f'<td class="{classes[title]}">{cell}</td>' if title in classes else f"<td>{cell}</td>"
            for title, cell in zip(heads, row, strict=True)
        )
        body.append(f"<tr>{''.join(cells)}</tr>")
    more = f'<p class="soft">… and {count - MOST_ROWS:,} more, all in verdict.json</p>' if count > MOST_ROWS else ""
    bare = "" if not any(heads) else f"<thead><tr>{head}</tr></thead>"
    return f'<div class="wide"><table>{bare}<tbody>{"".join(body)}</tbody></table></div>{more}'
