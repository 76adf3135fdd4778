"""``jupyter bioml promote``, ``rollback`` and ``gates``."""

from __future__ import annotations

import click

from ..errors import UsageError
from .answer import Answer, json_option

_ALIAS = click.option("--to", "alias", metavar="ALIAS", required=True, help="The alias, as the policy names it.")


@click.command()
@click.argument("model")
@_ALIAS
@click.option("--reason", metavar="TEXT", default="", help="Kept in the audit log.")
@click.option("--override", metavar="REASON", help="Promote although gates fail; marked on the version for ever.")
@click.option("--dry-run", is_flag=True, help="Only ask the gates: nothing is moved or logged.")
@json_option
@click.pass_obj
def promote(answer: Answer, model: str, alias: str, reason: str, override: str | None, dry_run: bool) -> int:
    """Let an alias point at MODEL when every gate of the policy holds.

    MODEL is NAME@VERSION, NAME@ALIAS or NAME (its newest version). Exit code 1 names each gate that refuses, and the
    next step. The policy is bioml-policy.yaml in the project's root, else a built-in one (see: bioml gates --init).
    """
    from ..pages.promote import promotion_page
    from ..workbench import Workbench

    desk = Workbench.at().promotions
    if dry_run:
        made = desk.gates(model, alias, say=answer.progress)
    else:
        made = desk.promote(model, alias, reason=reason, override=override, say=answer.progress)
    answer.give(made.as_json(), lambda width: promotion_page(made, width))
    return made.exit_code


@click.command()
@click.argument("model")
@click.option("--alias", metavar="ALIAS", required=True, help="The alias to take back.")
@click.option("--reason", metavar="TEXT", default="", help="Kept in the audit log.")
@json_option
@click.pass_obj
def rollback(answer: Answer, model: str, alias: str, reason: str) -> None:
    """Let an alias of MODEL point again at the version that held it before, as the audit log says.

    No gate is asked. Once more goes one promotion further back.
    """
    from ..pages.promote import rollback_page
    from ..workbench import Workbench

    made = Workbench.at().promotions.rollback(model, alias, reason=reason)
    answer.give(made.as_json(), lambda width: rollback_page(made))


@click.command()
@click.argument("model", required=False)
@click.option("--to", "alias", metavar="ALIAS", help="The alias, as the policy names it.")
@click.option("--init", is_flag=True, help="Write bioml-policy.yaml and bioml-card.yaml where they are missing.")
@json_option
@click.pass_obj
def gates(answer: Answer, model: str | None, alias: str | None, init: bool) -> int:
    """Show what each gate of an alias says of MODEL; nothing is moved or logged."""
    from ..pages.promote import promotion_page, templates_page
    from ..workbench import Workbench

    desk = Workbench.at().promotions
    if init:
        if model is not None or alias is not None:
            raise UsageError("--init stands alone.", next="Write: jupyter bioml gates --init")
        written, kept = desk.init()
        answer.give({"written": written, "kept": kept}, lambda width: templates_page(written, kept))
        return 0
    if model is None or alias is None:
        raise UsageError("Which model, and for which alias?", next="Write: jupyter bioml gates MODEL --to ALIAS")
    made = desk.gates(model, alias, say=answer.progress)
    answer.give(made.as_json(), lambda width: promotion_page(made, width))
    return made.exit_code
