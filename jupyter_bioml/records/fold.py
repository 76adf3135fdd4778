"""Journal entries of one session, folded into records.

A kernel's segment holds ``session``, ``started``, ``log``, ``params``, ``artifact``, ``predictions``,
``output``, ``user_run``, ``model``, ``tags``, ``report``, ``gap``, ``finished``, ``renamed``, ``probes`` and ``closed``
entries; the helper process's segment ``helper``, ``reading``, ``environment``, ``patch`` and ``died``. Their fields
are listed in ARCHITECTURE.md ("Journal entries"). Entries of unknown kinds are ignored: a newer version may write them.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from ..canonical import restore
from ..errors import SchemaTooNew
from .draft import Brief as Brief
from .draft import Draft, Entry
from .merge import is_special, merged_git, merged_metrics, merged_params
from .run import (
    KILLED,
    RUNNING,
    SCHEMA,
    Artifact,
    CaptureGap,
    Code,
    DataUse,
    Environment,
    Failure,
    Metric,
    Model,
    Module,
    Output,
    Predictions,
    PriorCell,
    Reading,
    Report,
    Resources,
    RunRecord,
    Session,
    UserRun,
)
from .wire import from_dict


class SessionFold:
    """Feed it entries in order; ask it for records at any time."""

    def __init__(self) -> None:
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
        self._readings: list[Reading] = []
        self._environments: list[tuple[float, Environment]] = []

    # -- feeding ---------------------------------------------------------------------------------

    def feed(self, entry: Entry) -> None:
        """Take one entry of either segment."""
        kind = entry.get("t")
        self.last_seen = max(self.last_seen, float(entry.get("at") or 0.0))
        handler = getattr(self, f"_on_{kind}", None)
        if handler is None:
            return
        run = entry.get("run")
        if run is not None and run in self._drafts:
            self._drafts[run].entries += 1
        handler(entry)

    def _on_session(self, entry: Entry) -> None:
        if int(entry.get("schema", 0)) > SCHEMA:
            raise SchemaTooNew(
                f"The journal of session {entry.get('session')} was written by a newer version; it was left unchanged.",
                next="Update with: pip install -U jupyter-bioml",
            )
        self.session = from_dict(Session, entry)

    def _on_started(self, entry: Entry) -> None:
        self._drafts.setdefault(entry["run"], Draft(entry))

    def _on_log(self, entry: Entry) -> None:
        draft = self._drafts.get(entry.get("run") or "")
        metrics = draft.metrics if draft else self.session_metrics
        values = draft.values if draft else self.session_params
        for key, value in entry["m"].items():
            value = restore(value)
            if isinstance(value, bool) or not isinstance(value, (int, float)) or is_special(value):
                values[key] = value
            else:
                metrics.append(Metric(key, float(value), int(entry.get("step") or 0), entry["at"]))

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
            late = draft.finished is not None
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
            code=self._code(start, end),
            name=start.get("name"),
            note=start.get("note"),
            parent=start.get("parent"),
            part_of=start.get("part_of"),
            reproduces=start.get("reproduces"),
            user=self.session.user,
            tags=draft.all_tags(),
            late=draft.late_tags(),
            params=merged_params(restore(end.get("params") or {}), draft.params),
            metrics=merged_metrics(draft.metrics, end),
            compared=None if start.get("compared") is None else tuple(start["compared"]),
            values={**restore(end.get("values") or {}), **draft.values},
            data=self._data(record_id, end, alone),
            model=draft.model,
            predictions=tuple(draft.predictions),
            artifacts=tuple(draft.artifacts),
            outputs=tuple(draft.outputs),
            failure=from_dict(Failure, end["failure"]) if end.get("failure") else None,
            git=merged_git(start, draft.patch),
            modules=tuple(from_dict(Module, item) for item in end.get("modules") or ()),
            environment=self._environment(start["at"]),
            resources=self._resources(start["at"], ended, end, [] if alone else self._readings),
            states=dict(start.get("states") or {}),
            user_runs=tuple(draft.user_runs),
            before=self._before(record_id) if not alone else (),
            reports=tuple(draft.reports.values()),
            gaps=self._run_gaps(draft, end, dead),
        )

    def _ending(self, draft: Draft, dead: bool) -> tuple[str, str | None, float | None]:
        if draft.finished is not None:
            return draft.finished["status"], draft.finished.get("cause"), draft.finished["at"]
        if dead:
            cause = self.died_cause or "the kernel ended in mid-cell"
            return KILLED, cause, self.died_at or max(self.last_seen, draft.started["at"])
        return RUNNING, None, None

    def _code(self, start: Entry, end: Entry) -> Code:
        code = from_dict(Code, start["code"])
        if end.get("execution_count") is not None:
            code = dataclasses.replace(code, execution_count=end["execution_count"])
        return code

    def _before(self, record_id: str) -> tuple[PriorCell, ...]:
        start = self._drafts[record_id].started
        if start.get("parent") or start.get("alone"):
            return ()
        cells = []
        for identity, draft in self._drafts.items():
            if identity == record_id:
                break
            if draft.started.get("parent"):
                continue
            code = self._code(draft.started, draft.finished or {})
            cells.append(
                PriorCell(
                    identity,
                    int(draft.started["seq"]),
                    code.source,
                    code.cell_id,
                    code.execution_count,
                    (draft.finished or {}).get("status", RUNNING),
                    code.tags,
                )
            )
        return tuple(cells)

    def _data(self, record_id: str, end: Entry, alone: bool) -> tuple[DataUse, ...]:
        own = [from_dict(DataUse, item) for item in end.get("data") or ()]
        if alone or self._drafts[record_id].started.get("alone"):
            return tuple(own)
        seen = {(use.kind, use.path or use.name) for use in own}
        inherited: dict[tuple[str, str], DataUse] = {}
        for identity, draft in self._drafts.items():
            if identity == record_id:
                break
            for item in (draft.finished or {}).get("data") or ():
                use = from_dict(DataUse, item)
                key = (use.kind, use.path or use.name)
                if key not in seen and use.role != "written":
                    inherited[key] = dataclasses.replace(use, role="read", inherited=True)
        return (*own, *inherited.values())

    def _environment(self, started: float) -> Environment | None:
        """The last environment seen before the start, else the first one seen after it."""
        before = [item for at, item in self._environments if at <= started]
        if before:
            return before[-1]
        return self._environments[0][1] if self._environments else None

    def _resources(self, started: float, ended: float | None, end: Entry, looks: list[Reading]) -> Resources:
        until = ended if ended is not None else float("inf")
        readings = tuple(r for r in looks if started <= r.at <= until)
        peak, source = end.get("peak_rss"), "ru_maxrss" if end.get("peak_rss") else None
        sampled = [r.rss for r in readings if r.rss is not None]
        if peak is None and sampled:
            peak, source = max(sampled), "sampled"
        return Resources(end.get("cpu"), peak, source, readings)

    def _run_gaps(self, draft: Draft, end: Entry, dead: bool) -> tuple[CaptureGap, ...]:
        gaps = [*draft.gaps, *(from_dict(CaptureGap, item) for item in end.get("gaps") or ())]
        if dead and "model" in end.get("pending", ()) and not draft.model_settled:
            gaps.append(CaptureGap("model", "the kernel ended before the model was serialised"))
        if dead and not end:
            gaps.append(CaptureGap("end", "the kernel ended in mid-cell: no parameters, metrics or data of its end"))
        return tuple(gaps)
