"""``jupyter bioml env``: check a notebook against its lock and the latest versions, build a run's environment."""

from __future__ import annotations

import click

from .answer import Answer, json_option


@click.group()
def env() -> None:
    """Compare environments with recorded ones, and rebuild them."""


@env.command()
@click.argument("targets", nargs=-1, required=True, metavar="NOTEBOOK|RUN…")
@click.option("--locked", is_flag=True, help="Run the notebook with exactly the locked versions.")
@click.option("--declared", is_flag=True, help="Run the notebook with the versions that its project declares.")
@click.option("--latest", is_flag=True, help="Run the notebook with the latest versions of its direct requirements.")
@click.option("--bisect", is_flag=True, help="With --latest: find the version that breaks it, by trial runs.")
@json_option
@click.pass_obj
def check(answer: Answer, targets: tuple[str, ...], locked: bool, declared: bool, latest: bool, bisect: bool) -> int:
    """Report declared versions that are not met, what differs from the lock, and imports that are not declared.

    Versions are declared by requirements files, pyproject.toml, environment.yml and the notebook's own install lines.
    The lock is the environment of the run, or of the notebook's newest run. Environments are built beside yours and
    kept in the user's cache folder. Exit code 1 if the present environment does not meet what is declared, a
    notebook fails or an environment cannot be built.
    """
    from ..errors import UsageError
    from ..pages.environment import checks_page
    from ..workbench import Workbench

    if bisect and not latest:
        raise UsageError("--bisect needs --latest.", next="Write: --latest --bisect")
    kinds = [name for name, asked in (("locked", locked), ("declared", declared), ("latest", latest)) if asked]
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
