"""Everything that is declared for a notebook: in the files beside it or above it, and in its own lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from .conda_files import of_environment
from .install_lines import CellText, of_cells
from .lock_files import of_lock
from .project_files import of_pipfile, of_pyproject, of_python_file, of_setup_cfg, of_setup_py
from .requirement_files import FileNotRead, ProjectFiles, in_group, of_requirements
from .statement import Declaration, Declared, NotCompared, Said

#: Folders beside a notebook that hold its declarations too: Binder reads them, and pip's files have one of their own.
_FOLDERS = ("", "binder", ".binder", "requirements")
_READERS: dict[str, Callable[[Path, ProjectFiles], Iterator[Said]]] = {
    "pyproject.toml": of_pyproject,
    "setup.cfg": of_setup_cfg,
    "setup.py": of_setup_py,
    "requirements.txt": of_requirements,
    "environment.yml": of_environment,
    "environment.yaml": of_environment,
    "conda.yml": of_environment,
    "conda.yaml": of_environment,
    "Pipfile": of_pipfile,
    ".python-version": of_python_file,
    "runtime.txt": of_python_file,
    "poetry.lock": of_lock,
    "uv.lock": of_lock,
    "pdm.lock": of_lock,
    "Pipfile.lock": of_lock,
}
#: Further files of the same kinds, each an optional group: ``requirements-dev.txt``, ``environment-gpu.yml``.
_FURTHER = (
    (re.compile(r"requirements[-_.]?(.+)\.(?:txt|in)|(.+?)[-_.]?requirements\.(?:txt|in)", re.I), of_requirements),
    (re.compile(r"(?:environment|conda)[-_.]?(.+)\.ya?ml|(.+?)[-_.]?environment\.ya?ml", re.I), of_environment),
)
#: Names listed to a reader who asks what would count.
LOOKED_FOR = (
    "requirements*.txt, pyproject.toml, environment.yml, setup.cfg, setup.py, Pipfile, .python-version or lock file"
)


def declared_for(folder: Path, root: Path, cells: Sequence[CellText] = ()) -> Declared:
    """What is declared for a notebook of ``folder``.

    Files count from the nearest folder, up to ``root``, that declares anything; the cells count beside them.
    """
    folder, root = folder.resolve(), root.resolve()
    inside = folder.is_relative_to(root)
    reading = ProjectFiles(root if inside else folder)
    said: list[Said] = []
    files: list[str] = []
    for place in (folder, *folder.parents):
        said, files = _of_folder(place, reading)
        if said or place == root or not inside:
            break
    own = ProjectFiles(reading.root)
    in_cells, hints = of_cells(cells, folder, own)
    # a file that a cell installs is required then, whatever its name said
    once = {(one.place, one.text): one for one in (*said, *in_cells)}
    places = dict.fromkeys([*reading.index_options, *own.index_options])
    lines = [f"{place}: another index is named; set PIP_EXTRA_INDEX_URL" for place in places]
    return Declared(
        tuple(one for one in once.values() if isinstance(one, Declaration)),
        tuple(one for one in once.values() if isinstance(one, NotCompared)),
        tuple(files),
        (*hints, *lines),
    )


def _of_folder(folder: Path, reading: ProjectFiles) -> tuple[list[Said], list[str]]:
    said: list[Said] = []
    files: list[str] = []
    for part in _FOLDERS:
        names = _names(folder / part)
        for file, reader, group in _files(folder / part, names):
            found = list(_read(file, reader, reading))
            if found:
                files.append(str(file))
            said += in_group(iter(found), group) if group else found
    return said, files


def _names(folder: Path) -> list[str]:
    try:
        return sorted(path.name for path in folder.iterdir())
    except OSError:
        return []


def _files(
    folder: Path, names: Iterable[str]
) -> Iterator[tuple[Path, Callable[[Path, ProjectFiles], Iterator[Said]], str | None]]:
    names = [name for name in names if (folder / name).is_file()]
    for known, reader in _READERS.items():
        if known in names:
            yield folder / known, reader, None
    for name in names:
        for pattern, reader in _FURTHER:
            if name not in _READERS and (match := pattern.fullmatch(name)):
                yield folder / name, reader, match[1] or match[2]
        if folder.name == "requirements" and name.endswith(".txt") and "requirements" not in name:
            yield folder / name, of_requirements, name.removesuffix(".txt")


def _read(file: Path, reader: Callable[[Path, ProjectFiles], Iterator[Said]], reading: ProjectFiles) -> Iterator[Said]:
    """What a reader finds, and the reason where it has to stop."""
    if not reading.inside(file):
        yield NotCompared(file.name, reading.shown(file), "a link out of the project, which is not read")
        return
    try:
        yield from reader(file, reading)
    except FileNotRead as error:
        yield NotCompared(file.name, reading.shown(file), f"cannot be read: {error}", unreadable=True)
