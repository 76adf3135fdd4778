"""``jupyter bioml export``."""

from __future__ import annotations

from pathlib import Path

import click

from .answer import Answer, json_option


@click.command()
@click.argument("run")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@json_option
@click.pass_obj
def export(answer: Answer, run: str, file: Path | None) -> None:
    """Export RUN as a zip file: record, cell, notebook, environment, outputs, files, metrics.

    FILE is the zip, or a folder to put it in (default: the current one, under the run's name). Its README.txt lists
    the contents; reading it needs neither this package nor a server.
    """
    from ..pages.keeping import exported
    from ..workbench import Workbench

    written = Workbench.at().keeping.export(run, file or Path.cwd())
    size = written.stat().st_size
    answer.give({"file": str(written), "bytes": size}, lambda width: exported(written, size))
