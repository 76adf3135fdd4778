"""Runs in a kernel: what can be seen of the library functions that a tracker may observe, and of the generators."""

from __future__ import annotations

import hashlib
import inspect
import pickle
import re
import sys
from collections.abc import Iterator
from typing import Any

#: Modules whose public functions are looked at, where a notebook has imported them.
MODULES = (
    "sklearn.metrics",
    "sklearn.model_selection",
    "scipy.stats",
    "lifelines.statistics",
    "sksurv.metrics",
)
#: Methods, as module and path.
METHODS = (
    ("sklearn.base", "ClassifierMixin.score"),
    ("sklearn.base", "RegressorMixin.score"),
    ("sklearn.pipeline", "Pipeline.fit"),
    ("sklearn.model_selection", "GridSearchCV.fit"),
    ("sklearn.linear_model", "LogisticRegression.fit"),
    ("sklearn.linear_model", "LogisticRegression.predict_proba"),
    ("sklearn.ensemble", "RandomForestClassifier.predict"),
    ("statsmodels.api", "OLS.fit"),
    ("statsmodels.api", "Logit.fit"),
    ("lifelines", "CoxPHFitter.fit"),
    ("lifelines.utils", "concordance_index"),
    ("xgboost", "XGBClassifier.fit"),
    ("xgboost", "train"),
    ("lightgbm", "LGBMClassifier.fit"),
    ("lightgbm", "train"),
    ("torch", "Tensor.backward"),
    ("torch", "Tensor.item"),
    ("torch.nn", "Module.__call__"),
    ("torchmetrics", "Metric.forward"),
    ("pandas", "DataFrame.to_csv"),
)
#: Generators that were seeded here.
SEEDED: list[str] = []


def things() -> Iterator[tuple[str, Any]]:
    """Every function and method of a library that is imported here, by its name."""
    for name in MODULES:
        module = sys.modules.get(name)
        for each in sorted(getattr(module, "__all__", None) or vars(module)) if module else ():
            thing = vars(module).get(each)
            if inspect.isfunction(thing):
                yield f"{name}.{each}", thing
    for name, path in METHODS:
        thing = sys.modules.get(name)
        for part in path.split("."):
            thing = getattr(thing, part, None)
        if thing is not None:
            yield f"{name}.{path}", thing


def looks() -> dict[str, list[str]]:
    """Signature, source, pickle, names and attributes of each, as texts that compare between kernels."""
    return {name: _look(thing) for name, thing in things()}


def identities() -> dict[str, int]:
    """The id of each, within one kernel."""
    return {name: id(thing) for name, thing in things()}


def _look(thing: Any) -> list[str]:
    return [
        type(thing).__name__,
        _signature(thing),
        _digest(_source(thing)),
        _digest(pickle.dumps(thing)),
        f"{getattr(thing, '__module__', None)}.{thing.__qualname__}",
        ",".join(sorted(vars(thing))) if hasattr(thing, "__dict__") else "",
        str(getattr(getattr(thing, "__code__", None), "co_firstlineno", "")),
    ]


def _signature(thing: Any) -> str:
    try:
        return re.sub(r"0x[0-9a-f]+", "0x…", str(inspect.signature(thing)))
    except ValueError as error:
        return str(error)


def _source(thing: Any) -> bytes:
    try:
        return inspect.getsource(thing).encode()
    except (OSError, TypeError) as error:
        return type(error).__name__.encode()


def seed() -> None:
    """The same start for the kernels that are compared, of every generator that is here already."""
    import random

    random.seed(11)
    SEEDED.append("random")
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(11)
        SEEDED.append("numpy")
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(11)
        SEEDED.append("torch")


def generators() -> dict[str, str]:
    """The state of each generator that was seeded."""
    import random

    states = {
        "random": lambda: repr(random.getstate()).encode(),
        "numpy": lambda: pickle.dumps(sys.modules["numpy"].random.get_state()),
        "torch": lambda: sys.modules["torch"].get_rng_state().numpy().tobytes(),
    }
    return {name: _digest(states[name]()) for name in SEEDED}


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
