"""Waiting until what a notebook left in the journal is in MLflow."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..config import Destination, Project
from ..publish.publisher import publish
from ..publish.scan import WaitingRun
from ..records.present import short_id, shorten

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
    """Publish what waits at a destination and wait for it.

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
