"""The gate ``approval``: people have approved exactly this model in their own name."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from ...audit.actor import HUB, session_name
from ...text.present import printable
from ..approvals import LoggedDecision, decisions, known_copies, standing
from ..context import Context
from ..gate import GateResult, failed, passed, undecided
from ..known_gates import gate

_MEANING = re.compile(r"[a-z][a-z0-9-]{0,39}")
_MAKER = "Rerun the cell in a tracked kernel, and register the new run; or set four_eyes: false."


@dataclass(frozen=True)
class ApprovalOptions:
    """Options of the gate ``approval``."""

    required: dict[str, int] = field(default_factory=lambda: {"approval": 1})
    """Meaning → how many different people must have approved with it."""
    four_eyes: bool = False
    """Neither the run's author nor the promoter counts as an approver; nor does an approver whose operating system
    account made the run (in a hub whose users share one account, approvers cannot be told from the author)."""

    def check(self) -> str | None:
        """What is wrong with the meanings and numbers; None: nothing."""
        if not self.required:
            return "required must name at least one meaning"
        for meaning, count in self.required.items():
            if not _MEANING.fullmatch(meaning):
                return f"{meaning[:40]!r} is not a valid meaning: use small letters, digits and -"
            if not 1 <= count <= 20:
                return f"{meaning} must require 1 to 20 people"
        return None


@gate("approval", "People have approved exactly this version.", ApprovalOptions)
def judge(context: Context) -> GateResult:
    """Judge by the project's audit log, and by copies of other projects' events among the run's artifacts."""
    options: ApprovalOptions = context.options
    facts = context.facts
    found = decisions(facts.events, known_copies(facts.store, facts.version), facts.version, facts.model_sha256)
    approvals, rejection = standing(found)
    seen: dict[str, Any] = {"decisions": [decision.as_json() for decision in found], "model_sha256": facts.model_sha256}
    own: set[str] = set()
    if options.four_eyes:
        maker = facts.record.user
        if maker is None:
            return undecided("The run's author is unknown, so four-eyes cannot be checked.", _MAKER, **seen)
        own = {maker, _person(facts.actor.id, facts.actor.auth_method, session_name())}
    target = f"{facts.version.name}@{facts.version.version}"
    for meaning, count in options.required.items():
        people = _people(approvals, meaning, set())
        counted = _people(approvals, meaning, own)
        if len(counted) < count:
            again = f'jupyter bioml approve "{printable(target)}" --meaning {meaning} --reason …'
            why = _why(people - counted, rejection)
            return failed(f"{len(counted)} of {count} required people approved ({meaning}){why}.", again, **seen)
    listed = ", ".join(f"{printable(one.event.actor_name)} ({one.event.meaning})" for one in approvals)
    return passed(f"Approved by {listed}.", **seen)


def _people(approvals: list[LoggedDecision], meaning: str, own: set[str]) -> set[str]:
    """Different people who approved, without those who cannot be told from ``own``."""
    found = set()
    for decision in approvals:
        event = decision.event
        person = _person(event.actor_id, event.auth_method, event.session)
        if event.meaning == meaning and not own & {person, _account(event.session)}:
            found.add(person)
    return found


def _person(actor_id: str, auth_method: str, session: str) -> str:
    """The person's reliable identity: any process can claim a hub name that the hub did not confirm, so the
    operating system account stands for it."""
    return _account(session) if auth_method == HUB else actor_id


def _account(session: str) -> str:
    return session.split("/", 1)[0]


def _why(own: set[str], rejection: LoggedDecision | None) -> str:
    if own:
        who = printable(sorted(own)[0])
        return f"; {who} does not count: they made or promote the run, or share that person's account"
    if rejection is not None:
        event = rejection.event
        said = f": {printable(event.reason)[:200]}" if event.reason else ""
        return f"; {printable(event.actor_name)} rejected it on {event.ts_utc[:10]}{said}"
    return ""
