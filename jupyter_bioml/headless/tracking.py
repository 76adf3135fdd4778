"""Whether a kernel started by the engine is tracked, as the kernel itself answers."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: Run in the kernel before the first cell. Not ``%load_ext``: a later one in the notebook would print that it is
#: loaded already, which it does not in JupyterLab.
LOAD = "__import__('jupyter_bioml').load_ipython_extension(get_ipython())"
#: Evaluated in the kernel right after the extension was loaded (nothing is bound in the user's namespace).
PROBE = "__import__('jupyter_bioml.kernel.hooks', fromlist=['hooks']).session_facts()"

PLACE = ("session", "project", "home", "destination_key")


def restore_line(work: str, home: str, states: Mapping[str, str]) -> str:
    """Code for the kernel of a reproduction: put its generators into ``states`` (library → blob)."""
    function = "__import__('jupyter_bioml.capture.rerun.restore', fromlist=['restore']).restore"
    return f"{function}({work!r}, {str(Path(home) / 'blobs')!r}, {dict(states)!r})"


def states_line(work: str, cell: int) -> str:
    """Code for the kernel of a reproduction: tell the states that its generators are in before cell ``cell``."""
    return f"__import__('jupyter_bioml.capture.rerun.restore', fromlist=['restore']).tell_states({work!r}, {cell})"


def pins_line(work: str, pins: Mapping[str, float | int]) -> str:
    """Code for the kernel of a run that proves a cause: hold the clock or the entropy still."""
    return f"__import__('jupyter_bioml.capture.rerun.pins', fromlist=['pin']).pin({work!r}, **{dict(pins)!r})"


@dataclass(frozen=True)
class Tracking:
    """The journal of a kernel's cells, or the reason for not having one."""

    session: str | None = None
    project: str | None = None
    home: str | None = None
    destination_key: str | None = None
    reason: str | None = None
    """Why nothing is tracked; None when it is."""

    @property
    def notice(self) -> str | None:
        """The line for the user when the notebook runs untracked."""
        return None if self.reason is None else f"bioml: this notebook ran untracked: {self.reason}."

    @classmethod
    def from_reply(cls, content: Mapping[str, Any], kernel: str) -> Tracking:
        """From the content of the reply to :data:`LOAD` with :data:`PROBE`."""
        if content.get("status") != "ok":
            if content.get("ename") == "ModuleNotFoundError" and "'jupyter_bioml'" in str(content.get("evalue")):
                return cls(
                    reason=f"jupyter_bioml is not installed in its kernel {kernel!r} (there: pip install jupyter-bioml)"
                )
            return cls(reason=f"the extension did not load ({content.get('ename')}: {content.get('evalue')})")
        answer = (content.get("user_expressions") or {}).get("bioml") or {}
        try:
            facts = ast.literal_eval(answer["data"]["text/plain"])
            known = {key: facts[key] for key in PLACE}
        except (KeyError, TypeError, ValueError, SyntaxError):
            return cls(reason="its kernel has another version of jupyter_bioml, which did not say where it journals")
        return cls(**known)
