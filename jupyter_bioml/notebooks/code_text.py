"""The planned cells as syntax trees, with what their names stand for: read, never run."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from .cell_magics import as_python, flat_code


@dataclass(frozen=True)
class Text:
    """One piece of code: a planned cell, or a module of the project."""

    source: str
    cell: int | None = None
    """Its number in the planned notebook, from 1; None for a module."""
    name: str | None = None
    """The module's path relative to the project."""

    @property
    def label(self) -> str:
        """The cell's number, or the name of the module."""
        return f"cell {self.cell}" if self.cell is not None else str(self.name)

    @cached_property
    def python(self) -> str:
        """The source as Python sees it: magics and shell lines translated, line numbers kept.

        What IPython's own magics run stands in their place; what ``%%timeit`` repeats, too: it has run.
        """
        lines = self.source.split("\n")
        if self.cell is None or not any(line.lstrip().startswith(("%", "!", "?")) or "= %" in line for line in lines):
            return self.source
        text = as_python(self.source)
        if text is None:
            return self.source
        flat = flat_code(text, timed=True)
        if flat is None:
            return text
        gone = len(self.source.rstrip().split("\n")) - len(flat.text.rstrip().split("\n"))
        return "\n" * gone + flat.text

    @cached_property
    def tree(self) -> ast.Module | None:
        """None when it is not valid Python."""
        try:
            return ast.parse(self.python)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None

    def segment(self, node: ast.expr) -> str:
        """The node's own text on one line, cut."""
        text = ast.get_source_segment(self.python, node) or ast.unparse(node)
        return " ".join(text.split())

    def line_of(self, node: ast.AST) -> str:
        """The whole line that the node begins on."""
        number = getattr(node, "lineno", 1)
        lines = self.python.split("\n")
        return lines[number - 1].strip() if number <= len(lines) else ""


class Names:
    """Names by the imports of all texts together: ``np`` → ``numpy``."""

    def __init__(self, texts: Iterable[Text]) -> None:
        self.texts = tuple(texts)
        self.origins: dict[str, str] = {}
        self.imported: set[str] = set()
        """Top-level names of every module imported."""
        for text in self.texts:
            for node in ast.walk(text.tree) if text.tree is not None else ():
                self._learn(node)

    def _learn(self, node: ast.AST) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                self.imported.add(top)
                self.origins[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            self.imported.add(node.module.partition(".")[0])
            for alias in node.names:
                self.origins[alias.asname or alias.name] = f"{node.module}.{alias.name}"

    def meaning(self, node: ast.expr) -> str | None:
        """The dotted name that an expression stands for; None when it is not a chain of names."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return None
        return ".".join([self.origins.get(node.id, node.id), *reversed(parts)])

    def calls(self) -> Iterator[tuple[Text, ast.Call, str]]:
        """Every call of a named function: where it stands, and the function's dotted name."""
        for text in self.texts:
            for node in ast.walk(text.tree) if text.tree is not None else ():
                if isinstance(node, ast.Call) and (meaning := self.meaning(node.func)):
                    yield text, node, meaning


def bound_names(tree: ast.Module) -> set[str]:
    """Names that running the code binds at its top level, loops, ``with`` and imports included."""
    found: set[str] = set()
    left: list[ast.AST] = list(tree.body)
    while left:
        node = left.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
            continue
        if isinstance(node, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            continue
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            found |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            found.add(node.name)
        left += ast.iter_child_nodes(node)
    return found
