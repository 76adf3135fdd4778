"""The verdict report: ``verdict.json`` as one HTML file that a scientist can read, keep and print.

No script, nothing fetched, every text escaped and freed of control characters; a sign and a word stand beside
every colour. The first line is the verdict as a sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from html import escape
from typing import Any

from ...canonical import restore
from ...text.present import ABSENT, format_bytes, format_duration, format_number, format_time
from ..compare.agreement import BIT_EQUAL, DIFFERENT, LEVELS
from .funnel import STAGES
from .pieces import (
    MESSAGE,
    MOST_ROWS,
    NAME,
    Document,
    bullets,
    items_of,
    part,
    part_of,
    rows_table,
    show,
    show_code,
    show_digest,
    show_level,
    show_lines,
    show_sides,
    show_value,
)
from .style import STYLE

_VERDICTS = {"REPRODUCED": ("✓", "good"), "WITHIN NOISE": ("≈", "fair"), "DIFFERENT": ("✗", "bad")}
_COULD_NOT = ("⊘", "none")
_DECIDED = {
    "numbers": "Its logged numbers and data decided; figures and text are listed and do not count.",
    "text": "The run has no number that could be compared, so its text decided.",
    "figures": "The run has neither numbers nor text to compare, so its figures and files decided.",
    "status": "The run has nothing to compare but how it ended.",
}
#: Bit-equal outputs shown without being asked for.
MOST_EQUAL = 12
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def verdict_html(document: Document) -> str:
    """The report of a document of :func:`.verdict_report.verdict_document`, as a whole HTML file."""
    found = restore(dict(document))
    verdict = str(found.get("verdict", ""))
    sign, colour = _VERDICTS.get(verdict, _COULD_NOT)
    sentence = show(found.get("sentence"), MESSAGE)
    name = show(part(part(found, "runs"), "recorded").get("name") or "run", 60)
    body = "\n".join(section for make in _SECTIONS if (section := "".join(make(found))))
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(verdict)}: {name}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}"><style>{STYLE}</style></head><body><main>\n'
        f'<h1><span class="word {colour}"><span aria-hidden="true">{sign}</span> {escape(verdict)}</span> {sentence}'
        "</h1>\n"
        f"{body}\n</main></body></html>\n"
    )


# -- sections --------------------------------------------------------------------------------------


def _about(found: Document) -> Iterator[str]:
    run = part(part(found, "runs"), "recorded")
    parts = [f"<strong>{show(run.get('name') or '(no name)')}</strong>"]
    if run.get("notebook"):
        parts.append(show(run["notebook"]))
    if run.get("started"):
        parts.append(f"recorded {show(format_time(run['started']))}")
    if found.get("at"):
        parts.append(f"reproduced {show(_local(found['at']))}")
    yield f'<p class="soft">{" · ".join(parts)}</p>'


def _local(moment: Any) -> str:
    """A moment as ISO 8601 in the words of the others."""
    try:
        return format_time(datetime.fromisoformat(str(moment)).timestamp())
    except (ValueError, OverflowError):
        return str(moment)


def _cause(found: Document) -> Iterator[str]:
    evidence = [part_of(item) for item in items_of(found.get("evidence"))]
    if not (found.get("cause") or evidence or found.get("repair")):
        return
    yield "<h2>Why</h2>" if found.get("cause") else "<h2>Worth knowing</h2>"
    if found.get("cause"):
        yield f"<p>Cause: <strong>{show(str(found['cause']).replace('-', ' '))}</strong></p>"
    yield bullets(_evidence(item) for item in evidence)
    proofs = [part_of(item) for item in items_of(found.get("proofs"))]
    if proofs:
        yield "<h3>How it was proved</h3>"
        yield bullets(
            f"{show(item.get('what'), MESSAGE)}: {show(item.get('outcome'), MESSAGE)} "
            f"<strong>{_proved(item.get('proved'))}</strong>"
            for item in proofs
        )
    if found.get("repair"):
        yield f"<h3>How to fix it</h3><pre>{show_lines(found['repair'])}</pre>"


def _evidence(item: Document) -> str:
    cell = f'<span class="soft">cell {show(item["cell"])}:</span> ' if item.get("cell") else ""
    proved = f" <strong>{_proved(item['proved'])}</strong>" if item.get("proved") is not None else ""
    repair = f"<br><code>{show(item['repair'], MESSAGE)}</code>" if item.get("repair") else ""
    return f"{cell}{show(item.get('message'), MESSAGE)}{proved}{repair}"


def _proved(proved: Any) -> str:
    return {True: "Proved.", False: "Not the cause."}.get(proved, "Not decided.")


def _failure(found: Document) -> Iterator[str]:
    run = part(part(found, "runs"), "reproduction")
    failure = part(run, "failure")
    if failure:
        where = f"Cell {int(failure.get('index') or 0) + 1}"
        yield f"<h2>Where it stopped</h2><p>{where}: <strong>{show(failure.get('kind'))}</strong>"
        yield f" {show(failure.get('message'), MESSAGE)}</p>"
        if failure.get("source"):
            yield f"<details><summary>The cell</summary><pre>{show_lines(failure['source'])}</pre></details>"
    elif run.get("reason"):
        yield f"<h2>Where it stopped</h2><p>{show(run['reason'], MESSAGE)}</p>"


def _compared(found: Document) -> Iterator[str]:
    outputs = [part_of(item) for item in items_of(found.get("compared"))]
    if not outputs:
        return
    yield "<h2>What was compared</h2>"
    counts = {level: sum(item.get("level") == level for item in outputs) for level in LEVELS}
    told = (f"<li>{show_level(level)} <strong>{count:,}</strong></li>" for level, count in counts.items() if count)
    yield f'<ul class="counts">{"".join(told)}</ul>'
    yield f'<p class="soft">{escape(_DECIDED.get(str(found.get("decided_by")), ""))} {_how(found)}</p>'
    ordered = sorted(outputs, key=lambda item: -_rank(item))
    equal = [item for item in ordered if item.get("level") == BIT_EQUAL]
    shown = ordered[: -len(equal)] if len(equal) > MOST_EQUAL else ordered
    if shown:
        yield _outputs(shown)
    if len(shown) < len(ordered):
        yield f"<details><summary>{len(equal):,} bit-equal</summary>{_outputs(equal)}</details>"


def _rank(item: Document) -> int:
    """Its place among the levels, worst last."""
    return LEVELS.index(item["level"]) if item.get("level") in LEVELS else len(LEVELS)


def _outputs(items: Sequence[Document]) -> str:
    return rows_table(("level", "output", "recorded", "new", "remark"), (_output(item) for item in items), len(items))


def _how(found: Document) -> str:
    repeats = part(found, "repeats")
    tolerance = found.get("tolerance")
    said = "" if tolerance is None else f"Numbers count as equal up to {show(format_number(tolerance))} relative. "
    count = len(items_of(repeats.get("runs")))
    if count:
        return f"{said}Noise was measured by {count:,} further run{'s' if count > 1 else ''}."
    return f"{said}No repeats were made, so nothing is said about noise." if found.get("level") == DIFFERENT else said


def _output(item: Document) -> list[str]:
    masked = items_of(item.get("masked"))
    note = show(item.get("note"), MESSAGE)
    if masked:
        note += f"<details><summary>{len(masked):,} masked</summary>{bullets(show(m, NAME) for m in masked)}</details>"
    left, right = (show_value(item.get(side)) for side in ("left", "right"))
    kind = "" if item.get("kind") == item.get("name") else f'<span class="soft">{show(item.get("kind"))}</span> '
    name = f"{kind}{show(item.get('name'))}"
    return [show_level(str(item.get("level"))), name, left, right, note]


def _differences(found: Document) -> Iterator[str]:
    items = [part_of(item) for item in items_of(found.get("differences"))]
    seen = {str(item.get("name")) for item in _packages(found)}
    items = [item for item in items if not (item.get("part") == "environment" and str(item.get("name")) in seen)]
    if items:
        rows = ([show(i.get("part")), show(i.get("name")), *show_sides(i), show(i.get("note"))] for i in items)
        yield "<h2>What else differs from the record</h2>"
        yield rows_table(("", "", "recorded", "now", ""), rows, len(items))
    code = part(found, "code")
    for key, title in (("cell", "The cell's code"), ("earlier", "The code of earlier cells")):
        if code.get(key):
            yield f"<details><summary>{title}: what differs</summary><pre>{show_lines(code[key])}</pre></details>"


def _funnel(found: Document) -> Iterator[str]:
    stages = part(found, "funnel")
    if not stages:
        return
    words = {True: ("✓", "good", "yes"), False: ("✗", "bad", "no")}
    yield '<h2>How far it came</h2><ol class="funnel">'
    for stage, name in STAGES.items():
        passed = stages.get(stage)
        sign, colour, word = words.get(passed, ("–", "none", "not known")) if passed is not None else _unreached(stages)
        yield f'<li><span class="{colour}"><span aria-hidden="true">{sign}</span> {word}</span><br>{name}</li>'
    yield "</ol>"


def _unreached(stages: Document) -> tuple[str, str, str]:
    return ("–", "none", "not reached") if False in stages.values() else ("–", "none", "not known")


def _packages(found: Document) -> list[Document]:
    return [part_of(item) for item in items_of(part(found, "environment").get("differences"))]


def _environments(found: Document) -> Iterator[str]:
    there, recorded = part(found, "environment"), part(part(found, "runs"), "recorded")
    if not there:
        return
    kind = {"current": "the current one", "locked": "built from the recorded lock", "latest": "latest versions"}
    yield "<h2>Environments</h2>"
    rows = [
        ["recorded", show_digest(recorded.get("environment")), ""],
        ["new", show_digest(there.get("digest")), show(kind.get(str(there.get("kind")), there.get("kind")))],
    ]
    if there.get("python"):
        rows[1][2] += f" · {show(there['python'])}"
    yield rows_table(("", "digest", ""), rows, 2)
    packages = _packages(found)
    if packages:
        rows = [[show(item.get("name")), *show_sides(item), show(item.get("note"))] for item in packages[:MOST_ROWS]]
        yield f"<h3>{len(packages):,} that differ</h3>"
        yield rows_table(("", "recorded", "new", ""), rows, len(packages))
    yield bullets(show(note, MESSAGE) for note in items_of(there.get("notes")))


def _data(found: Document) -> Iterator[str]:
    data = part(found, "data")
    versions = [part_of(item) for item in items_of(data.get("versions"))]
    changed = {str(part_of(item).get("name")) for item in items_of(data.get("differences"))}
    if not versions:
        return
    yield "<h2>Data versions</h2>"
    rows = (
        [
            show(item.get("name")),
            show(item.get("role")),
            show_digest(item.get("digest")),
            show(format_bytes(item.get("size"))),
            '<span class="bad">✗ not the same</span>' if str(item.get("name")) in changed else "",
        ]
        for item in versions
    )
    yield rows_table(("", "", "digest", "size", ""), rows, len(versions))


def _identity(found: Document) -> Iterator[str]:
    runs = part(found, "runs")
    left, right = part(runs, "recorded"), part(runs, "reproduction")
    yield "<h2>The two runs</h2>"
    lines: list[tuple[str, str, Callable[[Any], str]]] = [
        ("MLflow run", "run_id", show_code),
        ("record", "record_id", show_code),
        ("status", "status", show),
        ("started", "started", lambda at: show(format_time(at))),
        ("took", "duration", lambda seconds: show(format_duration(seconds))),
        ("all its cells took", "took", lambda seconds: show(format_duration(seconds))),
        ("git commit", "commit", show_code),
        ("user", "user", show),
        ("folder", "work", show_code),
    ]
    rows = [
        [title, *(show(side[key]) if side.get(key) is not None else ABSENT for side in (left, right))]
        for title, key, show in lines
        if left.get(key) is not None or right.get(key) is not None
    ]
    yield rows_table(("", "recorded", "new"), rows, len(rows))


def _remarks(found: Document) -> Iterator[str]:
    notes = items_of(found.get("notes"))
    if notes:
        yield f"<h2>Remarks</h2>{bullets(show(note, MESSAGE) for note in notes[:MOST_ROWS])}"
    audit = part(found, "audit")
    if audit:
        yield (
            f"<h2>Audit event</h2><p>Chain {show_code(audit.get('chain'))}, event {show(audit.get('seq'))}, "
            f"hash {show_code(audit.get('hash'))}</p>"
        )
    yield f'<p class="soft">{show(found.get("software"))} · report schema {show(found.get("schema"))}</p>'


_SECTIONS: tuple[Callable[[Document], Iterator[str]], ...] = (
    _about,
    _cause,
    _failure,
    _compared,
    _differences,
    _funnel,
    _environments,
    _data,
    _identity,
    _remarks,
)
