"""``jupyter bioml run``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from .answer import Answer, json_option


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH…", type=click.Path(path_type=Path))
@click.option("--tag", metavar="T", help="Only notebooks whose metadata bioml.tags hold T.")
@click.option("-p", "parameters", nargs=2, multiple=True, metavar="NAME VALUE", help="A parameter; may be repeated.")
@click.option("--output-dir", metavar="DIR", type=click.Path(path_type=Path), help="Where the output notebooks go.")
@click.option("--jobs", metavar="N", type=click.IntRange(min=1), default=1, help="How many run at once (default: 1).")
@json_option
@click.pass_obj
def run(
    answer: Answer,
    paths: tuple[Path, ...],
    tag: str | None,
    parameters: tuple[tuple[str, str], ...],
    output_dir: Path,
    jobs: int,
) -> int:
    """Run notebooks, tracked, each in a process and a kernel of its own.

    PATH is a notebook, or a folder whose notebooks are meant. Cells tagged skip-execution are left out. Every
    output notebook is kept; exit code 1 when a notebook failed.
    """
    from ..batch_page import batch_page
    from ..workbench import Workbench

    values = {name: parameter(text) for name, text in parameters}
    report = Workbench.at().run_notebooks(
        paths, tag=tag, parameters=values, output_dir=output_dir, jobs=jobs, progress=answer.progress
    )
    answer.give(report.as_json(), lambda width: batch_page(report, width))
    return report.exit_code


def parameter(text: str) -> Any:
    """The value that papermill's ``-p`` makes of a word: None, a boolean, a number, else the text itself."""
    words = {"None": None, "True": True, "False": False}
    if text in words:
        return words[text]
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
