"""``jupyter bioml approve`` and ``reject``."""

from __future__ import annotations

import click

from .answer import Answer, json_option

_REASON = click.option("--reason", metavar="TEXT", required=True, help="Why; recorded in the audit log.")


@click.command()
@click.argument("model")
@click.option(
    "--meaning", metavar="WORD", required=True, help="What it means: review, approval, or a word from the policy."
)
@_REASON
@json_option
@click.pass_obj
def approve(answer: Answer, model: str, meaning: str, reason: str) -> None:
    """Approve MODEL in your own name.

    MODEL is NAME@VERSION, NAME@ALIAS or NAME (its newest version). Your name is that of the JupyterHub
    user or of the operating system account. The approval covers this version, its run and exactly its files, and
    nothing else.
    """
    from ..pages.promote import decision_page
    from ..workbench import Workbench

    made = Workbench.at().promotions.approve(model, meaning=meaning, reason=reason)
    answer.give(made.as_json(), lambda width: decision_page(made))


@click.command()
@click.argument("model")
@_REASON
@json_option
@click.pass_obj
def reject(answer: Answer, model: str, reason: str) -> None:
    """Reject MODEL in your own name; earlier approvals are void."""
    from ..pages.promote import decision_page
    from ..workbench import Workbench

    made = Workbench.at().promotions.reject(model, reason=reason)
    answer.give(made.as_json(), lambda width: decision_page(made))
