"""While a server runs: bring home what earlier processes left, and send it."""

from __future__ import annotations

from ..config import Destination, Project, load_settings
from ..errors import BiomlError
from ..journal.recovery import Recovered, recover
from ..processes.programs import start
from .sending import MODULE, arguments


def bring_home(project: Project, target: Destination) -> Recovered:
    """As :func:`~jupyter_bioml.journal.recovery.recover`; what was found is sent in the background.

    Sessions of other destinations are settled too, and sent by a process that knows how to reach theirs.
    """
    if not project.home.is_dir():
        return Recovered()
    found = recover(project)
    ours = any(session.destination_key == target.key for session in found.settled)
    if ours or found.landed or found.joined:
        send(project, target)
    return found


def send(project: Project, target: Destination) -> None:
    """Send what waits in the background, unless the project is not to be published by itself."""
    if _publishes(project):
        start(MODULE, arguments(project, target.key))


def _publishes(project: Project) -> bool:
    try:
        return load_settings(project.root).publish
    except BiomlError:
        return False  # the command says what is wrong with the settings
