"""What a promotion hands to the process of other packages' gates, as files of a folder that both know."""

from __future__ import annotations

import json
import os
import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..audit.actor import Actor
from ..config import Destination, Project
from ..store.base import StoredVersion
from .gate import STATES, GateResult

#: The line that ends the gates' process in order; every other one is the number of a request.
END = "end"
#: Bytes of an answer; a longer one is not accepted.
ANSWER_BYTES = 16 * 2**20


@dataclass(frozen=True)
class GateSubject:
    """What all gates of one promotion are asked about: what :class:`~.facts.Facts` is made from."""

    project: Project
    target: Destination
    version: StoredVersion
    alias: str
    holder: StoredVersion | None
    actor: Actor
    now: float
    places: tuple[str, ...]
    """Where the caller finds modules: the gates' package may be in one that only the caller knows."""


@dataclass(frozen=True)
class GateRequest:
    """One gate."""

    name: str
    place: str
    """``module:function``."""
    options: Any
    seconds: float
    """Its time limit."""
    known: Mapping[str, Any]
    """Facts that were looked up already, by the name of their property."""


def subject_file(folder: Path) -> Path:
    """The file of the subject."""
    return folder / "subject"


def ready_file(folder: Path) -> Path:
    """There once the gates' process has started: time limits begin then."""
    return folder / "ready"


def request_file(folder: Path, number: int) -> Path:
    """The file of one request."""
    return folder / f"gate-{number}"


def answer_file(folder: Path, number: int) -> Path:
    """The file of its answer; it is whole as soon as it is there."""
    return folder / f"gate-{number}.json"


def hand_over(file: Path, value: Any) -> None:
    """Write what a process of this package reads: it trusts its caller, never the other way round."""
    file.write_bytes(pickle.dumps(value))


def taken_over(file: Path) -> Any:
    """What the caller wrote."""
    return pickle.loads(file.read_bytes())


def write_answer(file: Path, answer: GateResult) -> None:
    """Write a gate's answer as JSON.

    :raises Exception: when its evidence is nothing that JSON holds.
    """
    text = json.dumps(answer.as_json())
    beside = file.with_suffix(".new")
    beside.write_text(text, encoding="utf-8")
    os.replace(beside, file)


def read_answer(file: Path) -> GateResult | None:
    """The answer in a file; None when it is not one."""
    try:
        with open(file, "rb") as stream:
            data = stream.read(ANSWER_BYTES + 1)
        document = json.loads(data) if len(data) <= ANSWER_BYTES else None
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(document, dict) or document.get("state") not in STATES:
        return None
    said, again, evidence = document.get("said"), document.get("next"), document.get("evidence")
    if not isinstance(said, str) or not isinstance(again, str) or not isinstance(evidence, dict):
        return None
    return GateResult(document["state"], said, again, evidence)
