"""The report of a batch as one HTML page that needs nothing else: no script, no picture, no network."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Iterator

from ..headless.results import BROKEN, FAILED, INTERRUPTED, KILLED, NOT_RUN, PASSED, UNCHANGED, NotebookResult
from ..text.present import format_duration, format_time, printable
from .batch import BatchReport
from .sweep import html_table

_SIGNS = {PASSED: "✓", UNCHANGED: "=", FAILED: "✗", KILLED: "⊘", INTERRUPTED: "⊘", BROKEN: "✗", NOT_RUN: "○"}
_STYLE = """:root{color-scheme:light dark;--line:#8884;--bad:#b3261e;--good:#1b7f3b}
@media (prefers-color-scheme:dark){:root{--bad:#ff8a80;--good:#7bd88f}}
body{font:14px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}
table{border-collapse:collapse;width:100%}
th,td{padding:.3rem .75rem;border-bottom:1px solid var(--line);text-align:left;overflow-wrap:anywhere}
td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.passed,.unchanged{color:var(--good)}.failed,.killed,.broken{color:var(--bad)}
pre{overflow:auto;border:1px solid var(--line);padding:.75rem;border-radius:4px}
summary{cursor:pointer}"""


def html_report(report: BatchReport, at: float) -> str:
    """The page.

    :param at: when the batch ended (seconds since the epoch).
    """
    counts = Counter(result.status for result in report.results)
    said = ", ".join(f"{count} {status}" for status, count in counts.items())
    lines = [
        "<!doctype html>",
        "<html lang='en'><head><meta charset='utf-8'>",
        "<meta name='viewport' content='width=device-width, initial-scale=1'>",
        f"<title>Notebooks: {_text(said)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>Notebooks: {_text(said)}</h1>",
        f"<p>{_text(format_time(at))}, {_text(format_duration(report.duration))}; "
        f"output notebooks in <code>{_text(report.output_dir)}</code></p>",
        *(f"<p>⚠ {_text(line)}</p>" for line in (*report.notes, *report.waiting)),
    ]
    if report.sweep is not None:
        lines += ["<h2>Sweep</h2>", f"<p>Run <code>{_text(report.sweep['record_id'])}</code></p>"]
        lines.append(html_table(report.sweep["rows"], report.sweep["columns"]))
    lines += ["<h2>Notebooks</h2>", *_table(report)]
    for result in report.results:
        lines += _trouble(result)
    return "\n".join([*lines, "</body></html>"]) + "\n"


def _table(report: BatchReport) -> Iterator[str]:
    heads = "".join(f"<th scope='col'>{head}</th>" for head in ("state", "notebook", "took", "attempt", "runs"))
    yield f"<table><thead><tr>{heads}</tr></thead><tbody>"
    for result in report.results:
        took = "" if result.status == NOT_RUN else format_duration(result.duration)
        state = f"{_SIGNS.get(result.status, '?')} {result.status}"
        yield (
            f"<tr><td class='{_text(result.status.replace(' ', '-'))}'>{_text(state)}</td>"
            f"<td>{_text(name_of(result))}</td><td class='n'>{_text(took)}</td>"
            f"<td class='n'>{result.attempt or ''}</td>"
            f"<td>{' '.join(f'<code>{_text(record[:8])}</code>' for record in result.records)}</td></tr>"
        )
    yield "</tbody></table>"


def name_of(result: NotebookResult) -> str:
    """The notebook and what was set."""
    values = " ".join(f"{name}={value!r}" for name, value in result.parameters.items())
    return f"{result.task or result.notebook} {values}".strip()


def _trouble(result: NotebookResult) -> Iterator[str]:
    if result.passed or (result.failure is None and not result.reason):
        return
    yield f"<details open><summary>{_text(name_of(result))}: {_text(result.reason or result.status)}</summary>"
    if result.failure is not None:
        yield f"<p>Cell {result.failure.index + 1}:</p><pre>{_block(result.failure.source)}</pre>"
        yield f"<pre>{_block(result.failure.traceback)}</pre>"
    yield "</details>"


def _block(text: str) -> str:
    return "\n".join(_text(line) for line in text.splitlines())


def _text(text: str) -> str:
    return html.escape(printable(text))
