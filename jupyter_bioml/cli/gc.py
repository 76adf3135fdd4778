"""``jupyter bioml gc``."""

from __future__ import annotations

import click

from .answer import Answer, json_option


@click.command()
@click.option("--keep", type=click.IntRange(min=0), metavar="N", help="Delete all but the newest N runs.")
@click.option("--older-than", type=click.FloatRange(min=0), metavar="DAYS", help="Delete runs older than DAYS days.")
@click.option("--archived", is_flag=True, help="Delete archived runs only.")
@click.option("--dry-run", is_flag=True, help="Only show what would be deleted.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@click.pass_obj
def gc(answer: Answer, keep: int | None, older_than: float | None, archived: bool, dry_run: bool, yes: bool) -> int:
    """Delete old runs, and the parts of .bioml that are no longer needed.

    A run is deleted if it meets every option given; without options, no run is. Runs that are running, wait for
    MLflow, are starred or have a registered version are kept. Also deleted: work folders of reproductions, stored
    content that no run uses and, with --keep or --older-than, old folders of output notebooks. Nothing that a live
    kernel uses is touched.
    """
    from ..keeping.collect import Rule
    from ..pages.keeping import collected
    from ..workbench import Workbench

    workbench, rule = Workbench.at(), Rule(keep, older_than, archived)
    found = workbench.keeping.collect(rule, dry_run=True)
    if not dry_run and not found.empty:
        if not answer.as_json and not yes:
            for line in collected(found, answer.width):
                answer.progress(line)
        answer.confirm("Delete this?", yes)
        found = workbench.keeping.collect(rule, progress=answer.progress)
    answer.give(found.as_json(), lambda width: collected(found, width))
    return 1 if found.stopped else 0
