"""The run behind a registered model: ``models:/name/3`` and ``models:/name@alias``."""

from __future__ import annotations

from collections.abc import Callable

from ...errors import NotFound, UsageError
from ...store.base import Store
from ...text.present import printable, shorten

PREFIX = "models:/"


def is_model_uri(text: str) -> bool:
    """A model version is named (``models:/NAME/VERSION``), not a run."""
    return text.strip().startswith(PREFIX)


def run_of_model(uri: str, store: Callable[[], Store | None]) -> str:
    """The MLflow run id that a model version was made from.

    :param store: opens the store; only asked for a URI that has a meaning.
    :raises UsageError: for a URI of another form.
    :raises NotFound: there is no such version, or it is not linked to a run.
    """
    shown = printable(shorten(uri.strip(), 200))
    name, at, alias = uri.strip().removeprefix(PREFIX).partition("@")
    version = f"@{alias}" if at else ""
    if not at:
        name, _, version = name.rpartition("/")
    if not name or version in ("", "@"):
        raise UsageError(f"{shown!r} does not name a model version.", next="Give models:/NAME/3 or models:/NAME@ALIAS.")
    opened = store()
    if opened is None:
        raise NotFound(
            "Nothing has been published yet, so there is no model.", next="Publish with: bioml publish --wait"
        )
    found = opened.model_version(name, version)
    if found.run_id is None:
        raise NotFound(
            f"The model version {shown} is not linked to a run.", next="Register it from a run: bioml register RUN"
        )
    return found.run_id
