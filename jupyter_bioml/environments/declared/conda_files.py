"""``environment.yml``: conda's specs and the list for pip in it; channels say nothing about versions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml

from .conda_specs import of_conda
from .requirement_files import FileNotRead, ProjectFiles, of_line
from .statement import NotCompared, Said


def of_environment(file: Path, reading: ProjectFiles) -> Iterator[Said]:
    """What the file declares, each with the line that it stands on.

    :raises FileNotRead: when it is not valid YAML.
    """
    shown = reading.shown(file)
    listed = _value(_document(file, reading), "dependencies")
    for node in listed.value if isinstance(listed, yaml.SequenceNode) else ():
        place = f"{shown}:{node.start_mark.line + 1}"
        if isinstance(node, yaml.ScalarNode):
            yield of_conda(str(node.value), place)
            continue
        lines = _value(node, "pip")
        for line in lines.value if isinstance(lines, yaml.SequenceNode) else ():
            place = f"{shown}:{line.start_mark.line + 1}"
            if isinstance(line, yaml.ScalarNode):
                yield from of_line(str(line.value).strip(), place, file.parent, reading)
            else:
                yield NotCompared("a line of pip's list", place, "not a text", unreadable=True)


def _document(file: Path, reading: ProjectFiles) -> yaml.Node | None:
    text = reading.text(file)
    try:
        return yaml.compose(text, yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise FileNotRead(" ".join(str(error).split())[:200]) from None


def _value(node: yaml.Node | None, key: str) -> yaml.Node | None:
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((value for name, value in node.value if getattr(name, "value", None) == key), None)
