"""Asking every gate of an alias."""

from __future__ import annotations

import contextlib
import dataclasses
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..config import Destination
from .apart import GatesApart
from .asking import asked, asked_in_time
from .context import Context, Judge
from .facts import Facts
from .gate import GateResult
from .kept import KeptAnswers
from .policy import GateRule


@dataclass(frozen=True)
class GateProgress:
    """How far it is."""

    number: int
    """The gate's, from 1 on."""
    of: int
    gate: str
    """Its name."""
    answer: GateResult | None = None
    """None: it is being asked."""

    def __str__(self) -> str:
        """In words."""
        said = "" if self.answer is None else f": {self.answer.state.replace('-', ' ')}"
        return f"gate {self.number} of {self.of}: {self.gate}{said}"


Say = Callable[[GateProgress], None]


def judged(
    facts: Facts,
    rules: Sequence[GateRule],
    target: Destination,
    kept: KeptAnswers,
    *,
    looks: bool,
    say: Say | None = None,
) -> tuple[GateResult, ...]:
    """The answer of each gate, in the policy's order.

    :param target: where the version is registered: custom gates have a process of their own, which opens it again.
    :param kept: answers that were kept.
    :param looks: nothing hangs on the answers, so each that was kept is believed; False (a promotion): only those whose
        gates say so.
    :param say: hears of each gate when it is asked and when it has answered, because some take a while.
    """
    found = []
    with GatesApart(facts, target) as apart:
        for number, rule in enumerate(rules, 1):
            step = GateProgress(number, len(rules), rule.gate.name)
            if say is not None:
                say(step)
            judge = rule.gate.judge
            answer = (
                apart.ask(rule)
                if judge is None
                else asked_in_time(_keeping(rule, judge, kept, looks), Context(facts, rule.options, rule.seconds))
            )
            named = dataclasses.replace(answer, gate=rule.gate.name, allowed=rule.allow_undecidable, grounds=None)
            found.append(named)
            if say is not None:
                say(dataclasses.replace(step, answer=named))
    return tuple(found)


def _keeping(rule: GateRule, judge: Judge, kept: KeptAnswers, looks: bool) -> Judge:
    """The gate, which is asked only where no answer of it was kept that still holds."""
    keeping = rule.gate.keeping
    if keeping is None:
        return judge

    def judge_or_know(context: Context) -> GateResult:
        began, basis = time.time_ns(), None
        with contextlib.suppress(Exception):  # the gate itself says what is missing
            basis = [_options(rule), rule.seconds, keeping.basis(context)]
            if (looks or keeping.promotes) and (before := kept.find(rule.gate.name, basis)) is not None:
                return GateResult(**before.value, asked_at=before.at)
        answer = asked(judge, context)
        grounds, took = answer.grounds, (time.time_ns() - began) / 1e9
        if basis is not None and grounds is not None and took < rule.seconds:
            value = {"state": answer.state, "said": answer.said, "next": answer.next, "evidence": answer.evidence}
            since = began if grounds.read_after is None else min(began, grounds.read_after)
            with contextlib.suppress(Exception):  # it is asked again the next time
                kept.keep(rule.gate.name, basis, value, grounds.files, since)
        return answer

    return judge_or_know


def _options(rule: GateRule) -> object:
    return dataclasses.asdict(rule.options) if rule.gate.options is not None else rule.options
