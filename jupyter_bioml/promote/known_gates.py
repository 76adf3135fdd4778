"""The gates: each file in ``gates/`` adds its own with :func:`gate`; other packages provide theirs by an entry point.

A new gate of this package is a new file there; nothing else names it.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from . import gates
from .context import SECONDS, Gate, GateKeeping, Judge

#: Entry point group of custom gates: name → function (context) -> GateResult.
GROUP = "jupyter_bioml.gates"
_BUILT_IN: dict[str, Gate] = {}


def gate(
    name: str, summary: str, options: type[Any], *, seconds: float = SECONDS, keeping: GateKeeping | None = None
) -> Callable[[Judge], Judge]:
    """Add a function as the gate that a policy calls ``name``.

    :param summary: one line, for people.
    :param options: dataclass of its options with their defaults.
    :param seconds: its time limit where the policy has none.
    :param keeping: how its answers are kept; None: it is asked each time.
    """

    def added(judge: Judge) -> Judge:
        _BUILT_IN[name] = Gate(name, summary, judge, options, seconds=seconds, keeping=keeping)
        return judge

    return added


def built_in() -> dict[str, Gate]:
    """The gates of this package by name."""
    for module in iter_modules(gates.__path__):
        import_module(f"{gates.__name__}.{module.name}")
    return dict(_BUILT_IN)


def known_gates() -> dict[str, Gate]:
    """Every gate by name. Another package's gate never replaces a built-in one; this process never imports it."""
    from importlib.metadata import entry_points

    found = {
        point.name: Gate(point.name, f"A custom gate, {point.value}.", None, None, point.value)
        for point in entry_points(group=GROUP)
    }
    return {**found, **built_in()}
