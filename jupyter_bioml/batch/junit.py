"""The report of a batch as JUnit XML, for GitHub Actions, GitLab and Jenkins."""

from __future__ import annotations

import os
import re
import socket
import time
from xml.etree import ElementTree

from ..headless.results import BROKEN, FAILED, KILLED, NotebookResult
from .batch import BatchReport

#: Characters that XML 1.0 cannot express.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_xml(report: BatchReport) -> str:
    """One test case for each task: a failing cell is a failure, a kernel or process that died an error, and what
    was not run (or not to its end, because the batch was stopped) is skipped."""
    kinds = [_kind(result) for result in report.results]
    counts: dict[str, str] = {
        "tests": str(len(kinds)),
        "failures": str(kinds.count("failure")),
        "errors": str(kinds.count("error")),
        "skipped": str(kinds.count("skipped")),
        "time": f"{report.duration:.3f}",
    }
    root = ElementTree.Element("testsuites", {"name": "bioml run", **counts})
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() - report.duration))
    about = {"name": "notebooks", "timestamp": stamp, "hostname": _text(socket.gethostname()), **counts}
    suite = ElementTree.SubElement(root, "testsuite", about)
    for result, kind in zip(report.results, kinds, strict=True):
        _case(suite, result, kind)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _kind(result: NotebookResult) -> str | None:
    if result.passed:
        return None
    if result.status == FAILED:
        return "failure"
    return "error" if result.status in (KILLED, BROKEN) else "skipped"


def _case(suite: ElementTree.Element, result: NotebookResult, kind: str | None) -> None:
    name = result.task or os.path.basename(result.notebook)
    folder = os.path.dirname(name).replace("/", ".") or "notebooks"
    case = ElementTree.SubElement(
        suite,
        "testcase",
        classname=_text(folder),
        name=_text(os.path.basename(name) + _parameters(result)),
        file=_text(_near(result.notebook)),
        time=f"{result.duration:.3f}",
    )
    if kind is not None:
        failure = result.failure
        about = f"{failure.kind}: {failure.message}" if failure else result.reason or result.status
        inner = ElementTree.SubElement(case, kind, message=_text(about[:1000]))
        if kind != "skipped":
            inner.set("type", _text(failure.kind if failure else result.status))
            inner.text = _text(_details(result))
    if result.output is not None or result.records:
        lines = [f"output notebook: {result.output}", *(f"run: {record}" for record in result.records)]
        ElementTree.SubElement(case, "system-out").text = _text("\n".join(lines))


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
    return _FORBIDDEN.sub("\ufffd", text)
