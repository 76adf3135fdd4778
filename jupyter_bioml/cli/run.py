"""``jupyter bioml run``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import UsageError
from .answer import Answer, json_option

if TYPE_CHECKING:
    from ..batch.batch import BatchReport, Running
    from ..batch.request import BatchRequest

_ASSIGNMENT = re.compile(r"[^\W\d]\w*=")
_FILE = click.Path(path_type=Path)
_SECONDS = click.FloatRange(min=0, min_open=True)


class RunCommand(click.Command):
    """Lets ``-p NAME VALUE`` (as papermill writes it) stand for ``-p NAME=VALUE``."""

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        """As click's, after joining the two words of each parameter."""
        joined: list[str] = []
        rest = iter(args)
        for word in rest:
            joined.append(word)
            if word == "--":
                break
            if word in ("-p", "--param"):
                joined += _one_word(list(_take(rest, 1)), rest)
        return super().parse_args(context, [*joined, *rest])


def _take(words: Any, count: int) -> list[str]:
    return [word for _, word in zip(range(count), words, strict=False)]


def _one_word(first: list[str], rest: Any) -> list[str]:
    """``NAME VALUE`` as one word; what is one already, or has nothing behind it, as it is."""
    if not first or _ASSIGNMENT.match(first[0]):
        return first
    return ["=".join([*first, *_take(rest, 1)])]


@click.command(cls=RunCommand)
@click.argument("paths", nargs=-1, metavar="PATH…", type=_FILE)
@click.option("--tag", metavar="T", help="Only notebooks whose metadata bioml.tags hold T.")
@click.option("--cells", metavar="WORDS", default="", help="Which cells: tag:NAME, only:NAME, skip:NAME, with commas.")
@click.option("-p", "--param", "parameters", multiple=True, metavar="NAME=VALUE", help="A parameter; may be repeated.")
@click.option("--secret-param", "secrets", multiple=True, metavar="NAME=VARIABLE",
              help="A parameter whose value is in an environment variable; it is never written.")  # fmt: skip
@click.option("--grid", multiple=True, metavar="NAME=V,V…", help="A sweep over these values; may be repeated.")
@click.option("--params-file", metavar="FILE", type=_FILE, help="A sweep over a YAML or JSON list of parameter sets.")
@click.option("--sample", metavar="N", type=click.IntRange(min=1), help="Only N of the sets, drawn at random.")
@click.option("--seed", metavar="S", type=int, default=0, help="Of --sample (default: 0).")
@click.option("--jobs", metavar="N", type=click.IntRange(min=1), default=1, help="How many run at once (default: 1).")
@click.option("--retries", metavar="N", type=click.IntRange(min=0), default=0, help="Run what did not pass again.")
@click.option("--timeout", metavar="S", type=_SECONDS, help="Seconds a notebook may take.")
@click.option("--cell-timeout", metavar="S", type=_SECONDS, help="Seconds a cell may take.")
@click.option("--output-dir", metavar="DIR", type=_FILE, help="Where the output notebooks go.")
@click.option("--only-changed", is_flag=True, help="Leave out what passed and depends on nothing that changed since.")
@click.option("--resume", metavar="RUN_OR_DIR", help="Go on with what did not pass of a batch.")
@click.option("--junit", metavar="FILE", type=_FILE, help="Write a JUnit report, as CI systems read it.")
@click.option("--html", metavar="FILE", type=_FILE, help="Write a report as one HTML page.")
@click.option("--dask", metavar="ADDRESS", help="Run on an existing Dask cluster, such as tcp://host:8786.")
@json_option
@click.pass_obj
def run(answer: Answer, /, paths: tuple[Path, ...], **options: Any) -> int:
    """Run notebooks, tracked, each in a process and a kernel of its own.

    PATH is a notebook, or a folder whose notebooks are meant. Cells tagged skip-execution are left out. Every
    output notebook is kept; exit code 0 when all passed, 1 when a notebook did not, 2 for a usage error.
    """
    from ..batch.reports import check_places, write_reports
    from ..pages.batch import batch_page

    check_places(options["junit"], options["html"])
    report = _resumed(answer, paths, options) if options["resume"] else _run(answer, paths, options)
    answer.give(report.as_json(), lambda width: batch_page(report, width))
    write_reports(report, options["junit"], options["html"])
    return report.exit_code


def _run(answer: Answer, paths: tuple[Path, ...], options: dict[str, Any]) -> BatchReport:
    from ..workbench import Workbench

    if not paths:
        raise UsageError("No notebook was given.", next="See: jupyter bioml run --help")
    return Workbench.at().batches.run(_asked(paths, options), _running(answer, options))


def _resumed(answer: Answer, paths: tuple[Path, ...], options: dict[str, Any]) -> BatchReport:
    from ..workbench import Workbench

    ours = ("tag", "cells", "parameters", "secrets", "grid", "params_file", "sample", "timeout", "cell_timeout")
    if paths or any(options[name] for name in (*ours, "output_dir")):
        raise UsageError("--resume goes on with a batch as it was asked for: give no notebooks and no parameters.")
    return Workbench.at().batches.resume(options["resume"], _running(answer, options))


def _asked(paths: tuple[Path, ...], options: dict[str, Any]) -> BatchRequest:
    from ..batch.request import BatchRequest

    return BatchRequest(
        paths,
        tag=options["tag"],
        cells=tuple(word for word in options["cells"].split(",") if word.strip()),
        parameters=_pairs(options["parameters"], "-p"),
        grid=options["grid"],
        params_file=options["params_file"],
        sample=options["sample"],
        seed=options["seed"],
        secrets=_pairs(options["secrets"], "--secret-param"),
        output_dir=options["output_dir"],
        timeout=options["timeout"],
        cell_timeout=options["cell_timeout"],
    )


def _running(answer: Answer, options: dict[str, Any]) -> Running:
    from ..batch.batch import Running

    if options["dask"] and options["only_changed"]:
        raise UsageError("--only-changed looks at this machine's files, and --dask runs on others: give one of them.")
    return Running(
        options["jobs"], options["retries"], answer.progress, options["dask"], only_changed=options["only_changed"]
    )


def _pairs(words: tuple[str, ...], option: str) -> dict[str, str]:
    from ..batch.grid import parse_assignment

    found: dict[str, str] = {}
    for word in words:
        name, value = parse_assignment(word, option)
        if name in found:
            raise UsageError(f"{option}: {name!r} is given twice.")
        found[name] = value
    return found
