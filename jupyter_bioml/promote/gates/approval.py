"""The gate ``approval``: people have said in their own name that this very model may go."""

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
_MAKER = "Run the cell again in a tracked kernel, and register that run; or set four_eyes: false."


@dataclass(frozen=True)
class ApprovalOptions:
    """Options of the gate ``approval``."""

    required: dict[str, int] = field(default_factory=lambda: {"approval": 1})
    """Meaning → how many different people must have said it."""
    four_eyes: bool = False
    """Neither who made the run nor who promotes counts as an approver; nor does an approver whose operating system's
    account made the run (in a hub whose users share one, nobody can be told from the maker)."""

    def check(self) -> str | None:
        """What is wrong with the meanings and numbers; None: nothing."""
        if not self.required:
            return "required must name a meaning at least"
        for meaning, count in self.required.items():
            if not _MEANING.fullmatch(meaning):
                return f"{meaning[:40]!r} is no meaning: use small letters, digits and -"
            if not 1 <= count <= 20:
                return f"{meaning} must be wanted of 1 to 20 people"
        return None


@gate("approval", "People have approved this very version.", ApprovalOptions)
def judge(context: Context) -> GateResult:
    """By the project's audit log, and by copies of other projects' events among the artifacts of the run."""
    options: ApprovalOptions = context.options
    facts = context.facts
    found = decisions(facts.events, known_copies(facts.store, facts.version), facts.version, facts.model_sha256)
    approvals, rejection = standing(found)
    seen: dict[str, Any] = {"decisions": [decision.as_json() for decision in found], "model_sha256": facts.model_sha256}
    own: set[str] = set()
    if options.four_eyes:
        maker = facts.record.user
        if maker is None:
            return undecided("It is not known who made the run, so that nobody can be told from them.", _MAKER, **seen)
        own = {maker, _person(facts.actor.id, facts.actor.auth_method, session_name())}
    target = f"{facts.version.name}@{facts.version.version}"
    for meaning, count in options.required.items():
        people = _people(approvals, meaning, set())
        counted = _people(approvals, meaning, own)
        if len(counted) < count:
            again = f'jupyter bioml approve "{printable(target)}" --meaning {meaning} --reason …'
            why = _why(people - counted, rejection)
            return failed(f"{len(counted)} of {count} people have said {meaning}{why}.", again, **seen)
    listed = ", ".join(f"{printable(one.event.actor_name)} ({one.event.meaning})" for one in approvals)
    return passed(f"Approved by {listed}.", **seen)


def _people(approvals: list[LoggedDecision], meaning: str, own: set[str]) -> set[str]:
    """Different people who have said it, without those who cannot be told from ``own``."""
    found = set()
    for decision in approvals:
        event = decision.event
        person = _person(event.actor_id, event.auth_method, event.session)
        if event.meaning == meaning and not own & {person, _account(event.session)}:
            found.add(person)
    return found


def _person(actor_id: str, auth_method: str, session: str) -> str:
    """Who it is for certain: a hub's name that the hub did not confirm is whatever a process said, so that the
    operating system's account stands for it."""
    return _account(session) if auth_method == HUB else actor_id


def _account(session: str) -> str:
    return session.split("/", 1)[0]


def _why(own: set[str], rejection: LoggedDecision | None) -> str:
    if own:
        who = printable(sorted(own)[0])
        return f"; {who} made the run or promotes it, or cannot be told from who did, and does not count"
    if rejection is not None:
        event = rejection.event
        said = f": {printable(event.reason)[:200]}" if event.reason else ""
        return f"; {printable(event.actor_name)} rejected it on {event.ts_utc[:10]}{said}"
    return ""
