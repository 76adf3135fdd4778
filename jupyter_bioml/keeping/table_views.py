"""Saved views of the runs table: which columns, how wide, which runs, in which order.

They lie in the project, one file each: a view names the metrics and parameters of this project, for anyone who opens it
in any browser, and JupyterLab forgets its own state with a workspace.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

from ..config import Project
from ..errors import JournalError, NotFound, UsageError
from ..records.shape import LineShape, Unfit
from ..redact import redact
from ..text.present import printable

FOLDER = "views"
#: Views of one project, characters of a name, and columns of a view.
MOST, LONGEST, WIDEST = 200, 100, 200


@dataclass(frozen=True)
class TableView:
    """A saved view of the runs table."""

    name: str
    columns: tuple[str, ...]
    """In their order, as they are written in a filter; ``figure`` is the thumbnail."""
    widths: tuple[int, ...]
    """Pixels, one for each column; 0: as wide as it is by itself."""
    sort: str
    """A column."""
    descending: bool
    where: str
    """The filter; empty: every run."""
    group: str | None
    """The column whose values make groups; null: no groups."""
    metric: str | None
    """The metric that groups are judged by; null: the first that is shown."""
    archived: bool
    """Archived runs are listed too."""
    reproductions: bool
    """Runs that made another run again are listed too."""


_SHAPE = LineShape.of(TableView)


def saved_views(project: Project) -> tuple[TableView, ...]:
    """The views of a project, by name. A file that cannot be read hides no other."""
    found = []
    folder = project.home / FOLDER
    for path in sorted(folder.glob("*.json")) if folder.is_dir() else ():
        try:
            entry, _ = _SHAPE.checked(json.loads(path.read_text(encoding="utf-8")))
            fields = {item.name: entry[item.name] for item in dataclasses.fields(TableView)}
            lists = {name: tuple(fields[name]) for name in ("columns", "widths")}
            found.append(TableView(**{**fields, **lists}))
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, Unfit):
            continue
    return tuple(sorted(found, key=lambda view: (view.name.casefold(), view.name)))


def save_view(project: Project, view: TableView) -> TableView:
    """Keep a view, without secrets; one of the same name is replaced.

    :raises UsageError: for a name or a number of columns that is not kept, and for too many views.
    :raises JournalError: when it cannot be written; nothing was changed then.
    """
    name = view.name.strip()
    if not name or len(name) > LONGEST or not name.isprintable():
        raise UsageError(
            f"{printable(name[:LONGEST])!r} is not a name of a view.", next=f"Give 1 to {LONGEST} readable characters."
        )
    if len(view.columns) > WIDEST or len(view.widths) != len(view.columns):
        raise UsageError(f"A view has at most {WIDEST} columns, each with a width.", next="See openapi.json.")
    view = dataclasses.replace(view, name=redact(name), where=redact(view.where))
    path = _file(project, view.name)
    if not path.exists() and len(saved_views(project)) >= MOST:
        raise UsageError(f"There are {MOST} views already.", next="Delete one that is not needed any more.")
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary.write_text(json.dumps(dataclasses.asdict(view)), encoding="utf-8")
        os.replace(temporary, path)
    except OSError as error:
        raise JournalError(
            f"{path} cannot be written ({error.strerror or error}); no view was changed.",
            next="Make the folder writable or free space on the disk, then try again.",
        ) from None
    return view


def forget_view(project: Project, name: str) -> TableView:
    """Delete a view; returns it.

    :raises NotFound: there is none of that name.
    :raises JournalError: when it cannot be deleted.
    """
    view = next((one for one in saved_views(project) if one.name == name), None)
    if view is None:
        raise NotFound(f"There is no view {printable(name[:LONGEST])!r}.", next="Look at the list of views again.")
    try:
        _file(project, name).unlink(missing_ok=True)
    except OSError as error:
        raise JournalError(f"The view cannot be deleted ({error.strerror or error}).") from None
    return view


def _file(project: Project, name: str) -> Path:
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return project.home / FOLDER / f"{digest}.json"
