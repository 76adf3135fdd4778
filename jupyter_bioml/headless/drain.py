"""Publish the runs that notebooks left in the journal, and wait until they are in MLflow."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from ..config import Destination, Project
from ..journal.liveness import kernel_segment
from ..journal.sessions import SessionLog
from ..publish.scan import WaitingRun
from ..publish.sending import publish
from ..text.present import short_id, shorten
from .results import NotebookResult

#: Seconds that the engine and ``run`` wait for the publisher; it goes on by itself after that.
WAIT = 60.0
#: Runs that are named.
SHOWN = 3
BY_HAND = "Send with: bioml publish --wait"


def drain(
    project: str,
    home: str,
    destination_key: str,
    say: Callable[[str], None],
    *,
    session: str | None = None,
    seconds: float = WAIT,
) -> str | None:
    """Publish the runs waiting for a destination, and wait for it.

    :param session: wait for its runs, and tell of them, only.
    :param say: takes what the publisher wants the user to know.
    :returns: None when everything is there, else the line for the user.
    """
    target = Destination(uri="", key=destination_key, embedded=False)
    try:
        report = publish(Project(Path(project), Path(home)), target, wait=True, timeout=seconds, session=session)
    except OSError as error:
        return f"bioml: the publisher could not be started ({error}); nothing is lost. {BY_HAND}"
    for line in report.said:
        say(f"bioml: {line}")
    waiting = report.waiting
    if not waiting:
        return None
    named = "; ".join(f"{_name(item)}: {shorten(item.reason.rstrip('.'), 160)}" for item in waiting[:SHOWN])
    more = f"; and {len(waiting) - SHOWN} more" if len(waiting) > SHOWN else ""
    return f"bioml: {len(waiting)} not in MLflow yet, nothing is lost: {named}{more}. {BY_HAND}"


def _name(item: WaitingRun) -> str:
    return item.name or short_id(item.record_id)


def with_records(result: NotebookResult) -> NotebookResult:
    """``result`` with the record ids of the runs its session made, read from the journal."""
    if result.session is None or result.home is None:
        return result
    log = SessionLog(kernel_segment(Path(result.home) / "journal", result.session))
    log.refresh()
    runs = [identity for identity in log.fold.order if log.fold.brief(identity, dead=True).mark != "cell"]
    return replace(result, records=tuple(runs))


def drain_all(results: Iterable[NotebookResult], say: Callable[[str], None]) -> Iterator[str]:
    """Publish what the notebooks left, destination by destination; yields what still waits."""
    places: dict[tuple[str, str, str], list[str]] = {}
    for result in results:
        if result.session and result.project and result.home and result.destination_key:
            places.setdefault((result.project, result.home, result.destination_key), []).append(result.session)
    for place, sessions in places.items():
        say("publishing")
        if line := drain(*place, say, session=sessions[0] if len(sessions) == 1 else None):
            yield line
