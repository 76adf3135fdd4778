"""``jupyter bioml models``."""

from __future__ import annotations

import click

from .answer import Answer, json_option


@click.command()
@json_option
@click.pass_obj
def models(answer: Answer) -> None:
    """List the registered model versions, newest first, with their aliases and source runs."""
    from ..pages.lists import model_list
    from ..workbench import SOON, Workbench

    found = Workbench.at(awaited=SOON).models.list()
    answer.give(found.as_json(), lambda width: model_list(found, width))
