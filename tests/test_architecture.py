"""The floors, gateways and sizes of ARCHITECTURE.md hold in the code; a failure names the offending line.

ARCHITECTURE.md is the data: its floor list and its list of gateway files are read here, so the page that
people read is the page that is enforced. Imports inside functions count as well: a lazy import of a higher
floor is still a circle waiting to happen.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent
PACKAGE = "jupyter_bioml"
PAGE = (REPOSITORY / "ARCHITECTURE.md").read_text(encoding="utf-8")

#: Packages that no module of the kernel's side may import: they cost the user's kernel seconds or wait for others.
NOT_IN_THE_KERNEL = (
    "workbench",
    "publish/*",
    "store/*",
    "runs/*",
    "headless/*",
    "keeping/*",
    "reproduce/*",
    "batch/*",
    "environments/*",
    "promote/*",
    "audit/*",
    "cli/*",
    "server/*",
    "widgets/*",
    "html/*",
)
#: Modules of the kernel's side that may import them inside a function, and when that function runs.
LATE_IN_THE_KERNEL = {
    "magics/magics": "a magic's first use",
    "capture/user_runs": "the user's own code has imported mlflow",
}
#: Libraries without a gateway file of their own: never imported when a module is loaded, only inside functions.
ONLY_INSIDE_FUNCTIONS = {"torch", "sklearn", "pandas", "numpy", "pyarrow", "skops", "cloudpickle", "matplotlib"}
#: Nothing else than the standard library and ourselves.
BOTTOM = 0
LONGEST_FILE = 400
LONGEST_FUNCTION = 60
#: Their answers; the hooks say in one line on stderr that tracking is off, and why.
MAY_PRINT = ("cli/*", "magics/*", "kernel/hooks")
#: Files that start ``python -m`` without -P, and why.
STARTS_WITHOUT_P = {
    "headless/forked": "its kernels would inherit the flag; it works in the folder /, like all we start"
}
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "misc", "common"}


@dataclass(frozen=True)
class Import:
    """One import: the module it stands in, where, what it names, and whether it runs when the module loads."""

    module: str
    file: Path
    line: int
    target: str
    at_load: bool

    def __str__(self) -> str:
        source = self.file.read_text(encoding="utf-8").splitlines()[self.line - 1].strip()
        return f"{self.file.relative_to(REPOSITORY)}:{self.line}: {source}"


def read_floors(page: str) -> dict[str, int]:
    """Room (a folder, or a module of the top level) → floor, of the first code block under "## Floors"."""
    block = page.split("## Floors", 1)[1].split("```")[1]
    found = {}
    for line in block.strip("\n").splitlines():
        match = re.match(r"\s*(\d+)\s\s(.*)", line)
        assert match, f"ARCHITECTURE.md: a floor line starts with its number and two spaces: {line!r}"
        names = re.sub(r"\([^)]*\)", "", re.split(r"\s{3,}", match[2])[0])
        found.update({name: int(match[1]) for name in names.split()})
    return found


def read_gateways(page: str) -> dict[str, list[str]]:
    """Library → the files that may import it, from the paragraph "One gateway file per heavy library"."""
    paragraph = page.split("One gateway file per heavy library:", 1)[1].split("\n\n", 1)[0]
    gateways = {}
    for libraries, files in re.findall(r"([\w ]+?) \(((?:`[^`]+`(?:, )?)+)\)", paragraph):
        for library in libraries.replace(" and ", " ").split():
            gateways[library] = [name.removesuffix(".py") for name in re.findall(r"`([^`]+)`", files)]
    return gateways


FLOORS = read_floors(PAGE)
GATEWAYS = read_gateways(PAGE)


def matches(module: str, pattern: str) -> bool:
    return fnmatchcase(module, pattern + "*" if pattern.endswith("/") else pattern)


def room(module: str) -> str:
    """The folder of the top level that a module lies in, or the module itself where it lies in none."""
    return module.split("/")[0]


def floor(module: str) -> int | None:
    return FLOORS.get(room(module))


@cache
def modules() -> dict[str, Path]:
    """``store/base`` → file, of the whole package; a package's ``__init__`` is named as the package."""
    root = REPOSITORY / PACKAGE
    found = {}
    for file in sorted(root.rglob("*.py")):
        name = file.relative_to(root).with_suffix("").as_posix()
        found[name.removesuffix("/__init__")] = file
    return found


@cache
def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"), str(file))


@cache
def imports() -> tuple[Import, ...]:
    return tuple(found for module, file in modules().items() for found in imports_of(module, file))


def imports_of(module: str, file: Path) -> Iterator[Import]:
    lazy = {id(node) for outer in ast.walk(tree(file)) if is_deferred(outer) for node in ast.walk(outer)}
    package = [PACKAGE, *module.split("/")]
    if file.name == "__init__.py":
        package = [PACKAGE, *([] if module == "__init__" else module.split("/")), "__init__"]
    for node in ast.walk(tree(file)):
        for name in targets(node, package):
            yield Import(module, file, node.lineno, name, id(node) not in lazy)  # type: ignore[attr-defined]


def is_deferred(node: ast.AST) -> bool:
    """Functions, and ``if TYPE_CHECKING:`` blocks, which only type checkers read."""
    if isinstance(node, ast.If):
        return isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
    return isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))


def targets(node: ast.AST, package: list[str]) -> Iterator[str]:
    """Dotted names a node imports (``from a import b`` gives ``a.b``; the resolver cuts what is no module)."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = package[: len(package) - node.level] if node.level else []
        prefix = ".".join([*base, *([node.module] if node.module else [])])
        yield from (f"{prefix}.{alias.name}" for alias in node.names)
    elif isinstance(node, ast.Call) and called_name(node) in ("import_module", "__import__") and node.args:
        name = node.args[0]
        if isinstance(name, ast.Constant) and isinstance(name.value, str):
            dots = len(name.value) - len(name.value.lstrip("."))
            base = package[: len(package) - dots] if dots else []
            yield ".".join([*base, name.value.lstrip(".")])


def called_name(call: ast.Call) -> str:
    return getattr(call.func, "id", getattr(call.func, "attr", ""))


def own(target: str) -> str | None:
    """The module of ours that a dotted name means, or None: ``jupyter_bioml.store.base.Store`` → ``store/base``."""
    if target != PACKAGE and not target.startswith(PACKAGE + "."):
        return None
    parts = target.split(".")[1:]
    while parts and "/".join(parts) not in modules():
        parts.pop()
    return "/".join(parts) or "__init__"


def own_imports() -> Iterator[tuple[Import, str]]:
    for found in imports():
        target = own(found.target)
        if target is not None and target != found.module:
            yield found, target


def report(problems: list[str]) -> None:
    assert not problems, "\n" + "\n".join(problems)


def test_the_page_is_read() -> None:
    assert FLOORS["errors"] == 0 and FLOORS["records"] < FLOORS["journal"] < FLOORS["workbench"] < FLOORS["cli"]
    assert floor("reproduce/compare/levels") == FLOORS["reproduce"], "a folder stands for all below it"
    assert max(FLOORS.values()) > 9, "a floor's number may have two digits"
    assert {"mlflow", "papermill", "nbformat", "dvc", "psutil", "pynvml", "click", "ipywidgets"} <= set(GATEWAYS)


def test_every_module_has_a_floor() -> None:
    """So the top level holds no other file than those the page names."""
    report(
        [
            f"{file.relative_to(REPOSITORY)}: give it a floor in ARCHITECTURE.md"
            for name, file in modules().items()
            if floor(name) is None
        ]
    )
    report([f"{name}: ARCHITECTURE.md names it, and it is not there" for name in FLOORS if name not in modules()])


def test_packages_are_only_folders() -> None:
    """A sub-package's ``__init__`` imports nothing of ours: importing one of its modules costs that module only."""
    report(
        [str(found) for found, _ in own_imports() if found.file.name == "__init__.py" and found.module != "__init__"]
    )


def test_imports_go_down() -> None:
    """Folders of one floor never import each other, so no circle of folders can come of it either."""
    problems = []
    for found, target in own_imports():
        here, there = floor(found.module), floor(target)
        if here is None or there is None or room(found.module) == room(target):
            continue
        if there > here:
            problems.append(f"{found}   ({found.module} is on floor {here}, {target} on floor {there})")
        elif here == there:
            problems.append(f"{found}   ({room(found.module)} and {room(target)} are both on floor {here})")
    report(problems)


def test_the_kernels_side_stays_light() -> None:
    """Hooks and capture may not reach stores, publisher or runners, except late."""
    problems = []
    for found, target in own_imports():
        in_kernel = room(found.module) in ("kernel", "capture", "magics")
        heavy = any(matches(target, pattern) for pattern in NOT_IN_THE_KERNEL)
        if in_kernel and heavy and (found.at_load or found.module not in LATE_IN_THE_KERNEL):
            problems.append(str(found))
    report(problems)


def test_no_circles() -> None:
    edges: dict[str, set[str]] = {}
    for found, target in own_imports():
        if found.module != "__init__" and target != "__init__":
            edges.setdefault(found.module, set()).add(target)
    state: dict[str, str] = {}

    def visit(module: str, path: tuple[str, ...]) -> None:
        if state.get(module) == "open":
            pytest.fail("a circle: " + " → ".join([*path[path.index(module) :], module]))
        if module not in state:
            state[module] = "open"
            for target in sorted(edges.get(module, ())):
                visit(target, (*path, module))
            state[module] = "done"

    for module in sorted(edges):
        visit(module, ())


def test_heavy_libraries_have_one_gateway() -> None:
    problems = []
    for found in imports():
        library = found.target.split(".")[0]
        if library in GATEWAYS and not any(matches(found.module, pattern) for pattern in GATEWAYS[library]):
            problems.append(f"{found}   (only {', '.join(GATEWAYS[library])} may import {library})")
        elif library in ONLY_INSIDE_FUNCTIONS and found.at_load:
            problems.append(f"{found}   ({library} is imported inside functions only)")
    report(problems)


def test_the_bottom_floor_needs_nothing() -> None:
    problems = []
    for found in imports():
        library = found.target.split(".")[0]
        if floor(found.module) == BOTTOM and library != PACKAGE and library not in sys.stdlib_module_names:
            problems.append(f"{found}   (floor 0 is the standard library only)")
    report(problems)


def python_files() -> list[Path]:
    rooms = [PACKAGE, "benchmarks", "docs", "notebooks"]
    return [file for room in rooms for file in sorted((REPOSITORY / room).rglob("*.py"))]


def test_files_are_short() -> None:
    sizes = {file: len(file.read_text(encoding="utf-8").splitlines()) for file in python_files()}
    report(
        [
            f"{f.relative_to(REPOSITORY)}: {n} lines (at most {LONGEST_FILE})"
            for f, n in sizes.items()
            if n > LONGEST_FILE
        ]
    )


def test_functions_are_short() -> None:
    problems = []
    for file in python_files():
        for node in ast.walk(tree(file)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > LONGEST_FUNCTION:
                    problems.append(f"{file.relative_to(REPOSITORY)}:{node.lineno}: {node.name} has {length} lines")
    report(problems)


def test_modules_are_named_for_their_job() -> None:
    report([str(file.relative_to(REPOSITORY)) for file in python_files() if file.stem in FORBIDDEN_NAMES])


def test_one_name_for_one_thing() -> None:
    """The wire type keeps the name that a user meets, what lies behind it gets a more exact one."""
    found: dict[str, list[str]] = {}
    for module, file in modules().items():
        for node in ast.walk(tree(file)):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found.setdefault(node.name, []).append(f"{module}:{node.lineno}")
    twice = {name: places for name, places in found.items() if len(places) > 1}
    report([f"{name} stands for two things: {', '.join(twice[name])}" for name in sorted(twice)])


def test_only_front_doors_print() -> None:
    """``print`` in a kernel would land in the user's cell; only a magic's answer and the commands belong there."""
    report(
        [
            f"{file.relative_to(REPOSITORY)}:{node.lineno}: print in {module}"
            for module, file in modules().items()
            if not any(matches(module, pattern) for pattern in MAY_PRINT)
            for node in ast.walk(tree(file))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
        ]
    )


def test_our_processes_import_nothing_from_the_users_folder() -> None:
    """``python -m`` puts the working directory first on ``sys.path``: a ``json.py`` there would be ours. So -P or -I."""
    report(
        [
            f"{file.relative_to(REPOSITORY)}:{node.lineno}: {ast.unparse(node)}"
            for module, file in modules().items()
            if module not in STARTS_WITHOUT_P
            for node in ast.walk(tree(file))
            if isinstance(node, (ast.List, ast.Tuple))
            for before, item in pairwise(node.elts)
            if ast.unparse(item) == "'-m'" and ast.unparse(before).endswith(("python", "executable"))
        ]
    )


def test_an_upward_import_is_found(tmp_path: Path) -> None:
    """The reader of imports itself: every way of importing is seen, and told whether it is lazy."""
    file = tmp_path / "probe.py"
    file.write_text(
        "from ..workbench import Workbench\n"
        "import jupyter_bioml.cli\n"
        "def lazily():\n"
        "    from ..publish import jobs\n"
        "    from importlib import import_module\n"
        "    import_module('jupyter_bioml.widgets.card')\n",
        encoding="utf-8",
    )
    found = {item.target: item.at_load for item in imports_of("capture/probe", file)}
    assert found["jupyter_bioml.workbench.Workbench"] and found["jupyter_bioml.cli"]
    assert found["jupyter_bioml.publish.jobs"] is False and found["jupyter_bioml.widgets.card"] is False
