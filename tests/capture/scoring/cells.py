"""Cells that run as a notebook's do, with a ScoreObserver around each."""

from __future__ import annotations

from typing import Any

from jupyter_bioml.capture.scoring.calls import ScoreCall
from jupyter_bioml.capture.scoring.observer import ScoreObserver


class Cells:
    """A namespace, and the observer that sees what is called in it."""

    def __init__(self, **observer: Any) -> None:
        self.names: dict[str, Any] = {"__name__": "__main__"}
        self.observer = ScoreObserver(**observer)
        self.observer.install()
        self.count = 0

    def run(self, source: str) -> list[ScoreCall]:
        """The scoring calls of a cell that runs to its end."""
        self.count += 1
        code = compile(source, f"/tmp/ipykernel_7/{self.count}.py", "exec")
        self.observer.start(self.names, run=f"run{self.count}")
        try:
            exec(code, self.names)
        finally:
            calls = self.observer.finish()
        return calls

    def prepare(self, source: str) -> None:
        """A cell whose scores are of no interest."""
        self.run(source)


def told(calls: list[ScoreCall]) -> list[tuple[str, list[str], str, list[str]]]:
    """(short name, parts, how the models were found, their classes) of each call."""
    return [
        (
            call.short,
            list(dict.fromkeys(one.part for one in call.numbers)),
            call.found_by,
            [model.kind for model in call.models],
        )
        for call in calls
    ]
