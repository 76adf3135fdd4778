"""``jupyter bioml rename``, ``note``, ``star``, ``unstar``, ``archive``, ``unarchive``."""

from __future__ import annotations

from typing import Any

import click

from .answer import Answer, json_option

_RUN = click.argument("run")


@click.command()
@_RUN
@click.argument("name")
@json_option
@click.pass_obj
def rename(answer: Answer, run: str, name: str) -> None:
    """Rename RUN, in MLflow and in every list; this also works while it runs or waits for MLflow."""
    _annotate(answer, run, name=name)


@click.command()
@_RUN
@click.argument("text")
@json_option
@click.pass_obj
def note(answer: Answer, run: str, text: str) -> None:
    """Write a note on RUN (MLflow's description); an empty TEXT removes it."""
    _annotate(answer, run, note=text)


@click.command()
@_RUN
@json_option
@click.pass_obj
def star(answer: Answer, run: str) -> None:
    """Star RUN: lists mark it with ★, and gc never deletes it."""
    _annotate(answer, run, starred=True)


@click.command()
@_RUN
@json_option
@click.pass_obj
def unstar(answer: Answer, run: str) -> None:
    """Remove the star from RUN."""
    _annotate(answer, run, starred=False)


@click.command()
@_RUN
@json_option
@click.pass_obj
def archive(answer: Answer, run: str) -> None:
    """Hide RUN from lists, except with --archived. Nothing is deleted."""
    _annotate(answer, run, archived=True)


@click.command()
@_RUN
@json_option
@click.pass_obj
def unarchive(answer: Answer, run: str) -> None:
    """Show RUN in lists again."""
    _annotate(answer, run, archived=False)


def _annotate(answer: Answer, run: str, **said: Any) -> None:
    from ..pages.keeping import annotated
    from ..workbench import Workbench

    row = Workbench.at().keeping.annotate(run, **said)
    answer.give(row.as_json(), lambda width: annotated(row))
