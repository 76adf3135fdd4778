"""A cell run by hand: what the tests of FileObserver share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_bioml.capture.files.observer import FileObserver
from jupyter_bioml.config import find_project
from jupyter_bioml.records.run import DataUse

Cell = Callable[[Callable[[], Any]], dict[str, DataUse]]


@contextmanager
def observing(project: Path) -> Iterator[FileObserver]:
    """An observer that is in place."""
    observer = FileObserver(find_project(project))
    observer.install()
    try:
        yield observer
    finally:
        observer.uninstall()


def cells(observer: FileObserver) -> Cell:
    """Run a function as a cell; the files it used by name."""

    def run(body: Callable[[], Any]) -> dict[str, DataUse]:
        observer.start()
        body()
        uses = observer.finish()
        assert len({use.path for use in uses}) == len(uses)
        return {use.name: use for use in uses}

    return run


def roles(uses: dict[str, DataUse]) -> dict[str, str]:
    return {name: use.role for name, use in uses.items()}


def read(path: Any, mode: str = "r") -> Any:
    with open(path, mode) as file:
        return file.read()


def write(path: Any, text: str = "new", mode: str = "w") -> None:
    with open(path, mode) as file:
        file.write(text)
