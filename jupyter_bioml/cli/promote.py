"""``jupyter bioml promote``, ``rollback`` and ``gates``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..errors import UsageError
from .answer import Answer, json_option

if TYPE_CHECKING:
    from ..promote.judge import GateProgress, Say

_ALIAS = click.option("--to", "alias", metavar="ALIAS", required=True, help="The alias, as named in the policy.")


@click.command()
@click.argument("model")
@_ALIAS
@click.option("--reason", metavar="TEXT", default="", help="Why; recorded in the audit log.")
@click.option("--override", metavar="REASON", help="Promote despite failing gates; permanently marked on the version.")
@click.option("--dry-run", is_flag=True, help="Only check the gates; nothing is moved or logged.")
@json_option
@click.pass_obj
def promote(answer: Answer, model: str, alias: str, reason: str, override: str | None, dry_run: bool) -> int:
    """Point an alias at MODEL if every gate of the policy passes.

    MODEL is NAME@VERSION, NAME@ALIAS or NAME (its newest version). With exit code 1, each failing gate is named
    with the next step. The policy is bioml-policy.yaml in the project's root, else a built-in one (see: bioml gates
    --init).
    """
    from ..pages.promote import promotion_page
    from ..workbench import Workbench

    desk = Workbench.at().promotions
    if dry_run:
        made = desk.gates(model, alias, say=_telling(answer))
    else:
        made = desk.promote(model, alias, reason=reason, override=override, say=_telling(answer))
    answer.give(made.as_json(), lambda width: promotion_page(made, width))
    return made.exit_code


@click.command()
@click.argument("model")
@click.option("--alias", metavar="ALIAS", required=True, help="The alias to roll back.")
@click.option("--version", metavar="VERSION", help="The version to go back to, which must have held the alias before.")
@click.option("--reason", metavar="TEXT", default="", help="Why; recorded in the audit log.")
@json_option
@click.pass_obj
def rollback(answer: Answer, model: str, alias: str, version: str | None, reason: str) -> None:
    """Point an alias of MODEL back at the version that held it before, according to the audit log.

    Gates are not checked. Repeating it goes back one promotion further. If the alias was moved outside this log, for
    instance in MLflow's own pages, nothing is changed until you name the version.
    """
    from ..pages.promote import rollback_page
    from ..workbench import Workbench

    made = Workbench.at().promotions.rollback(model, alias, reason=reason, version=version)
    answer.give(made.as_json(), lambda width: rollback_page(made))


@click.command()
@click.argument("model", required=False)
@click.option("--to", "alias", metavar="ALIAS", help="The alias, as named in the policy.")
@click.option("--init", is_flag=True, help="Write bioml-policy.yaml and bioml-card.yaml if they are missing.")
@json_option
@click.pass_obj
def gates(answer: Answer, model: str | None, alias: str | None, init: bool) -> int:
    """Show what each gate of an alias says about MODEL; nothing is moved or logged."""
    from ..pages.promote import promotion_page, templates_page
    from ..workbench import Workbench

    desk = Workbench.at().promotions
    if init:
        if model is not None or alias is not None:
            raise UsageError("--init takes no other arguments.", next="Write: jupyter bioml gates --init")
        written, kept = desk.init()
        answer.give({"written": written, "kept": kept}, lambda width: templates_page(written, kept))
        return 0
    if model is None or alias is None:
        raise UsageError("A model and an alias are needed.", next="Write: jupyter bioml gates MODEL --to ALIAS")
    made = desk.gates(model, alias, say=_telling(answer))
    answer.give(made.as_json(), lambda width: promotion_page(made, width))
    return made.exit_code


def _telling(answer: Answer) -> Say:
    """Says of each gate that it is asked, while that takes, and its answer."""

    def say(progress: GateProgress) -> None:
        (answer.passing if progress.answer is None else answer.progress)(str(progress))

    return say
