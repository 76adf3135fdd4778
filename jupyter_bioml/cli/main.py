"""The gateway to click: the group of verbs, and what becomes of an error.

Exit codes: 0 done; 1 it could not be done, or a notebook, check or run failed; 2 the command has no meaning.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module

import click

from ..errors import BiomlError, UsageError
from .answer import Answer, wants_json

#: Verb → its module and its line of help: a verb is imported when it is called.
VERBS = {
    "run": ("run", "Run notebooks headlessly, tracked."),
    "reproduce": ("reproduce", "Re-run a run's cells in a fresh kernel and compare."),
    "runs": ("runs", "List the project's runs, newest first."),
    "show": ("show", "Show one run."),
    "compare": ("compare", "Show what differs between two runs."),
    "rename": ("annotate", "Give a run another name."),
    "note": ("annotate", "Write a note on a run."),
    "star": ("annotate", "Star a run: it is marked in lists, and gc keeps it."),
    "unstar": ("annotate", "Take the star away."),
    "archive": ("annotate", "Leave a run out of lists."),
    "unarchive": ("annotate", "List an archived run again."),
    "groups": ("groups", "List runs of one name together, with the best and the latest."),
    "env": ("env", "Check a notebook against its lock, or build a run's environment."),
    "export": ("export", "Write a run as a zip file."),
    "forget": ("forget", "Delete a run."),
    "gc": ("gc", "Delete old runs and clean up .bioml."),
    "register": ("register", "Make a model version from a run."),
    "models": ("models", "List the registered model versions."),
    "gates": ("promote", "Show what each gate of an alias says of a model version."),
    "approve": ("approve", "Say that a model version may go."),
    "reject": ("approve", "Say that a model version may not go."),
    "promote": ("promote", "Let an alias point at a model version when every gate holds."),
    "rollback": ("promote", "Let an alias point again at who held it before."),
    "audit": ("audit", "Verify, show, anchor and sign the audit log."),
    "publish": ("publish", "Send what waits to MLflow."),
    "status": ("status", "Show the project, its destination and what waits."),
    "doctor": ("doctor", "Check the installation and say what to mend."),
    "enable": ("enable", "Track every kernel, without %load_ext."),
    "disable": ("enable", "Undo enable."),
}


class Verbs(click.Group):
    """A group whose verbs are imported only when they are called."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in VERBS:
            return None
        module = import_module(f"jupyter_bioml.cli.{VERBS[name][0]}")
        command: click.Command = getattr(module, name)
        return command

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in VERBS.items()])


@click.command(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="jupyter-bioml", prog_name="jupyter-bioml")
def commands() -> None:
    """Track a notebook cell, run it again headlessly, register what it made.

    RUN is an MLflow run id, a record id, or a unique beginning of either.
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    with Answer(wants_json(arguments)) as answer:
        try:
            return int(commands(arguments, prog_name="jupyter bioml", standalone_mode=False, obj=answer) or 0)
        except BiomlError as error:
            return answer.refuse(error)
        except click.exceptions.Exit as exit_:
            return exit_.exit_code
        except click.ClickException as error:
            return answer.refuse(_usage(error))
        except (KeyboardInterrupt, click.Abort):
            answer.refuse(BiomlError("Interrupted; what was done until then is kept."))
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
        f"An error of ours or of a library: {type(error).__name__}: {error}. The journal is kept.",
        next="Look at the lines above; the check of the installation is: bioml doctor",
    )


def _leave_the_pipe() -> None:
    """The reader of our stdout is gone: let the last flush at exit go nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
