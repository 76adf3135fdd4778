"""``jupyter bioml forget``."""

from __future__ import annotations

import click

from .answer import Answer, json_option


@click.command()
@click.argument("run")
@click.option("--force", is_flag=True, help="Also delete a run with registered model versions (the versions stay).")
@click.option("--why", metavar="TEXT", help="The reason; recorded in the tombstone.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@click.pass_obj
def forget(answer: Answer, run: str, force: bool, why: str | None, yes: bool) -> None:
    """Delete RUN, the cells that joined it and its child runs.

    MLflow hides what it deletes and keeps its files until "mlflow gc". A tombstone stays in the journal (which run,
    who, when, why), so the run is never sent again. A run that is still running cannot be deleted.
    """
    from ..pages.keeping import deleted, question
    from ..workbench import Workbench

    workbench = Workbench.at()
    found = workbench.runs.find(run)
    answer.confirm(question(found), yes)
    done = workbench.keeping.delete(found.record.record_id, force=force, why=why)
    answer.give(done.as_json(), lambda width: deleted(done))
