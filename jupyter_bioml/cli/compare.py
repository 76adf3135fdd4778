"""``jupyter bioml compare``."""

from __future__ import annotations

import click

from .answer import Answer, json_option


@click.command()
@click.argument("left", metavar="RUN")
@click.argument("right", metavar="RUN")
@json_option
@click.pass_obj
def compare(answer: Answer, left: str, right: str) -> None:
    """Show what differs between two runs: metrics, parameters, data, environment, code."""
    from ..pages.compare import compare_page
    from ..workbench import SOON, Workbench

    found = Workbench.at(awaited=SOON).runs.compare(left, right)
    answer.give(found.as_json(), lambda width: compare_page(found, width))
