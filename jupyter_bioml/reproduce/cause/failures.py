"""Causes suggested by an exception of a rerun: a missing package, a path, a name that nothing binds, the network, …"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...notebooks.code_text import Text, bound_names
from ...text.present import printable, shorten
from ..verdict import (
    CODE_ERROR,
    CODE_MISSING,
    HIDDEN_STATE,
    KERNEL_DIED,
    MISSING_PACKAGE,
    NEEDS_INPUT,
    NETWORK,
    PATH_NOT_PORTABLE,
    TIMEOUT,
    VERSION_CHANGED,
    Evidence,
)
from .missing_data import missing_data, missing_object_data, unseen_data
from .missing_files import RecordedReads, missing_file, missing_object

#: Import name → distribution, where nothing else tells.
_OTHER_NAMES = {
    "Bio": "biopython", "PIL": "pillow", "bs4": "beautifulsoup4", "cv2": "opencv-python", "dateutil": "python-dateutil",
    "skimage": "scikit-image", "sklearn": "scikit-learn", "umap": "umap-learn", "yaml": "PyYAML",
}  # fmt: skip
#: Exceptions of the network, by class name.
_NETWORK = frozenset((
    "gaierror", "herror", "ConnectionError", "ConnectionRefusedError", "ConnectionResetError", "ConnectionAbortedError",
    "URLError", "HTTPError", "ConnectTimeout", "ReadTimeout", "ConnectTimeoutError", "NewConnectionError",
    "NameResolutionError", "MaxRetryError", "ProxyError", "SSLError", "SSLCertVerificationError", "ConnectError",
    "ClientConnectorError", "RemoteDisconnected", "ServerDisconnectedError", "LocalEntryNotFoundError",
    "EndpointConnectionError", "IncompleteRead", "ProtocolError",
))  # fmt: skip
_MEMORY = frozenset(("MemoryError", "_ArrayMemoryError", "OutOfMemoryError"))
_PATHS = frozenset(
    (
        "FileNotFoundError",
        "PermissionError",
        "NotADirectoryError",
        "IsADirectoryError",
        "OSError",
        "OutsideWorkFolder",
        "OperationalError",
    )
)
#: How the names of exceptions end.
_ENDINGS = ("Error", "error", "Exception", "Timeout", "Disconnected", "Read", "NoSuchKey", "NoSuchBucket", "NotFound")
_HEADER = re.compile(r"^(?:[A-Za-z_][\w.]*\.)?([A-Za-z_]\w*)(?:: (.*))?$")
_QUOTED = re.compile(r"'([^']+)'|\"([^\"]+)\"")
_MODULE = re.compile(r"No module named '([^']+)'")
_NAME = re.compile(r"name '([^']+)' is not defined")
_MAGIC = re.compile(r"magic(?: function)? [`'\"]?(%{1,2}\w+)[`'\"]? not found")
#: What ipykernel raises where no front end answers.
_NO_ANSWER = "StdinNotImplementedError"
_ERRNO = re.compile(r"\[Errno \d+\]")


@dataclass(frozen=True)
class Raised:
    """The exception that ended the re-run."""

    kind: str
    message: str
    traceback: str
    cell: int
    """Number of the planned cell, from 1."""

    def chain(self) -> list[tuple[str, str]]:
        """(class, message) of it and of every exception behind it."""
        found = [(self.kind, self.message)]
        for line in self.traceback.splitlines():
            match = _HEADER.match(line.strip())
            if match and match[1].endswith(_ENDINGS):
                found.append((match[1], match[2] or ""))
        return list(dict.fromkeys(found))

    @property
    def line(self) -> str:
        """Its kind and the first line of its message, at most 300 characters."""
        first = (self.message.strip().splitlines() or [""])[0]
        return printable(shorten(f"{self.kind}: {first}".rstrip(": "), 300))


@dataclass(frozen=True)
class Scene:
    """The context of an exception."""

    texts: Sequence[Text]
    """The planned cells, in order."""
    left_out: Sequence[tuple[int, str]] = ()
    """(execution number, source) of earlier cells that were not run again."""
    notebook: Sequence[tuple[int, str]] = ()
    """(place from 1, source) of the code cells of the notebook as it is now."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """Canonical name → version of the recorded distributions."""
    distributions: Mapping[str, str] = field(default_factory=dict)
    """Import name → recorded distribution, where the record tells."""
    changed: Mapping[str, tuple[str | None, str | None]] = field(default_factory=dict)
    """Import name → recorded and present version of a distribution that is another one now."""
    modules: frozenset[str] = frozenset()
    """Names of the project's recorded modules."""
    root: Path = Path("/")
    """The project's root."""
    work: Path = Path("/")
    """The work folder."""
    folder: Path | None = None
    """The folder that relative paths of the notebook begin in; None: the root."""
    reads: RecordedReads = field(default_factory=RecordedReads)
    """What the record knows was read."""

    def has(self, path: str) -> bool:
        """Whether a path, as the notebook has it, is there in the work folder."""
        folder = self.folder or self.root
        within = os.path.relpath(folder, self.root) if folder.is_relative_to(self.root) else "."
        return os.path.lexists(os.path.join(self.work, within, path))


def evidence_of(raised: Raised, scene: Scene) -> list[Evidence]:
    """All causes suggested by the exception and those behind it; if none, a plain error of the code."""
    found: dict[str, Evidence] = {}
    for kind, message in raised.chain():
        for item in _one(kind, message, raised, scene):
            found.setdefault(item.cause, item)
    found.setdefault(
        CODE_ERROR,
        Evidence(CODE_ERROR, f"Cell {raised.cell} ended with {raised.line}", _look_at(raised, scene), raised.cell),
    )
    return list(found.values())


def _look_at(raised: Raised, scene: Scene) -> str:
    text = next((text for text in scene.texts if text.cell == raised.cell), None)
    line = next((line for line in (text.source.strip().splitlines() if text else ())), "")
    return f"fix cell {raised.cell}, which begins with: {shorten(printable(line), 120)}"


def _one(kind: str, message: str, raised: Raised, scene: Scene) -> Iterator[Evidence]:
    cell = raised.cell
    if kind in ("ModuleNotFoundError", "ImportError", "AttributeError"):
        yield from _import(kind, message, cell, scene)
    if kind == "NameError" and (match := _NAME.search(message)):
        yield from _name(match[1], cell, scene)
    if kind == _NO_ANSWER:
        yield _asks(message, cell)
    if kind == "UsageError" and (match := _MAGIC.search(message)):
        yield _magic(match[1], cell)
    if kind in _MEMORY:
        yield Evidence(KERNEL_DIED, f"Cell {cell} ran out of memory: {raised.line}", _memory(cell), cell)
    if kind == "CellTimeoutError":
        yield Evidence(
            TIMEOUT, f"Cell {cell}: {shorten(message, 200)}", "allow more time: --timeout S --cell-timeout S", cell
        )
    if kind in _NETWORK or (kind == "TimeoutError" and "timed out" in message):
        repair = "keep a copy of the fetched data in the project (data/…), track it, and read it from there"
        yield Evidence(NETWORK, f"Cell {cell} needs the network: {raised.line}", repair, cell)
    elif kind in _PATHS:
        yield from _path(kind, message, cell, scene)
    yield from _missing_file(kind, message, cell, scene)


def _asks(message: str, cell: int) -> Evidence:
    """ipykernel says which function asked; those of debuggers ask as ``input`` does."""
    secret = message.startswith("getpass")
    if secret:
        repair = f"read the secret from an environment variable in cell {cell}: os.environ[…]"
    else:
        repair = (
            f"replace the question in cell {cell} by a parameter (a cell tagged parameters), or take the debugger out"
        )
    asked = "a password" if secret else "input"
    return Evidence(NEEDS_INPUT, f"Cell {cell} asks for {asked}, and a rerun has nobody who answers.", repair, cell)


def _magic(name: str, cell: int) -> Evidence:
    shown = printable(shorten(name, 80))
    message = f"Cell {cell} uses the magic {shown}, which no recorded cell loads or defines."
    return Evidence(HIDDEN_STATE, message, f"load its extension in a cell before cell {cell}: %load_ext …", cell)


def _memory(cell: int) -> str:
    return f"run it with more free memory, or read less at a time in cell {cell}"


# -- imports -----------------------------------------------------------------------------------------


def _import(kind: str, message: str, cell: int, scene: Scene) -> Iterator[Evidence]:
    match = _MODULE.search(message)
    if kind == "ModuleNotFoundError" and match:
        name = match[1]
        top = name.partition(".")[0]
        if name in scene.modules or top in {module.partition(".")[0] for module in scene.modules}:
            message = f"The project's module {name} could not be restored."
            yield Evidence(CODE_MISSING, message, f"put {name.replace('.', '/')}.py back into the project", cell)
            return
        if top in scene.changed:
            yield _version(top, f"{name} is not in it", cell, scene)
            return
        yield _missing(top, cell, scene)
        return
    for top in _mentioned(message, scene.changed):
        yield _version(top, shorten(message, 160), cell, scene)


def _mentioned(message: str, changed: Mapping[str, Any]) -> list[str]:
    words = {word.partition(".")[0] for pair in _QUOTED.findall(message) for word in pair if word}
    return [top for top in changed if top in words or re.search(rf"\b{re.escape(top)}\b", message)]


def _missing(top: str, cell: int, scene: Scene) -> Evidence:
    name = scene.distributions.get(top) or _OTHER_NAMES.get(top) or top.replace("_", "-")
    version = scene.versions.get(name.lower().replace("_", "-"))
    if version is None and top not in scene.distributions:
        local = any((scene.root / f"{top}{end}").exists() for end in ("", ".py"))
        where = " It was not a package when the run was recorded." if scene.versions else ""
        if local:
            repair = f"put {top} where cell {cell} finds it, and commit it"
            return Evidence(CODE_MISSING, f"Cell {cell} imports {top}, which is not in the work folder.", repair, cell)
        return Evidence(
            MISSING_PACKAGE, f"Cell {cell} imports {top}, which is not installed.{where}", f"pip install {name}", cell
        )
    wanted = f"{name}=={version}" if version else name
    return Evidence(
        MISSING_PACKAGE, f"Cell {cell} imports {top}: {wanted} is not installed.", f"pip install {wanted}", cell
    )


def _version(top: str, what: str, cell: int, scene: Scene) -> Evidence:
    recorded, present = scene.changed[top]
    name = scene.distributions.get(top, top)
    repair = f"pip install {name}=={recorded}" if recorded else f"pip uninstall {name}"
    return Evidence(
        VERSION_CHANGED, f"{name} {recorded or 'absent'} → {present or 'absent'}: {what} (cell {cell}).", repair, cell
    )


# -- names -------------------------------------------------------------------------------------------


def _name(name: str, cell: int, scene: Scene) -> Iterator[Evidence]:
    shown = printable(shorten(name, 80))
    before = [text for text in scene.texts if text.cell is not None and text.cell < cell]
    if any(text.tree is not None and name in bound_names(text.tree) for text in before):
        return  # bound and taken away again: the code's own doing
    for number, source in scene.left_out:
        if _binds(source, name):
            message = (
                f"Cell {cell} needs {shown}, which only cell run {number} bound; that was interrupted and is left out."
            )
            yield Evidence(
                HIDDEN_STATE, message, f"run that cell to its end before cell {cell}, then rerun the run", cell
            )
            return
    place = next((place for place, source in scene.notebook if _binds(source, name)), None)
    here = _place(scene, cell)
    if place is not None:
        repair = f"move cell {place} before cell {here or cell}"
        message = f"Cell {cell} needs {shown}, which the notebook binds only in its cell {place}."
        yield Evidence(HIDDEN_STATE, message, repair, cell)
        return
    message = f"Cell {cell} needs {shown}, which no recorded cell binds: it was left over in the original session."
    yield Evidence(HIDDEN_STATE, message, f"add a cell that makes {shown} before cell {cell}", cell)


def _binds(source: str, name: str) -> bool:
    tree = Text(source, 1).tree
    return tree is not None and name in bound_names(tree)


def _place(scene: Scene, cell: int) -> int | None:
    """The place in the notebook of a planned cell, found by its text."""
    source = next((text.source.strip() for text in scene.texts if text.cell == cell), None)
    return next((place for place, other in scene.notebook if other.strip().endswith(source or "\0")), None)


# -- paths -------------------------------------------------------------------------------------------


def _path(kind: str, message: str, cell: int, scene: Scene) -> Iterator[Evidence]:
    quoted = [first or second for first, second in _QUOTED.findall(message)]
    path = next(
        (text for text in quoted if "/" in text or os.path.sep in text or "." in text), quoted[0] if quoted else ""
    )
    if kind in ("OSError", "OperationalError") and not (_ERRNO.search(message) or "readonly database" in message):
        return
    if kind == "OutsideWorkFolder" or "readonly database" in message:
        yield refused_write(path or "a database", cell, scene)
        return
    if not path:
        return
    if not _inside(path, scene):
        yield _absolute(path, kind, cell, scene)


def _inside(path: str, scene: Scene) -> bool:
    return Path(path).is_relative_to(scene.work) or not os.path.isabs(path)


def _absolute(path: str, kind: str, cell: int, scene: Scene) -> Evidence:
    repair = f"use a path relative to the notebook: {_relative(path, scene)!r}"
    shown = printable(shorten(path, 200))
    return Evidence(PATH_NOT_PORTABLE, f"Cell {cell} uses the absolute path {shown}: {kind}.", repair, cell)


def _missing_file(kind: str, message: str, cell: int, scene: Scene) -> Iterator[Evidence]:
    """The file or object that the exception says is not there."""
    sources = [text.source for text in reversed(scene.texts) if text.cell is not None and text.cell <= cell]
    address = missing_object(kind, message, scene.reads, sources)
    if address is not None:
        yield missing_object_data(address, cell)
        return
    path = missing_file(kind, message, scene.reads, scene.has)
    if path is None:
        return
    inside, recorded = _inside(path, scene), path in scene.reads.lost
    if not inside and not recorded:
        yield _absolute(path, kind, cell, scene)
    name = os.path.relpath(path, scene.work) if os.path.isabs(path) and inside else path
    there = os.path.join(scene.root if os.path.isabs(path) else scene.folder or scene.root, name)
    if inside and not recorded and os.path.exists(there):
        yield unseen_data(name, cell)
    else:
        yield missing_data(name, cell)


def refused_write(path: str, cell: int | None, scene: Scene) -> Evidence:
    """A write outside the work folder."""
    shown = printable(shorten(path, 200))
    where = f"Cell {cell} writes" if cell else "The code writes"
    repair = f"write to a path relative to the notebook: {_relative(path, scene)!r}"
    return Evidence(PATH_NOT_PORTABLE, f"{where} to {shown}, outside the work folder: refused.", repair, cell)


def relative_to_notebook(path: str, folder: Path) -> str:
    """A path of the project as the notebook should write it."""
    return os.path.relpath(path, folder)


def _relative(path: str, scene: Scene) -> str:
    if Path(path).is_relative_to(scene.root):
        return relative_to_notebook(path, scene.folder or scene.root)
    return f"data/{os.path.basename(path.rstrip('/')) or 'file'}"
