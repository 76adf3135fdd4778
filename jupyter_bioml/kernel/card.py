"""Showing a run's card under its cell."""

from __future__ import annotations

import contextlib
import hashlib
import json
import sys
from typing import Any

from ..capture.finish import Ended
from ..capture.recorder import Recorder
from ..config import Project
from ..records.card_html import card_bundle
from ..records.run import CaptureGap, Code, DataUse, Failure, Metric, PriorCell, Resources, RunRecord
from ..text.present import default_name

#: The card only counts the earlier cells.
_EARLIER = PriorCell("", 0, "")


def latest_file(project: Project, notebook: str | None, name: str) -> Any:
    """The file that holds the last published metrics of the runs of this name."""
    key = hashlib.sha256(f"{notebook or ''}\0{name}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return project.latest / f"{key}.json"


def show_card(shell: Any, recorder: Recorder, ended: Ended) -> None:
    """Display the card of an ended run: one display, as of the cell's end."""
    record = _record(recorder, ended)
    bundle = card_bundle(record, previous=_previous(recorder, ended))
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
    metrics = {**finished.get("metrics", {}), **run.logged}
    failure = finished.get("failure")
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
        code=Code(source="", notebook=recorder.notebook),
        name=run.name or default_name(recorder.notebook, finished.get("execution_count")),
        part_of=run.part_of,
        params={**finished.get("params", {}), **run.logged_params},
        metrics=tuple(Metric(key, float(value)) for key, value in metrics.items()),
        compared=run.options.metrics,
        data=tuple(DataUse(**use) for use in finished.get("data", ())) + tuple(ended.inherited),
        failure=Failure(**failure) if failure else None,
        resources=Resources(
            finished.get("cpu"),
            finished.get("peak_rss"),
            "ru_maxrss" if finished.get("peak_rss") else None,
        ),
        before=(_EARLIER,) * (run.seq - 1),
        gaps=tuple(CaptureGap(**gap) for gap in finished.get("gaps", ())),
    )


def _previous(recorder: Recorder, ended: Ended) -> dict[str, float]:
    """Metrics of the previous run of the same name: of this session, else the last published."""
    name = ended.run.name
    if name is None:
        return {}
    for run in reversed(recorder.ended[:-1]):
        if run.name == name and run.metrics:
            return run.metrics
    with contextlib.suppress(OSError, ValueError, KeyError):
        document = json.loads(latest_file(recorder.project, recorder.notebook, name).read_text(encoding="utf-8"))
        return {str(key): float(value) for key, value in document["metrics"].items()}
    return {}
