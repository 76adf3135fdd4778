"""A run-context provider for MLflow: it links a run that the user's own code opens in a cell to that cell.

Registered as the entry point ``mlflow.run_context_provider``, so MLflow loads it in every process that imports
MLflow. In a kernel that is not tracked, and in every other process, it does nothing: it looks into
``sys.modules`` for our recorder and imports nothing. It never raises.
"""

from __future__ import annotations

import sys
from types import FrameType

from ..config import without_credentials
from .base import PART_OF, RECORD_ID

_RECORDER = "jupyter_bioml.capture.recorder"
_FLUENT = "mlflow.tracking.fluent"
#: Records whose first top-level run was opened in this process.
_opened: set[str] = set()


class BiomlRunContext:
    """``bioml.record_id`` for the first top-level run of a cell, ``bioml.part_of`` for further ones.

    The recorder offers ``current_record_id() -> str | None``, the record of the running cell if it is a run, and
    ``note_user_run()``, which is told that a run is being opened: at the cell's end :func:`last_user_run` names it.
    """

    def in_context(self) -> bool:
        """Whether a tracked cell runs."""
        return _record_id() is not None

    def tags(self) -> dict[str, str]:
        """Tags of the run that is being opened.

        MLflow asks for tags on other occasions too (data sets, models, child runs of a search): those get none,
        so that they cannot take the place of the first run.
        """
        try:
            record_id, opening = _record_id(), _opening()
            if record_id is None or opening is None:
                return {}
            nested = bool(opening.f_locals.get("active_run_stack"))
            if nested or record_id in _opened:
                return {PART_OF: record_id}
            _opened.add(record_id)
            if note := getattr(sys.modules[_RECORDER], "note_user_run", None):
                note()
            return {RECORD_ID: record_id}
        except Exception:
            return {}


def last_user_run() -> tuple[str, str] | None:
    """Run id and tracking URI (without credentials) of the run that this thread opened last; None: none. No I/O."""
    fluent, tracking = sys.modules.get(_FLUENT), sys.modules.get("mlflow.tracking")
    try:
        if fluent is None or tracking is None:
            return None
        stack = fluent._active_run_stack.get()
        run_id = stack[-1].info.run_id if stack else fluent._last_active_run_id.get()
        return None if run_id is None else (str(run_id), without_credentials(str(tracking.get_tracking_uri())))
    except Exception:
        return None


def _record_id() -> str | None:
    recorder = sys.modules.get(_RECORDER)
    ask = getattr(recorder, "current_record_id", None)
    try:
        return None if ask is None else ask()
    except Exception:
        return None


def _opening() -> FrameType | None:
    """The frame of ``mlflow.start_run`` if it is what asks."""
    frame: FrameType | None = sys._getframe(1)
    for _ in range(8):
        if frame is None:
            return None
        if frame.f_code.co_name == "start_run" and frame.f_globals.get("__name__") == _FLUENT:
            return frame
        frame = frame.f_back
    return None
