"""Journal entries of one session, folded into records.

A kernel's segment holds ``session``, ``started``, ``log``, ``params``, ``artifact``, ``predictions``, ``output``,
``user_run``, ``score``, ``model``, ``tags``, ``report``, ``gap``, ``finished``, ``untracked``, ``renamed``, ``probes``
and ``closed`` entries; the helper process's segment ``helper``, ``reading``, ``environment``, ``patch`` and ``died``.
Their fields are listed in ARCHITECTURE.md ("Journal entries"). Entries of unknown kinds are passed over and counted: a
newer version may write them. What is damaged of an entry is left out and named (:mod:`.intake`), so that nothing that
is folded here can fail later. Entries that stand before the start of their run wait for it.
"""

from __future__ import annotations

import dataclasses
import operator
from typing import Any

from ..canonical import restore
from .draft import Brief as Brief
from .draft import Draft, Entry
from .inheriting import cells_before, data_with_inherited, inherited_gaps
from .intake import END_LOST, FIRST_LINE, UNREADABLE, Intake, assumed_session
from .merge import is_special, merged_code, merged_git, merged_metrics, merged_params, merged_resources, merged_scores
from .run import (
    KILLED,
    RUNNING,
    Artifact,
    CaptureGap,
    Environment,
    Failure,
    Metric,
    Model,
    Module,
    Output,
    Predictions,
    Reading,
    Report,
    RunRecord,
    Score,
    Session,
    UserRun,
)
from .shape import LAST_TIME, is_number
from .untracked import UntrackedCells
from .wire import from_dict


class SessionFold:
    """Feed it entries in order; ask it for records at any time."""

    def __init__(self) -> None:
        self.intake = Intake()
        """What of its lines is damaged."""
        self.session: Session | None = None
        self.closed = False
        self.died_cause: str | None = None
        self.died_at: float | None = None
        self.last_seen = 0.0
        self.gaps: list[CaptureGap] = []
        self.session_metrics: list[Metric] = []
        self.session_params: dict[str, Any] = {}
        self.probes: Entry | None = None
        """The last ``probes`` entry, which holds those before it."""
        self._drafts: dict[str, Draft] = {}
        self._untracked = UntrackedCells()
        self._readings: list[Reading] = []
        self._environments: list[tuple[float, Environment]] = []

    # -- feeding ---------------------------------------------------------------------------------

    def feed(self, entry: Entry) -> None:
        """Take one entry of either segment."""
        found = self.intake.checked(entry)
        if found is not None:
            self._take(*found)
        if isinstance(run := entry.get("run"), str) and run in self._drafts:
            self._drafts[run].gaps += self.intake.faults(run)

    def _take(self, kind: str, entry: Entry) -> None:
        at, run = entry.get("at"), entry.get("run")
        if isinstance(at, (int, float)) and 0 <= at <= LAST_TIME:
            self.last_seen = max(self.last_seen, float(at))
        if isinstance(run, str) and run in self._drafts:
            self._drafts[run].entries += 1
        elif self.intake.waits(kind, entry):
            return
        try:
            getattr(self, f"_on_{kind}", _pass_over)(entry)
        except UNREADABLE as error:
            self.intake.failed(entry, error)

    def assume(self, name: str) -> None:
        """The first line is lost: the session is only known by the name of its segment."""
        self.session, self.intake.assumed = assumed_session(name), FIRST_LINE

    def _on_session(self, entry: Entry) -> None:
        self.session = from_dict(Session, entry)

    def _on_started(self, entry: Entry) -> None:
        if entry["run"] in self._drafts:
            return
        self._drafts[entry["run"]] = Draft(entry)
        for early in self.intake.early(entry["run"]):
            self._take(early["t"], early)

    def _on_log(self, entry: Entry) -> None:
        draft = self._drafts.get(entry.get("run") or "")
        metrics = draft.metrics if draft else self.session_metrics
        values = draft.values if draft else self.session_params
        for key, value in entry["m"].items():
            value = restore(value)
            if isinstance(value, bool) or not is_number(value) or is_special(value):
                values[key] = value
            else:
                metrics.append(Metric(key, float(value), int(entry.get("step") or 0), entry["at"]))

    def _on_score(self, entry: Entry) -> None:
        """One score, or a series of one: ``values`` and ``steps`` in place of ``value`` and ``step``."""
        draft = self._drafts.get(entry["run"])
        if draft is None:
            return
        values = [restore(value) for value in entry.get("values") or (entry["value"],)]
        steps = entry.get("steps") or [int(entry.get("step") or 0)] * len(values)
        numbers = [
            Metric(entry["key"], float(value), int(step), entry["at"])
            for value, step in zip(values, steps, strict=False)
            if not is_special(value)
        ]
        if not numbers:
            draft.values[entry["key"]] = values[-1]
            return
        draft.scored += numbers
        last, known = numbers[-1], draft.scores.get(entry["key"])
        count = len(numbers) + (known.count if known is not None else 0)
        score = from_dict(Score, {**entry, "value": last.value, "step": last.step})
        newest = known if known is not None and known.at > score.at else score
        draft.scores[entry["key"]] = dataclasses.replace(newest, count=count)

    def _on_params(self, entry: Entry) -> None:
        draft = self._drafts.get(entry.get("run") or "")
        (draft.params if draft else self.session_params).update(restore(entry["p"]))

    def _on_artifact(self, entry: Entry) -> None:
        if draft := self._drafts.get(entry.get("run") or ""):
            draft.artifacts.append(from_dict(Artifact, entry))

    def _on_predictions(self, entry: Entry) -> None:
        if draft := self._drafts.get(entry.get("run") or ""):
            draft.predictions.append(from_dict(Predictions, entry))

    def _on_output(self, entry: Entry) -> None:
        if draft := self._drafts.get(entry.get("run") or ""):
            late = draft.finished is not None and entry["at"] >= draft.finished["at"]
            for item in entry["o"]:
                output = from_dict(Output, item)
                draft.outputs.append(dataclasses.replace(output, after_end=late))

    def _on_user_run(self, entry: Entry) -> None:
        if draft := self._drafts.get(entry.get("run") or ""):
            draft.user_runs.append(UserRun(entry["run_id"], entry["uri"], bool(entry["first"])))

    def _on_model(self, entry: Entry) -> None:
        if draft := self._drafts.get(entry.get("run") or ""):
            draft.model_settled = True
            if entry.get("model"):
                draft.model = from_dict(Model, entry["model"])

    def _on_tags(self, entry: Entry) -> None:
        if draft := self._drafts.get(entry.get("run") or ""):
            draft.tags.update({str(key): str(value) for key, value in entry["tags"].items()})

    def _on_report(self, entry: Entry) -> None:
        if draft := self._drafts.get(entry.get("run") or ""):
            draft.reports[entry["kind"]] = from_dict(Report, entry)

    def _on_gap(self, entry: Entry) -> None:
        draft = self._drafts.get(entry.get("run") or "")
        (draft.gaps if draft else self.gaps).append(CaptureGap(entry["part"], entry["reason"]))

    def _on_finished(self, entry: Entry) -> None:
        if draft := self._drafts.get(entry["run"]):
            draft.finished = entry

    def _on_untracked(self, entry: Entry) -> None:
        self._untracked.feed(entry)

    def _on_renamed(self, entry: Entry) -> None:
        if self.session is not None:
            self.session = dataclasses.replace(
                self.session, notebook=entry["notebook"], path_source=entry["path_source"]
            )

    def _on_states(self, entry: Entry) -> None:
        """States of a generator right after its library's first import: the first one counts."""
        if self.session is not None:
            states = {**entry["states"], **self.session.states}
            self.session = dataclasses.replace(self.session, states=states)

    def _on_probes(self, entry: Entry) -> None:
        self.probes = entry

    def _on_closed(self, entry: Entry) -> None:
        self.closed = True

    def _on_reading(self, entry: Entry) -> None:
        self._readings.append(from_dict(Reading, entry))

    def _on_environment(self, entry: Entry) -> None:
        self._environments.append((entry["at"], from_dict(Environment, entry)))

    def _on_patch(self, entry: Entry) -> None:
        if draft := self._drafts.get(entry["run"]):
            draft.patch = entry

    def _on_died(self, entry: Entry) -> None:
        self.died_cause = entry.get("cause")
        self.died_at = entry.get("at")

    # -- asking ----------------------------------------------------------------------------------

    @property
    def order(self) -> list[str]:
        """Record ids in the order in which they started."""
        return list(self._drafts)

    def mark(self, record_id: str) -> str:
        """Why a cell is a run; ``cell``: it is none."""
        return str(self._drafts[record_id].started["mark"])

    def entries(self, record_id: str) -> int:
        """How many entries named this run so far (grows with late logs and models)."""
        return self._drafts[record_id].entries

    def readings(self, since: float) -> tuple[Reading, ...]:
        """Looks at the kernel since a moment, oldest first."""
        found = []
        for reading in reversed(self._readings):
            if reading.at < since:
                break
            found.append(reading)
        return tuple(reversed(found))

    def brief(self, record_id: str, *, dead: bool) -> Brief:
        """The run's state in short (cheap: nothing is folded)."""
        draft = self._drafts[record_id]
        start, environment = draft.started, self._environment(draft.started["at"])
        return Brief(
            record_id=record_id,
            mark=start["mark"],
            name=start.get("name"),
            seq=int(start["seq"]),
            started=start["at"],
            ended=None if draft.finished is None else draft.finished["at"],
            complete=self.complete(record_id, dead=dead),
            parent=start.get("parent"),
            part_of=start.get("part_of"),
            entries=draft.entries,
            environment=environment.digest if environment else None,
            patched=not start.get("git") or draft.patch is not None,
        )

    def complete(self, record_id: str, *, dead: bool) -> bool:
        """True when nothing more is expected: ended, and its model settled or the kernel dead."""
        draft = self._drafts[record_id]
        if dead:
            return True
        if draft.finished is None:
            return False
        return draft.model_settled or "model" not in draft.finished.get("pending", ())

    def record(self, record_id: str, *, dead: bool = False, alone: bool = False) -> RunRecord:
        """The record as known now; ``dead``: the kernel is gone, so an open run ends as KILLED; ``alone``: without
        readings, the earlier cells and the data they read, which make a list of n runs cost n²."""
        if self.session is None:
            raise KeyError(record_id)
        draft = self._drafts[record_id]
        start, end = draft.started, draft.finished or {}
        status, cause, ended = self._ending(draft, dead)
        before = () if alone else cells_before(record_id, self._drafts, self._untracked)
        logged = sorted(draft.metrics, key=_at)  # also where lines changed their places: the last value counts
        return RunRecord(
            record_id=record_id,
            session=self.session.session,
            seq=int(start["seq"]),
            mark=start["mark"],
            status=status,
            cause=cause,
            started=start["at"],
            ended=ended,
            duration=end.get("duration", None if ended is None else max(0.0, ended - start["at"])),
            code=merged_code(start, end),
            name=start.get("name"),
            note=start.get("note"),
            parent=start.get("parent"),
            part_of=start.get("part_of"),
            reproduces=start.get("reproduces"),
            user=self.session.user or None,
            tags=draft.all_tags(),
            late=draft.late_tags(),
            params=merged_params(restore(end.get("params") or {}), draft.params),
            defaults=tuple(key for key in end.get("defaults") or () if key not in draft.params),
            metrics=merged_metrics(logged, draft.scored, end),
            scores=merged_scores(logged, draft.scores),
            compared=None if start.get("compared") is None else tuple(start["compared"]),
            values={**restore(end.get("values") or {}), **draft.values},
            data=data_with_inherited(record_id, self._drafts, alone=alone),
            model=draft.model,
            predictions=tuple(draft.predictions),
            artifacts=tuple(draft.artifacts),
            outputs=tuple(draft.outputs),
            failure=from_dict(Failure, end["failure"]) if end.get("failure") else None,
            git=merged_git(start, draft.patch),
            modules=tuple(from_dict(Module, item) for item in end.get("modules") or ()),
            environment=self._environment(start["at"]),
            resources=merged_resources(start["at"], ended, end, [] if alone or cause == END_LOST else self._readings),
            states=dict(start.get("states") or {}),
            user_runs=tuple(draft.user_runs),
            before=before,
            reports=tuple(draft.reports.values()),
            gaps=(
                *self._run_gaps(draft, end, dead),
                *(() if alone else inherited_gaps(record_id, self._drafts)),
                *(() if alone else self._untracked.gaps(before, start)),
            ),
        )

    def _ending(self, draft: Draft, dead: bool) -> tuple[str, str | None, float | None]:
        if draft.finished is not None:
            return draft.finished["status"], draft.finished.get("cause"), draft.finished["at"]
        if dead and self.intake.damage(dead=True):
            return KILLED, END_LOST, None
        if dead:
            cause = self.died_cause or "the kernel ended in mid-cell"
            return KILLED, cause, self.died_at or max(self.last_seen, draft.started["at"])
        return RUNNING, None, None

    def _environment(self, started: float) -> Environment | None:
        """The last environment seen before the start, else the first one seen after it."""
        before = [item for at, item in self._environments if at <= started]
        if before:
            return before[-1]
        return self._environments[0][1] if self._environments else None

    def _run_gaps(self, draft: Draft, end: Entry, dead: bool) -> tuple[CaptureGap, ...]:
        gaps = [*draft.gaps, *(from_dict(CaptureGap, item) for item in end.get("gaps") or ())]
        if dead and "model" in end.get("pending", ()) and not draft.model_settled:
            gaps.append(CaptureGap("model", "the kernel ended before the model was serialised"))
        if dead and not end:
            how = END_LOST if self.intake.damage(dead=True) else "the kernel ended in mid-cell"
            gaps.append(CaptureGap("end", f"{how}: no parameters, metrics or data of its end"))
        if self.intake.assumed is not None:
            gaps.append(CaptureGap("session", f"{self.intake.assumed}: what it said of the kernel is not known"))
        return tuple(gaps)


_at = operator.attrgetter("at")


def _pass_over(entry: Entry) -> None:
    """An entry that says nothing about runs."""
