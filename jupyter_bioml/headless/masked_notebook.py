"""The output notebook: whatever its cells hold and print, no secret is written into it.

The kernel runs the notebook as it is; only what goes to the disk, and what the engine hands back, is masked: sources,
outputs and metadata.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..redact import redact, redact_value, without_values

#: In the metadata of an output notebook: why it cannot be run from here.
MASKED = "bioml.masked"
#: Pictures and other bytes in base64: no text of theirs can be read in the file.
_BYTES = ("image/png", "image/jpeg", "image/gif", "image/webp", "audio/", "video/", "application/pdf")


class NotebookMask:
    """Masks one notebook, again and again while it grows: a text that was looked at is known the next time.

    :param values: the spellings of secret parameters, which are masked whatever they look like.
    """

    def __init__(self, values: Sequence[str] = ()) -> None:
        self._values = tuple(values)
        self._known: dict[str, str] = {}

    def notebook(self, nb: Any) -> Any:
        """A copy of ``nb`` without secrets."""
        made = self._node(type(nb), {**nb, "metadata": redact_value(dict(nb["metadata"]))})
        changed = sum(new["source"] != old["source"] for new, old in zip(made["cells"], nb["cells"], strict=True))
        if changed:
            said = f"[secret:…] stands for a secret in the source of {changed} of its cells: run the original notebook."
            made["metadata"][MASKED] = said
        return made

    def _node(self, kind: type, node: Any) -> Any:
        if isinstance(node, str):
            return self._text(node)
        if isinstance(node, Mapping):
            return kind({self._text(str(key)): self._item(kind, str(key), item) for key, item in node.items()})
        if isinstance(node, (list, tuple)):
            return [self._node(kind, item) for item in node]
        return node

    def _item(self, kind: type, key: str, item: Any) -> Any:
        if key.startswith(_BYTES):
            return item
        if key == "traceback" and isinstance(item, list):  # a secret can continue in the next line
            return self._text("\n".join(map(str, item))).split("\n")
        return self._node(kind, item)

    def _text(self, text: str) -> str:
        known = self._known.get(text)
        if known is None:
            known = self._known[text] = redact(without_values(text, self._values))
        return known
