"""A gate's input, and how the policy describes a gate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .facts import Facts
from .gate import GateResult

#: Seconds that a gate has where neither it nor the policy says otherwise.
SECONDS = 300.0


@dataclass(frozen=True)
class Context:
    """A gate's input.

    A custom gate is a function that takes this and returns a :class:`GateResult`; it is found by the entry
    point group ``jupyter_bioml.gates`` under the name that the policy uses, and runs in a process of its own.
    """

    facts: Facts
    """The version, its run, its record, the alias's holder, the audit log (see :class:`~.facts.Facts`)."""
    options: Any
    """This gate's options in the policy: an options object for a built-in gate, a dictionary for a custom one."""
    seconds: float = SECONDS
    """Its time limit."""


Judge = Callable[[Context], GateResult]


@dataclass(frozen=True)
class GateKeeping:
    """How the answers of a gate are kept."""

    basis: Callable[[Context], Any]
    """All that is known before the gate is asked and its answer depends on, as JSON; it may raise what a gate may."""
    promotes: bool
    """Whether a promotion believes a kept answer too: the basis has the content of what it depends on, read again."""


@dataclass(frozen=True)
class Gate:
    """A gate that a policy can use."""

    name: str
    summary: str
    """One line, for people."""
    judge: Judge | None
    """None: a custom gate, which is called in a process of its own (see :mod:`.apart`)."""
    options: type[Any] | None
    """Dataclass of its options with their defaults; None: any mapping (a custom gate)."""
    place: str | None = None
    """Where a custom gate is, as ``module:function``."""
    seconds: float = SECONDS
    """Its time limit where the policy has none."""
    keeping: GateKeeping | None = None
    """None: it is asked each time."""
