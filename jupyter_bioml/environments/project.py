"""Environments of a project: the commands' single entry point."""

from __future__ import annotations

from collections.abc import Sequence

from ..runs.catalog import Catalog
from .check import EnvironmentCheck, check
from .installer import Say
from .prepare import LOCKED, Prepared, prepare
from .targets import target_of, target_of_run


class ProjectEnvironments:
    """The environments of one project's runs."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def check(
        self, targets: Sequence[str], *, kinds: Sequence[str] = (), bisect: bool = False, say: Say | None = None
    ) -> tuple[EnvironmentCheck, ...]:
        """:func:`.check.check` of several notebooks (by path) and runs (by id); all are looked up before one is run."""
        tell: Say = say or (lambda _: None)
        chosen = [target_of(self._catalog, text) for text in targets]
        return tuple(check(self._catalog.project, target, kinds=kinds, bisect=bisect, say=tell) for target in chosen)

    def build(self, run: str, *, say: Say | None = None) -> Prepared:
        """The environment of a run as it was recorded.

        :raises EnvironmentNotBuildable: naming the distribution or the Python version that it fails at.
        """
        target = target_of_run(self._catalog, self._catalog.find(run))
        return prepare(LOCKED, target.document, say=say)
