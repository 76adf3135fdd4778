"""``jupyter bioml status``."""

from __future__ import annotations

import click

from .answer import Answer, json_option


@click.command()
@json_option
@click.pass_obj
def status(answer: Answer) -> None:
    """Show the project, where its runs go, and which ones are waiting."""
    from ..pages.lists import status_lines
    from ..workbench import Workbench

    found = Workbench.at().status()
    answer.give(found.as_json(), lambda width: status_lines(found))
