"""What the kernel of a reproduction, or of a batch that skips what is unchanged, has beyond every other one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ...config import Destination, Project

if TYPE_CHECKING:
    from .confine import Confinement
    from .probes import ProbeObserver


def confinement_of(project: Project, destination: Destination) -> Confinement | None:
    """What the kernel of a reproduction may write; None in every other kernel."""
    if project.work is None:
        return None
    from .confine import Confinement

    return Confinement(project, destination)


def probes_of(project: Project) -> ProbeObserver | None:
    """In the kernels of a batch that skips what is unchanged; None in every other one."""
    if not os.environ.get("BIOML_PROBES"):
        return None
    from .probes import ProbeObserver

    return ProbeObserver(project)
