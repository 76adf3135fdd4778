"""Asking one gate. If it raises, or answers with something else, that is an answer too: not decidable."""

from __future__ import annotations

from ..errors import BiomlError
from ..text.present import printable
from .context import Context, Judge
from .gate import STATES, GateResult, Undecided, undecided
from .limited import TookTooLong, within

_LONGEST = 500
#: Seconds beyond its limit that a gate has to say itself what took so long.
_GRACE = 1.0


def asked(judge: Judge, context: Context) -> GateResult:
    """The answer of a gate."""
    try:
        answer = judge(context)
    except Undecided as error:
        return undecided(error.said, error.next)
    except BiomlError as error:
        return undecided(error.message, error.next)
    except Exception as error:  # a gate of another package may raise anything, and so may broken evidence
        return raised(error)
    if not isinstance(answer, GateResult) or answer.state not in STATES:
        said = f"The gate answered {_words(answer)[:80]}, which is not a gate result."
        return undecided(said, "Fix the gate: it must return a GateResult.")
    return answer


def asked_in_time(judge: Judge, context: Context) -> GateResult:
    """The answer of a gate of this package, or that it had none within its time limit."""
    try:
        return within(context.seconds + _GRACE, lambda: asked(judge, context))
    except TookTooLong:
        said = f"The gate took longer than {context.seconds:g} s (time_limit): what it reads or asks does not answer."
        return undecided(said, "See whether the project's folders and the tracking server answer, or raise time_limit.")
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        return raised(error)


def raised(error: BaseException) -> GateResult:
    """What it means that a gate raised something."""
    said = f"The gate raised {type(error).__name__}: {_words(error)[:_LONGEST]}."
    return undecided(said, "Fix the gate, or the data it reads.")


def _words(value: object) -> str:
    """A foreign value in words; its class may be unable to say any."""
    try:
        return printable(str(value) if isinstance(value, BaseException) else repr(value))
    except Exception:  # whatever its own methods raise
        return f"an unprintable {type(value).__name__}"
