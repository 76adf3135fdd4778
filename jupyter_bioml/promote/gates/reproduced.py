"""The gate ``reproduced``: the run was made again, lately, in an environment that counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from ...reproduce.verdict import REPRODUCED, VERDICTS, WITHIN_NOISE
from ...store.base import VERDICT
from ..context import Context
from ..gate import GateResult, failed, passed, undecided

_DAY = 86400.0


@dataclass(frozen=True)
class Options:
    max_age_days: float = 30.0
    """How old the verdict may be."""
    environments: tuple[Literal["current", "locked", "latest"], ...] = ("current", "locked")
    """Environments in which it counts."""
    within_noise: bool = True
    """WITHIN NOISE counts too."""

    def check(self) -> str | None:
        if self.max_age_days <= 0:
            return "max_age_days must be above 0"
        return None if self.environments else "environments must name one at least"


def judge(context: Context) -> GateResult:
    """By the tags that ``reproduce`` left on the run: its last verdict."""
    options: Options = context.options
    facts = context.facts
    run = facts.run
    again = f"jupyter bioml reproduce {run.run_id[:8]} --env {options.environments[0]}"
    tags = {name: run.tags.get(f"{VERDICT}.{name}") for name in ("at", "run", "cause", "environment")}
    verdict = run.tags.get(VERDICT)
    seen = {"verdict": verdict, **tags, "run_id": run.run_id}
    if verdict is None:
        return failed("The run was never reproduced.", again, **seen)
    if verdict not in VERDICTS:
        return undecided(f"The run's verdict {verdict[:40]!r} is none of this version's.", again, **seen)
    wanted = (REPRODUCED, WITHIN_NOISE) if options.within_noise else (REPRODUCED,)
    if verdict not in wanted:
        because = f" ({tags['cause'][:40]})" if tags["cause"] else ""
        return failed(f"The last verdict is {verdict}{because}.", f"Mend the cause, then: {again}", **seen)
    made_in = tags["environment"]
    if made_in is None:
        return undecided("It is not known in which environment it was reproduced.", again, **seen)
    if made_in not in options.environments:
        listed = " or ".join(options.environments)
        return failed(f"It was reproduced in the environment {made_in[:40]!r}, not {listed}.", again, **seen)
    age = _age(tags["at"], facts.now)
    if age is None:
        return undecided("It is not known when it was reproduced.", again, **seen)
    seen["age_days"] = f"{age:.2f}"
    if age > options.max_age_days:
        return failed(f"The verdict is {age:.0f} days old; {options.max_age_days:g} are allowed.", again, **seen)
    return passed(f"{verdict} in the environment {made_in}, {max(age, 0):.1f} days ago.", **seen)


def _age(text: str | None, now: float) -> float | None:
    """Days since an ISO 8601 time; None where it is none, or lies more than a day ahead."""
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    age = (now - at.timestamp()) / _DAY
    return age if age > -1 else None
