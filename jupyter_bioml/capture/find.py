"""Look for what a finished cell (or ``with bioml.run`` block) leaves in the namespace."""

from __future__ import annotations

from typing import Any

from ..records.facts import CaptureGap
from ..redact import redact_value
from .callees import callees
from .cellcode import SIMPLE, CellCode, is_plain, real_scalar
from .findings import Findings, settings_of
from .models_before import Before


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
        called = callees(code, namespace)
        if code.fits or called.names or model is not None or not code.names_only(SIMPLE, namespace):
            from .fitted import Block  # once a cell has to do with a model
            from .model_findings import add_models

            add_models(found, Block(code, called, before, namespace), model)
    except Exception as error:  # objects of the user's are asked what they are
        found.gaps.append(CaptureGap("model", f"{type(error).__name__}: {error}"))
    found.params = {name: _without_secrets(name, value) for name, value in found.params.items()}
    return found


def _without_secrets(name: str, value: Any) -> Any:
    return value if isinstance(value, (int, float)) else redact_value({name: value})[name]
