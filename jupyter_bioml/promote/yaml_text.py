"""YAML written by users, read safely: the gateway to PyYAML.

Plain values only (no tags that make objects), no anchors, no key twice, limits on size and depth: a hostile file
costs milliseconds. Every error names the file and the line.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from ..canonical import bytes_digest
from ..errors import NotFound, UsageError
from ..text.present import printable

#: Bytes of a file, and how deep lists and mappings may stand in each other.
SIZE_LIMIT, DEEPEST = 64 * 1024, 16
#: Characters of a name that an error quotes.
_QUOTED = 80
Place = tuple[str, ...]


@dataclass(frozen=True)
class Document:
    """The content of a file."""

    name: str
    """The file, for messages."""
    sha256: str
    """SHA-256 of its bytes."""
    value: Any
    lines: dict[Place, int] = field(default_factory=dict)
    """Place of a key (the keys above it, then itself) → its line, counted from 1."""
    text: str = ""

    def wrong(self, place: Sequence[str], what: str, known: Sequence[str] = ()) -> UsageError:
        """The error that ``what`` is wrong at ``place``; ``known``: the valid values."""
        line = next((self.lines[key] for key in _upwards(tuple(place)) if key in self.lines), 1)
        listed = f"Known: {', '.join(known)}." if known else "Fix the file; nothing was done."
        return UsageError(f"{self.name}, line {line}: {what}.", next=listed)


def _upwards(place: Place) -> Iterator[Place]:
    for length in range(len(place), 0, -1):
        yield place[:length]


def quoted(value: object) -> str:
    """A name or value out of a file, safe to print."""
    text = printable(str(value))
    return repr(text if len(text) <= _QUOTED else text[:_QUOTED] + "…")


def read_yaml(file: Path) -> Document:
    """The document in a file.

    :raises NotFound: there is none.
    :raises UsageError: it cannot be read, naming the line.
    """
    try:
        # a pipe would let the reader wait for ever
        with open(os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as source:
            if not stat.S_ISREG(os.fstat(source.fileno()).st_mode):
                raise UsageError(f"{file} is not a regular file.")
            data = source.read(SIZE_LIMIT + 1)
    except FileNotFoundError:
        raise NotFound(f"There is no {file}.") from None
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror or error}.") from None
    return parse_yaml(data, str(file))


def parse_yaml(data: bytes, name: str) -> Document:
    """The document in ``data``; see :func:`read_yaml`."""
    if len(data) > SIZE_LIMIT:
        raise UsageError(f"{name} has more than {SIZE_LIMIT:,} bytes.", next="The file should hold settings only.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{name} is not valid UTF-8.") from None
    document = Document(name, bytes_digest(data), None)
    try:
        _check(document, text)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        value = None if node is None else _Reader(document).read(node, ())
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise UsageError(f"{name}, line {line}: {printable(error.problem or 'it is not valid YAML')}.") from None
    except yaml.YAMLError as error:
        raise UsageError(f"{name} is not valid YAML: {printable(str(error))[:200]}.") from None
    return Document(name, document.sha256, value, document.lines, text)


def machine_yaml(data: bytes) -> Any:
    """The plain values in YAML that a program wrote (``MLmodel``); None if it is not valid."""
    try:
        return yaml.safe_load(data)
    except (yaml.YAMLError, RecursionError, ValueError):
        return None


def _check(document: Document, text: str) -> None:
    """Refuse expensive documents before anything is built from them."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise UsageError(
                f"{document.name}, line {line}: anchors and aliases are not allowed.", next="Write it out in full."
            )
        if getattr(event, "tag", None) is not None:
            raise UsageError(f"{document.name}, line {line}: tags (!…) are not allowed.", next="Write a plain value.")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise UsageError(f"{document.name}, line {line}: nested deeper than {DEEPEST} levels.")


class _Reader:
    """Builds plain values and notes the line of each key."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._scalars = yaml.constructor.SafeConstructor()

    def read(self, node: yaml.Node, place: Place) -> Any:
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place)
        if isinstance(node, yaml.SequenceNode):
            return [self.read(item, (*place, str(number))) for number, item in enumerate(node.value)]
        try:
            return self._scalars.construct_object(node)
        except (ValueError, OverflowError) as error:
            raise self._document.wrong(place, f"{quoted(node.value)} is not a valid value: {error}") from None

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise UsageError(f"{self._document.name}, line {line}: a key must be a word.")
            key = str(key_node.value)
            if key in found:
                raise UsageError(f"{self._document.name}, line {line}: the key {quoted(key)} appears twice.")
            self._document.lines[(*place, key)] = line
            found[key] = self.read(value, (*place, key))
        return found
