"""``jupyter bioml groups``."""

from __future__ import annotations

import click

from .answer import Answer, json_option


@click.command()
@click.option("--metric", metavar="KEY", help="Metric used to pick the best run (default: the first one compared).")
@json_option
@click.pass_obj
def groups(answer: Answer, metric: str | None) -> None:
    """Group the runs of each notebook by name, one line per group, with the latest and the best finished run.

    The best run has the highest value; the lowest if the metric's name says loss or error.
    """
    from ..pages.keeping import group_list
    from ..workbench import SOON, Workbench

    found = Workbench.at(awaited=SOON).runs.groups(metric)
    answer.give(found.as_json(), lambda width: group_list(found, width))
