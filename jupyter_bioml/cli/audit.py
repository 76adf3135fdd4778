"""``jupyter bioml audit``."""

from __future__ import annotations

from pathlib import Path

import click

from .answer import Answer, json_option


@click.group()
def audit() -> None:
    """Verify, show, anchor and sign the audit log: who promoted, approved and reproduced what, and when.

    ``verify`` names the first event that was altered, deleted, inserted or reordered, and says up to which event the
    log is anchored; ``show`` lists events; ``anchor`` records the log's head in MLflow and git; ``keygen`` makes a
    key for signing events. Exit codes: 0 the log is intact; 1 it is not.
    """


@audit.command()
@click.option("--from-mlflow", is_flag=True, help="Also read the copies in MLflow runs, of every chain.")
@click.option(
    "--key", "keys", multiple=True, type=click.Path(path_type=Path), metavar="FILE",
    help="Another public key (PEM), besides those in bioml-audit-keys/; repeatable.",
)  # fmt: skip
@json_option
@click.pass_obj
def verify(answer: Answer, from_mlflow: bool, keys: tuple[Path, ...]) -> int:
    """Check the chain, its signatures and its anchors in git and MLflow; exit code 1 if anything is wrong."""
    from ..pages.audit import verified
    from ..workbench import Workbench

    found = Workbench.at().audit.verify(from_mlflow=from_mlflow, keys=keys)
    answer.give(found.as_json(), lambda width: verified(found))
    return 0 if found.ok else 1


@audit.command()
@click.option("-n", "--limit", type=click.IntRange(0), default=20, show_default=True, help="Number of events to show.")
@json_option
@click.pass_obj
def show(answer: Answer, limit: int) -> None:
    """List the latest events, newest last."""
    from ..pages.audit import events
    from ..workbench import Workbench

    found = Workbench.at().audit.newest(limit)
    answer.give(found.as_json(), lambda width: events(found))


@audit.command()
@json_option
@click.pass_obj
def anchor(answer: Answer) -> int:
    """Record the log's head in git notes and in the newest MLflow run that holds one of its events."""
    from ..pages.audit import anchored
    from ..workbench import Workbench

    done = Workbench.at().audit.anchor()
    answer.give(done.as_json(), lambda width: anchored(done))
    return 0 if done.places else 1


@audit.command()
@click.argument("path", type=click.Path(path_type=Path))
@json_option
@click.pass_obj
def keygen(answer: Answer, path: Path) -> None:
    """Make a key for signing events: the private half in PATH, the public half in bioml-audit-keys/."""
    from ..pages.audit import key_made
    from ..workbench import Workbench

    made = Workbench.at().audit.keygen(path)
    answer.give(made.as_json(), lambda width: key_made(made))
