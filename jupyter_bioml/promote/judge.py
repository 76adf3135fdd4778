"""Asking every gate of an alias."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

from ..config import Destination
from .apart import GatesApart
from .asking import asked_in_time
from .context import Context
from .facts import Facts
from .gate import GateResult
from .policy import GateRule

Say = Callable[[str], None]


def judged(
    facts: Facts, rules: Sequence[GateRule], target: Destination, say: Say | None = None
) -> tuple[GateResult, ...]:
    """The answer of each gate, in the policy's order.

    :param target: where the version is registered: custom gates have a process of their own, which opens it again.
    :param say: takes a line before each gate, because some gates take a while.
    """
    found = []
    with GatesApart(facts, target) as apart:
        for number, rule in enumerate(rules, 1):
            if say is not None:
                say(f"gate {number} of {len(rules)}: {rule.gate.name}")
            judge = rule.gate.judge
            answer = (
                apart.ask(rule) if judge is None else asked_in_time(judge, Context(facts, rule.options, rule.seconds))
            )
            found.append(dataclasses.replace(answer, gate=rule.gate.name, allowed=rule.allow_undecidable))
    return tuple(found)
