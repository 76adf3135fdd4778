"""Parameters, metrics and models that a finished cell (or ``with bioml.run`` block) leaves in the namespace."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..records.facts import CaptureGap
from .calls import Fit
from .cellcode import CellCode, is_plain

_WORD = re.compile(r"[^\W\d]\w*")
#: Names that are parameters whatever their cell: those of cells with these tags.
PARAMETER_TAGS = frozenset({"parameters", "injected-parameters"})


@dataclass(eq=False, repr=False)
class Memory:
    """Facts from earlier cells of the session that later cells need."""

    parameters: set[str] = field(default_factory=set)
    """Names that a cell bound to a literal."""
    declared: set[str] = field(default_factory=set)
    """Names of cells tagged ``parameters``: parameters of every later run."""
    clocks: set[str] = field(default_factory=set)
    seeds: dict[str, Any] = field(default_factory=dict)
    bound: set[str] = field(default_factory=set)
    """All names that a cell bound."""

    def said_before(self, earlier: Memory) -> None:
        """Take what cells said that ran before all others, and are only known now."""
        self.parameters |= earlier.parameters - self.bound
        self.clocks |= earlier.clocks - self.bound
        self.seeds = {**earlier.seeds, **self.seeds}

    def learn(
        self,
        code: CellCode,
        tags: tuple[str, ...],
        namespace: dict[str, Any],
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        """Take what an ended cell said.

        :param settings: its settings, where :func:`settings_of` was asked already.
        """
        names = (*code.bound, *code.looped)
        self.bound.update(names)
        self.parameters.difference_update(names)
        self.clocks.difference_update(names)
        declares = not PARAMETER_TAGS.isdisjoint(tags)
        if not declares:
            self.declared.difference_update(names)
        set_here = (settings_of(code, namespace) if settings is None else settings).keys()
        self.parameters |= set_here
        self.clocks |= set(code.clocks)
        if declares:
            self.declared |= set_here
        self.seeds.update(seeds_of(code, namespace))

    def in_force(self, code: CellCode, source: str, namespace: dict[str, Any]) -> dict[str, Any]:
        """Parameters that the cell is given: declared ones, and literals of earlier cells that it reads.

        A name that the cell binds before it reads it is its own, whatever an earlier cell called so.
        """
        named = self.parameters.intersection(_WORD.findall(source))
        names = {name for name in named if code.reads_given(name) and name not in code.looped}
        names |= {name for name in self.declared if name not in code.first_bound}
        return {name: namespace[name] for name in sorted(names) if name in namespace and is_plain(namespace[name])}


def settings_of(code: CellCode, namespace: dict[str, Any]) -> dict[str, Any]:
    """Names that the block binds to a literal, with its value.

    One that an inner block has changed since (``total = 0``) or that a loop may change (``best = 0.0``), and an empty
    container (``curve = []``), is where something begins: no setting.
    """
    found: dict[str, Any] = {}
    for name, literal in code.literals.items():
        if name in code.looped:
            continue
        value = namespace.get(name)
        begins = isinstance(literal, (list, dict)) and not literal
        if not begins and type(value) is type(literal) and is_plain(value) and value == literal:
            found[name] = value
    constants = (name for name in code.constants if name not in code.looped)
    found.update({name: namespace[name] for name in constants if is_plain(namespace.get(name))})
    return found


def seeds_of(code: CellCode, namespace: dict[str, Any]) -> dict[str, Any]:
    """Seeds that the code sets: library → value, where it is a literal or a plain name."""
    seeds = {}
    for library, value in code.seeds:
        if isinstance(value, ast.Name):
            value = namespace.get(value.id)
        if isinstance(value, int) and not isinstance(value, bool):
            seeds[library] = value
    return seeds


@dataclass(eq=False, repr=False)
class Findings:
    """Parameters and models of one block."""

    params: dict[str, Any] = field(default_factory=dict)
    defaults: list[str] = field(default_factory=list)
    """The names of those that models left at their constructors' defaults."""
    settings: dict[str, Any] | None = None
    """What :func:`settings_of` found; None: it was not asked."""
    values: dict[str, Any] = field(default_factory=dict)
    """Readings of clocks, and what a fitted model holds that is neither a setting nor a score."""
    models: list[str] = field(default_factory=list)
    """The models that the block fitted: a variable, or an item of a container (``models.rf``). See
    :func:`~.models_before.model_named`."""
    model: str | None = None
    """The name of the model to keep."""
    model_named: bool = False
    fit: Fit | None = None
    """The call that fitted it, for the input example."""
    inputs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """What else the block called, and with which names."""
    gaps: list[CaptureGap] = field(default_factory=list)
