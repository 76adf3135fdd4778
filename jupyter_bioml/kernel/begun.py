"""The cell in which tracking starts: what of it ran before, and whether that may have read something."""

from __future__ import annotations

import ast
import re
import sys
from dataclasses import dataclass
from typing import Any

from ..capture.quiet_code import are_quiet
from ..config import Project

#: Lines that only start or stop tracking, and comments.
_OURS = re.compile(r"\s*(?:%(?:load_ext|reload_ext|unload_ext)\s+jupyter_bioml\s*|%bioml\b.*|#.*)?")


@dataclass(eq=False, repr=False)
class Begun:
    """A front end's cell that runs now."""

    info: Any
    """IPython's ``ExecutionInfo``."""
    above: bool
    """Some of it ran before."""
    quiet: bool
    """What ran of it so far read nothing, for sure."""
    count: int | None
    """Its execution count; None where IPython does not have it in its history."""

    @property
    def is_ours(self) -> bool:
        """It does nothing but start or stop tracking: there is nothing to record."""
        return all(_OURS.fullmatch(line) for line in self.info.raw_cell.splitlines())


def cell_that_runs(shell: Any, project: Project) -> Begun | None:
    """The cell that the calling code belongs to; None between cells, and in a silent request, which is not a cell."""
    info, count, lines = None, None, []
    frame = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_name == "run_cell_async":
            found = frame.f_locals.get("info")
            if hasattr(found, "raw_cell"):
                info, count = found, getattr(frame.f_locals.get("result"), "execution_count", None)
        elif frame.f_globals is shell.user_ns and frame.f_code.co_name == "<module>":
            lines.append(frame.f_lineno)
        frame = frame.f_back  # type: ignore[assignment]  # None ends the loop
    if info is None or info.silent or not info.raw_cell:
        return None
    above = _above(shell, info, lines[0]) if len(lines) == 1 else None
    quiet = above is not None and are_quiet(above, project)
    return Begun(info, above != [], quiet, count if info.store_history else None)


def _above(shell: Any, info: Any, line: int) -> list[ast.stmt] | None:
    """The statements above ``line``; None where that is not known."""
    try:
        code = getattr(info, "transformed_cell", None) or shell.transform_cell(info.raw_cell)
        return [statement for statement in ast.parse(code).body if statement.lineno < line]
    except Exception:
        return None
