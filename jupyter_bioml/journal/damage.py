"""What is damaged of the files beside the segments."""

from __future__ import annotations

from pathlib import Path

from .annotations import Annotations
from .facts import FactLog
from .ledger import Ledger
from .renames import Renames
from .runs import told


def other_damage(home: Path, *ledgers: Ledger) -> list[str]:
    """What of the names, notes, findings and renames of a project, and of these ledgers, cannot be read.

    :param home: the project's ``.bioml``.
    """
    renames = Renames(home)
    renames.refresh()
    return told(Annotations(home), FactLog(home), renames, *ledgers)
