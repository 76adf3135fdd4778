"""A gate's input, and how the policy describes a gate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .facts import Facts
from .gate import GateResult


@dataclass(frozen=True)
class Context:
    """A gate's input.

    A custom gate is a function that takes this and returns a :class:`GateResult`; it is found by the entry
    point group ``jupyter_bioml.gates`` under the name that the policy uses.
    """

    facts: Facts
    """The version, its run, its record, the alias's holder, the audit log (see :class:`~.facts.Facts`)."""
    options: Any
    """This gate's options in the policy: an options object for a built-in gate, a dictionary for a custom one."""


@dataclass(frozen=True)
class Gate:
    """A gate that a policy can use."""

    name: str
    summary: str
    """One line, for people."""
    judge: Callable[[Context], GateResult]
    options: type[Any] | None
    """Dataclass of its options with their defaults; None: any mapping (a custom gate)."""
