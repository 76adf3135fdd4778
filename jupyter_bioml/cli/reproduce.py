"""``jupyter bioml reproduce``."""

from __future__ import annotations

from pathlib import Path

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
    help="As it is now, rebuilt as recorded, or with the newest versions of the direct requirements.",
)
@click.option("--rtol", type=float, help="Relative tolerance for equal numbers. [default: 1e-09]")
@click.option("--repeats", type=click.IntRange(0), default=0, metavar="N", help="Extra runs, to measure the noise.")
@click.option("--fresh-rng", is_flag=True, help="Do not restore recorded random states.")
@click.option("--timeout", type=float, metavar="S", help="Time limit for the notebook, in seconds.")
@click.option("--cell-timeout", type=float, metavar="S", help="Time limit for each cell, in seconds.")
@click.option("--no-proof", is_flag=True, help="Do not rerun to prove a cause.")
@click.option("--junit", metavar="FILE", type=click.Path(path_type=Path), help="Write a JUnit report for CI systems.")
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
    junit: Path | None,
) -> int:
    """Rerun RUN and the cells before it in a fresh kernel and folder, and judge the result.

    RUN may also be a model: models:/NAME/3 or models:/NAME@ALIAS. Exit codes: 0 reproduced or within noise,
    1 different, 2 usage error, 3 could not run, 4 not compared (the run offers no result of substance).
    """
    from ..headless.early import Expected
    from ..headless.process import Worker

    with Worker() as worker:
        worker.begin(Expected())  # it imports papermill while this process imports the rest
        from ..batch.reports import check_places, write_report
        from ..pages.reproduce import reproduce_page
        from ..records.compare import TOLERANCE
        from ..reproduce.report.junit import verdict_junit
        from ..reproduce.reproduce import Asked
        from ..workbench import Workbench

        check_places(junit)
        tolerance = TOLERANCE if rtol is None else rtol
        asked = Asked(environment, tolerance, repeats, fresh_rng, timeout, cell_timeout, not no_proof)
        report = Workbench.at().reproduce(run, asked, progress=answer.progress, worker=worker)
        if junit is not None:
            write_report(junit, verdict_junit(report))
        answer.give(report.as_json(), lambda width: reproduce_page(report, width))
    return report.exit_code
