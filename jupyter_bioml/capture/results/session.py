"""The scores of a session: observed while its cells run, named and given to their runs when these end."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from dataclasses import replace
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ...canonical import jsonable
from ...journal.log import Segment
from ...records.facts import CaptureGap
from ...redact import redact
from ..active import ModelRuns
from ..imports import ImportWatch
from ..models import contains
from ..outputs import Heard
from .cell import CellEnd, CellResults

if TYPE_CHECKING:
    from ..inner_code import InnerCode
    from ..scoring.calls import ScoreCall
    from ..scoring.followed import FollowedModel
    from ..scoring.observer import ScoreObserver
    from ..scoring.scored import Owner
    from .found import FoundScore
    from .lineage import Lineage

#: Packages whose functions are observed.
LIBRARIES = (
    "accelerate", "catboost", "imblearn", "keras", "lifelines", "lightgbm", "pingouin", "scipy", "skimage", "sklearn",
    "sksurv", "statsmodels", "torch", "torchmetrics", "xgboost",
)  # fmt: skip
#: Scores of one run from one cell that are kept.
MOST = 1_000


class SessionScores:
    """Which scores belong to which run of a session.

    :param models: which run made a model.
    :param heard: what the running cell prints.
    :param owner: the record id of the run that the calling code belongs to.
    """

    def __init__(self, segment: Segment, models: ModelRuns, heard: Heard, owner: Owner) -> None:
        self._segment = segment
        self._owner = owner
        self._observer: ScoreObserver | None = None
        """Made when the first library with scores is imported: what it needs would make loading slower."""
        self._imports: ImportWatch | None = None
        self._in_blocks: list[str] = []
        """Names that blocks of child runs bound in the cell that runs."""
        self._running: tuple[dict[str, Any], str, InnerCode | None] | None = None
        """(names, record id, code of its magics) of the cell that runs."""
        self._models = models
        self._heard = heard
        self._lineage: Lineage | None = None
        self._told: dict[str, list[FoundScore]] = {}
        """Record id → the scores that it has."""
        self._runs: set[str] = set()
        """Record ids of the cells that are runs."""

    def install(self) -> None:
        """Observe the libraries that are imported, from now on."""
        if self._observer is not None:
            self._observer.install()
        self._imports = ImportWatch(dict.fromkeys(LIBRARIES, self._library_imported))
        self._imports.install()

    def uninstall(self) -> None:
        """Observe nothing any more."""
        if self._imports is not None:
            self._imports.uninstall()
        if self._observer is not None:
            self._observer.uninstall()

    def _library_imported(self, library: ModuleType) -> None:
        if self._observer is None and not _half_imported(library):
            from ..scoring.observer import ScoreObserver
            from .texts import models, wanted

            self._observer = ScoreObserver(wanted, models, self._owner)
            self._observer.install()
            if self._running is not None:
                self._observer.start(*self._running)

    def start(self, namespace: dict[str, Any], record_id: str, *, is_run: bool, inner: InnerCode | None = None) -> None:
        """A cell's code is about to run; ``inner``: that of its magics."""
        if is_run:
            self._runs.add(record_id)
        self._heard.start()
        self._in_blocks = []
        self._running = (namespace, record_id, inner)
        if inner is not None:
            inner.show()
        for name in LIBRARIES if self._observer is None else ():
            if name in sys.modules:
                self._library_imported(sys.modules[name])
        if self._observer is not None:
            self._observer.start(namespace, record_id, inner)

    def block_ended(self, end: CellEnd, record_id: str) -> CellResults:
        """The block of a child run ended: what its calls returned and its names hold is the child's."""
        self._in_blocks += end.code.bound
        from .collect import collect, with_models

        calls = [] if self._observer is None else self._observer.take(record_id)
        flow = self._lineage_now().through(end)
        found, values = collect(end, with_models(calls, flow, self._follow), "", flow, (), self._run_of)
        results = self._kept(found, values, record_id, None)
        self._segment.append_all(results.entries)
        return results

    def run_ended(self, end: CellEnd, record_id: str) -> CellResults:
        """A marked cell ended: everything that it showed is its run's. Its entries go with the one of its end."""
        from .collect import collect, with_models

        if self._in_blocks:
            end = replace(end, settings=(*end.settings, *self._in_blocks))
        calls, text = self._take()
        lineage = self._lineage_now()
        flow = lineage.through(end)
        calls = with_models(calls, flow, self._follow)
        found, values = collect(end, calls, text, flow, self._told.get(record_id, ()), self._run_of)
        lineage.learn(flow)
        return self._kept(found, values, record_id, None)

    def cell_ended(self, end: CellEnd, record_id: str) -> None:
        """An ordinary cell ended: the scores that it showed belong to the runs that made their models."""
        calls, text = self._take()
        if not self._models:
            return
        from .collect import collect_later, with_models

        lineage = self._lineage_now()
        flow = lineage.through(end)
        calls = with_models(calls, flow, self._follow)
        by_run, unsure = collect_later(end, calls, text, flow, self._told, self._run_of)
        for run, found in by_run.items():
            self._segment.append_all(self._kept(found, {}, run, record_id).entries)
        for reason in dict.fromkeys(unsure):
            self._gap(reason)
        lineage.learn(flow)

    def _follow(self, model: Any) -> FollowedModel | None:
        return None if self._observer is None else self._observer.followed.follow(model)

    def _run_of(self, model: Any) -> str | None:
        """The record id of the run that made a model, or the model that it is a part of; None: no run did.

        :param model: itself, or as it was followed.
        """
        from ..scoring.followed import FollowedModel

        if isinstance(model, FollowedModel):
            if model.run and model.run not in self._runs:
                return None  # fitted again, outside of every run
            if model.model is None:
                return model.run or None
            return self._run_of(model.model) or model.run or None
        run = self._models.run_of(model)
        if run is None:
            run = next((own for whole, own in self._models.alive() if contains(whole, model)), None)
        return run

    def _take(self) -> tuple[list[ScoreCall], str]:
        self._running = None
        calls = [] if self._observer is None else self._observer.finish()
        text, _ = self._heard.take()
        return calls, redact(text)

    def _lineage_now(self) -> Lineage:
        from .lineage import Lineage

        if self._lineage is None:
            self._lineage = Lineage(self._models)
        return self._lineage

    def _kept(self, found: Iterable[FoundScore], values: dict[str, Any], run: str, cell: str | None) -> CellResults:
        """Give scores to ``run``; ``cell``: the later cell that showed them."""
        from .keys import own_keys

        kept = self._told.setdefault(run, [])
        results = CellResults(values=values)
        new = list(found)
        told = list(own_keys(new[:MOST], kept))
        results.entries += [_entry(one, run, cell) for one in told]
        kept += told
        results.scores += [one.score(cell) for one in told]
        if len(new) > MOST:
            results.gaps.append(CaptureGap("scores", f"{len(new) - MOST:,} more than the {MOST:,} that are kept"))
        results.gaps += [] if self._observer is None else self._observer.gaps()
        return results

    def _gap(self, reason: str) -> None:
        """A gap of the run that made the last model."""
        run = self._models.alive()[-1][1]
        entry = {"t": "gap", "run": run, "at": time.time(), "part": "scores", "reason": redact(reason)[:500]}
        self._segment.append(entry)


def _entry(one: FoundScore, run: str, cell: str | None) -> dict[str, Any]:
    """The journal's entry of a score."""
    steps, values = [step for step, _ in one.points], [value for _, value in one.points]
    entry: dict[str, Any] = {
        "t": "score",
        "run": run,
        "at": one.at or time.time(),
        "key": one.key,
        "origin": one.origin,
    }
    others = ("source", one.source), ("digits", one.digits), ("cell", cell), ("model", one.model)
    entry.update((name, value) for name, value in others if value is not None)
    if one.of is not None and one.of != run:
        entry["of"] = one.of
    if len(values) == 1:
        entry.update(value=jsonable(values[0]), step=steps[0])
    else:
        entry.update(values=jsonable(values), steps=steps)
    return entry


def _half_imported(imported: ModuleType) -> bool:
    """Is one of the libraries being imported (and imports another one)? Then it cannot be looked at yet.

    :param imported: the one whose import has just ended, and which Python still takes for one that begins.
    """
    loaded = [module for name, module in list(sys.modules.items()) if name.partition(".")[0] in LIBRARIES]
    return any(
        module is not imported and getattr(getattr(module, "__spec__", None), "_initializing", False)
        for module in loaded
    )
