"""The gate ``reproduced``: the run was reproduced recently, in an accepted environment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from ...reproduce.verdict import REPRODUCED, VERDICTS, WITHIN_NOISE
from ...store.base import VERDICT, VERDICT_AT, VERDICT_CAUSE, VERDICT_ENVIRONMENT, VERDICT_RUN
from ..approvals import known_copies
from ..context import Context
from ..gate import GateResult, failed, passed, undecided
from ..known_gates import gate

_DAY = 86400.0


@dataclass(frozen=True)
class ReproducedOptions:
    """Options of the gate ``reproduced``."""

    max_age_days: float = 30.0
    """Maximum age of the verdict in days."""
    environments: tuple[Literal["current", "locked", "latest"], ...] = ("current", "locked")
    """Accepted environments."""
    within_noise: bool = True
    """Whether WITHIN NOISE also passes."""

    def check(self) -> str | None:
        """What is wrong with them; None: nothing."""
        if self.max_age_days <= 0:
            return "max_age_days must be above 0"
        return None if self.environments else "environments must name at least one"


@gate("reproduced", "The run was reproduced recently.", ReproducedOptions)
def judge(context: Context) -> GateResult:
    """Judge by the tags ``reproduce`` left on the run, its last verdict, and the audit event behind them."""
    options: ReproducedOptions = context.options
    facts = context.facts
    run = facts.run
    again = f"jupyter bioml reproduce {(run.record_id or run.run_id)[:8]} --env {options.environments[0]}"
    names = {"at": VERDICT_AT, "run": VERDICT_RUN, "cause": VERDICT_CAUSE, "environment": VERDICT_ENVIRONMENT}
    tags = {name: run.tags.get(tag) for name, tag in names.items()}
    verdict = run.tags.get(VERDICT)
    seen = {"verdict": verdict, **tags, "run_id": run.run_id}
    if verdict is None:
        return failed("The run has not been reproduced.", again, **seen)
    if verdict not in VERDICTS:
        return undecided(f"The run's verdict {verdict[:40]!r} is unknown to this version.", again, **seen)
    wanted = (REPRODUCED, WITHIN_NOISE) if options.within_noise else (REPRODUCED,)
    if verdict not in wanted:
        because = f" ({tags['cause'][:40]})" if tags["cause"] else ""
        return failed(f"The last verdict is {verdict}{because}.", f"Fix the cause, then: {again}", **seen)
    made_in = tags["environment"]
    if made_in is None:
        return undecided("The environment of the reproduction is unknown.", again, **seen)
    if made_in not in options.environments:
        listed = " or ".join(options.environments)
        return failed(f"The run was reproduced in the environment {made_in[:40]!r}, not {listed}.", again, **seen)
    age = _age(tags["at"], facts.now)
    if age is None:
        return undecided("The time of the reproduction is unknown.", again, **seen)
    seen["age_days"] = f"{age:.2f}"
    if age > options.max_age_days:
        return failed(f"The verdict is {age:.0f} days old; the limit is {options.max_age_days:g}.", again, **seen)
    if not _is_logged(context, verdict, made_in):
        return undecided("The verdict is only in the run's tags, not in an audit log.", again, **seen)
    return passed(f"{verdict} in the environment {made_in}, {max(age, 0):.1f} days ago.", **seen)


def _is_logged(context: Context, verdict: str, environment: str) -> bool:
    """Whether the last verdict about the run in the audit log, or in a copy of another project's, is this one: anyone
    with write access to MLflow can set a tag."""
    facts = context.facts
    names = {facts.run.run_id, facts.run.record_id}
    events = (*facts.events, *known_copies(facts.store, facts.version))
    found = [event for event in events if event.action == "verdict" and event.object_id in names]
    if not found:
        return False
    last = max(found, key=lambda event: event.ts_utc).new
    return isinstance(last, dict) and (last.get("verdict"), last.get("environment")) == (verdict, environment)


def _age(text: str | None, now: float) -> float | None:
    """Days since an ISO 8601 time; None if it is not one, or lies more than a day ahead."""
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    age = (now - at.timestamp()) / _DAY
    return age if age > -1 else None
