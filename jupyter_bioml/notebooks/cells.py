"""Which cells of a notebook run: the tags of cells, and the words that ``--cells`` takes.

=====================  =====================================================================
tag of a cell          the cell runs
=====================  =====================================================================
``skip-execution``     never
``only:NAME``          only where NAME is named, by ``tag:NAME`` or by the batch's ``--tag``
=====================  =====================================================================

=====================  =====================================================================
word of ``--cells``    meaning
=====================  =====================================================================
``tag:NAME``           switch on the cells tagged ``only:NAME``
``only:NAME``          run only cells tagged NAME; of several such words any will do
``skip:NAME``          leave out cells tagged NAME
=====================  =====================================================================

Leaving out wins. The cell tagged ``parameters`` always runs. A cell that is left out gets the tag
``skip-execution`` in the output notebook, and why under ``bioml.left_out`` in its metadata.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import UsageError
from ..text.present import printable, shorten
from .parameters import PARAMETERS_TAG, tags_of

SKIPPED = "skip-execution"
LEFT_OUT = "bioml.left_out"
_ONLY = "only:"


@dataclass(frozen=True)
class CellChoice:
    """The selection by ``--cells`` and ``--tag``."""

    on: frozenset[str] = frozenset()
    only: frozenset[str] = frozenset()
    skip: frozenset[str] = frozenset()

    def why_not(self, tags: Sequence[str]) -> str | None:
        """Why a code cell with these tags is left out; None: it runs."""
        if PARAMETERS_TAG in tags:
            return None
        for tag in tags:
            if tag in self.skip:
                return f"skip:{tag}"
        gates = [tag.removeprefix(_ONLY) for tag in tags if tag.startswith(_ONLY)]
        if gates and not self.on.intersection(gates):
            return f"it is tagged {_ONLY}{gates[0]}"
        if self.only and not self.only.intersection(tags):
            return " ".join(f"{_ONLY}{name}" for name in sorted(self.only))
        return None


def cell_choice(words: Iterable[str], tag: str | None = None) -> CellChoice:
    """The choice of the words of ``--cells`` and the batch's ``--tag``.

    :raises UsageError: naming a word that has no meaning.
    """
    found: dict[str, set[str]] = {"tag": set() if tag is None else {tag}, "only": set(), "skip": set()}
    for word in words:
        kind, colon, name = word.strip().partition(":")
        if kind not in found or not colon or not name:
            raise UsageError(
                f"{printable(shorten(word, 80))!r} says nothing about cells.",
                next="Words are tag:NAME, only:NAME and skip:NAME, separated by commas.",
            )
        found[kind].add(name)
    return CellChoice(frozenset(found["tag"]), frozenset(found["only"]), frozenset(found["skip"]))


def leave_out(notebook: Any, choice: CellChoice) -> Any:
    """Tag the code cells that are left out, so that any runner of the notebook skips them. The document is changed."""
    for cell in notebook["cells"]:
        tags = tags_of(cell)
        if cell["cell_type"] != "code" or SKIPPED in tags:
            continue
        why = choice.why_not(tags)
        if why is not None:
            cell["metadata"]["tags"] = [*tags, SKIPPED]
            cell["metadata"][LEFT_OUT] = why
    return notebook


def unused_words(choice: CellChoice, notebooks: Iterable[Mapping[str, Any]]) -> list[str]:
    """Names of ``only:`` and ``skip:`` words that no cell of the notebooks is tagged with."""
    wanted = choice.only | choice.skip
    for notebook in notebooks:
        for cell in notebook.get("cells") or ():
            wanted = wanted.difference(tags_of(cell))
    return sorted(wanted)
