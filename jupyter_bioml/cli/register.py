"""``jupyter bioml register``."""

from __future__ import annotations

import click

from .answer import Answer, json_option
from .pairs import pair_of


@click.command()
@click.argument("run")
@click.argument("name")
@click.option("--alias", metavar="A", help="Point this alias at the new version.")
@click.option("--description", metavar="T", default="", help="A one-sentence description.")
@click.option("--tag", "tags", metavar="K=V", multiple=True, help="A tag for the version; may be repeated.")
@json_option
@click.pass_obj
def register(answer: Answer, run: str, name: str, alias: str | None, description: str, tags: tuple[str, ...]) -> None:
    """Register RUN's model as a new version of NAME, linked to the run.

    A run that is not in MLflow yet is sent first. A run that failed or has no model is refused, with the reason.
    """
    from ..pages.lists import registered
    from ..workbench import Workbench

    pairs = dict(pair_of(tag, "--tag ") for tag in tags)
    bench = Workbench.at()
    made = bench.models.register(run, name, alias=alias, description=description, tags=pairs)
    answer.give(made.as_json(), lambda width: registered(made, bench.destination))
