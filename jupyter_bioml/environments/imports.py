"""The imports of code, their distributions, and how they fit what is declared: read from text, nothing is run."""

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
from .declared.install_lines import CellText
from .declared.statement import LIMIT_ONLY, PYTHON_ITSELF, REQUIRED, Declared
from .latest import requirement_name
from .lock import OWN

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
            (self.not_installed, "declared, but not in the lock"),
            (self.undeclared, "imported, but not declared"),
            (self.unused, "declared, but not imported"),
        )
        yield from (f"{what}: {printable(shorten(', '.join(names), 400))}" for names, what in said if names)


def import_report(
    modules: Iterable[str],
    document: Mapping[str, Any],
    declared: Declared,
    local: Iterable[str] = (),
    *,
    locked: bool = True,
) -> ImportReport:
    """Compare what is imported with the lock and with what is declared.

    :param local: top-level names of the project's own modules.
    :param locked: whether the document is a lock; what is declared and not installed is told elsewhere.
    """
    own = {name.partition(".")[0] for name in local}
    found = distributions_of([name for name in modules if name.partition(".")[0] not in own], document)
    used = {name for names in found.values() for name in names} - {OWN}
    named = [one for one in declared.statements if one.weight != LIMIT_ONLY and one.name != PYTHON_ITSELF]
    # a conda package may be a program: that it is not imported says nothing
    needed = {one.name for one in named if one.weight == REQUIRED and not one.conda} - {OWN}
    installed = {canonical_name(str(item["name"])) for item in document.get("distributions") or ()}
    nowhere = {name.partition(".")[0] for name, names in found.items() if not names}
    return ImportReport(
        {name: tuple(names) for name, names in sorted(found.items())},
        tuple(sorted(nowhere)),
        tuple(sorted(used - {one.name for one in named})) if declared.files else (),
        tuple(sorted(needed - used)),
        tuple(sorted(needed - installed)) if locked else (),
        declared.files,
    )


def local_modules(folder: Path) -> set[str]:
    """Names that can be imported from a folder: its Python files and packages."""
    try:
        found = list(folder.iterdir())
    except OSError:
        return set()
    return {path.stem for path in found if path.suffix == ".py"} | {path.name for path in found if path.is_dir()}


def cells_of_record(record: RunRecord) -> list[CellText]:
    """A run's own cell and those before it, as they were run."""
    before = [CellText(f"the cell {number} before the run", one.source) for number, one in enumerate(record.before, 1)]
    return [*before, CellText("the run's cell", record.code.source)]


def modules_of_record(record: RunRecord, blobs: Blobs) -> set[str]:
    """Imports of a run's cells and recorded modules, without the project's own modules."""
    own = {module.name.partition(".")[0] for module in record.modules}
    texts = []
    for module in record.modules:
        with contextlib.suppress(BiomlError):  # not kept here: then its imports are not known
            texts.append(blobs.get(module.blob).decode("utf-8", "replace") if module.blob else "")
    found = imported_modules(cell.source for cell in cells_of_record(record)) | imported_modules(texts, cells=False)
    return {name for name in found if name.partition(".")[0] not in own}


def python_of_notebook(path: Path) -> str | None:
    """The version of the Python that saved a notebook, as its metadata says; None where they do not."""
    try:
        metadata = json.loads(path.read_text(encoding="utf-8"))["metadata"]
        about = metadata["language_info"]
        version = str(about["version"]) if about["name"] == "python" else ""
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return version if re.fullmatch(r"\d+\.\d+[\w.+]{0,20}", version) else None


def cells_of_notebook(path: Path) -> list[CellText]:
    """A notebook's code cells, each called by its number among all cells.

    :raises UsageError: when it cannot be read.
    """
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        return [
            CellText(f"{path.name}, cell {number}", "".join(cell["source"]))
            for number, cell in enumerate(cells, 1)
            if cell["cell_type"] == "code"
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{printable(str(path))} cannot be read as a notebook: {error}.") from None
