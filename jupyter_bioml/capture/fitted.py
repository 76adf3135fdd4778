"""The models that a block of code fitted, under the names by which they can be reached, and the one that is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..records.facts import CaptureGap
from . import models
from .callees import Callees
from .calls import Fit
from .cellcode import SIMPLE, CellCode
from .models_before import Before, could_be_model, held

#: Names in one sentence.
_MOST_NAMES = 10
#: Said of a model that only a function had.
NOT_HELD = "a function that was called here fits, and no name holds what it fitted: return it to keep it"


@dataclass(frozen=True, eq=False)
class Block:
    """A block of code that has run. ``before``: what was there at its start; None: not known, then what the block binds
    counts as its own."""

    code: CellCode
    called: Callees
    before: Before | None
    namespace: Mapping[str, Any]

    def changed(self, value: Any) -> bool:
        """Was it made or fitted since the block started?"""
        return self.before is None or self.before.changed(value)

    def had(self, value: Any) -> bool:
        """Was it there when the block started?"""
        return self.before is not None and self.before.had(value)


@dataclass(eq=False, repr=False)
class Fitted:
    """The models of one block, each once, by name (``clf``, ``models.rf``)."""

    models: dict[str, Any] = field(default_factory=dict)
    """Those that the block fitted."""
    bound: dict[str, Any] = field(default_factory=dict)
    """Others that it bound to a name: loaded, or taken out of a search."""
    optimizers: dict[str, Any] = field(default_factory=dict)
    """Torch optimizers, where something trains."""
    networks: dict[str, Any] = field(default_factory=dict)
    """Torch modules with parameters that it bound and did not train."""

    def has(self, value: Any) -> bool:
        """Is it one of them?"""
        known = (*self.models.values(), *self.bound.values(), *self.optimizers.values(), *self.networks.values())
        return any(value is other for other in known)


def find_fitted(block: Block) -> Fitted:
    """The models of the block, at its end."""
    code, namespace = block.code, block.namespace
    found = Fitted()
    if not (code.fits or block.called.names) and code.names_only(SIMPLE, namespace):
        return found
    told = [value for fit in code.fits if fit.receiver and could_be_model(value := namespace.get(fit.receiver))]
    told += [value for fit in code.fits for name in fit.uses if models.is_module(value := namespace.get(name))]
    trains = code.trains or block.called.trains
    modules: dict[str, Any] = {}
    for place in _names(block):
        value = namespace.get(place)
        if models.is_optimizer(value):
            if trains and not found.has(value):
                found.optimizers[place] = value
            continue
        for name, item in held(place, value):
            if found.has(item) or any(item is other for other in modules.values()):
                continue
            if models.is_module(item):
                modules[name] = item
            elif _is_fitted_here(item, told, block):
                found.models[name] = item
            elif name in code.bound and models.is_fitted(item):
                found.bound[name] = item
    modules = {name: module for name, module in modules.items() if models.is_model(module)}
    found.models |= _trained(modules, told, trains, block, found.optimizers)
    found.networks = {name: item for name, item in modules.items() if name in code.bound and name not in found.models}
    return found


def _names(block: Block) -> list[str]:
    """Names to look at; those first that the block binds itself, then the containers that its loops go through."""
    code = block.code
    others = code.reads | block.called.names if block.before is not None or code.trains else frozenset()
    receivers = [fit.receiver for fit in code.fits if fit.receiver]
    outside = [name for name in receivers if name in code.bound or not any(fit.in_loop for fit in code.fits)]
    over = [fit.over for fit in code.fits if fit.over]
    return list(dict.fromkeys([*code.bound, *outside, *over, *sorted(others - set(receivers)), *receivers]))


def _is_fitted_here(value: Any, told: list[Any], block: Block) -> bool:
    named = any(value is other for other in told)
    if models.is_fitted(value):
        return named or block.changed(value)
    if not models.can_fit(value):
        return False
    return named or (block.called.fits and block.before is not None and block.changed(value))


def _trained(
    modules: dict[str, Any], told: list[Any], trains: bool, block: Block, optimizers: dict[str, Any]
) -> dict[str, Any]:
    """The modules that were trained: their parameters changed, or have gradients where the block made them.

    A fused optimizer does not count its changes, and gradients may have been cleared at the end: then the text says it.
    """

    def has_gradients(module: Any) -> bool:
        return any(item.grad is not None for item in module.parameters())

    def is_told(module: Any) -> bool:
        return (trains and block.had(module)) or any(module is other for other in told)

    seen = {
        name: module
        for name, module in modules.items()
        if block.changed(module) and (has_gradients(module) or is_told(module))
    }
    if not seen and trains and (optimizers or block.called.trains or "backward" in block.code.attributes):
        seen = {name: module for name, module in modules.items() if has_gradients(module) or not block.had(module)}
    steered = {name: item for name, item in seen.items() if _is_steered(item, optimizers)}
    return steered or seen


def _is_steered(module: Any, optimizers: dict[str, Any]) -> bool:
    """Does a parameter of the module belong to one of the optimizers?"""
    theirs = {
        id(item) for optimizer in optimizers.values() for group in optimizer.param_groups for item in group["params"]
    }
    return any(id(item) in theirs for item in module.parameters())


# ---- the one that is kept


def choose(found: Fitted, block: Block) -> tuple[str | None, list[CaptureGap]]:
    """(name of the one model to keep, what has to be said).

    Of several models the one is kept that predicts and is not part of another.
    """
    fitted = found.models or found.bound
    outer = {
        name: value
        for name, value in fitted.items()
        if not any(models.contains(other, value) for other in fitted.values() if other is not value)
    }
    candidates = {name: value for name, value in outer.items() if models.predicts(value)} or outer
    gaps = [_overwritten(fit) for fit in block.code.fits if _is_overwritten(fit, found, block)]
    if len(candidates) > 1:
        reason = f"{len(candidates)} models were fitted ({_listed(list(candidates))}): name one with --model"
        return None, [CaptureGap("model", reason), *gaps]
    if not candidates:
        return None, [*_not_kept(block), *gaps]
    return next(iter(candidates)), gaps


def _listed(names: list[str]) -> str:
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def _is_overwritten(fit: Fit, found: Fitted, block: Block) -> bool:
    """A name that a loop binds again keeps only its last model, unless a container holds them all."""
    if not fit.in_loop or fit.method == "partial_fit":
        return False
    value = block.namespace.get(fit.receiver or "")
    kept = next((name for name, model in found.models.items() if model is value), None)
    return kept is not None and kept == fit.receiver


def _overwritten(fit: Fit) -> CaptureGap:
    count = "" if fit.repeats is None else f"{fit.repeats - 1} "
    return CaptureGap("model", f"{count}earlier fits of {fit.receiver} not kept: use bioml.run")


def _not_kept(block: Block) -> list[CaptureGap]:
    """What was fitted, although there is no model to keep."""
    reasons: dict[str, None] = {}
    for fit in block.code.fits:
        value = block.namespace.get(fit.receiver) if fit.receiver else None
        if fit.receiver is None or models.is_unfitted_result(value):
            reasons[f"what {fit.text} fitted has no name: bind it to one to keep it"] = None
        elif could_be_model(value) and not models.is_module(value) and _is_from_here(fit.receiver, value, block):
            kind = type(value).__name__
            reasons[f"{fit.receiver} ({kind}) was fitted, but does not predict: name it with --model"] = None
    if not reasons and block.called.fits:
        reasons[NOT_HELD] = None
    return [CaptureGap("model", reason) for reason in reasons]


def _is_from_here(name: str, value: Any, block: Block) -> bool:
    """Did the block make it or change it? ``norm.fit(y)`` of an imported distribution only answers."""
    return block.changed(value) and (name in block.code.bound or block.had(value))
