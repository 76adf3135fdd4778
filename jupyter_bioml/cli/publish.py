"""``jupyter bioml publish``."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from ..errors import UsageError
from .answer import Answer, json_option

if TYPE_CHECKING:
    from ..workbench import Workbench


@click.command()
@click.option("--wait", is_flag=True, help="Wait for a publisher that is already running, and for runs about to end.")
@click.option("--elsewhere", is_flag=True, help="Send the runs that wait for other destinations to those, and wait.")
@click.option(
    "--adopt", is_flag=True, help="Send runs recorded for other destinations to the present one too, and wait."
)
@click.option(
    "--timeout", type=click.FloatRange(min=0), metavar="SECONDS", help="Wait at most this long (default: no limit)."
)
@json_option
@click.pass_obj
def publish(answer: Answer, wait: bool, elsewhere: bool, adopt: bool, timeout: float | None) -> int:
    """Send runs waiting in the journal to MLflow, and hash the data files they read.

    Without --wait, a publisher is started in the background. With it, exit code 0 means that every run of the
    destination is in MLflow; 1 lists those still waiting. Runs that were recorded for another destination, or in the
    folder that this one is a copy of, are listed, and sent with --elsewhere or --adopt only.
    """
    from ..pages.lists import published, published_elsewhere
    from ..workbench import Workbench

    if elsewhere and adopt:
        raise UsageError("--elsewhere sends runs to where they were recorded for, --adopt to the present one: use one.")
    workbench = Workbench.at()
    if elsewhere:
        sent = workbench.publish_elsewhere(timeout=timeout)
        answer.give([_document(workbench, one.destination, one.report) for one in sent],
                    lambda width: published_elsewhere(sent, workbench.elsewhere()))  # fmt: skip
        return 1 if any(one.report.waiting for one in sent) else 0
    report = workbench.publish(wait=wait, timeout=timeout, adopt=adopt)
    others = workbench.elsewhere()
    document = _document(workbench, workbench.destination.uri, report)
    document["elsewhere"] = [asdict(place) for place in others]
    answer.give(document, lambda width: published(report, workbench.destination.uri, wait or adopt, others))
    return 1 if (wait or adopt) and report.waiting else 0


def _document(workbench: Workbench, destination: str, report: Any) -> dict[str, Any]:
    return {
        "destination": destination,
        "published": report.published,
        "waiting": [asdict(run) for run in report.waiting],
        "said": list(report.said),
    }
