"""``jupyter bioml reproduce``."""

from __future__ import annotations

import click

from .answer import Answer, json_option


@click.command()
@click.argument("run")
@json_option
@click.pass_obj
def reproduce(answer: Answer, run: str) -> int:
    """Run the cells of RUN's session up to its own in a fresh kernel and folder, and compare.

    Metrics and data versions are compared; exit code 0 when they were made again, else 1.
    """
    from ..reproduce_page import reproduce_page
    from ..workbench import Workbench

    report = Workbench.at().reproduce(run, progress=answer.progress)
    answer.give(report.as_json(), lambda width: reproduce_page(report, width))
    return report.exit_code
