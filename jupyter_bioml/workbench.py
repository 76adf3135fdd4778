"""The one place that wires journal, stores and runners: what the commands, magics and widgets call.

A workbench opens the project's destination once and hands out desks, each of which does one kind of thing. Every
answer is a dataclass that has ``as_json()``; nothing here prints. Importing this module is cheap: MLflow, papermill and
the publisher are imported by the desks that need them, at their first use.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from .answers import Status, status_of
from .config import Destination, Project, destination, find_project
from .journal.ledger import Ledger
from .journal.runs import read_journal
from .runs.project import ProjectRuns
from .store.opening import StoreOpener

if TYPE_CHECKING:
    from .audit.project import ProjectAudit
    from .batch.project import ProjectBatches
    from .doctor.check import Diagnosis
    from .environments.project import ProjectEnvironments
    from .keeping.project import ProjectKeeping
    from .promote.desk import Promotions
    from .promote.models import ProjectModels
    from .publish.publisher import PublishReport
    from .reproduce.reproduce import Asked
    from .reproduce.verdict import Reproduction


class Workbench:
    """A project at one destination, and everything that can be done with its runs."""

    def __init__(self, project: Project, target: Destination) -> None:
        self.project = project
        self.destination = target
        self.open_store = StoreOpener(target)
        self.runs = ProjectRuns(project, target, self.open_store)

    @classmethod
    def at(cls, start: Path | None = None) -> Workbench:
        """The workbench of the project that ``start`` (default: the current directory) belongs to.

        Only looks: nothing is made in a folder that is not a project yet.
        """
        project = find_project(Path.cwd() if start is None else start, create=False)
        return cls(project, destination(project))

    # -- desks -----------------------------------------------------------------------------------

    @cached_property
    def keeping(self) -> ProjectKeeping:
        """Rename, note, star, archive, delete, export and collect runs."""
        from .keeping.project import ProjectKeeping

        return ProjectKeeping(self.project, self.destination, self.open_store, self.runs.find)

    @cached_property
    def models(self) -> ProjectModels:
        """Registered models: listed, and made from runs."""
        from .promote.models import ProjectModels

        return ProjectModels(self.project, self.destination, self.open_store, self.runs.find)

    @property
    def promotions(self) -> Promotions:
        """Gates, promotions, rollbacks and approvals of registered versions."""
        from .promote.desk import Promotions

        return Promotions(self.project, self.destination, self.open_store)

    @property
    def audit(self) -> ProjectAudit:
        """The project's audit log: verify, newest, anchor, keygen."""
        from .audit.project import ProjectAudit

        return ProjectAudit(self.project, self.open_store)

    @property
    def environments(self) -> ProjectEnvironments:
        """Comparing environments with recorded ones, and building them again."""
        from .environments.project import ProjectEnvironments

        return ProjectEnvironments(self.runs.catalog())

    @cached_property
    def batches(self) -> ProjectBatches:
        """Run notebooks, many at a time, and resume a batch."""
        from .batch.project import ProjectBatches

        return ProjectBatches(self.runs.find)

    # -- what takes the whole project -------------------------------------------------------------

    def publish(self, *, wait: bool = False, timeout: float | None = None) -> PublishReport:
        """Send what waits. ``wait``: for another publisher too, up to ``timeout`` seconds."""
        from .publish.publisher import publish

        return publish(self.project, self.destination, wait=wait, timeout=timeout)

    def reproduce(
        self, run: str, asked: Asked | None = None, *, progress: Callable[[str], None] | None = None
    ) -> Reproduction:
        """Re-run a run's cells in a fresh kernel and folder, compare, decide, and write the verdict.

        :param run: a run, or a registered model: ``models:/name/3``, ``models:/name@alias``.
        """
        from .reproduce.project import reproduce_run

        return reproduce_run(self.project, self.open_store, self.runs.find, run, asked, progress)

    def doctor(self) -> Diagnosis:
        """The state of the installation, with a fix for each problem."""
        from .doctor.diagnose import diagnose

        return diagnose(self.project, self.destination)

    def status(self) -> Status:
        """Places and waiting runs, according to the journal: no MLflow, no network."""
        from .keeping.usage import size_of
        from .publish.scan import waiting

        logs, _ = read_journal(self.project)
        return status_of(
            self.project,
            self.destination,
            [log for log in logs if not log.dead()],
            waiting(self.project, self.destination),
            Ledger(self.project.ledger(self.destination.key)).outage,
            size_of(self.project.home),
        )
