"""Declarations of ``pyproject.toml`` (PEP 621, PEP 735, poetry), ``setup.cfg``, ``setup.py``, ``Pipfile``."""

from __future__ import annotations

import ast
import configparser
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from .requirement_files import FileNotRead, ProjectFiles, in_group
from .statement import PYTHON_ITSELF, Declaration, NotCompared, Said, of_requirement, of_versions

_VERSION = re.compile(r"v?(\d+(?:\.\d+)*)(.*)")


def of_pyproject(file: Path, reading: ProjectFiles) -> Iterator[Said]:
    """``[project]``, its optional dependencies, ``[dependency-groups]`` and poetry's tables."""
    text, document = _toml(file, reading)
    place = _places(reading.shown(file), text)
    project = _table(document, "project")
    if wanted := project.get("requires-python"):
        yield _python(str(wanted), place(str(wanted)))
    yield from _lines(project.get("dependencies"), place)
    for group, lines in _table(project, "optional-dependencies").items():
        yield from in_group(_lines(lines, place), group)
    for group, lines in _table(document, "dependency-groups").items():
        yield from in_group(_lines([line for line in _list(lines) if isinstance(line, str)], place), group)
    poetry = _table(_table(document, "tool"), "poetry")
    yield from _of_poetry(_table(poetry, "dependencies"), place)
    yield from in_group(_of_poetry(_table(poetry, "dev-dependencies"), place), "dev")
    for group, table in _table(poetry, "group").items():
        yield from in_group(_of_poetry(_table(table, "dependencies"), place), group)


def of_pipfile(file: Path, reading: ProjectFiles) -> Iterator[Said]:
    """``[packages]``, ``[dev-packages]`` and the Python of ``[requires]``."""
    text, document = _toml(file, reading)
    place = _places(reading.shown(file), text)
    wanted = _table(document, "requires")
    if version := wanted.get("python_full_version") or wanted.get("python_version"):
        yield of_python_version(str(version), place("python_"))
    yield from _of_poetry(_table(document, "packages"), place)
    yield from in_group(_of_poetry(_table(document, "dev-packages"), place), "dev")


def of_setup_cfg(file: Path, reading: ProjectFiles) -> Iterator[Said]:
    """``[options]`` of ``setup.cfg``."""
    text = reading.text(file)
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text)
    except configparser.Error as error:
        raise FileNotRead(str(error).splitlines()[0]) from None
    place = _places(reading.shown(file), text)
    if wanted := parser.get("options", "python_requires", fallback=""):
        yield _python(wanted, place("python_requires"))
    yield from _lines(_listed(parser.get("options", "install_requires", fallback="")), place)
    if parser.has_section("options.extras_require"):
        for group, lines in parser.items("options.extras_require"):
            yield from in_group(_lines(_listed(lines), place), group)


def of_setup_py(file: Path, reading: ProjectFiles) -> Iterator[Said]:
    """What ``setup.py`` states literally in its call; the file is read and never run."""
    text = reading.text(file)
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise FileNotRead("not valid Python") from None
    place = _places(reading.shown(file), text)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or getattr(node.func, "id", getattr(node.func, "attr", "")) != "setup":
            continue
        for keyword in node.keywords:
            try:
                value = ast.literal_eval(keyword.value)
            except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
                continue
            if keyword.arg == "python_requires":
                yield _python(str(value), place("python_requires"))
            elif keyword.arg == "install_requires":
                yield from _lines(_listed(value) if isinstance(value, str) else value, place)


def of_python_file(file: Path, reading: ProjectFiles) -> Iterator[Said]:
    """``.python-version`` (pyenv, uv) and ``runtime.txt`` (Binder)."""
    first = next((line.strip() for line in reading.text(file).splitlines() if line.strip()), "")
    if re.fullmatch(r"(?:python-|cpython-)?\d+(?:\.\d+)*", first):
        yield of_python_version(first.rpartition("-")[2], f"{reading.shown(file)}:1")


def of_python_version(version: str, place: str) -> Said:
    """A Python by its version: ``3.8`` stands for all of them, ``3.8.12`` for itself."""
    exact = f"=={version}" if version.count(".") > 1 else f"=={version}.*"
    return of_versions(PYTHON_ITSELF, (exact,), place, f"python {version}")


def poetry_versions(text: str) -> tuple[str, ...]:
    """Poetry's constraint as alternatives of PEP 440: ``^1.2`` → ``>=1.2,<2``."""
    text = re.sub(r"([\^~<>=!]+)\s+", r"\1", text)
    found = []
    for alternative in re.split(r"\s*\|\|?\s*", text):
        parts = [_poetry_part(part) for part in re.split(r"[,\s]+", alternative.strip()) if part]
        found.append(",".join(part for part in parts if part))
    return () if "" in found else tuple(found)


def _poetry_part(text: str) -> str:
    operator, version = re.fullmatch(r"(\^|~=|~|===|==|!=|>=|<=|>|<|=|)(.*)", text, re.DOTALL).groups()  # type: ignore[union-attr]
    version = version.removeprefix("v")
    match = _VERSION.fullmatch(version)
    if text == "*":
        return ""
    if match is None or operator not in ("^", "~"):
        return f"{'==' if operator in ('', '=') else operator}{version}"
    parts = [int(part) for part in match[1].split(".")[:4]]
    fixed = min(1, len(parts) - 1)
    if operator == "^":
        fixed = next((place for place, part in enumerate(parts) if part), len(parts) - 1)
    return f">={version},<{'.'.join(map(str, [*parts[:fixed], parts[fixed] + 1]))}"


def _of_poetry(table: Mapping[str, Any], place: Callable[[str], str]) -> Iterator[Said]:
    for name, value in table.items():
        for one in value if isinstance(value, list) else [value]:
            yield from _of_entry(name, one, place(name))


def _of_entry(name: str, value: Any, place: str) -> Iterator[Said]:
    about = value if isinstance(value, Mapping) else {"version": value}
    if any(key in about for key in ("git", "path", "url", "file")):
        where = next(str(about[key]) for key in ("git", "path", "url", "file") if key in about)
        yield NotCompared(name, place, f"an address ({where}), which states no version")
        return
    version = about.get("version", "*")
    if not isinstance(version, str):
        yield NotCompared(name, place, "not a version", unreadable=True)
        return
    versions = poetry_versions(version[:200])
    found = of_versions(name, versions, place, f"{name} {version}")
    if isinstance(found, Declaration):
        found = replace(found, marker=_marker(about), extras=tuple(map(str, _list(about.get("extras")))))
        yield from in_group(iter([found]), "an extra") if about.get("optional") is True else [found]
    else:
        yield found


def _marker(about: Mapping[str, Any]) -> str | None:
    if marker := about.get("markers"):
        return str(marker)
    found = poetry_versions(str(about["python"])[:200]) if "python" in about else ()
    if len(found) != 1:
        return None
    parts = [re.match(r"(\D+)(.*)", part) for part in found[0].split(",")]
    return " and ".join(f"python_full_version {part[1]} '{part[2]}'" for part in parts if part)


# -- reading -----------------------------------------------------------------------------------------


def _toml(file: Path, reading: ProjectFiles) -> tuple[str, Mapping[str, Any]]:
    text = reading.text(file)
    try:
        return text, tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise FileNotRead(str(error)) from None


def _table(document: Any, key: str) -> Mapping[str, Any]:
    """A table of a document; what stands there instead of one is a mistake of the file.

    :raises FileNotRead: naming it.
    """
    found = document.get(key, {}) if isinstance(document, Mapping) else {}
    if not isinstance(found, Mapping):
        raise FileNotRead(f"{key} is not a table")
    return found


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else []


def _lines(lines: Any, place: Callable[[str], str]) -> Iterator[Said]:
    for line in _list(lines):
        yield of_requirement(str(line), place(str(line)))


def _listed(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]


def _python(wanted: str, place: str) -> Said:
    return of_versions(PYTHON_ITSELF, (wanted.strip(),), place, f"python {wanted}")


def _places(file: str, text: str) -> Callable[[str], str]:
    """Says on which line of a file a text stands first: as a key, else anywhere."""
    lines = text.split("\n")

    def place(wanted: str) -> str:
        key = re.compile(rf"\s*['\"]?{re.escape(wanted)}['\"]?\s*=")
        number = next((number for number, line in enumerate(lines, 1) if key.match(line)), None)
        number = number or next((number for number, line in enumerate(lines, 1) if wanted in line), None)
        return f"{file}:{number}" if number else file

    return place
