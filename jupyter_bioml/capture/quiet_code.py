"""Code that reads no data, for sure: imports of installed packages, settings, definitions, seeds.

Of a cell that ran while tracking was off only the text is known. What is not certain to be quiet may have read.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable

from ..config import Project
from .calls import dotted

#: Line magics that read no data of the user's.
_MAGICS = frozenset(
    {"matplotlib", "config", "load_ext", "reload_ext", "unload_ext", "autoreload", "bioml", "pip", "conda", "mamba",
     "uv", "pylab", "precision", "xmode", "who", "whos", "pwd", "history", "time", "colors", "pinfo", "pinfo2", "env"}
)  # fmt: skip
#: Last parts of names of functions that seed or configure.
_SETTINGS = frozenset(
    {"seed", "manual_seed", "manual_seed_all", "set_seed", "set_random_seed", "seed_everything", "filterwarnings",
     "simplefilter", "set_option", "set_theme", "set_style", "set_context", "set_palette", "set_config",
     "set_printoptions", "basicConfig", "getLogger", "setLevel", "set_num_threads", "use_deterministic_algorithms",
     "default_rng", "RandomState", "print", "reset_option"}
)  # fmt: skip


def are_quiet(body: Iterable[ast.stmt], project: Project) -> bool:
    """Whether the statements read no data."""
    return all(_is_quiet(statement, project) for statement in body)


def _is_quiet(statement: ast.stmt, project: Project) -> bool:
    if isinstance(statement, ast.Import):
        return all(_is_foreign(alias.name, project) for alias in statement.names)
    if isinstance(statement, ast.ImportFrom):
        return not statement.level and _is_foreign(statement.module or "", project)
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
        given = (*statement.args.defaults, *statement.args.kw_defaults)
        return not statement.decorator_list and all(value is None or _is_plain(value) for value in given)
    if isinstance(statement, ast.Assign):
        return all(isinstance(target, ast.Name) for target in statement.targets) and _is_plain(statement.value)
    if isinstance(statement, ast.AnnAssign):
        return isinstance(statement.target, ast.Name) and (statement.value is None or _is_plain(statement.value))
    return isinstance(statement, ast.Pass) or (isinstance(statement, ast.Expr) and _is_plain(statement.value))


def _is_foreign(name: str, project: Project) -> bool:
    """A module of the project may read files when it is imported; an installed one reads none of the user's."""
    file = getattr(sys.modules.get(name.partition(".")[0]), "__file__", None)
    if not isinstance(file, str):
        return name.partition(".")[0] in sys.builtin_module_names or name.partition(".")[0] in sys.stdlib_module_names
    return "-packages/" in file or not file.startswith(f"{project.root}/")


def _is_plain(value: ast.expr) -> bool:
    """Literals, names, and calls of what seeds or configures."""
    if isinstance(value, ast.Call):
        return _is_setting(value) and all(map(_is_plain, (*value.args, *(item.value for item in value.keywords))))
    if isinstance(value, (ast.Constant, ast.Name)):
        return True
    if isinstance(value, ast.Attribute):
        return dotted(value) is not None
    parts = [child for child in ast.iter_child_nodes(value) if isinstance(child, ast.expr)]
    kinds = (ast.UnaryOp, ast.BinOp, ast.List, ast.Tuple, ast.Dict, ast.Set)
    return isinstance(value, kinds) and all(map(_is_plain, parts))


def _is_setting(call: ast.Call) -> bool:
    if isinstance(call.func, ast.Attribute) and call.func.attr == "run_line_magic":
        name = call.args[0] if call.args else None
        rest = call.args[1] if len(call.args) > 1 else None
        if not isinstance(name, ast.Constant) or name.value not in _MAGICS:
            return False
        return name.value != "time" or (isinstance(rest, ast.Constant) and not rest.value)
    return (dotted(call.func) or "").rpartition(".")[2] in _SETTINGS
