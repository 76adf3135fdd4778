"""The gates: each file in ``gates/`` adds its own with :func:`gate`; other packages provide theirs by an entry point.

A new gate of this package is a new file there; nothing else names it.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pkgutil import iter_modules
from typing import Any

from . import gates
from .context import Context, Gate
from .gate import GateResult

#: Entry point group of custom gates: name → function (context) -> GateResult.
GROUP = "jupyter_bioml.gates"
Judge = Callable[[Context], GateResult]
_BUILT_IN: dict[str, Gate] = {}


def gate(name: str, summary: str, options: type[Any]) -> Callable[[Judge], Judge]:
    """Add a function as the gate that a policy calls ``name``.

    :param summary: one line, for people.
    :param options: dataclass of its options with their defaults.
    """

    def added(judge: Judge) -> Judge:
        _BUILT_IN[name] = Gate(name, summary, judge, options)
        return judge

    return added


def built_in() -> dict[str, Gate]:
    """The gates of this package by name."""
    for module in iter_modules(gates.__path__):
        import_module(f"{gates.__name__}.{module.name}")
    return dict(_BUILT_IN)


def known_gates() -> dict[str, Gate]:
    """Every gate by name. Another package's gate never replaces a built-in one; it is imported when judged."""
    found = {point.name: _own(point) for point in entry_points(group=GROUP)}
    return {**found, **built_in()}


def _own(point: EntryPoint) -> Gate:
    def judge(context: Context) -> GateResult:
        function: Judge = point.load()
        return function(context)

    return Gate(point.name, f"A custom gate, {point.value}.", judge, None)
