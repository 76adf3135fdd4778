"""The output notebook of a run with secret parameters: whatever it prints, their values are not in it.

Imports papermill, through :mod:`.client`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..redact import without_values
from .client import CellStates


class SecretStates(CellStates):
    """Keeps the output notebook without the values of secrets.

    :param values: their spellings.
    """

    def __init__(self, *args: Any, values: Sequence[str], **kwargs: Any) -> None:
        self._values = values
        super().__init__(*args, **kwargs)

    def save(self, **kwargs: Any) -> None:
        """Mask the outputs in place, then write the notebook."""
        for cell in self.nb.cells:
            if cell.get("outputs"):
                cell["outputs"] = [masked(output, self._values) for output in cell["outputs"]]
        super().save(**kwargs)


def masked(node: Any, values: Sequence[str]) -> Any:
    """A piece of a notebook with the values masked in every text, keys included."""
    if isinstance(node, str):
        return without_values(node, values)
    if isinstance(node, dict):
        return type(node)({without_values(str(key), values): masked(item, values) for key, item in node.items()})
    if isinstance(node, (list, tuple)):
        return [masked(item, values) for item in node]
    return node
