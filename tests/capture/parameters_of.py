"""The parameters that a run has of one object."""

from __future__ import annotations

from typing import Any

from jupyter_bioml.capture import model_settings


def settings(name: str, value: Any) -> dict[str, Any]:
    """All of them, the chosen ones first."""
    chosen, defaults = model_settings.fitted_params(name, value)
    assert not chosen.keys() & defaults.keys()
    return {**chosen, **defaults}
