"""Changes to runs (renamed, deleted, exported, collected) and groups of runs, as lines of text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ..text.present import format_ago, format_bytes, format_number, printable, short_id
from ..text.table import Column, table

if TYPE_CHECKING:
    from ..keeping.collect import Collected
    from ..keeping.delete import Deleted
    from ..runs.catalog import Found
    from ..runs.groups import Groups
    from ..runs.row import RunRow

_LISTED = 20
#: Part of ``.bioml`` → one of it, many of it.
_PARTS = {
    "sessions": ("session of deleted runs", "sessions of deleted runs"),
    "blobs": ("stored file that no run uses", "stored files that no run uses"),
    "work": ("work folder", "work folders"),
    "outputs": ("folder of output notebooks", "folders of output notebooks"),
}


def annotated(row: RunRow) -> Iterator[str]:
    """A run after a change."""
    marks = " ★" * row.starred + " (archived)" * row.archived
    yield f"✓ {printable(row.name)}{marks}   run {short_id(row.record_id)}"
    if row.note:
        yield f"  {printable(row.note)}"
    if row.unsaid:
        yield f"⚠ MLflow does not have this change yet ({printable(row.unsaid)}). Send it with: bioml publish --wait"
    elif row.run_id is None:
        yield "  The run is not in MLflow yet; it will be sent with this change."


def tagged(row: RunRow) -> Iterator[str]:
    """A run after its tags were changed, with all that it has now."""
    yield from annotated(row)
    pairs = [f"{printable(key)}={printable(value)}" for key, value in row.tags.items()]
    yield f"  tags: {'   '.join(pairs)}" if pairs else "  no tags"


def question(found: Found) -> str:
    """The question before a run is deleted."""
    identity = short_id(found.row.record_id)
    return f"Delete the run {identity} ({printable(found.name)}, {format_ago(found.record.started)})?"


def deleted(done: Deleted) -> Iterator[str]:
    """The result of a deletion."""
    more = f" and {len(done.also)} that belonged to it" if done.also else ""
    yield f"✓ {printable(done.name)}{more} deleted   run {short_id(done.record_id)}"
    if done.blobs:
        yield f"  {done.blobs:,} stored file{'s' * (done.blobs > 1)} freed, {format_bytes(done.bytes)}"
    if done.versions:
        names = ", ".join(map(printable, done.versions))
        yield f"⚠ {names} stay{'s' * (len(done.versions) == 1)} registered, until mlflow gc deletes the files."
    if done.unsaid:
        yield f"⚠ MLflow still has it ({printable(done.unsaid)}); delete it there with: bioml publish --wait"


def exported(file: Path, size: int) -> Iterator[str]:
    """The exported file and its size."""
    yield f"✓ {printable(str(file))}   {format_bytes(size)}"


def group_list(found: Groups, width: int) -> Iterator[str]:
    """The groups, the one with the newest run first."""
    if found.groups:
        heads = [
            Column("name", least=12),
            Column("runs", right=True),
            Column("latest"),
            Column("started"),
            Column("best"),
            Column("metric", least=8),
            Column("value", right=True),
            Column("notebook", least=12),
        ]
        rows = [
            [
                group.name,
                f"{group.runs:,}",
                group.latest.record_id[:8],
                format_ago(group.latest.started),
                group.best.record_id[:8] if group.best else "",
                group.metric or "",
                "" if group.value is None else format_number(group.value),
                group.notebook or "",
            ]
            for group in found.groups
        ]
        yield from table(heads, rows, width)
    else:
        yield "No runs yet. To see how to make one: bioml runs"
    if found.down:
        yield f"⚠ MLflow does not answer, so these are the journal's runs: {printable(found.down)}"


def collected(found: Collected, width: int) -> Iterator[str]:
    """The deleted parts (or those to be deleted), and what is kept and why."""
    verb = "would be deleted" if found.dry_run else "deleted"
    if found.runs:
        yield f"{len(found.runs):,} run{'s' * (len(found.runs) > 1)} {verb}:"
        heads = [Column("  run"), Column("name", least=12), Column("started"), Column("notebook", least=12)]
        rows = [
            [f"  {row.record_id[:8]}", row.name, format_ago(row.started), row.notebook or ""]
            for row in found.runs[:_LISTED]
        ]
        yield from table(heads, rows, width)
        if len(found.runs) > _LISTED:
            yield f"  … and {len(found.runs) - _LISTED:,} more: --json lists all"
    for why, count in found.kept.items():
        yield f"  {count:,} old {'run is' if count == 1 else 'runs are'} kept: {why}"
    for name, part in found.parts.items():
        if part.count:
            yield f"{part.count:,} {_PARTS[name][part.count > 1]} {verb}, {format_bytes(part.size)}"
    if found.empty:
        yield "✓ Nothing to delete."
    else:
        yield f"{format_bytes(found.size)} would be freed" if found.dry_run else f"✓ {format_bytes(found.size)} freed"
    if found.runs:
        yield "  MLflow hides deleted runs and keeps their files until: mlflow gc --backend-store-uri URI"
    if found.stopped:
        yield f"⚠ Not everything was deleted: {printable(found.stopped)} Repeat the command when MLflow answers."
