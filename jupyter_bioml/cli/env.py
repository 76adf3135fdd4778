"""``jupyter bioml env``: check a notebook against its lock and the latest versions, build a run's environment."""

from __future__ import annotations

import click

from .answer import Answer, json_option


@click.group()
def env() -> None:
    """Compare environments with recorded ones, and build them again."""


@env.command()
@click.argument("targets", nargs=-1, required=True, metavar="NOTEBOOK|RUN…")
@click.option("--locked", is_flag=True, help="Run the notebook with exactly the locked versions.")
@click.option("--latest", is_flag=True, help="Run the notebook with its direct requirements resolved anew.")
@click.option("--bisect", is_flag=True, help="With --latest: find the version that makes it fail, by trials.")
@json_option
@click.pass_obj
def check(answer: Answer, targets: tuple[str, ...], locked: bool, latest: bool, bisect: bool) -> int:
    """Say what differs from the lock and what is imported but not declared; run it locked, latest or both.

    The lock is the environment of the run, or of the notebook's newest run. Environments are built beside yours and
    kept in the user's cache folder. Exit code 1 when a notebook does not pass, or an environment cannot be built.
    """
    from ..errors import UsageError
    from ..pages.environment import checks_page
    from ..workbench import Workbench

    if bisect and not latest:
        raise UsageError("--bisect looks for what makes the latest versions fail.", next="Say --latest --bisect.")
    kinds = [name for name, asked in (("locked", locked), ("latest", latest)) if asked]
    found = Workbench.at().environments.check(targets, kinds=kinds, bisect=bisect, say=answer.progress)
    document = {"passed": all(item.passed for item in found), "checks": [item.as_json() for item in found]}
    answer.give(document, lambda width: checks_page(found, width))
    return max(item.exit_code for item in found)


@env.command()
@click.argument("run")
@json_option
@click.pass_obj
def build(answer: Answer, run: str) -> None:
    """Build the environment of RUN as it was recorded, and print its Python."""
    from ..pages.environment import prepared_page
    from ..workbench import Workbench

    made = Workbench.at().environments.build(run, say=answer.progress)
    answer.give(made.as_json(), lambda width: prepared_page(made, width))
