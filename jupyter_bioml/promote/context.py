"""What a gate is given, and what the policy knows of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .facts import Facts
from .gate import GateResult


@dataclass(frozen=True)
class Context:
    """What a gate is given.

    A gate of one's own is a function that takes this and returns a :class:`GateResult`; it is found by the entry
    point group ``jupyter_bioml.gates`` under the name that the policy uses.
    """

    facts: Facts
    """The version, its run, its record, the alias's holder, the audit log (see :class:`~.facts.Facts`)."""
    options: Any
    """Of this gate in the policy: an options object of a built-in gate, a dictionary for a gate of one's own."""


@dataclass(frozen=True)
class Gate:
    """A gate that the policy can name."""

    name: str
    summary: str
    """One line, for people."""
    judge: Callable[[Context], GateResult]
    options: type[Any] | None
    """Dataclass of its options with their defaults; None: any mapping (a gate of one's own)."""
