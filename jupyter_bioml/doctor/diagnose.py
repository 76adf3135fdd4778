"""All checks, each guarded: if one raises, it says so and the others go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from ..config import Destination, Project
from ..errors import BiomlError
from . import installation, places
from .check import FAIL, Check, Diagnosis


def diagnose(project: Project, destination: Destination) -> Diagnosis:
    """Check the installation, the project and the destination. Changes nothing."""
    return Diagnosis(tuple(_checks(project, destination)))


def _checks(project: Project, destination: Destination) -> Iterator[Check]:
    for look in installation.CHECKS:
        yield _guarded(look.__name__, look)
    for place in places.CHECKS:
        yield _guarded(place.__name__, partial(place, project, destination))


def _guarded(name: str, look: Callable[[], Check]) -> Check:
    name = name.replace("_", " ")
    try:
        return look()
    except BiomlError as error:
        return Check(name, FAIL, error.message, error.next)
    except Exception as error:
        return Check(name, FAIL, f"could not be checked: {type(error).__name__}: {error}")
