"""Which libraries a notebook imports at its top, so that a template can have them imported already."""

from __future__ import annotations

import ast
import json
import os
from collections.abc import Iterator
from pathlib import Path

from .kernelspec import NATIVE, notebook_language

#: Libraries that take long to import, and whose import has no effect but the modules themselves. Others are imported by
#: the notebooks: who knows what they begin, open or remember when they are.
KNOWN = frozenset(
    {
        *("Bio", "anndata", "matplotlib", "networkx", "numpy", "pandas", "pyarrow", "scipy", "seaborn", "skimage"),
        *("sklearn", "statsmodels", "sympy", "torch"),
    }
)


def known_imports(notebook: Path) -> tuple[str, ...]:
    """Modules of :data:`KNOWN` libraries that the notebook's cells import unconditionally, in order, each once.

    Empty for a file that is not a Python notebook. A library that a file or folder beside the notebook stands in for is
    left out, as the notebook imports that one.
    """
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        sources = [_text(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    except (OSError, ValueError, KeyError, TypeError):
        return ()
    found = dict.fromkeys(name for source in sources for name in _imported(source))
    return tuple(name for name in found if _is_known(name, notebook.parent))


def imports_of_native(notebook: Path) -> tuple[str, ...] | None:
    """As :func:`known_imports`; None where the file alone does not say that this Python runs the notebook."""
    try:
        metadata = json.loads(notebook.read_text(encoding="utf-8"))["metadata"]
        name = metadata.get("kernelspec", {}).get("name", NATIVE)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return known_imports(notebook) if name == NATIVE and notebook_language(metadata) == "python" else None


def _text(source: str | list[str]) -> str:
    return source if isinstance(source, str) else "".join(source)


def _imported(source: str) -> Iterator[str]:
    """Names in the import statements at the top level of a cell; none of a cell with magics or mistakes."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        tree = ast.parse(
            "\n".join(line for line in source.splitlines() if line.startswith(("import ", "from ")) and _parses(line))
        )
    for statement in tree.body:
        if isinstance(statement, ast.Import):
            yield from (alias.name for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom) and statement.module and not statement.level:
            yield statement.module


def _parses(line: str) -> bool:
    try:
        ast.parse(line)
    except (SyntaxError, ValueError):
        return False
    return True


def _is_known(name: str, folder: Path) -> bool:
    root = name.partition(".")[0]
    return root in KNOWN and not any(os.path.lexists(folder / there) for there in (root, f"{root}.py"))
