"""``python -P -m jupyter_bioml.promote.load_probe FOLDER ANSWER SECONDS``: load a model, predict its example.

Loading runs the model's own code, which may crash, hang or print, so it has a process of its own. That is a fork of the
resident process where one is there, else a new one.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import sys
import time
from pathlib import Path
from typing import Any

from ..processes.identity import BEGAN
from ..publish.signatures import EXAMPLE_TYPES, with_types
from ..publish.skops_import import import_skops
from ..store.mlflow_store import load_folder
from .probing import end_with_caller

#: Seconds beyond its limit before it ends itself: its caller may be gone.
_GRACE = 5


def main(arguments: list[str]) -> int:
    """Write the result to the file ANSWER."""
    folder, answer, seconds = arguments
    sys.dont_write_bytecode = True
    end_with_caller()
    signal.alarm(int(float(seconds)) + _GRACE)
    Path(answer).write_text(json.dumps(tried(folder)), encoding="utf-8")
    return 0


def tried(folder: str) -> dict[str, Any]:
    """The result of loading the model of a folder and predicting its example, and the files it rests on."""
    step, began = "load", time.monotonic()
    try:
        if _is_skops(folder):
            import_skops()
        model = load_folder(folder)
        loaded = time.monotonic()
        step = "predict its example"
        example = with_types(model.input_example, (model.metadata.metadata or {}).get(EXAMPLE_TYPES))
        result = model.predict(example)
    except Exception as error:  # the model's own code may raise anything
        return {"step": step, "error": f"{type(error).__name__}: {error}"[:1000]}
    rows = len(result) if hasattr(result, "__len__") else None
    answer: dict[str, Any] = {
        "load_seconds": round(loaded - began, 3),
        "predict_seconds": round(time.monotonic() - loaded, 3),
        "example": type(example).__name__,
        "result": type(result).__name__,
        "rows": rows,
    }
    with contextlib.suppress(OSError):  # a system that does not tell it: the answer is not kept then
        answer["files"] = sorted(file for file in _imported() if not Path(file).is_relative_to(folder))
        answer["read_after"] = BEGAN
    return answer


def _is_skops(folder: str) -> bool:
    text = Path(folder, "MLmodel").read_text(encoding="utf-8", errors="replace")
    return re.search(r"^ *serialization_format: *skops *$", text, re.MULTILINE) is not None


def _imported() -> set[str]:
    """The files of all modules and libraries of this process, and the places where modules are looked for."""
    found = {place for place in sys.path if place}
    for module in list(sys.modules.values()):
        with contextlib.suppress(AttributeError):  # their dictionaries, past what imports when a name is looked up
            file = object.__getattribute__(module, "__dict__").get("__file__")
            if isinstance(file, str):
                found.add(os.path.abspath(file))
    with open("/proc/self/maps", encoding="utf-8", errors="surrogateescape") as maps:
        for line in maps:
            *_, name = line.rstrip("\n").split(None, 5)
            if name.startswith("/") and os.path.isfile(name):
                found.add(name)
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
