"""Did a cell ask for input? ``input()``, ``getpass`` and debuggers ask the front end; a rerun has nobody to answer."""

from __future__ import annotations

from typing import Any

from ..records.facts import ASKED, CaptureGap
from .files.stand_ins import Call, Watched, nothing

_REASON = "the cell asked for input (input(), getpass or a debugger); the answer is not kept, and a rerun stops there"


class InputWatch:
    """Sees the kernel of ``shell`` ask its front end. Neither the question nor the answer is looked at."""

    def __init__(self, shell: Any) -> None:
        self._kernel = getattr(shell, "kernel", None)
        self._stand_in: Watched | None = None
        self._asked = False

    def install(self) -> None:
        """Watch from now on; where there is no ipykernel, nothing is watched."""
        original = getattr(self._kernel, "_input_request", None)
        if original is None or self._stand_in is not None:
            return
        self._stand_in = Watched(original, "ipykernel:_input_request", nothing, guard=self._note)
        self._kernel.__dict__["_input_request"] = self._stand_in

    def uninstall(self) -> None:
        """The kernel is as before."""
        if self._kernel is not None and self._kernel.__dict__.get("_input_request") is self._stand_in:
            self._kernel.__dict__.pop("_input_request", None)
        self._stand_in = None

    def _note(self, call: Call) -> Call:
        self._asked = True
        return call

    def gaps(self) -> list[CaptureGap]:
        """Of the cell that ended."""
        asked, self._asked = self._asked, False
        return [CaptureGap(ASKED, _REASON)] if asked else []
