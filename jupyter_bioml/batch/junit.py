"""The report of a batch as JUnit XML, for GitHub Actions, GitLab and Jenkins."""

from __future__ import annotations

import os
import re
import socket
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from ..headless.results import BROKEN, FAILED, KILLED, NotebookResult
from ..redact import redact
from .batch import BatchReport

#: Characters that XML 1.0 cannot express.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class JUnitCase:
    """One test case of a report."""

    name: str
    """With its folder, ``/``-separated."""
    file: str
    seconds: float
    kind: str | None = None
    """``failure``, ``error`` or ``skipped``; None: it passed."""
    about: str = ""
    """Why it did not pass, in a line."""
    type: str = ""
    """What stopped it, in a word; empty for what was skipped."""
    details: str = ""
    said: str = ""
    """Its output."""
    parameters: str = ""
    """Shown behind its name."""


def junit_xml(report: BatchReport) -> str:
    """One test case for each task: a failing cell is a failure, a kernel or process that died an error, and what
    was not run (or not to its end, because the batch was stopped) is skipped."""
    return junit_document("bioml run", [_case(result) for result in report.results], report.duration)


def junit_document(command: str, cases: Sequence[JUnitCase], seconds: float) -> str:
    """The whole document of the test cases of one command, which took so many seconds."""
    kinds = Counter(case.kind for case in cases)
    counts: dict[str, str] = {
        "tests": str(len(cases)),
        "failures": str(kinds["failure"]),
        "errors": str(kinds["error"]),
        "skipped": str(kinds["skipped"]),
        "time": f"{seconds:.3f}",
    }
    root = ElementTree.Element("testsuites", {"name": command, **counts})
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() - seconds))
    about = {"name": "notebooks", "timestamp": stamp, "hostname": _text(socket.gethostname()), **counts}
    suite = ElementTree.SubElement(root, "testsuite", about)
    for case in cases:
        _written(suite, case)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _kind(result: NotebookResult) -> str | None:
    if result.passed:
        return None
    if result.status == FAILED:
        return "failure"
    return "error" if result.status in (KILLED, BROKEN) else "skipped"


def _case(result: NotebookResult) -> JUnitCase:
    kind, failure = _kind(result), result.failure
    about = f"{failure.kind}: {failure.message}" if failure else result.reason or result.status
    lines = [f"output notebook: {result.output}", *(f"run: {record}" for record in result.records)]
    return JUnitCase(
        result.task or os.path.basename(result.notebook),
        result.notebook,
        result.duration,
        kind,
        about,
        "" if kind == "skipped" else failure.kind if failure else result.status,
        _details(result),
        "\n".join(lines) if result.output is not None or result.records else "",
        _parameters(result),
    )


def _written(suite: ElementTree.Element, case: JUnitCase) -> None:
    folder, name = os.path.split(case.name)
    element = ElementTree.SubElement(
        suite,
        "testcase",
        classname=_text(folder.replace("/", ".") or "notebooks"),
        name=_text(name + case.parameters),
        file=_text(_near(case.file)),
        time=f"{case.seconds:.3f}",
    )
    if case.kind is not None:
        inner = ElementTree.SubElement(element, case.kind, message=_text(case.about[:1000]))
        if case.type:
            inner.set("type", _text(case.type))
            inner.text = _text(case.details)
    if case.said:
        ElementTree.SubElement(element, "system-out").text = _text(case.said)


def _parameters(result: NotebookResult) -> str:
    if not result.parameters:
        return ""
    return "[" + ", ".join(f"{name}={value!r}" for name, value in result.parameters.items()) + "]"


def _details(result: NotebookResult) -> str:
    failure = result.failure
    if failure is None:
        return result.reason or result.status
    return f"cell {failure.index + 1}\n{failure.source}\n\n{failure.traceback}"


def _near(path: str) -> str:
    """Relative to the current folder, where it lies below: CI systems link files so."""
    try:
        relative = os.path.relpath(path)
    except OSError:
        return path
    return path if relative.startswith("..") else relative


def _text(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", redact(text))
