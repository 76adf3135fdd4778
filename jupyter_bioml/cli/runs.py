"""``jupyter bioml runs``."""

from __future__ import annotations

import click

from .answer import Answer, json_option


@click.command()
@click.option(
    "--all", "everything", is_flag=True, help="Include reproductions, and list child runs on lines of their own."
)
@click.option("--archived", is_flag=True, help="Include archived runs.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Show at most N runs (default: all).")
@json_option
@click.pass_obj
def runs(answer: Answer, everything: bool, archived: bool, limit: int | None) -> None:
    """List the project's runs, newest first, including those still running or waiting."""
    from ..pages.lists import RUNS_SHOWN, run_list
    from ..workbench import SOON, Workbench

    most = limit or (None if answer.as_json else RUNS_SHOWN)
    found = Workbench.at(awaited=SOON).runs.list(
        reproductions=everything, children=everything, archived=archived, limit=most
    )
    if answer.as_json:
        for line in (found.down, *found.problems):
            if line:
                answer.progress(line)
    answer.give(found.as_json(), lambda width: run_list(found, width))
