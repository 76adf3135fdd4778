"""Showing a run's card under its cell."""

from __future__ import annotations

import contextlib
import hashlib
import json
import sys
from collections.abc import Iterator
from typing import Any

from ..capture.finish import Ended
from ..capture.recorder import Recorder
from ..config import Project
from ..journal.renames import Renames
from ..records.card_html import card_bundle
from ..records.facts import BEFORE_TRACKING
from ..records.run import CaptureGap, Code, DataUse, Failure, Metric, PriorCell, Resources, RunRecord
from ..records.untracked import gap_of
from ..text.present import default_name

#: The card only counts the earlier cells: those of the session, and those that ran while tracking was off.
_EARLIER, _BEGUN = PriorCell("earlier", 0, ""), PriorCell("earlier", 0, "", unseen=True)
_QUIET, _UNSEEN = PriorCell("", 0, ""), PriorCell("", 0, "", unseen=True)


def latest_file(project: Project, notebook: str | None, name: str) -> Any:
    """The file that holds the last published metrics of the runs of this name."""
    key = hashlib.sha256(f"{notebook or ''}\0{name}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return project.latest / f"{key}.json"


def show_card(shell: Any, recorder: Recorder, ended: Ended) -> None:
    """Display the card of an ended run: one display, as of the cell's end."""
    record = _record(recorder, ended)
    previous, joined = _previous(recorder, ended), _joined(recorder, ended)
    bundle = card_bundle(record, previous=previous, unsaved=recorder.unsaved(), joined=joined)
    if not _send_unwaited(shell.display_pub, bundle):
        shell.display_pub.publish(data=bundle, metadata={})


def _send_unwaited(publisher: Any, bundle: dict[str, object]) -> bool:
    """Leave a display, behind what the cell printed, to the kernel's IO thread; nothing is waited for.

    ``publish`` flushes the streams and waits until the IO thread has sent them, packs the message and wakes the
    thread again. Ours goes into the thread's queue without waking it: the flush with which the kernel ends every
    cell, before its reply, does that (waking it twice costs the cell 0.6 ms, as two threads share one interpreter).
    False if the shell is not an ipykernel or has display hooks (an output widget): then nothing was done.
    """
    try:
        if publisher._hooks:
            return False
        thread, session = publisher.pub_socket.io_thread, publisher.session
        waiting = thread._events
        parent, topic, streams = publisher.parent_header, publisher.topic, (sys.stdout, sys.stderr)
    except AttributeError:
        return False

    def send() -> None:
        for stream in streams:
            if getattr(stream, "pub_thread", None) is thread:
                stream._flush()  # type: ignore[union-attr]
        content = {"data": bundle, "metadata": {}, "transient": {}}
        session.send(thread, "display_data", content, parent=parent, ident=topic)

    waiting.append(send)
    return True


def _record(recorder: Recorder, ended: Ended) -> RunRecord:
    run, finished = ended.run, ended.finished
    metrics = {**ended.results.metrics, **run.logged}
    failure = finished.get("failure")
    before = _before(recorder, run.seq)
    return RunRecord(
        record_id=run.record_id,
        session=recorder.session,
        seq=run.seq,
        mark=run.mark,
        status=finished["status"],
        cause=finished.get("cause"),
        started=run.started,
        ended=finished["at"],
        duration=finished["duration"],
        code=Code(source="", cell_id=run.cell_id, notebook=recorder.notebook, place=run.place),
        name=run.name or default_name(recorder.notebook, run.place, finished.get("execution_count")),
        part_of=run.part_of,
        params={**finished.get("params", {}), **run.logged_params},
        metrics=tuple(Metric(key, float(value)) for key, value in metrics.items()),
        compared=run.options.metrics,
        scores=tuple(ended.results.scores),
        values=finished.get("values", {}),
        data=tuple(DataUse(**use) for use in finished.get("data", ())) + tuple(ended.inherited),
        failure=Failure(**failure) if failure else None,
        resources=Resources(
            finished.get("cpu"),
            finished.get("peak_rss"),
            "ru_maxrss" if finished.get("peak_rss") else None,
        ),
        before=before,
        gaps=(
            *(CaptureGap(**gap) for gap in finished.get("gaps", ())),
            *ended.inherited_gaps,
            *_unseen(recorder, before),
        ),
    )


def _before(recorder: Recorder, seq: int) -> tuple[PriorCell, ...]:
    """The cells before the run of this number, in order."""
    untracked = recorder.untracked
    if not untracked.before and not untracked.begun:
        return (_EARLIER,) * (seq - 1)
    found: list[PriorCell] = []
    for number in range(1, seq + 1):
        cells, unseen = untracked.before.get(number, (0, 0))
        found += [_QUIET] * (cells - unseen) + [_UNSEEN] * unseen
        if number < seq:
            found.append(_BEGUN if number in untracked.begun else _EARLIER)
    return tuple(found)


def _unseen(recorder: Recorder, before: tuple[PriorCell, ...]) -> list[CaptureGap]:
    """What cells that ran while tracking was off leave unknown."""
    found = gap_of(before) if recorder.untracked.before or recorder.untracked.begun else None
    reasons = [CaptureGap(BEFORE_TRACKING, reason) for reason in recorder.untracked.reasons]
    return [*([found] if found is not None else []), *reasons]


def _joined(recorder: Recorder, ended: Ended) -> str | None:
    """The name of the run that the cell became a part of."""
    if ended.run.part_of is None:
        return None
    for run in recorder.ended:
        if run.record_id == ended.run.part_of:
            return run.name or default_name(recorder.notebook, run.place, None)
    return None


def _previous(recorder: Recorder, ended: Ended) -> dict[str, float]:
    """Metrics of the previous run of the same name, or of the same cell where it has no name of its own: of this
    session, else the last published."""
    name, cell_id = ended.run.name, ended.run.cell_id
    if name is None and cell_id is None:
        return {}
    if ended.previous is not None:
        return ended.previous
    for notebook in _names_of(recorder):
        with contextlib.suppress(OSError, ValueError, KeyError):
            known = name or default_name(notebook, ended.run.place, None)
            document = json.loads(latest_file(recorder.project, notebook, known).read_text(encoding="utf-8"))
            if name is not None or document["cell_id"] == cell_id:
                return {str(key): float(value) for key, value in document["metrics"].items()}
    return {}


def _names_of(recorder: Recorder) -> Iterator[str | None]:
    """The notebook's name, then those that it had before it was renamed."""
    yield recorder.notebook
    if recorder.notebook is not None:
        renames = Renames(recorder.project.home)
        renames.refresh()
        yield from renames.before(recorder.notebook)
