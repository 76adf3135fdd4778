"""Output of a command's answer, progress and errors, secrets masked.

Without ``--json``: the answer as text on stdout, progress on stderr. With it: exactly one JSON document on
stdout, whatever a notebook, a library or a crash prints; everything else goes to stderr.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any, TypeVar

import click

from ..canonical import jsonable
from ..errors import BiomlError, Refused, UsageError
from ..redact import redact, redact_value

F = TypeVar("F", bound=Callable[..., Any])

#: A sign at the beginning of a line → its colour; the sign and the word beside it say the same without colour.
_COLOURS = {"●": "green", "✓": "green", "◐": "cyan", "✗": "red", "⊘": "yellow", "⚠": "yellow"}
_SIGN = re.compile(r"^(\s*)([●✓◐✗⊘⚠])(?= )")
#: Columns for a log or a pipe, where there is no terminal width.
PIPE_WIDTH = 160


class Answer:
    """The one answer of a command, used as a context manager around it."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json
        self._stdout = -1
        self._given = False
        self._passing = False

    def __enter__(self) -> Answer:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        if self.as_json:
            sys.stdout.flush()
            with contextlib.suppress(OSError):
                self._stdout = os.dup(1)
                os.dup2(2, 1)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._stdout >= 0:
            with contextlib.suppress(OSError, ValueError):
                sys.stdout.flush()
            os.dup2(self._stdout, 1)
            os.close(self._stdout)
            self._stdout = -1

    @property
    def width(self) -> int:
        """Width of the output in columns."""
        return shutil.get_terminal_size((PIPE_WIDTH, 24)).columns if sys.stdout.isatty() else PIPE_WIDTH

    def give(self, document: Any, lines: Callable[[int], Iterable[str]]) -> None:
        """The answer: ``document`` with ``--json``, else the lines for a terminal of some width."""
        self._wipe()
        if self.as_json:
            self._write_json(document)
        else:
            for line in lines(self.width):
                click.echo(_painted(redact(line)))

    def progress(self, text: str) -> None:
        """One line of progress, on stderr."""
        self._wipe()
        click.echo(redact(text), err=True)

    def passing(self, text: str) -> None:
        """What is done now: on a terminal until the next word, elsewhere not at all."""
        self._wipe()
        if sys.stderr.isatty():
            click.echo(redact(text)[: shutil.get_terminal_size().columns - 1], err=True, nl=False)
            self._passing = True

    def _wipe(self) -> None:
        if self._passing:
            click.echo("\r\x1b[K", err=True, nl=False)
            self._passing = False

    def confirm(self, question: str, yes: bool) -> None:
        """Ask before doing something that cannot be undone.

        :param yes: already confirmed with ``--yes``.
        :raises UsageError: there is no terminal to ask in.
        :raises Refused: the answer is no.
        """
        if yes:
            return
        if self.as_json or not sys.stdin.isatty():
            raise UsageError(f"{question} No terminal to confirm in; nothing was done.", next="Add --yes to confirm.")
        if not click.confirm(question, err=True):
            raise Refused("Cancelled; nothing was done.")

    def refuse(self, error: BiomlError) -> int:
        """Show an error; returns its exit code."""
        self._wipe()
        if self.as_json and not self._given:
            self._write_json(error.as_json())
        else:
            sign = click.style("error:", fg="red") if _coloured(sys.stderr) else "error:"
            click.echo(f"{sign} {redact(error.message)}", err=True)
            if error.next:
                click.echo(f"  next: {redact(error.next)}", err=True)
        return error.exit_code

    def _write_json(self, document: Any) -> None:
        self._given = True
        text = json.dumps(redact_value(jsonable(document)), indent=2, ensure_ascii=True, allow_nan=False) + "\n"
        view = memoryview(text.encode("ascii"))
        while view:
            view = view[os.write(self._stdout if self._stdout >= 0 else 1, view) :]


def wants_json(arguments: Iterable[str]) -> bool:
    """Whether ``--json`` is among the options, known before they are parsed: errors need it too."""
    for argument in arguments:
        if argument == "--":
            return False
        if argument == "--json":
            return True
    return False


def _coloured(stream: Any) -> bool:
    return bool(stream.isatty()) and not os.environ.get("NO_COLOR")


def _painted(line: str) -> str:
    if not _coloured(sys.stdout):
        return line
    return _SIGN.sub(lambda match: match[1] + click.style(match[2], fg=_COLOURS[match[2]]), line)


def json_option(function: F) -> F:
    """``--json`` of a verb; :func:`wants_json` has already read it, so the value is not passed on."""
    return click.option("--json", is_flag=True, expose_value=False, help="Print one JSON document on stdout.")(function)
