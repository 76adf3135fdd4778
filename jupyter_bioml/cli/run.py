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
    from ..headless.early import Expected

_ASSIGNMENT = re.compile(r"[^\W\d]\w*=")
_FILE = click.Path(path_type=Path)
_SECONDS = click.FloatRange(min=0, min_open=True)


class RunCommand(click.Command):
    """Accepts ``-p NAME VALUE`` (papermill's spelling) for ``-p NAME=VALUE``."""

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
    """``NAME VALUE`` as one word; a word that is already ``NAME=VALUE``, or comes last, stays as it is."""
    if not first or _ASSIGNMENT.match(first[0]):
        return first
    return ["=".join([*first, *_take(rest, 1)])]


@click.command(cls=RunCommand)
@click.argument("paths", nargs=-1, metavar="PATH…", type=_FILE)
@click.option("--tag", metavar="T", help="Only notebooks with tag T in their bioml.tags metadata.")
@click.option(
    "--cells", metavar="WORDS", default="", help="Which cells: tag:NAME, only:NAME, skip:NAME, comma-separated."
)
@click.option("-p", "--param", "parameters", multiple=True, metavar="NAME=VALUE", help="A parameter; may be repeated.")
@click.option("--secret-param", "secrets", multiple=True, metavar="NAME=VARIABLE",
              help="A parameter whose value is in an environment variable; it is never written anywhere.")  # fmt: skip
@click.option("--grid", multiple=True, metavar="NAME=V,V…", help="A sweep over these values; may be repeated.")
@click.option("--params-file", metavar="FILE", type=_FILE, help="A sweep over a YAML or JSON list of parameter sets.")
@click.option("--sample", metavar="N", type=click.IntRange(min=1), help="Run only N of the sets, drawn at random.")
@click.option("--seed", metavar="S", type=int, default=0, help="Random seed for --sample (default: 0).")
@click.option(
    "--jobs", metavar="N", type=click.IntRange(min=1), default=1, help="Notebooks to run at once (default: 1)."
)
@click.option(
    "--retries",
    metavar="N",
    type=click.IntRange(min=0),
    default=0,
    help="Retries per notebook that does not pass (default: 0).",
)
@click.option("--timeout", metavar="S", type=_SECONDS, help="Time limit for each notebook, in seconds.")
@click.option("--cell-timeout", metavar="S", type=_SECONDS, help="Time limit for each cell, in seconds.")
@click.option("--output-dir", metavar="DIR", type=_FILE, help="Folder for the output notebooks.")
@click.option(
    "--only-changed", is_flag=True, help="Skip notebooks that passed and whose dependencies have not changed since."
)
@click.option("--resume", metavar="RUN_OR_DIR", help="Continue a batch with the notebooks that have not passed.")
@click.option("--junit", metavar="FILE", type=_FILE, help="Write a JUnit report for CI systems.")
@click.option("--html", metavar="FILE", type=_FILE, help="Write an HTML report.")
@click.option("--dask", metavar="ADDRESS", help="Run on an existing Dask cluster, such as tcp://host:8786.")
@json_option
@click.pass_obj
def run(answer: Answer, /, paths: tuple[Path, ...], **options: Any) -> int:
    """Run notebooks, tracked, each in its own process and kernel.

    PATH is a notebook, or a folder of notebooks. Cells tagged skip-execution are skipped. Every output notebook is
    kept. Exit codes: 0 all passed, 1 a notebook failed, 2 usage error. Ctrl-C, SIGTERM (exit code 143) and a closed
    terminal (129) end the notebooks that run, keep what was done and write the reports; a second one does not wait.
    """
    from ..headless.process import Worker

    with Worker() as worker:
        if (expected := _expected(paths, options)) is not None:
            worker.begin(expected)  # it imports what a notebook needs while this process imports the rest
        return _answered(answer, paths, {**options, "worker": worker})


def _expected(paths: tuple[Path, ...], options: dict[str, Any]) -> Expected | None:
    """The first notebook to be run; None where it is not known yet, or may not be run here."""
    from ..headless.early import Expected

    if not paths or options["resume"] or options["dask"] or options["only_changed"] or options["tag"]:
        return None
    return Expected(str(paths[0].absolute())) if paths[0].suffix == ".ipynb" and paths[0].is_file() else None


def _answered(answer: Answer, paths: tuple[Path, ...], options: dict[str, Any]) -> int:
    from ..batch.reports import check_places, write_reports
    from ..pages.batch import batch_page

    check_places(options["junit"], options["html"])
    report = _resumed(answer, paths, options) if options["resume"] else _run(answer, paths, options)
    try:
        write_reports(report, options["junit"], options["html"])  # first: the reader of the table may be gone
    finally:
        answer.give(report.as_json(), lambda width: batch_page(report, width))
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
        raise UsageError("--resume continues a batch as it was requested: give no notebooks and no parameters.")
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
        raise UsageError(
            "--only-changed looks at this machine's files and --dask runs on others: use only one of them."
        )
    return Running(
        options["jobs"],
        options["retries"],
        answer.progress,
        options["dask"],
        only_changed=options["only_changed"],
        worker=options["worker"],
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
