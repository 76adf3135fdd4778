"""Living with the runs of one project: rename, note, star, archive, delete, export, collect."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..config import Destination, Project
from ..runs.project import Find
from ..runs.row import RunRow
from ..store.opening import OpenStore, opened

if TYPE_CHECKING:  # a list of runs needs none of them
    from .collect import Collected, Rule
    from .delete import Deleted


class ProjectKeeping:
    """Changes to a project's runs after they ran.

    :param open_store: see :data:`~jupyter_bioml.store.opening.OpenStore`.
    :param find: looks up a run.
    """

    def __init__(self, project: Project, target: Destination, open_store: OpenStore, find: Find) -> None:
        self._project = project
        self._target = target
        self._open_store = open_store
        self._find = find

    def annotate(
        self,
        run: str,
        *,
        name: str | None = None,
        note: str | None = None,
        starred: bool | None = None,
        archived: bool | None = None,
        tags: Mapping[str, str | None] | None = None,
    ) -> RunRow:
        """Rename, note, star, archive or tag a run; None leaves a field unchanged. It is on disk on return.

        If MLflow is down, the row's ``unsaid`` says so, and the publisher sends the change later.

        :param tags: the user's own, to be set; of None: to be taken away.
        :raises UsageError: for an empty name, a tag that is not the user's own, or no change.
        """
        from .annotate import annotate

        found = self._find(run)
        annotate(
            self._project, self._target.key, opened(self._open_store), found,
            name=name, note=note, starred=starred, archived=archived, tags=tags,
        )  # fmt: skip
        return self._find(found.row.record_id).row

    def annotate_all(self, runs: Mapping[str, str | None], said: Mapping[str, Any]) -> None:
        """Change many runs in the same way (see :func:`.annotate.annotate_all`)."""
        from .annotate import annotate_all

        annotate_all(self._project, self._target, runs, said)

    def delete(self, run: str, *, force: bool = False, why: str | None = None) -> Deleted:
        """Delete a run, with the cells that joined it and its child runs; a tombstone stays.

        :raises Refused: while it runs, or, without ``force``, when a registered version was made from it.
        :raises StoreUnavailable: it is in MLflow, which does not answer; nothing was deleted.
        """
        from .delete import delete

        found = self._find(run)
        return delete(self._project, self._target.key, opened(self._open_store), found, force=force, why=why)

    def export(self, run: str, target: Path) -> Path:
        """Write a run as a zip file to ``target`` (a file, or a folder to put it in); returns its path."""
        from .export import export

        return export(self._project, opened(self._open_store), self._find(run), target)

    def collect(self, rule: Rule, *, dry_run: bool = False, progress: Callable[[str], None] | None = None) -> Collected:
        """Delete old runs, and clean ``.bioml`` (see :mod:`.collect`).

        :raises StoreUnavailable: runs are to be deleted and MLflow does not answer; nothing was changed.
        """
        from .collect import collect

        store = self._open_store() if rule.names_runs else opened(self._open_store)
        return collect(self._project, self._target, store, rule, dry_run=dry_run, progress=progress)
