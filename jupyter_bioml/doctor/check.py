"""What one check says, and all of them together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

OK, WARN, FAIL = "ok", "warn", "fail"


@dataclass(frozen=True)
class Check:
    """One thing that was looked at."""

    name: str
    state: str
    """``ok``; ``warn``: works, but something is missing or old; ``fail``: a part of the package cannot work."""
    detail: str
    """What was found."""
    mend: str = ""
    """What to do about it: a command where there is one; empty where nothing is amiss."""


@dataclass(frozen=True)
class Diagnosis:
    """All checks, in the order in which they are read best."""

    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Nothing failed; there may be warnings."""
        return all(check.state != FAIL for check in self.checks)

    def as_json(self) -> dict[str, Any]:
        """The answer of ``bioml doctor --json``."""
        return {"ok": self.ok, "checks": [dict(vars(check)) for check in self.checks]}
