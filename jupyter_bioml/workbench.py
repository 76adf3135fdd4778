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

from .config import Destination, Project, destination, find_project
from .journal.recovery import recover
from .store.opening import StoreOpener

if TYPE_CHECKING:
    from .answers import Status
    from .audit.project import ProjectAudit
    from .batch.project import ProjectBatches
    from .doctor.check import Diagnosis
    from .environments.project import ProjectEnvironments
    from .journal.elsewhere import Elsewhere
    from .keeping.project import ProjectKeeping
    from .promote.desk import Promotions
    from .promote.models import ProjectModels
    from .publish.publisher import PublishReport, Sent
    from .reproduce.reproduce import Asked
    from .reproduce.verdict import Reproduction
    from .runs.project import ProjectRuns


#: Seconds that a command which only shows something waits for the answers of a server; then it shows what is here.
SOON = 2.0


class Workbench:
    """A project at one destination, and everything that can be done with its runs.

    :param awaited: seconds that all answers of a server together are awaited; None: each has MLflow's limits.
    """

    def __init__(self, project: Project, target: Destination, awaited: float | None = None) -> None:
        self.project = project
        self.destination = target
        self.open_store = StoreOpener(target, awaited)

    @classmethod
    def at(cls, start: Path | None = None, awaited: float | None = None) -> Workbench:
        """The workbench of the project that ``start`` (default: the current directory) belongs to.

        Nothing is made in a folder that is not a project yet. What earlier processes left unfinished is settled first.
        """
        project = find_project(Path.cwd() if start is None else start, create=False)
        target = destination(project)
        if project.home.is_dir():
            recover(project)  # what is found is sent by a kernel's helper, a server, or ``publish``
        return cls(project, target, awaited)

    # -- desks -----------------------------------------------------------------------------------

    @cached_property
    def runs(self) -> ProjectRuns:
        """Runs: listed, and found by their ids."""
        from .runs.project import ProjectRuns

        return ProjectRuns(self.project, self.destination, self.open_store)

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

    def publish(self, *, wait: bool = False, timeout: float | None = None, adopt: bool = False) -> PublishReport:
        """Send what waits. ``wait``: for another publisher too, up to ``timeout`` seconds. ``adopt``: also what was
        recorded for other destinations."""
        from .publish.publisher import publish

        return publish(self.project, self.destination, wait=wait or adopt, timeout=timeout, adopt=adopt)

    def publish_elsewhere(self, *, timeout: float | None = None) -> tuple[Sent, ...]:
        """Send what waits for other destinations to each of them, up to ``timeout`` seconds each."""
        from .publish.publisher import publish_elsewhere

        return publish_elsewhere(self.project, self.destination, timeout=timeout)

    def elsewhere(self) -> tuple[Elsewhere, ...]:
        """The runs of the journal that are not sent from here by themselves."""
        from .publish.scan import other_places

        return other_places(self.project, self.destination.key)

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
        from .answers import status_of
        from .journal.belonging import ledger_of
        from .journal.damage import other_damage
        from .journal.runs import read_journal
        from .keeping.usage import size_of
        from .publish.scan import JournalScan

        logs, problems = read_journal(self.project)
        ledger, home = ledger_of(self.project, self.destination.key), self.project.home
        scan = JournalScan(self.project, self.destination.key, ledger)
        scan.refresh()
        return status_of(
            self.project,
            self.destination,
            [log for log in logs if not log.dead()],
            scan.waiting(),
            ledger.outage,
            scan.elsewhere(),
            [*problems, *other_damage(home, ledger)],
            size_of(home),
        )
