"""Fitted estimators and modules: what they are, their settings, and their bytes. Nothing is imported for it."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterable
from types import ModuleType
from typing import Any

from ..journal.blobs import Blobs

#: Characters of a setting that are kept in a parameter.
SHORT = 500
EXAMPLE_ROWS = 5


def fitted_params(name: str, value: Any) -> dict[str, Any]:
    """``<name>.<param>`` of an estimator, a torch module or an optimizer. Never raises."""
    try:
        if is_module(value):
            return _prefixed(name, _module_facts(value))
        if is_optimizer(value):
            return _prefixed(name, _optimizer_facts(value))
        if hasattr(value, "get_params"):
            settings = {key: _setting(item) for key, item in value.get_params().items()}
            return _prefixed(name, {"class": type(value).__name__, **settings})
    except Exception as error:
        return {f"{name}.class": type(value).__name__, f"{name}.params": f"not readable: {type(error).__name__}"}
    return {}


def _prefixed(name: str, facts: dict[str, Any]) -> dict[str, Any]:
    return {f"{name}.{key}": item for key, item in facts.items()}


def _setting(value: Any) -> Any:
    """A parameter's value: plain ones as they are, others by their class or shortened text."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if hasattr(value, "get_params") or isinstance(value, type) or callable(value):
        return getattr(value, "__name__", type(value).__name__)
    root = type(value).__module__.partition(".")[0]
    if root == "numpy" and getattr(value, "ndim", 1) == 0:
        return value.item()
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= SHORT else f"{text[:SHORT]}… (cut, {len(text)} characters)"


def _module_facts(module: Any) -> dict[str, Any]:
    parameters = list(module.parameters())
    return {
        "class": type(module).__name__,
        "layers": sum(1 for part in module.modules() if not list(part.children())),
        "parameters": sum(item.numel() for item in parameters),
        "trainable_parameters": sum(item.numel() for item in parameters if item.requires_grad),
    }


def _optimizer_facts(optimizer: Any) -> dict[str, Any]:
    groups = optimizer.param_groups
    facts: dict[str, Any] = {"class": type(optimizer).__name__}
    for number, group in enumerate(groups):
        prefix = "" if len(groups) == 1 else f"group{number}."
        facts.update({f"{prefix}{key}": _setting(item) for key, item in group.items() if key != "params"})
    return facts


def _torch_class(path: str) -> type | None:
    torch = sys.modules.get("torch")
    found: Any = torch
    for part in path.split("."):
        found = getattr(found, part, None)
    return found if isinstance(found, type) else None


def is_module(value: Any) -> bool:
    """A torch ``nn.Module``."""
    kind = _torch_class("nn.Module")
    return kind is not None and isinstance(value, kind)


def is_optimizer(value: Any) -> bool:
    """A torch optimizer."""
    kind = _torch_class("optim.Optimizer")
    return kind is not None and isinstance(value, kind)


def is_fitted(value: Any) -> bool:
    """An object with ``fit`` and ``get_params`` that carries attributes ending in ``_`` which ``fit`` set."""
    if isinstance(value, type) or not (hasattr(value, "fit") and hasattr(value, "get_params")):
        return False
    steps = getattr(value, "steps", None)
    if isinstance(steps, list) and steps:
        last = next((step for _, step in reversed(steps) if step not in (None, "passthrough")), None)
        return last is not None and is_fitted(last)
    try:
        names = list(vars(value))
    except TypeError:
        return False
    if any(name.endswith("_") and not name.startswith("__") for name in names):
        return True
    booster = getattr(value, "_Booster", None)
    return booster is not None


def is_model(value: Any) -> bool:
    """A fitted estimator or a torch module."""
    return is_module(value) or is_fitted(value)


def predicts(value: Any) -> bool:
    """True for what predicts: a module, or an estimator with ``predict``."""
    return is_module(value) or hasattr(value, "predict")


def contains(outer: Any, inner: Any) -> bool:
    """True when ``inner`` is a part of ``outer``: a pipeline's step, a search's best estimator, a submodule."""
    if is_module(outer):
        return is_module(inner) and any(part is inner for part in outer.modules() if part is not outer)
    parts = [step for _, step in getattr(outer, "steps", None) or [] if not isinstance(step, str)]
    parts += [getattr(outer, name, None) for name in ("best_estimator_", "estimator", "estimator_", "base_estimator")]
    found = getattr(outer, "estimators_", None)
    if isinstance(found, list):
        parts += [part for part in found if not isinstance(part, (list, tuple))]
    return any(part is inner or (part is not None and contains(part, inner)) for part in parts if part is not outer)


def flavor(value: Any) -> str:
    """The MLflow flavour: ``sklearn``, ``pytorch`` or ``pyfunc``."""
    if is_module(value):
        return "pytorch"
    roots = {kind.__module__.partition(".")[0] for kind in type(value).__mro__}
    return "sklearn" if "sklearn" in roots else "pyfunc"


def candidates_table(value: Any) -> bytes | None:
    """The candidates of a fitted search (``cv_results_``) as CSV, one row each; None for anything else."""
    results = getattr(value, "cv_results_", None)
    if not isinstance(results, dict) or "params" not in results:
        return None
    columns = [key for key in results if key != "params"]
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow(columns)
    for row in range(len(results["params"])):
        writer.writerow([results[column][row] for column in columns])
    return sink.getvalue().encode()


def serialise(value: Any, blobs: Blobs, limit: int, project_modules: Iterable[ModuleType]) -> tuple[str, int]:
    """Pickle ``value`` by value into a blob; returns (digest, bytes).

    Classes of the notebook and of the project's own modules travel with it, so that it loads elsewhere.

    :param limit: bytes; over it :class:`~jupyter_bioml.journal.blobs.TooLarge` is raised while writing.
    :raises Exception: whatever the object's own pickling raises.
    """
    import cloudpickle

    by_value = [module for module in project_modules if module.__name__ not in cloudpickle.list_registry_pickle_by_value()]
    for module in by_value:
        cloudpickle.register_pickle_by_value(module)
    try:
        return blobs.put_stream(lambda sink: cloudpickle.dump(value, sink, protocol=5), limit)
    finally:
        for module in by_value:
            cloudpickle.unregister_pickle_by_value(module)


def input_example(rows: Any) -> Any:
    """A copy of the first rows of what was passed to ``fit``: a frame, an array, a tensor or a list."""
    if hasattr(rows, "iloc"):
        return rows.iloc[:EXAMPLE_ROWS].copy()
    head = rows[:EXAMPLE_ROWS]
    if hasattr(head, "detach"):
        return head.detach().cpu().clone()
    return head.copy() if hasattr(head, "copy") else list(head)
