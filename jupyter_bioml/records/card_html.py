"""The run card as HTML, for a cell's output: the figures of :mod:`.card`, in JupyterLab's own colours.

Every text is escaped. Colours come from JupyterLab's CSS variables with fallbacks that read in light and
dark, so that the card looks right elsewhere too. No script: buttons come with the lab extension.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from ..redact import redact
from ..text.present import format_time, printable
from .card import SIGNS, card_lines, name_of, word_of
from .run import FAILED, KILLED, RunRecord
from .untracked import unknown_reads

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


def card_html(record: RunRecord, name: str, lines: list[str], unsaved: str | None = None) -> str:
    """The card of ``record`` from its name and its plain ``lines`` (:func:`.card.card_lines`).

    :param unsaved: why it is not on the disk.
    """
    title = f"{word_of(record)} · started {format_time(record.started)}"
    name, title, state, *others = escape("\n".join((name, title, *lines))).split("\n")
    rest, _, reason = state.removeprefix(state.partition("   ")[0]).strip().partition("   ")
    sign = SIGNS.get(record.status, "?")
    bar = _BAR.get(record.status, _GOOD)
    rows = [
        f'<div title="{title}"><span aria-hidden="true" style="color:{bar}">{sign}</span> '
        f'<strong>{name}</strong> <span style="{_SOFT}">{rest}</span>'
        f'<span style="color:{bar};margin-left:1.5em">{reason}</span></div>'
    ]
    for number, line in enumerate(others):
        style = "font-weight:600" if number == 0 and record.metrics else _SOFT
        rows.append(f'<div style="white-space:pre-wrap;{style}">{line.strip()}</div>')
    if unsaved:
        rows.insert(1, f'<div role="alert" style="color:{_BAR[KILLED]};font-weight:600">⚠ {escape(unsaved)}</div>')
    return f'<div role="group" aria-label="run {name}" style="{_BOX.format(bar=bar)}">{"".join(rows)}</div>'


def card_bundle(
    record: RunRecord,
    *,
    previous: Mapping[str, float] | None = None,
    unsaved: str | None = None,
    joined: str | None = None,
) -> dict[str, object]:
    """The card as a display's data: JSON for a renderer, HTML, and plain text.

    :param unsaved: why the run is not on the disk. Our renderer in JupyterLab is not asked then.
    :param joined: the name of the run that the cell became a part of.
    """
    told = (printable(name_of(record)), *card_lines(record, previous=previous, joined=joined))
    name, *lines = redact("\n".join(told)).split("\n")
    warned = [lines[0], f"  ⚠ {printable(unsaved)}", *lines[1:]] if unsaved else lines
    ours: dict[str, object] = {"record_id": record.record_id, "before_tracking": unknown_reads(record)}
    shown: dict[str, object] = {} if unsaved else {MIME: ours}
    return {**shown, "text/html": card_html(record, name, lines, unsaved), "text/plain": "\n".join(warned)}
