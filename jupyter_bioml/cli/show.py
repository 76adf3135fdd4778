"""``jupyter bioml show``."""

from __future__ import annotations

import click

from .answer import Answer, json_option


@click.command()
@click.argument("run")
@json_option
@click.pass_obj
def show(answer: Answer, run: str) -> None:
    """Show RUN: its card, metrics, parameters, data, model, code and anything that could not be captured."""
    from ..pages.run import run_page
    from ..workbench import SOON, Workbench

    shown = Workbench.at(awaited=SOON).runs.show(run)
    answer.give(shown.as_json(), lambda width: run_page(shown, width))
