"""The parameters that a run has of one object."""

from __future__ import annotations

from typing import Any

from jupyter_bioml.capture import model_settings


def settings(name: str, value: Any) -> dict[str, Any]:
    """All of them, the chosen ones first."""
    chosen, others, _ = model_settings.fitted_params(name, value)
    assert not chosen.keys() & others.keys()
    return {**chosen, **others}


def defaults(name: str, value: Any) -> set[str]:
    """The names of those at their constructors' defaults."""
    found = model_settings.fitted_params(name, value)
    return set(found.others) if found.are_defaults else set()
