"""``jupyter bioml enable`` and ``disable``."""

from __future__ import annotations

import click

from .answer import Answer, json_option

_USER = click.option("--user", "scope", flag_value="user", default="user", help="Your IPython profile (the default).")
_ENV = click.option("--env", "scope", flag_value="env", help="Every kernel of this Python environment.")


@click.command()
@_USER
@_ENV
@json_option
@click.pass_obj
def enable(answer: Answer, scope: str) -> None:
    """Track every kernel: load the extension without %load_ext in each notebook."""
    from ..doctor.enable import switch_on
    from ..pages.lists import switched

    done = switch_on(scope)
    answer.give(done.as_json(), lambda width: switched(done))


@click.command()
@_USER
@_ENV
@json_option
@click.pass_obj
def disable(answer: Answer, scope: str) -> None:
    """Undo enable: remove exactly what it wrote."""
    from ..doctor.enable import switch_off
    from ..pages.lists import switched

    done = switch_off(scope)
    answer.give(done.as_json(), lambda width: switched(done))
