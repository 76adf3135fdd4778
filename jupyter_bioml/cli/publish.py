"""``jupyter bioml publish``."""

from __future__ import annotations

from dataclasses import asdict

import click

from .answer import Answer, json_option


@click.command()
@click.option("--wait", is_flag=True, help="Wait for a publisher that is already running, and for runs about to end.")
@click.option(
    "--timeout", type=click.FloatRange(min=0), metavar="SECONDS", help="Wait at most this long (default: no limit)."
)
@json_option
@click.pass_obj
def publish(answer: Answer, wait: bool, timeout: float | None) -> int:
    """Send runs waiting in the journal to MLflow, and hash the data files they read.

    Without --wait, a publisher is started in the background. With it, exit code 0 means that every run of the
    destination is in MLflow; 1 lists those still waiting.
    """
    from ..pages.lists import published
    from ..workbench import Workbench

    workbench = Workbench.at()
    report = workbench.publish(wait=wait, timeout=timeout)
    document = {
        "destination": workbench.destination.uri,
        "published": report.published,
        "waiting": [asdict(run) for run in report.waiting],
        "said": list(report.said),
    }
    answer.give(document, lambda width: published(report, workbench.destination.uri, wait))
    return 1 if wait and report.waiting else 0
