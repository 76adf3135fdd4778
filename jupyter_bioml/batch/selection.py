"""Which notebooks a batch runs, and where their output notebooks go."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ..config import find_project
from ..errors import UsageError


def select_notebooks(paths: Iterable[Path], tag: str | None, output_dir: Path | None = None) -> list[Path]:
    """Absolute paths of the notebooks meant by ``paths``, in order, each once.

    A file that is not a readable notebook stays in the list if its tags are unknown: running it says why.

    :raises UsageError: if a path does not exist or is not a notebook, or nothing is selected.
    """
    found: dict[str, Path] = {}
    for path in paths:
        for notebook in _notebooks_at(path, output_dir):
            found.setdefault(os.path.realpath(notebook), notebook.absolute())
    if not found:
        raise UsageError("No notebooks found.", next="Give notebooks (.ipynb) or folders that hold some.")
    chosen = [path for path in found.values() if tag is None or _has_tag(path, tag)]
    if not chosen:
        raise UsageError(
            f"None of {len(found)} notebooks has the tag {tag!r}.",
            next='Tags are read from the notebook\'s metadata: {"bioml": {"tags": ["nightly"]}}.',
        )
    return chosen


def _notebooks_at(path: Path, output_dir: Path | None) -> Iterator[Path]:
    if path.is_file():
        if path.suffix != ".ipynb":
            raise UsageError(f"{str(path)!r} is not a notebook (.ipynb).")
        yield path
        return
    if not path.is_dir():
        raise UsageError(f"{str(path)!r} does not exist.")
    outputs = None if output_dir is None else output_dir.resolve()
    for folder, subfolders, files in os.walk(path):
        subfolders[:] = sorted(
            name
            for name in subfolders
            if not name.startswith(".") and (outputs is None or Path(folder, name).resolve() != outputs)
        )
        yield from (Path(folder, name) for name in sorted(files) if _is_notebook_name(name))


def _is_notebook_name(name: str) -> bool:
    return name.endswith(".ipynb") and not name.startswith(".")


def _has_tag(path: Path, tag: str) -> bool:
    try:
        metadata = json.loads(path.read_text(encoding="utf-8"))["metadata"]
    except (OSError, ValueError, KeyError, TypeError):
        return True
    ours = metadata.get("bioml") if isinstance(metadata, dict) else None
    tags = ours.get("tags") if isinstance(ours, dict) else None
    return isinstance(tags, list) and tag in tags


def default_folder(first: Path) -> Path:
    """A new folder for output notebooks: ``.bioml/outputs/<time>`` of the project that ``first`` belongs to.

    :raises UsageError: when it cannot be made.
    """
    outputs = find_project(first.parent).home / "outputs"
    name = time.strftime("%Y%m%dT%H%M%S", time.gmtime())
    folder, number = outputs / name, 1
    while True:
        try:
            folder.mkdir(parents=True)
            return folder
        except OSError as error:
            if not folder.exists():
                raise UsageError(
                    f"{outputs} cannot be written ({error.strerror or error}).",
                    next="Choose another folder with --output-dir.",
                ) from None
            number += 1
            folder = outputs / f"{name}-{number}"


def output_paths(notebooks: Sequence[Path], folder: Path) -> list[Path]:
    """Below ``folder`` the outputs lie as the notebooks lie below their common folder.

    :raises UsageError: when an output would overwrite its notebook.
    """
    common = os.path.commonpath([path.parent for path in notebooks])
    outputs = []
    for path in notebooks:
        output = folder / os.path.relpath(path, common)
        if output.resolve() == path.resolve():
            raise UsageError(
                f"The output of {path.name!r} would overwrite the notebook itself.",
                next="Choose another folder with --output-dir.",
            )
        outputs.append(output)
    return outputs
