"""Asking every gate of an alias. A gate always has an answer: if it raises, that counts as one."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

from ..errors import BiomlError
from ..text.present import printable
from .context import Context
from .facts import Facts
from .gate import FAIL, NOT_DECIDABLE, PASS, GateResult, Undecided, undecided
from .policy import GateRule

_STATES = (PASS, FAIL, NOT_DECIDABLE)
_LONGEST = 500
Say = Callable[[str], None]


def judged(facts: Facts, rules: Sequence[GateRule], say: Say | None = None) -> tuple[GateResult, ...]:
    """The answer of each gate, in the policy's order.

    :param say: takes a line before each gate, because some gates take a while.
    """
    found = []
    for number, rule in enumerate(rules, 1):
        if say is not None:
            say(f"gate {number} of {len(rules)}: {rule.gate.name}")
        answer = _asked(rule, facts)
        found.append(dataclasses.replace(answer, gate=rule.gate.name, allowed=rule.allow_undecidable))
    return tuple(found)


def _asked(rule: GateRule, facts: Facts) -> GateResult:
    try:
        answer = rule.gate.judge(Context(facts, rule.options))
    except Undecided as error:
        return undecided(error.said, error.next)
    except BiomlError as error:
        return undecided(error.message, error.next)
    except Exception as error:  # a gate of another package may raise anything, and so may broken evidence
        said = f"The gate raised {type(error).__name__}: {printable(str(error))[:_LONGEST]}."
        return undecided(said, "Fix the gate, or the data it reads.")
    if not isinstance(answer, GateResult) or answer.state not in _STATES:
        said = f"The gate answered {printable(repr(answer))[:80]}, which is not a gate result."
        return undecided(said, "Fix the gate: it must return a GateResult.")
    return answer
