"""The session in which a run was recorded."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ...config import Project
from ...errors import BiomlError
from ...journal.blobs import Blobs
from ...journal.liveness import kernel_segment
from ...journal.sessions import SessionLog
from ...notebooks.plan import Plan, plan_of
from ...records.run import FAILED, FINISHED, DataUse, RunRecord, Session
from ...records.untracked import VERDICT, reads_seen, unknown_reads
from .workfolder import Input, inputs_of


@dataclass(frozen=True)
class Recorded:
    """A run, its session where the journal still has it, and the plan made of both."""

    project: Project
    record: RunRecord
    run_id: str | None = None

    @cached_property
    def log(self) -> SessionLog | None:
        """The recorded session, where its journal is still here."""
        path = kernel_segment(self.project.journal, self.record.session)
        if not path.is_file():
            return None
        log = SessionLog(path)
        log.refresh()
        return log if log.fold.session is not None and self.record.record_id in log.fold.order else None

    @property
    def session(self) -> Session | None:
        """The session that the run belongs to; None: its journal is not here."""
        return self.log.fold.session if self.log is not None else None

    @cached_property
    def plan(self) -> Plan:
        """:raises UsageError: for a run that is a part of another one."""
        return plan_of(self.record, self._states(), self.later, from_start=self.session is not None)

    def _states(self) -> dict[str, dict[str, str]]:
        if self.log is None:
            return {}
        fold = self.log.fold
        return {identity: fold.record(identity, dead=True, alone=True).states for identity in fold.order}

    @property
    def start_states(self) -> dict[str, str]:
        """Generator states at the session's start: library → blob."""
        return dict(self.session.states) if self.session is not None else {}

    @property
    def cwd(self) -> Path:
        """The session's working directory."""
        if self.session is not None:
            return Path(self.session.cwd)
        return (self.project.root / (self.record.code.notebook or "notebook.ipynb")).parent

    def priors(self) -> Iterator[RunRecord]:
        """The earlier cells of the session, where the journal is here."""
        if self.log is None:
            return
        for identity in self.log.fold.order:
            if identity == self.record.record_id:
                return
            yield self.log.fold.record(identity, dead=True, alone=True)

    @cached_property
    def later(self) -> tuple[RunRecord, ...]:
        """The cells of the session after the run's, up to the last one that showed a score of it, where the journal
        is here. Those between are run too: the last one may need them."""
        wanted = {score.cell for score in self.record.scores if score.cell is not None}
        if self.log is None or not wanted:
            return ()
        order = list(self.log.fold.order)
        after = order[order.index(self.record.record_id) + 1 :]
        count = max((place for place, identity in enumerate(after, 1) if identity in wanted), default=0)
        cells = (self.log.fold.record(identity, dead=True, alone=True) for identity in after[:count])
        return tuple(cell for cell in cells if cell.status in (FINISHED, FAILED) and not (cell.parent or cell.part_of))

    @cached_property
    def uses(self) -> list[DataUse]:
        """The session's inputs and outputs, with digests if the record has them."""
        others = (*self.priors(), *self.later)
        return [*self.record.data, *(use for cell in others for use in cell.data)]

    def inputs(self) -> list[Input]:
        """The inputs needed before the first cell runs."""
        if self.log is None:
            return inputs_of(self.record.data, complete=False)
        before = [use for prior in self.priors() for use in prior.data if not use.inherited]
        own = [use for use in self.record.data if not use.inherited]
        after = [use for cell in self.later for use in cell.data if not use.inherited]
        return inputs_of([*before, *own, *after], complete=not self.reads_unknown)

    @cached_property
    def reads_unknown(self) -> bool:
        """Whether something that the run uses ran while tracking was off, so that any file may have been read there."""
        record = self.record
        said = unknown_reads(record) is not None or reads_seen(record.report(VERDICT)) is not None
        return said or any(cell.unseen for cell in record.before)

    @property
    def python(self) -> str | None:
        """The session's interpreter; None where it is not known or not here."""
        session = self.session
        return session.executable if session is not None and os.access(session.executable, os.X_OK) else None

    @cached_property
    def environment(self) -> Mapping[str, Any] | None:
        """``environment.json``; None where it is not here."""
        return environment_of(self.project, self.record)

    @property
    def variables(self) -> dict[str, str]:
        """The recorded allow-listed environment variables."""
        found = self.record.environment
        return dict(found.variables) if found is not None else {}

    def remarks(self) -> Iterator[str]:
        """Notes for the reader before it runs."""
        yield from self.plan.notes
        if self.log is None:
            yield "The session's journal is not here: the run uses the current Python and its record alone."
        elif self.python is None:
            yield "The session's Python is no longer here: the run uses the current one."
        if any("[secret:" in cell.source for cell in self.plan.cells):
            yield (
                "The recorded code has masked secrets, which a rerun cannot know: "
                "read them from environment variables, and run it again."
            )
        root = str(self.project.root)
        if any(root in cell.source for cell in self.plan.cells):
            yield f"The code names {root}: files under that name are used where they are, not in the work folder."


def environment_of(project: Project, record: RunRecord) -> Mapping[str, Any] | None:
    """The environment document of a record; None where it is not here."""
    if record.environment is None:
        return None
    try:
        document = json.loads(Blobs(project.blobs).get(record.environment.blob))
    except (BiomlError, ValueError):
        return None
    return document if isinstance(document, dict) else None
