"""``jupyter bioml groups``."""

from __future__ import annotations

import click

from .answer import Answer, json_option


@click.command()
@click.option("--metric", metavar="KEY", help="What the best is the best in (default: the first that is compared).")
@json_option
@click.pass_obj
def groups(answer: Answer, metric: str | None) -> None:
    """List the runs of one name in one notebook as one line, with the latest and the best finished one.

    The best has the greatest value; of a metric whose name says loss or error, the least.
    """
    from ..pages.keeping import group_list
    from ..workbench import Workbench

    found = Workbench.at().runs.groups(metric)
    answer.give(found.as_json(), lambda width: group_list(found, width))
