"""Tiny notebooks for batches."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

#: A cell: its source, or its source and its tags.
Cell = str | tuple[str, Sequence[str]]


def document(*cells: Cell, tags: Sequence[str] = ()) -> dict[str, Any]:
    """A notebook in Python with these cells; ``tags`` are its own."""
    made = [(cell, ()) if isinstance(cell, str) else cell for cell in cells]
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {
            "bioml": {"tags": list(tags)},
            "kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"},
        },
        "cells": [
            {
                "cell_type": "code",
                "id": f"c{number}",
                "metadata": {"tags": list(labels)},
                "execution_count": None,
                "outputs": [],
                "source": source,
            }
            for number, (source, labels) in enumerate(made)
        ],
    }


def write(path: Path, *cells: Cell, tags: Sequence[str] = ()) -> Path:
    """A notebook file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document(*cells, tags=tags)), encoding="utf-8")
    return path
