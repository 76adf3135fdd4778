"""Files with a model of a run: what is loaded from one is that run's model again.

A file is the one that was written as long as its path, size, times and inode are: nothing is read or hashed for it.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from ..scores.syntax import bound_names, called
from .callees import callees
from .cellcode import CellCode
from .models_before import held

if TYPE_CHECKING:
    from .active import ModelRuns

#: Functions that give back what a file holds, and methods of a model that take it over.
_LOADS = frozenset(("load", "load_model", "read_pickle", "unpickle", "joblib_load", "load_learner"))
_TAKES = frozenset(("load_state_dict", "load_weights"))
#: Files that are remembered.
MOST = 1_000

Use = Mapping[str, Any]
"""A :class:`~..records.facts.DataUse` as the journal has it."""


class ModelFiles:
    """Which run's model the files hold that the cells of a session wrote."""

    def __init__(self, models: ModelRuns) -> None:
        self._models = models
        self._runs: dict[str, tuple[tuple[Any, ...], str]] = {}
        """Path → (its version, record id of the run)."""

    def written(self, code: CellCode, namespace: Mapping[str, Any], uses: Iterable[Use]) -> None:
        """A cell has ended: what it wrote holds the model that its text names, if all that it names are of one run."""
        wrote = [use for use in uses if use["role"] != "read" and use.get("path")]
        if not wrote:
            return
        runs = set(self._named(code, namespace))
        for use in wrote:
            self._runs.pop(use["path"], None)
            if len(runs) == 1 and len(self._runs) < MOST:
                self._runs[use["path"]] = (_version(use), next(iter(runs)))

    def _named(self, code: CellCode, namespace: Mapping[str, Any]) -> Iterator[str]:
        for name in code.reads:
            for _, model in held(name, namespace.get(name)):
                run = self._models.run_of(model)
                if run is not None:
                    yield run

    def read(self, code: CellCode, namespace: Mapping[str, Any], uses: Sequence[Use]) -> None:
        """A cell has ended: a model that it loaded from one of these files is that of the file's run."""
        runs = {
            use["path"]: known[1]
            for use in uses
            if (known := self._runs.get(use.get("path") or "")) is not None and known[0] == _version(use)
        }
        if not runs or _fits(code, namespace):
            return  # what is fitted on is another model
        only = set(runs.values()) if len(uses) == 1 else set()
        for name, statement in _loaded(code.body):
            files = _files_named(statement, namespace)
            of = {run for path, run in runs.items() if os.path.basename(path) in files} if files else only
            for _, model in held(name, namespace.get(name)) if len(of) == 1 else ():
                self._models.made(model, next(iter(of)))


def _files_named(statement: ast.stmt, namespace: Mapping[str, Any]) -> set[str]:
    """The last parts of the paths that a statement may open, as far as its texts and variables say them."""
    found = set()
    for node in ast.walk(statement):
        value = namespace.get(node.id) if isinstance(node, ast.Name) else getattr(node, "value", None)
        if isinstance(value, (str, PurePath)) and len(str(value)) > 1:
            found.add(os.path.basename(str(value)))
    return {name for name in found if "." in name}


def _fits(code: CellCode, namespace: Mapping[str, Any]) -> bool:
    found = callees(code, namespace)
    return bool(code.fits) or code.trains or found.fits or found.trains


def _version(use: Use) -> tuple[Any, ...]:
    return use.get("size"), use.get("mtime_ns"), use.get("inode")


def _loaded(body: Iterable[ast.stmt]) -> Iterator[tuple[str, ast.stmt]]:
    """(name, statement) of what a cell binds to what it loads, and of the objects that take it over."""
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Assign) and _calls(node.value, _LOADS):
                yield from ((name, statement) for target in node.targets for name in bound_names(target))
            elif isinstance(node, ast.Call) and called(node) in _TAKES:
                owner = getattr(node.func, "value", None)
                if isinstance(owner, ast.Name):
                    yield owner.id, statement


def _calls(value: ast.expr, functions: frozenset[str]) -> bool:
    return any(isinstance(node, ast.Call) and called(node) in functions for node in ast.walk(value))
