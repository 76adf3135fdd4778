"""The imports of code, their distributions, and a project's declared requirements: read from text, nothing is run."""

from __future__ import annotations

import ast
import contextlib
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import BiomlError, UsageError
from ..host.distributions import canonical_name
from ..journal.blobs import Blobs
from ..notebooks.code_text import Text
from ..records.run import RunRecord
from ..text.present import printable, shorten
from .latest import requirement_name
from .lock import OWN

#: Files that say what a project needs, in the order in which they count.
PYPROJECT, REQUIREMENTS = "pyproject.toml", "requirements.txt"
#: Lines of a requirements file that are not requirements: options, and addresses without a name.
_NO_REQUIREMENT = re.compile(r"^(?:-|[A-Za-z][A-Za-z0-9+.-]*:|[./])")
_IMPORTERS = ("import_module", "__import__", "importorskip")


def imported_modules(sources: Iterable[str], *, cells: bool = True) -> set[str]:
    """Dotted names of all modules that the sources import, those of Python itself and relative ones left out.

    :param cells: the sources are cells, which may hold magics and shell lines.
    """
    found: set[str] = set()
    for source in sources:
        tree = Text(source, 1 if cells else None).tree
        for node in ast.walk(tree) if tree is not None else ():
            found.update(_imported(node))
    return {name for name in found if name.partition(".")[0] not in sys.stdlib_module_names}


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        # "from google.cloud import storage": the distribution is known by the longer name
        yield from (f"{node.module}.{alias.name}" for alias in node.names)
    elif isinstance(node, ast.Call) and node.args:
        called = getattr(node.func, "id", getattr(node.func, "attr", ""))
        name = node.args[0]
        if called in _IMPORTERS and isinstance(name, ast.Constant) and isinstance(name.value, str):
            yield name.value


def distributions_of(modules: Iterable[str], document: Mapping[str, Any]) -> dict[str, list[str]]:
    """Module → the recorded distributions that it belongs to, by their canonical names; none: an empty list.

    Names that the record holds go first; equal names are the fall-back, where a distribution has no RECORD or comes
    from an older record. Where several share a name (``mlflow``, ``mlflow-skinny``), that of the equal name is meant.
    """
    by_import: dict[str, list[str]] = {}
    for item in document.get("distributions") or ():
        name = canonical_name(str(item["name"]))
        for imported in item.get("imports") or [name.replace("-", "_")]:
            by_import.setdefault(str(imported).lower(), []).append(name)
    return {module: _longest(module.lower(), by_import) for module in modules}


def _longest(module: str, by_import: Mapping[str, list[str]]) -> list[str]:
    parts = module.split(".")
    for length in range(len(parts), 0, -1):
        known = by_import.get(".".join(parts[:length]))
        if known:
            equal = canonical_name(parts[0])
            return [equal] if equal in known else sorted(known)
    return []


def direct_requirements(modules: Iterable[str], document: Mapping[str, Any], declared: Sequence[str] = ()) -> list[str]:
    """The requirements for ``latest``: the declared ones, and the recorded distributions of imported modules.

    A module of no recorded distribution is one of the project or has no distribution: its name is never looked up on
    an index. Ours is left out.
    """
    found = {requirement_name(text): text for text in declared}
    for names in distributions_of(modules, document).values():
        for name in names:
            found.setdefault(name, name)
    return [found[name] for name in sorted(found) if name != OWN]


# -- what is declared --------------------------------------------------------------------------------


@dataclass(frozen=True)
class DeclaredRequirements:
    """A project's declared requirements."""

    requirements: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    """The files that declare them."""


def declared_beside(folder: Path, root: Path) -> DeclaredRequirements:
    """The requirements of the nearest folder, from ``folder`` up to ``root``, that declares any.

    ``[project] dependencies`` of ``pyproject.toml`` and the lines of ``requirements.txt``, followed files included.

    :raises UsageError: when such a file cannot be read; it says which line.
    """
    folder, root = folder.resolve(), root.resolve()
    for place in (folder, *folder.parents):
        files = [place / name for name in (PYPROJECT, REQUIREMENTS) if (place / name).is_file()]
        lines = [line for file in files for line in _lines(file, set())]
        if lines:
            return DeclaredRequirements(tuple(dict.fromkeys(lines)), tuple(str(file) for file in files))
        if place == root or not place.is_relative_to(root):
            break
    return DeclaredRequirements()


def _lines(file: Path, seen: set[Path]) -> Iterator[str]:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{printable(str(file))} cannot be read: {error}.") from None
    if file.name == PYPROJECT:
        yield from _of_pyproject(file, text)
        return
    seen.add(file)
    for number, line in enumerate(text.replace("\\\n", " ").splitlines(), 1):
        line = re.sub(r"(^|\s)#.*$", "", line).partition(" --hash")[0].strip()
        if followed := re.match(r"(?:-r|--requirement)[ =]*(\S+)", line):
            other = (file.parent / followed[1]).resolve()
            if other not in seen and other.is_file():
                yield from _lines(other, seen)
        elif line and not _NO_REQUIREMENT.match(line):
            yield _checked(line, f"{file}, line {number}")


def _of_pyproject(file: Path, text: str) -> Iterator[str]:
    import tomllib

    try:
        project = tomllib.loads(text).get("project", {})
        listed = [str(line) for line in project.get("dependencies", ())]
    except (tomllib.TOMLDecodeError, AttributeError, TypeError) as error:
        raise UsageError(f"{printable(str(file))} cannot be read: {error}.", next="Fix the file.") from None
    for line in listed:
        yield _checked(line, str(file))


def _checked(line: str, place: str) -> str:
    try:
        requirement_name(line)
    except UsageError as error:
        raise UsageError(f"{printable(place)}: {error.message}", next="Fix that line.") from None
    return line


# -- the report --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ImportReport:
    """Imports against the lock and against what is declared; each name is canonical, except modules."""

    imported: dict[str, tuple[str, ...]]
    """Module → its distributions."""
    unknown: tuple[str, ...] = ()
    """Imported modules that are neither in the lock nor in the project."""
    undeclared: tuple[str, ...] = ()
    """Distributions that are imported and not declared."""
    unused: tuple[str, ...] = ()
    """Distributions that are declared and not imported."""
    not_installed: tuple[str, ...] = ()
    """Distributions that are declared and not in the lock."""
    files: tuple[str, ...] = ()
    """Files that declare requirements; without any, nothing can be undeclared or unused."""

    @property
    def clean(self) -> bool:
        """Every import belongs to a recorded distribution that is declared, and what is declared is in the lock."""
        return not (self.unknown or self.undeclared or self.not_installed)

    def sentences(self) -> Iterator[str]:
        """The findings, worst first."""
        said = (
            (self.unknown, "imported, but not in any recorded distribution"),
            (self.not_installed, "declared, but not installed"),
            (self.undeclared, "imported, but not declared"),
            (self.unused, "declared, but not imported"),
        )
        yield from (f"{what}: {printable(shorten(', '.join(names), 400))}" for names, what in said if names)


def import_report(
    modules: Iterable[str], document: Mapping[str, Any], declared: DeclaredRequirements, local: Iterable[str] = ()
) -> ImportReport:
    """Compare what is imported with the lock and with what is declared.

    :param local: top-level names of the project's own modules.
    """
    own = {name.partition(".")[0] for name in local}
    found = distributions_of([name for name in modules if name.partition(".")[0] not in own], document)
    used = {name for names in found.values() for name in names} - {OWN}
    said = {requirement_name(line) for line in declared.requirements} - {OWN}
    installed = {canonical_name(str(item["name"])) for item in document.get("distributions") or ()}
    nowhere = {name.partition(".")[0] for name, names in found.items() if not names}
    return ImportReport(
        {name: tuple(names) for name, names in sorted(found.items())},
        tuple(sorted(nowhere)),
        tuple(sorted(used - said)) if declared.files else (),
        tuple(sorted(said - used)),
        tuple(sorted(said - installed)),
        declared.files,
    )


def local_modules(folder: Path) -> set[str]:
    """Names that can be imported from a folder: its Python files and packages."""
    try:
        found = list(folder.iterdir())
    except OSError:
        return set()
    return {path.stem for path in found if path.suffix == ".py"} | {path.name for path in found if path.is_dir()}


def modules_of_record(record: RunRecord, blobs: Blobs) -> set[str]:
    """Imports of a run's cells and recorded modules, without the project's own modules."""
    own = {module.name.partition(".")[0] for module in record.modules}
    texts = []
    for module in record.modules:
        with contextlib.suppress(BiomlError):  # not kept here: then its imports are not known
            texts.append(blobs.get(module.blob).decode("utf-8", "replace") if module.blob else "")
    cells = [*(prior.source for prior in record.before), record.code.source]
    found = imported_modules(cells) | imported_modules(texts, cells=False)
    return {name for name in found if name.partition(".")[0] not in own}


def modules_of_notebook(path: Path) -> set[str]:
    """Imports of a notebook's code cells.

    :raises UsageError: when it cannot be read.
    """
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{printable(str(path))} cannot be read as a notebook: {error}.") from None
    return imported_modules(sources)
