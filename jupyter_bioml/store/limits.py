"""Making keys and values fit what MLflow takes. Shortened values are complete in ``bioml/record.json``."""

from __future__ import annotations

import hashlib
import math
import posixpath
import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from ..canonical import canonical_json
from ..records.run import Metric

#: Characters, of MLflow 3.
KEY_LIMIT, PARAM_LIMIT, TAG_LIMIT, NAME_LIMIT, EXPERIMENT_LIMIT, DIGEST_LIMIT = 250, 6000, 8000, 250, 500, 36
CUT = "… (cut, whole in bioml/record.json)"
#: Our key where the user's own code, or MLflow itself, has the plain one.
OURS, THEIRS = "bioml.", "user."
_NOT_ALLOWED = re.compile(r"[^/\w.\- :]")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def fit_text(text: str, limit: int) -> str:
    """``text`` without characters no database keeps (NUL, lone surrogates), visibly cut at ``limit``."""
    text = _UNSTORABLE.sub("\ufffd", text)
    return text if len(text) <= limit else text[: limit - len(CUT)] + CUT


@lru_cache(8192)
def fit_key(key: str) -> str:
    """``key`` as MLflow allows it: ``_`` for forbidden characters, no path tricks, at most 250 characters."""
    clean = _NOT_ALLOWED.sub("_", key).strip("/")
    clean = posixpath.normpath(clean) if clean else "_"
    if clean.startswith(".") and set(clean.split("/", 1)[0]) == {"."}:
        clean = "_" + clean
    if len(clean) > KEY_LIMIT:
        clean = f"{clean[: KEY_LIMIT - 9]}_{_short(key)}"
    return clean


def _short(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def _fit_keys(items: Mapping[str, Any], fit: Callable[[Any], str]) -> dict[str, str]:
    """Clean keys; two that became one are told apart by a digest of the original."""
    found: dict[str, str] = {}
    for key in sorted(items, key=lambda key: (fit_key(key) != key, key)):
        clean = fit_key(key)
        if clean in found:
            clean = f"{clean[: KEY_LIMIT - 9]}_{_short(key)}"
        found[clean] = fit(items[key])
    return found


def fit_params(params: Mapping[str, Any]) -> dict[str, str]:
    """Parameters as MLflow takes them."""
    return _fit_keys(params, lambda value: fit_text(param_text(value), PARAM_LIMIT))


def param_text(value: Any) -> str:
    """A parameter's value as text: strings and numbers as Python prints them, containers as JSON."""
    if isinstance(value, dict) and set(value) == {"$repr"}:
        return str(value["$repr"])
    return canonical_json(value) if isinstance(value, (dict, list, tuple)) else str(value)


def fit_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """The user's own tags; names that MLflow or we own get ``user.`` in front."""
    named = {(THEIRS + key if key.startswith((OURS, "mlflow.")) else key): str(value) for key, value in tags.items()}
    return _fit_keys(named, lambda value: fit_text(value, TAG_LIMIT))


def fit_metrics(metrics: Iterable[Metric]) -> list[Metric]:
    """Metrics under clean keys, without NaN and infinities (MLflow stores those as numbers)."""
    listed = [metric for metric in metrics if math.isfinite(metric.value)]
    clean = {key: name for name, key in _fit_keys({metric.key: metric.key for metric in listed}, str).items()}
    return [Metric(clean[metric.key], metric.value, metric.step, metric.at) for metric in listed]
