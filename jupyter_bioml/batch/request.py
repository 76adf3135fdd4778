"""A batch request and its tasks; everything is checked before anything starts."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..headless.results import NotebookJob
from ..notebooks.cells import cell_choice, unused_words
from ..notebooks.parameters import Parameters, checked, declaration, read_parameters
from ..notebooks.top_imports import known_imports
from ..text.present import printable, shorten
from .grid import ParameterSets, chosen_sets, parse_grid, read_params_file
from .selection import output_paths, select_notebooks
from .tasks import Task

#: A shorter secret would be found in any text.
SHORTEST_SECRET = 4


@dataclass(frozen=True)
class BatchRequest:
    """Which notebooks, with which parameters, within which limits."""

    paths: tuple[Path, ...]
    """Notebooks and folders of notebooks."""
    tag: str | None = None
    """Only notebooks with this tag in their ``bioml.tags`` metadata."""
    cells: tuple[str, ...] = ()
    """Words of :mod:`.cells`."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """The same for every notebook: values, or texts to be read as the notebook's own types."""
    grid: tuple[str, ...] = ()
    """``NAME=VALUE,VALUE``: every combination is a task."""
    params_file: Path | None = None
    """YAML or JSON: a list of sets of parameters."""
    sample: int | None = None
    """Number of sets, drawn with ``seed``; None: all."""
    seed: int = 0
    secrets: Mapping[str, str] = field(default_factory=dict)
    """Parameter → environment variable that holds its value."""
    output_dir: Path | None = None
    """Folder for the output notebooks; None: ``.bioml/outputs/<time>`` of the first one's project."""
    timeout: float | None = None
    """Time limit for a notebook, in seconds."""
    cell_timeout: float | None = None
    """Time limit for a cell, in seconds."""

    @property
    def is_sweep(self) -> bool:
        """Several sets of parameters belong together."""
        return bool(self.grid) or self.params_file is not None

    def sets(self) -> ParameterSets:
        """The sets of parameters, not multiplied out.

        :raises UsageError: the grid or the file has no meaning.
        """
        if self.sample is not None and not self.is_sweep:
            raise UsageError("--sample needs --grid or --params-file.")
        file = [] if self.params_file is None else read_params_file(self.params_file)
        return ParameterSets(self.parameters, parse_grid(self.grid), file)


def selected(asked: BatchRequest) -> list[Path]:
    """The notebooks that are meant (see :func:`.selection.select_notebooks`)."""
    return select_notebooks(asked.paths, asked.tag, asked.output_dir)


def plan(asked: BatchRequest, notebooks: Sequence[Path], folder: Path) -> list[Task]:
    """One task for each notebook with each set of parameters.

    :param folder: where the output notebooks go.
    :raises UsageError: a parameter that a notebook does not have, or of another type; a secret that is not there; a
        word about cells that fits none; an output that would overwrite its notebook.
    """
    _check_secrets(asked.secrets)
    sets = asked.sets()
    chosen = list(chosen_sets(sets, asked.sample, asked.seed))
    documents = [_document(path) for path in notebooks]
    _check_cells(asked, documents)
    width = len(str(chosen[-1][0]))
    tasks = []
    for path, output, document in zip(notebooks, output_paths(notebooks, folder), documents, strict=True):
        known = None if document is None else read_parameters(document)
        job = _job(asked, path, output)
        identity = output.relative_to(folder).as_posix()
        for number, values in chosen:
            values = values if known is None else _checked(known, values, asked.secrets, path)
            if asked.is_sweep:
                suffix = f"{number:0{width}d}"
                numbered = output.with_name(f"{output.stem}.{suffix}{output.suffix}")
                one = replace(job, parameters=values, output=str(numbered))
                tasks.append(Task.of(f"{identity}@{suffix}", one))
            else:
                tasks.append(Task.of(identity, replace(job, parameters=values)))
    return tasks


def _job(asked: BatchRequest, path: Path, output: Path) -> NotebookJob:
    words = (*asked.cells, *(() if asked.tag is None else (f"tag:{asked.tag}",)))
    return NotebookJob(
        str(path),
        str(output),
        str(path.parent),
        timeout=asked.timeout,
        cell_timeout=asked.cell_timeout,
        secrets=dict(asked.secrets),
        cells=words,
        warm=known_imports(path),
    )


def _document(path: Path) -> dict[str, Any] | None:
    """The notebook; None for a file that is not one: running it says why."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(document, dict) or not isinstance(document.get("cells"), list):
        return None
    return document if all(isinstance(cell, dict) for cell in document["cells"]) else None


def _checked(known: Parameters, values: Mapping[str, Any], secrets: Mapping[str, str], path: Path) -> dict[str, Any]:
    where = printable(shorten(path.name, 120))
    for name in secrets:
        if name in values:
            raise UsageError(f"{name!r} is given twice, as a secret and as a parameter.")
        if known.python and declaration(known, name, where).kind not in (str, None):
            raise UsageError(f"{where}: {name!r} is not a text there; secret parameters must be texts.")
    return checked(known, values, where)


def _check_secrets(secrets: Mapping[str, str]) -> None:
    for name, variable in secrets.items():
        value = os.environ.get(variable)
        if value is None:
            raise UsageError(f"The secret parameter {name!r}: the environment variable {variable!r} is not set.")
        if len(value) < SHORTEST_SECRET:
            raise UsageError(
                f"The secret parameter {name!r}: {variable!r} holds fewer than {SHORTEST_SECRET} characters.",
                next="So short a text cannot be masked reliably.",
            )


def _check_cells(asked: BatchRequest, documents: Sequence[dict[str, Any] | None]) -> None:
    choice = cell_choice(asked.cells, asked.tag)
    unused = unused_words(choice, _known(documents))
    if unused and all(document is not None for document in documents):
        raise UsageError(f"No cell of these notebooks is tagged {', '.join(map(repr, unused))}.")


def _known(documents: Sequence[dict[str, Any] | None]) -> Iterator[dict[str, Any]]:
    return (document for document in documents if document is not None)
