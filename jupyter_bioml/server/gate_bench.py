"""The gates of a version for the server's handlers: asked in the background, and told gate by gate."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable

from ..errors import Refused
from ..promote.answers import PromotionOutcome
from ..promote.desk import Promotions
from ..promote.judge import GateProgress
from ..views import promote_shapes as shapes
from ..views import promotions

#: Seconds after which a question is answered with what is known by then.
PATIENCE = 1.0
#: Questions that are under way at a time, and seconds for which an answer waits for who asked.
AT_ONCE, WAITS = 8, 120.0


class Asking:
    """Gates that are being asked.

    :param work: asks them, and says how far it is.
    """

    def __init__(
        self, about: tuple[str, ...], work: Callable[[Callable[[GateProgress], None]], PromotionOutcome]
    ) -> None:
        self.about = about
        self.ticket = os.urandom(8).hex()
        self.ended: float | None = None
        self.now: GateProgress | None = None
        """The gate that is being asked, or was last."""
        self._answers: list[GateProgress] = []
        self._made: PromotionOutcome | None = None
        self._error: BaseException | None = None
        self._over = threading.Event()
        threading.Thread(target=self._do, args=(work,), name="bioml-gates", daemon=True).start()

    def _do(self, work: Callable[[Callable[[GateProgress], None]], PromotionOutcome]) -> None:
        try:
            self._made = work(self._hear)
        except BaseException as error:  # it is raised where the answer is asked for
            self._error = error
        self.ended = time.monotonic()
        self._over.set()

    def _hear(self, progress: GateProgress) -> None:
        self.now = progress
        if progress.answer is not None:
            self._answers.append(progress)

    def wait(self, seconds: float) -> PromotionOutcome | None:
        """The outcome, waited for at most so long; None: not yet. Raises what asking raised."""
        self._over.wait(seconds)
        if self._error is not None:
            raise self._error
        return self._made

    def answers(self) -> tuple[GateProgress, ...]:
        """Those that were given until now."""
        return tuple(self._answers)


class GateBench:
    """What is being asked in one project."""

    def __init__(self) -> None:
        self._askings: dict[str, Asking] = {}
        self._lock = threading.Lock()

    def look(
        self, desk: Promotions, name: str, version: str, alias: str | None, ticket: str | None
    ) -> shapes.Promotion:
        """Each gate's answer about a version, as far as they have been given.

        :param alias: None: the policy's first.
        :param ticket: of an answer that was not complete; None: the gates are asked.
        :raises Refused: too much is being asked already.
        """
        aliases = desk.aliases
        alias = alias or aliases[0]
        text = f"{name}@{version}"
        asking = self._asking((text, alias), ticket, lambda say: desk.gates(text, alias, say=say))
        made = asking.wait(PATIENCE)
        if made is not None:
            with self._lock:
                self._askings.pop(asking.ticket, None)
            return promotions.promotion_of(made, aliases)
        begun = desk.unasked(text, alias)
        return promotions.promotion_so_far(begun, aliases, asking.answers(), asking.now, asking.ticket)

    def _asking(
        self,
        about: tuple[str, ...],
        ticket: str | None,
        work: Callable[[Callable[[GateProgress], None]], PromotionOutcome],
    ) -> Asking:
        with self._lock:
            old = [one for one in self._askings.values() if one.ended and time.monotonic() - one.ended > WAITS]
            for one in old:
                del self._askings[one.ticket]
            known = self._askings.get(ticket or "")
            if known is not None and known.about == about:
                return known
            if sum(one.ended is None for one in self._askings.values()) >= AT_ONCE:
                raise Refused(
                    f"The gates of {AT_ONCE} versions are being asked already.", next="Try again in a moment."
                )
            made = Asking(about, work)
            self._askings[made.ticket] = made
            return made
