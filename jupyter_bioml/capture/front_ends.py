"""Which notebook and cell a request comes from, as the front ends say it that are not ours.

JupyterLab sends the cell's id, and our extension the notebook's path. VS Code puts the path into the namespace and
sends an address of its own as the cell's id, which the notebook does not know. nbclient says nothing. Where the server
runs the cells (jupyter-server-nbmodel), its requests say nothing either: our extension says it beforehand. What nobody
said stays unknown.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

#: VS Code's name for the notebook's path, and the scheme of its addresses of cells.
VS_CODE_FILE, VS_CODE_CELL = "__vsc_ipynb_file__", "vscode-notebook-cell"
#: A cell's id as notebooks have it (nbformat 4.5).
_CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")


#: What was announced of cells and not asked for yet, and how many of those are kept: a whole notebook's "Run All".
_announced: list[dict[str, Any]] = []
MOST = 1000
#: What is announced → its name in the metadata of a request.
_NAMES = {"cellId": "cellId", "tags": "tags", "notebook": "bioml.notebook", "cells": "bioml.cells"}


def announce(said: bytes) -> None:
    """A front end says what the request of a cell will not say, because the server sends that (a silent request)."""
    with contextlib.suppress(ValueError):
        document = json.loads(said)
        if isinstance(document, dict):
            _announced.append(document)
            del _announced[:-MOST]


def announced(source: str) -> dict[str, Any]:
    """What was announced of the cell with that text, as the metadata of a request has it; empty: nothing."""
    for place, said in enumerate(_announced):
        if said.get("source") == source:
            del _announced[place]
            return {name: said.get(key) for key, name in _NAMES.items()}
    return {}


def cell_of(said: Any) -> str | None:
    """The id that the notebook has of the cell; None: the front end did not say one."""
    return said if isinstance(said, str) and _CELL_ID.fullmatch(said) else None


def notebook_of(said: Any, cell: Any, namespace: Mapping[str, Any]) -> str | None:
    """The notebook's path; None: the front end did not say it.

    :param said: by our own extension.
    :param cell: what was sent as the cell's id.
    """
    if isinstance(said, str):
        return said
    file = namespace.get(VS_CODE_FILE)
    if type(file) is str and file.endswith(".ipynb"):
        return file
    return _path(cell) if isinstance(cell, str) else None


def _path(address: str) -> str | None:
    """The path in VS Code's address of a cell, which may lie on another machine's disk; None: it has none."""
    scheme, _, rest = address.partition(":")
    if scheme != VS_CODE_CELL:
        return None
    if rest.startswith("//"):
        rest = "/" + rest[2:].partition("/")[2]
    path = unquote(rest.partition("#")[0].partition("?")[0])
    return path if path.startswith("/") and path.endswith(".ipynb") else None
