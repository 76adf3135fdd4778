"""``jupyter bioml reproduce``."""

from __future__ import annotations

import click

from .answer import Answer, json_option


@click.command()
@click.argument("run")
@click.option(
    "--env",
    "environment",
    type=click.Choice(["current", "locked", "latest"]),
    default="current",
    show_default=True,
    help="The environment to run in: as it is; rebuilt as recorded; the newest versions of what is imported.",
)
@click.option("--rtol", type=float, help="Relative difference up to which numbers are equal. [default: 1e-09]")
@click.option("--repeats", type=click.IntRange(0), default=0, metavar="N", help="Further runs that measure the noise.")
@click.option("--fresh-rng", is_flag=True, help="Do not put recorded generator states back.")
@click.option("--timeout", type=float, metavar="S", help="Seconds that the notebook may take.")
@click.option("--cell-timeout", type=float, metavar="S", help="Seconds that one cell may take.")
@click.option("--no-proof", is_flag=True, help="Do not run it again to prove a cause.")
@json_option
@click.pass_obj
def reproduce(
    answer: Answer,
    run: str,
    environment: str,
    rtol: float | None,
    repeats: int,
    fresh_rng: bool,
    timeout: float | None,
    cell_timeout: float | None,
    no_proof: bool,
) -> int:
    """Run the cells of RUN's session up to its own in a fresh kernel and folder, and decide.

    RUN may be a model too: models:/NAME/3 or models:/NAME@ALIAS. Exit codes: 0 reproduced or within noise,
    1 different, 2 usage, 3 could not run.
    """
    from ..pages.reproduce import reproduce_page
    from ..records.compare import TOLERANCE
    from ..reproduce.reproduce import Asked
    from ..workbench import Workbench

    tolerance = TOLERANCE if rtol is None else rtol
    asked = Asked(environment, tolerance, repeats, fresh_rng, timeout, cell_timeout, not no_proof)
    report = Workbench.at().reproduce(run, asked, progress=answer.progress)
    answer.give(report.as_json(), lambda width: reproduce_page(report, width))
    return report.exit_code
