"""The models that a block of code fitted or bound, their settings, and which of them is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..records.facts import CaptureGap
from .calls import Fit
from .cellcode import CellCode
from .findings import Findings
from .fitted import Block, Fitted, choose, find_fitted
from .model_settings import coefficients, fitted_params
from .models_before import model_named

#: Models in containers whose settings are recorded: of more, none.
MOST_SETTINGS = 10


def add_models(found: Findings, block: Block, named: str | None) -> None:
    """Add what the models of the block say to its findings.

    :param named: the model's name, where the user gave one.
    """
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
    behind: dict[str, Any] = {}
    defaults: set[str] = set()
    for name, value in {**fitted.models, **fitted.bound, **fitted.networks, **fitted.optimizers}.items():
        if name in left_out:
            continue
        settings = fitted_params(name, value)
        found.params.update(settings.chosen)
        behind.update(settings.others)
        if settings.are_defaults:
            defaults.update(settings.others)
        found.values.update(coefficients(name, value))
    behind = {key: item for key, item in behind.items() if key not in found.params}
    found.params = {**found.params, **behind}
    found.defaults = [key for key in behind if key in defaults]


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
