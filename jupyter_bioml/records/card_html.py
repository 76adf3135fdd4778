"""The run card as HTML, for a cell's output: the figures of :mod:`.card`, in JupyterLab's own colours.

Every text is escaped. Colours come from JupyterLab's CSS variables with fallbacks that read in light and
dark, so that the card looks right elsewhere too. No script: buttons come with the lab extension.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from ..text.present import format_time, printable
from .card import SIGNS, WORDS, card_lines, name_of
from .run import FAILED, KILLED, RunRecord

MIME = "application/vnd.bioml.run+json"
_FONT = "var(--jp-ui-font-family, system-ui, sans-serif)"
_BAR = {FAILED: "var(--jp-error-color1, #d32f2f)", KILLED: "var(--jp-warn-color1, #b26a00)"}
_GOOD = "var(--jp-success-color1, #388e3c)"
_BOX = (
    f"font-family:{_FONT};font-size:13px;line-height:1.55;padding:6px 12px;margin:4px 0;max-width:900px;"
    "border-left:4px solid {bar};background:var(--jp-layout-color1, transparent);"
    "color:var(--jp-content-font-color1, inherit)"
)
_SOFT = "color:var(--jp-content-font-color2, #757575)"


def card_html(record: RunRecord, lines: list[str]) -> str:
    """The card of ``record`` from its plain ``lines`` (:func:`.card.card_lines`)."""
    state, *others = lines
    rest, _, reason = state.removeprefix(state.partition("   ")[0]).strip().partition("   ")
    sign = escape(SIGNS.get(record.status, "?"))
    bar = _BAR.get(record.status, _GOOD)
    name = escape(printable(name_of(record)))
    title = escape(f"{WORDS.get(record.status, record.status)} · started {format_time(record.started)}")
    rows = [
        f'<div title="{title}"><span aria-hidden="true" style="color:{bar}">{sign}</span> '
        f'<strong>{name}</strong> <span style="{_SOFT}">{escape(rest)}</span>'
        f'<span style="color:{bar};margin-left:1.5em">{escape(reason)}</span></div>'
    ]
    for number, line in enumerate(others):
        style = "font-weight:600" if number == 0 and record.metrics else _SOFT
        rows.append(f'<div style="white-space:pre-wrap;{style}">{escape(line.strip())}</div>')
    return f'<div role="group" aria-label="run {name}" style="{_BOX.format(bar=bar)}">{"".join(rows)}</div>'


def card_bundle(record: RunRecord, *, previous: Mapping[str, float] | None = None) -> dict[str, object]:
    """The card as a display's data: JSON for a renderer, HTML, and plain text."""
    lines = card_lines(record, previous=previous)
    return {
        MIME: {"record_id": record.record_id},
        "text/html": card_html(record, lines),
        "text/plain": "\n".join(lines),
    }
