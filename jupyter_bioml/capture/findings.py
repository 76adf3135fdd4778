"""Parameters, metrics and models that a finished cell (or ``with bioml.run`` block) leaves in the namespace."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import Any

from ..records.facts import CaptureGap
from ..redact import redact_value
from . import models
from .cellcode import CellCode, Fit, is_plain, metrics_of

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

    def learn(self, code: CellCode, tags: tuple[str, ...], namespace: dict[str, Any]) -> None:
        """Take what an ended cell said."""
        for name in code.bound:
            self.parameters.discard(name)
            self.clocks.discard(name)
            if not PARAMETER_TAGS & set(tags):
                self.declared.discard(name)
        settings = settings_of(code, namespace).keys()
        self.parameters |= settings
        self.clocks |= set(code.clocks)
        if PARAMETER_TAGS & set(tags):
            self.declared |= settings
        self.seeds.update(seeds_of(code, namespace))

    def in_force(self, code: CellCode, source: str, namespace: dict[str, Any]) -> dict[str, Any]:
        """Parameters that the cell is given: declared ones, and literals of earlier cells that it reads.

        A name that the cell binds before it reads it is its own, whatever an earlier cell called so.
        """
        named = self.parameters.intersection(_WORD.findall(source))
        names = {name for name in named if code.reads_given(name)}
        names |= {name for name in self.declared if name not in code.first_bound}
        return {name: namespace[name] for name in sorted(names) if name in namespace and is_plain(namespace[name])}


def settings_of(code: CellCode, namespace: dict[str, Any]) -> dict[str, Any]:
    """Names that the block binds to a literal, with its value.

    One that an inner block has changed since (``total = 0``), and an empty container (``curve = []``), is where
    something begins: no setting.
    """
    found: dict[str, Any] = {}
    for name, literal in code.literals.items():
        value = namespace.get(name)
        begins = isinstance(literal, (list, dict)) and not literal
        if not begins and type(value) is type(literal) and is_plain(value) and value == literal:
            found[name] = value
    found.update({name: namespace[name] for name in code.constants if is_plain(namespace.get(name))})
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
    """Parameters, metrics and the model of one block."""

    params: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    model: str | None = None
    """The name of the model to keep."""
    model_named: bool = False
    fit: Fit | None = None
    """The call that fitted it, for the input example."""
    gaps: list[CaptureGap] = field(default_factory=list)


def find(
    code: CellCode,
    namespace: dict[str, Any],
    given: dict[str, Any],
    seeds: dict[str, Any],
    *,
    names: tuple[str, ...] = (),
    compared: tuple[str, ...] | None = None,
    model: str | None = None,
) -> Findings:
    """The findings of one block at its end.

    :param given: parameter values at its start.
    :param seeds: active seeds.
    :param names: further parameters by name (``--params``).
    :param compared: metrics by name (``--metrics``), kept wherever they were bound.
    :param model: the model's name, where the user gave one.
    """
    found = Findings()
    found.params.update(given)
    for name, value in settings_of(code, namespace).items():
        found.params.setdefault(name, value)
    for name in names:
        if name in namespace and is_plain(namespace[name]):
            found.params.setdefault(name, namespace[name])
        else:
            found.gaps.append(CaptureGap("params", f"{name} is not bound to a plain value"))
    found.params.update({f"seed.{library}": value for library, value in seeds.items()})
    metrics, values = metrics_of([name for name in code.computed if name not in names], namespace)
    timings, more = metrics_of(code.clocks, namespace, "timing.")
    found.metrics, found.values = {**metrics, **timings}, {**values, **more}
    _add_compared(found, compared or (), namespace)
    estimators = _estimators(code, namespace)
    defaults: dict[str, Any] = {}
    for name, value in estimators.items():
        chosen, others = models.fitted_params(name, value)
        found.params.update(chosen)
        defaults.update(others)
    found.params = {**found.params, **{key: defaults[key] for key in defaults if key not in found.params}}
    _choose_model(found, code, namespace, estimators, model)
    found.params = {name: _without_secrets(name, value) for name, value in found.params.items()}
    return found


def _without_secrets(name: str, value: Any) -> Any:
    return value if isinstance(value, (int, float)) else redact_value({name: value})[name]


def _add_compared(found: Findings, compared: tuple[str, ...], namespace: dict[str, Any]) -> None:
    for name in compared:
        if name in found.metrics or name in found.values:
            continue
        metrics, values = metrics_of([name], namespace)
        found.metrics.update(metrics)
        found.values.update(values)


def _estimators(code: CellCode, namespace: dict[str, Any]) -> dict[str, Any]:
    """Names bound or fitted in the block whose value is a fitted estimator, a module or an optimizer."""
    names = dict.fromkeys([*code.bound, *(fit.receiver for fit in code.fits if fit.receiver)])
    if code.trains:
        names.update(dict.fromkeys(sorted(code.reads)))
    found: dict[str, Any] = {}
    for name in names:
        value = namespace.get(name)
        if value is None or is_plain(value) or any(value is other for other in found.values()):
            continue
        if models.is_model(value) or models.is_optimizer(value):
            found[name] = value
    return found


def _choose_model(
    found: Findings, code: CellCode, namespace: dict[str, Any], estimators: dict[str, Any], named: str | None
) -> None:
    if named is not None:
        found.model, found.model_named = (named, True) if named in namespace else (None, True)
        if found.model is None:
            found.gaps.append(CaptureGap("model", f"{named} is not bound at the end of the cell"))
    else:
        found.model = _only_model(found, estimators)
    found.fit = next((fit for fit in reversed(code.fits) if fit.receiver == found.model), None)
    for fit in code.fits:
        if fit.in_loop and fit.receiver in estimators:
            found.gaps.append(_overwritten(fit))


def _only_model(found: Findings, estimators: dict[str, Any]) -> str | None:
    """The one model of the block; of several, the one that predicts and is not part of another."""
    fitted = {name: value for name, value in estimators.items() if not models.is_optimizer(value)}
    outer = {
        name: value
        for name, value in fitted.items()
        if not any(models.contains(other, value) for other in fitted.values() if other is not value)
    }
    predicting = {name: value for name, value in outer.items() if models.predicts(value)}
    candidates = predicting or outer
    if len(candidates) > 1:
        names = ", ".join(candidates)
        found.gaps.append(CaptureGap("model", f"{len(candidates)} models were fitted ({names}): name one with --model"))
        return None
    return next(iter(candidates), None)


def _overwritten(fit: Fit) -> CaptureGap:
    count = "" if fit.repeats is None else f"{fit.repeats - 1} "
    return CaptureGap("model", f"{count}earlier fits of {fit.receiver} not kept: use bioml.run")
