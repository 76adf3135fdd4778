"""Sessions of the shelf: cells run in a real kernel, what happens to the project afterwards, and what is expected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

#: Done to the project between recording and reproducing.
Change = Callable[[Path], None]


def nothing(root: Path) -> None:
    """The project stays as it is."""


@dataclass(frozen=True)
class Notebook:
    """One notebook of the shelf.

    ``cells``: their sources; the last one becomes the run. ``untracked``: run before tracking began.
    """

    name: str
    cells: tuple[str, ...]
    cause: str | None = None
    """None: healthy, REPRODUCED."""
    verdict: str = "REPRODUCED"
    files: dict[str, str] = field(default_factory=dict)
    change: Change = nothing
    untracked: tuple[str, ...] = ()
    options: dict[str, object] = field(default_factory=dict)
    """Further options of the reproduction."""
    evidence: str = ""
    """A word that the evidence holds."""
    repair: str = ""
    """A part of the repair."""
