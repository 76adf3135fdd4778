"""``jupyter bioml doctor``."""

from __future__ import annotations

import click

from .answer import Answer, json_option


@click.command()
@json_option
@click.pass_obj
def doctor(answer: Answer) -> int:
    """Check the installation, the project and the destination, and say what to fix."""
    from ..pages.lists import diagnosis
    from ..workbench import Workbench

    found = Workbench.at().doctor()
    answer.give(found.as_json(), lambda width: diagnosis(found))
    return 0 if found.ok else 1
