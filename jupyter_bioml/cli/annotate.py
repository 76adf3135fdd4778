"""``jupyter bioml rename``, ``note``, ``tag``, ``star``, ``unstar``, ``archive``, ``unarchive``."""

from __future__ import annotations

from typing import Any

import click

from ..errors import UsageError
from .answer import Answer, json_option
from .pairs import pair_of

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
@click.argument("pairs", metavar="[KEY=VALUE]...", nargs=-1)
@click.option("--remove", metavar="KEY", multiple=True, help="Remove this tag; may be repeated.")
@json_option
@click.pass_obj
def tag(answer: Answer, run: str, pairs: tuple[str, ...], remove: tuple[str, ...]) -> None:
    """Set tags of RUN, and remove others; this also works after the run, and while it waits for MLflow."""
    from ..pages.keeping import tagged
    from ..workbench import Workbench

    tags: dict[str, str | None] = dict(pair_of(pair) for pair in pairs)
    if both := sorted({key.strip() for key in remove} & tags.keys()):
        raise UsageError(f"The tag {both[0]!r} is set and removed at once.", next="Give it once.")
    row = Workbench.at().keeping.annotate(run, tags={**tags, **dict.fromkeys(remove)})
    answer.give(row.as_json(), lambda width: tagged(row))


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
