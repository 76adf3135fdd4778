"""The ``%%experiment`` line: its flags, its parser, and how it is taken off a cell.

Pure functions of text: the transformer also runs for completeness checks, so nothing here may depend on
or change the session.
"""

from __future__ import annotations

import argparse
import functools
import shlex
from dataclasses import dataclass
from typing import NoReturn

from ..errors import UsageError
from ..text.experiment_line import MAGIC, RUNNING, is_magic, name_of, place_of

TAG = "experiment"
#: Said where the line stands below, or inside, a magic that runs the rest of the cell in some other way.
NO_RUN = f"bioml: {MAGIC} makes no run below another cell magic of your own: put it on the cell's first line"


@dataclass(frozen=True, eq=False, repr=False)
class RunOptions:
    """The user's options for one run; the defaults are those of a run marked by its tag."""

    name: str | None = None
    params: tuple[str, ...] = ()
    metrics: tuple[str, ...] | None = None
    data: tuple[str, ...] = ()
    model: str | None = None
    example: str | None = None
    predictions: tuple[str, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    seed: int | None = None
    note: str | None = None
    join: str | None = None
    """Name or id of the run to become part of; empty: the last run."""
    resources: bool = True
    outputs: bool = True


class _Parser(argparse.ArgumentParser):
    """An argparse parser that raises instead of leaving the process."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{MAGIC}: {message}.", next="The cell did not run. See %%experiment? for the flags.")

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        raise UsageError(message or self.format_help())


def _names(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _pair(text: str) -> tuple[str, str]:
    key, separator, value = text.partition("=")
    if not separator or not key.strip():
        raise argparse.ArgumentTypeError(f"{text!r} is not key=value")
    return key.strip(), value


@functools.cache
def parser() -> argparse.ArgumentParser:
    """The flags of ``%%experiment`` (also the source of its help and of the reference)."""
    made = _Parser(prog=MAGIC, add_help=False, allow_abbrev=False, description="Make this cell a run.")
    add = made.add_argument
    add("name", nargs="?", help="the run's name (default: the notebook's name and the cell's place)")
    add("--params", type=_names, default=(), metavar="a,b", help="further names to keep as parameters")
    add(
        "--metrics",
        type=_names,
        metavar="auc,f1",
        help="names that are metrics; they alone are compared later",
    )
    add("--data", nargs="+", default=[], metavar="PATH|VAR", action="extend", help="files, folders, frames or arrays")
    add("--model", metavar="VAR", help="the model to keep (default: the one fitted in the cell)")
    add("--example", metavar="VAR", help="real rows to keep as the model's input example (default: synthetic ones)")
    add("--predictions", nargs="+", default=[], metavar="VAR", action="extend", help="frames of hold-out predictions")
    add("--tag", type=_pair, default=[], metavar="k=v", action="append", help="a tag of the run")
    add("--seed", type=int, metavar="N", help="seed random, numpy and torch at the start of the cell")
    add("--note", metavar="TEXT", help="a note, shown with the run")
    add("--join", nargs="?", const="", metavar="NAME|RUN", help="make the cell part of a finished run of this session")
    add("--no-resources", dest="resources", action="store_false", help="do not read CPU, memory and GPU")
    add("--no-outputs", dest="outputs", action="store_false", help="do not keep what the cell prints and shows")
    return made


@functools.lru_cache(maxsize=64)
def parse(line: str) -> RunOptions:
    """The options of one ``%%experiment …`` line.

    :raises UsageError: for an unknown flag, a missing value or an unbalanced quote.
    """
    try:
        words = shlex.split(line.strip()[len(MAGIC) :])
    except ValueError as error:
        raise UsageError(f"{MAGIC}: {error}.", next="The cell did not run.") from None
    found = parser().parse_args(words)
    if found.seed is not None and not 0 <= found.seed < 2**32:
        raise UsageError(f"{MAGIC}: --seed must be 0 to 4294967295.", next="The cell did not run.")
    if found.join is not None and found.name is not None:
        raise UsageError(f"{MAGIC}: --join makes the cell part of another run, so it cannot have a name.")
    return RunOptions(
        name=found.name,
        params=found.params,
        metrics=found.metrics,
        data=tuple(found.data),
        model=found.model,
        example=found.example,
        predictions=tuple(found.predictions),
        tags=tuple(found.tag),
        seed=found.seed,
        note=found.note,
        join=found.join,
        resources=found.resources,
        outputs=found.outputs,
    )


def makes_none(source: str) -> bool:
    """Is there an ``%%experiment`` line below a magic that may run the rest of the cell out of our sight?"""
    lines = [line for line in source.split("\n") if line.strip()]
    if not any(is_magic(line) for line in lines[1:]) or place_of(lines) is not None:
        return False
    from ..notebooks.cell_magics import is_own

    names = [name_of(line) for line in lines[: next(at for at, line in enumerate(lines) if is_magic(line))]]
    return all(name is not None and (name in RUNNING or is_own(name)) for name in names)


def take_magic_away(lines: list[str]) -> list[str]:
    """IPython input transformer: the body without its ``%%experiment`` line.

    The line becomes empty, so that tracebacks keep their line numbers; beside another cell magic it goes
    altogether, because that one must come first. A malformed line is left alone: then the registered
    magic runs instead of the body and raises the :class:`UsageError`.
    """
    try:
        place = place_of(lines)
        if place is None:
            return lines
        parse(lines[place])
    except Exception:
        return lines
    above, body = [line for line in lines[:place] if line.strip()], lines[place + 1 :]
    first = next((number for number, line in enumerate(body) if line.strip()), 0)
    if above or (body and body[first].startswith("%%")):
        return [*above, *body[first:]]
    return ["\n", *body]
