"""Having the journal sent to MLflow: by a process of its own, awaited or not. Nothing of the publisher is imported."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass

from ..config import Destination, Project, destination_at
from ..journal.belonging import ledger_of
from ..processes.programs import run, start
from .scan import WaitingRun, other_places, waiting_for

MODULE = "jupyter_bioml.publish"
#: Variables with which MLflow's client shows a server who it is.
_CREDENTIALS = frozenset(f"MLFLOW_TRACKING_{name}" for name in ("USERNAME", "PASSWORD", "TOKEN", "AUTH"))


@dataclass(frozen=True)
class PublishReport:
    """The result of a drain."""

    published: int
    """Records that were sent by it."""
    waiting: tuple[WaitingRun, ...]
    said: tuple[str, ...] = ()
    """Notes of the publisher for the user."""

    def why(self, record_id: str) -> str:
        """Why a record waits; empty when it does not."""
        return next((item.reason for item in self.waiting if item.record_id == record_id), "")


def publish(
    project: Project,
    target: Destination,
    *,
    wait: bool = True,
    timeout: float | None = 60.0,
    session: str | None = None,
    adopt: bool = False,
) -> PublishReport:
    """Send what waits for ``target``, in a process of its own.

    :param wait: wait for it, and for another publisher; False only starts one.
    :param timeout: seconds to wait; the publisher goes on by itself after that. None: to its end.
    :param session: wait for, and tell of, this session's records only (all are sent).
    :param adopt: take over what was recorded for other destinations, and wait for it.
    """
    before = waiting_for(project, target.key, session)
    if adopt:
        before += tuple(run for place in other_places(project, target.key) for run in place.waiting)
    if not before:
        return PublishReport(0, ())
    if not wait:
        start(MODULE, arguments(project, target.key))
        return PublishReport(0, before)
    began = time.time()
    only = ["--session", session] if session else ["--adopt"] if adopt else []
    run(MODULE, [*arguments(project, target.key), "--wait", *only], _environment(target), timeout)
    after = waiting_for(project, target.key, session)
    left = {item.record_id for item in after}
    said = ledger_of(project, target.key).said
    sent = sum(item.record_id not in left for item in before)
    return PublishReport(sent, after, tuple(text for at, text in said if at >= began))


def _environment(target: Destination) -> dict[str, str]:
    """That of a publisher: credentials are for the server that this process is set to use, and for no other."""
    uri = os.environ.get("MLFLOW_TRACKING_URI")
    ours = target.embedded or uri is None or destination_at(uri).key == target.key
    secret = () if ours else _CREDENTIALS
    return {name: value for name, value in os.environ.items() if name not in secret}


@dataclass(frozen=True)
class Sent:
    """The result of sending what waited for one destination."""

    destination: str
    report: PublishReport


def publish_elsewhere(project: Project, target: Destination, timeout: float | None = None) -> tuple[Sent, ...]:
    """Send what waits for other destinations than ``target`` to each of them."""
    places = [place for place in other_places(project, target.key) if place.destination and place.key != target.key]
    return tuple(
        Sent(
            place.destination,
            publish(project, Destination(place.destination, place.key, embedded=False), timeout=timeout),
        )
        for place in places
        if place.waiting
    )


def arguments(project: Project, key: str) -> list[str]:
    """``ROOT HOME KEY`` of the command line."""
    return [str(project.root), str(project.home), key]
