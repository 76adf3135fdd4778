"""The gateway to click: the group of verbs, and how errors are reported.

Exit codes: 0 success; 1 failure (also of a notebook, check or run); 2 usage error; 130, 143, 129: ended by Ctrl-C,
SIGTERM, a closed terminal.
"""

from __future__ import annotations

import gc
import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module

import click

from ..errors import BiomlError, UsageError
from .answer import Answer, wants_json
from .ending import Ending
from .verbs import VERBS

#: How much is made before Python looks for garbage: in lists of thousands of runs there is none, and looking again
#: and again takes a quarter of a command's time.
_COLLECT = 200_000, 20, 20
#: What runs a command, as ``python -m`` knows it.
MODULE = "jupyter_bioml.cli"


class Verbs(click.Group):
    """The verbs of :mod:`.verbs`, imported only when they are called and listed by group."""

    def list_commands(self, context: click.Context) -> list[str]:
        """The names of all of them."""
        return list(VERBS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """The command of a verb; None: there is no such verb."""
        if name not in VERBS:
            return None
        command: click.Command = getattr(import_module(VERBS[name].module, __package__), name)
        return command

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """A section for each group."""
        for group in dict.fromkeys(verb.group for verb in VERBS.values()):
            with formatter.section(group):
                formatter.write_dl([(name, verb.help) for name, verb in VERBS.items() if verb.group == group])


@click.command(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="jupyter-bioml", prog_name="jupyter-bioml")
def commands() -> None:
    """Track notebook cells, rerun them headlessly and register the models they made.

    RUN is an MLflow run id, a record id, or a unique beginning of either.
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code.

    :param arguments: None: those of this process, which has the command run by another one if that is quicker.
    """
    if arguments is None:
        arguments = sys.argv[1:]
        if arguments and arguments[0] in VERBS and VERBS[arguments[0]].mlflow:
            from ..processes.programs import hand_over  # most verbs are quicker than this import and those it makes

            code = hand_over(MODULE, arguments)
            if code is not None:
                return code
    gc.set_threshold(*_COLLECT)
    with Answer(wants_json(arguments)) as answer, Ending() as ending:
        return ending.code(_run(arguments, answer))


def _run(arguments: Sequence[str], answer: Answer) -> int:
    try:
        return int(commands(arguments, prog_name="jupyter bioml", standalone_mode=False, obj=answer) or 0)
    except BiomlError as error:
        return answer.refuse(error)
    except click.exceptions.Exit as exit_:
        return exit_.exit_code
    except click.ClickException as error:
        return answer.refuse(_usage(error))
    except (KeyboardInterrupt, click.Abort):
        answer.refuse(BiomlError("Interrupted; everything done so far is kept."))
        return 130
    except BrokenPipeError:
        _leave_the_pipe()
        return 1
    except Exception as error:
        return answer.refuse(_unexpected(error))


def _usage(error: click.ClickException) -> UsageError:
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "jupyter bioml"
    return UsageError(error.format_message(), next=f"See: {path} --help")


def _unexpected(error: Exception) -> BiomlError:
    traceback.print_exc(file=sys.stderr)
    return BiomlError(
        f"Unexpected error ({type(error).__name__}): {error}. The journal is kept.",
        next="See the traceback above. To check the installation, run: bioml doctor",
    )


def _leave_the_pipe() -> None:
    """The reader of our stdout is gone: send the last flush at exit nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
