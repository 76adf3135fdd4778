"""Cells run one after another in one namespace, as a notebook's, and what is found of each."""

from __future__ import annotations

from typing import Any

from jupyter_bioml.capture.callees import callees
from jupyter_bioml.capture.cellcode import analyse, parse_cell
from jupyter_bioml.capture.find import find
from jupyter_bioml.capture.findings import Findings
from jupyter_bioml.capture.models_before import models_before


class Cells:
    """A notebook's namespace. What the cells define is of ``__main__``, as in a kernel."""

    def __init__(self, *sources: str) -> None:
        self.namespace: dict[str, Any] = {"__name__": "__main__"}
        for source in sources:
            self.run(source)

    def run(self, source: str, model: str | None = None) -> Findings:
        """Run one cell; what is found of it."""
        tree = parse_cell(source)
        assert tree is not None
        code = analyse(tree.body, self.namespace, set(), source)
        before = models_before(code, callees(code, self.namespace), self.namespace)
        exec(compile(tree, "<cell>", "exec"), self.namespace)
        return find(code, self.namespace, {}, {}, model=model, before=before)


def reasons(found: Findings) -> list[str]:
    """The reasons of the gaps that speak of models."""
    return [gap.reason for gap in found.gaps if gap.part == "model"]
