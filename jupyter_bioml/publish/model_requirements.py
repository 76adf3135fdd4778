"""The packages that loading a model needs, and whether skops would load it."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from .model_formats import SKOPS, Flavor
from .skops_import import import_skops

#: Packages needed to load any model; those that are not installed are left out.
_ALWAYS = ("mlflow", "cloudpickle", "numpy", "pandas", "scipy")
#: Names in a pickle → what they are: skops (0.11 to 0.16) asks for trust in each.
_REFUSED_BY_SKOPS = {
    b"cloudpickle.cloudpickle": "code of the notebook",
    b"sklearn.tree._tree": "decision trees",
    b"sklearn._loss": "a compiled loss function",
}


def needs_trust(model: Any, pickled: bytes) -> str | None:
    """Why skops would not load ``model`` back without being told to trust types; None when it does.

    What it is known to refuse is seen in the pickle: importing skops costs seconds.
    """
    for mark, what in _REFUSED_BY_SKOPS.items():
        if mark in pickled:
            return f"it holds {what}, which skops loads only if told to trust it"
    try:
        skops = import_skops()
    except ImportError:
        return "skops is not installed"
    try:
        skops.loads(skops.dumps(model))
    except skops.exceptions.UntrustedTypesFoundException as error:
        return f"it has types that skops does not trust: {error}".splitlines()[0][:300]
    except Exception as error:
        return f"skops cannot keep it: {type(error).__name__}: {error}".splitlines()[0][:300]
    return None


def requirements(kept_as: str, flavor: Flavor, imported: Iterable[str], versions: Mapping[str, str]) -> list[str]:
    """``name==version`` of what loading the model needs: the flavour's packages and those its pickle imported.

    :param imported: modules that unpickling and predicting brought in.
    :param versions: those of the run's environment; what is not in it has the version that is installed here.
    """
    from importlib import metadata

    tops = {name.partition(".")[0] for name in (*imported, *flavor.modules)} - set(sys.stdlib_module_names)
    wanted = {*_ALWAYS, *_owners(tops)}
    if kept_as == SKOPS:
        wanted.add("skops")
    found = {}
    for name in wanted:
        plain = name.lower().replace("_", "-").replace(".", "-")
        with contextlib.suppress(metadata.PackageNotFoundError):
            version = versions.get(plain) or metadata.version(name)
            found[plain] = version.partition("+")[0]  # local builds (2.1+cpu) are not on the index
    found.pop("jupyter-bioml", None)
    return [f"{name}=={version}" for name, version in sorted(found.items())]


def _owners(tops: set[str]) -> set[str]:
    """The distributions of top-level modules.

    Most are called like their module. Of the others (``xgboost`` of xgboost-cpu, ``sklearn``) the interpreter is asked,
    which reads every file list (a second), and only of those that are installed: the user's own have none.
    """
    from importlib import metadata

    found, unknown = set(), set()
    for top in tops:
        try:
            found.add(metadata.distribution(top).metadata["Name"])
        except (metadata.PackageNotFoundError, ValueError):
            unknown.add(top)
    unknown = {top for top in unknown if _is_installed(top)}
    for distribution in metadata.distributions() if unknown else ():
        said = set((distribution.read_text("top_level.txt") or "").split())
        if unknown & said:
            found.add(distribution.metadata["Name"])
            unknown -= said
    owners = _packages_distributions() if unknown else {}
    return found | {owner for top in unknown for owner in owners.get(top, ())}


def _packages_distributions() -> Mapping[str, list[str]]:
    """Top-level module → distributions: as MLflow has read it for its own requirements, else read now."""
    from importlib import metadata

    theirs = sys.modules.get("mlflow.utils.requirements_utils")
    return getattr(theirs, "_MODULES_TO_PACKAGES", None) or metadata.packages_distributions()


def _is_installed(top: str) -> bool:
    places = getattr(sys.modules.get(top), "__file__", None) or ""
    return "site-packages" in places or "dist-packages" in places
