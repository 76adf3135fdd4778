"""Parameters, metrics and models that a finished cell (or ``with bioml.run`` block) leaves in the namespace."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..records.facts import CaptureGap
from ..redact import redact_value
from .callees import callees
from .calls import Fit
from .cellcode import CellCode, is_plain, real_scalar
from .fitted import Block, Fitted, choose, find_fitted
from .model_settings import coefficients, fitted_params
from .models_before import Before, model_named

#: Models in containers whose settings are recorded: of more, none.
MOST_SETTINGS = 10
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


def find(
    code: CellCode,
    namespace: dict[str, Any],
    given: dict[str, Any],
    seeds: dict[str, Any],
    *,
    names: tuple[str, ...] = (),
    model: str | None = None,
    before: Before | None = None,
) -> Findings:
    """The findings of one block at its end.

    :param given: parameter values at its start.
    :param seeds: active seeds.
    :param names: further parameters by name (``--params``).
    :param model: the model's name, where the user gave one.
    :param before: the models that were there at its start; None: not known.
    """
    found = Findings()
    found.params.update(given)
    found.settings = settings_of(code, namespace)
    for name, value in found.settings.items():
        found.params.setdefault(name, value)
    for name in names:
        if name in namespace and is_plain(namespace[name]):
            found.params.setdefault(name, namespace[name])
        else:
            found.gaps.append(CaptureGap("params", f"{name} is not bound to a plain value"))
    found.params.update({f"seed.{library}": value for library, value in seeds.items()})
    times = {f"timing.{name}": real_scalar(namespace.get(name)) for name in code.clocks}
    found.values = {name: value for name, value in times.items() if value is not None}
    try:
        _add_models(found, Block(code, callees(code, namespace), before, namespace), model)
    except Exception as error:  # objects of the user's are asked what they are
        found.gaps.append(CaptureGap("model", f"{type(error).__name__}: {error}"))
    found.params = {name: _without_secrets(name, value) for name, value in found.params.items()}
    return found


def _without_secrets(name: str, value: Any) -> Any:
    return value if isinstance(value, (int, float)) else redact_value({name: value})[name]


def _add_models(found: Findings, block: Block, named: str | None) -> None:
    fitted = find_fitted(block)
    found.models = list(fitted.models)
    _add_settings(found, fitted)
    _choose_model(found, fitted, block, named)


def _add_settings(found: Findings, fitted: Fitted) -> None:
    """The settings of every model that has few enough beside it, those that were chosen before the defaults."""
    inside = [name for name in fitted.models if "." in name]
    left_out = set(inside) if len(inside) > MOST_SETTINGS else set()
    if left_out:
        found.gaps.append(
            CaptureGap("params", f"settings of {len(inside)} models of a container: more than {MOST_SETTINGS}")
        )
    defaults: dict[str, Any] = {}
    for name, value in {**fitted.models, **fitted.bound, **fitted.networks, **fitted.optimizers}.items():
        if name in left_out:
            continue
        chosen, others = fitted_params(name, value)
        found.params.update(chosen)
        defaults.update(others)
        found.values.update(coefficients(name, value))
    found.params = {**found.params, **{key: defaults[key] for key in defaults if key not in found.params}}


def _choose_model(found: Findings, fitted: Fitted, block: Block, named: str | None) -> None:
    name, gaps = choose(fitted, block)
    if named is None:
        found.model = name
    else:
        found.model_named = True
        found.model = named if model_named(named, block.namespace) is not None else None
        gaps = [gap for gap in gaps if "earlier fits" in gap.reason]
        if found.model is None:
            gaps.append(CaptureGap("model", f"{named} is not bound at the end of the cell"))
    found.gaps += gaps
    if found.model is not None:
        found.inputs = block.code.calls.inputs
        found.fit = _fit_of(found.model, block.code, block.namespace)


def _fit_of(name: str, code: CellCode, namespace: Mapping[str, Any]) -> Fit | None:
    """The last call that fitted the model; of an item of a container the loop's."""
    value = model_named(name, namespace)
    own = [fit for fit in code.fits if fit.receiver and (fit.receiver == name or namespace.get(fit.receiver) is value)]
    loops = [fit for fit in code.fits if fit.over is not None and fit.over == name.partition(".")[0]]
    return next(reversed(own or loops), None)
