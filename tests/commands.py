"""The commands of the terminal, called in this process."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jupyter_bioml.cli.main import main


class Commands:
    """Calls a command; what was printed before it does not count."""

    def __init__(self, capture: pytest.CaptureFixture[str]) -> None:
        self.capture = capture

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Exit code, stdout and stderr."""
        self.capture.readouterr()
        code = main(list(arguments))
        out, err = self.capture.readouterr()
        return code, out, err

    def json(self, *arguments: str, code: int = 0) -> Any:
        """The one document of a command with ``--json``."""
        got, out, err = self.run(*arguments, "--json")
        assert got == code, (got, out[-2000:], err[-2000:])
        return json.loads(out, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
