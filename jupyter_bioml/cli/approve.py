"""``jupyter bioml approve`` and ``reject``."""

from __future__ import annotations

import click

from .answer import Answer, json_option

_REASON = click.option("--reason", metavar="TEXT", required=True, help="Why; kept in the audit log.")


@click.command()
@click.argument("model")
@click.option("--meaning", metavar="WORD", required=True, help="review, approval, or one that the policy names.")
@_REASON
@json_option
@click.pass_obj
def approve(answer: Answer, model: str, meaning: str, reason: str) -> None:
    """Say in your own name that MODEL may go.

    MODEL is NAME@VERSION, NAME@ALIAS or NAME (its newest version). The name is that of the hub or of the operating
    system's account. The approval holds for this version, its run and its very files, and for nothing else.
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
    """Say in your own name that MODEL may not go: approvals before this count no more."""
    from ..pages.promote import decision_page
    from ..workbench import Workbench

    made = Workbench.at().promotions.reject(model, reason=reason)
    answer.give(made.as_json(), lambda width: decision_page(made))
