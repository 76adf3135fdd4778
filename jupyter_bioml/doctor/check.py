"""The result of one check, and of all together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

OK, WARN, FAIL = "ok", "warn", "fail"


@dataclass(frozen=True)
class Check:
    """One check."""

    name: str
    state: str
    """``ok``; ``warn``: works, but something is missing or old; ``fail``: a part of the package cannot work."""
    detail: str
    """The finding."""
    fix: str = ""
    """How to fix it, as a command if possible; empty if nothing is wrong."""


@dataclass(frozen=True)
class Diagnosis:
    """All checks, in reading order."""

    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Nothing failed; there may be warnings."""
        return all(check.state != FAIL for check in self.checks)

    def as_json(self) -> dict[str, Any]:
        """The answer of ``bioml doctor --json``."""
        return {"ok": self.ok, "checks": [dict(vars(check)) for check in self.checks]}
