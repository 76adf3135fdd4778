"""The gateway to click: the group of verbs, and how errors are reported.

Exit codes: 0 success; 1 failure (also of a notebook, check or run); 2 usage error.
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
    "reproduce": ("reproduce", "Rerun a run's cells in a fresh kernel and compare."),
    "runs": ("runs", "List the project's runs, newest first."),
    "show": ("show", "Show one run."),
    "compare": ("compare", "Show what differs between two runs."),
    "rename": ("annotate", "Rename a run."),
    "note": ("annotate", "Write a note on a run."),
    "star": ("annotate", "Star a run: lists mark it, and gc keeps it."),
    "unstar": ("annotate", "Remove the star."),
    "archive": ("annotate", "Hide a run from lists."),
    "unarchive": ("annotate", "Show an archived run in lists again."),
    "groups": ("groups", "Group runs by name, with the latest and the best of each."),
    "env": ("env", "Check a notebook against its lock, or build a run's environment."),
    "export": ("export", "Export a run as a zip file."),
    "forget": ("forget", "Delete a run."),
    "gc": ("gc", "Delete old runs and clean up .bioml."),
    "register": ("register", "Register a run's model as a new version."),
    "models": ("models", "List the registered model versions."),
    "gates": ("promote", "Show what each gate of an alias says about a model version."),
    "approve": ("approve", "Approve a model version."),
    "reject": ("approve", "Reject a model version."),
    "promote": ("promote", "Point an alias at a model version if every gate passes."),
    "rollback": ("promote", "Point an alias back at the version that held it before."),
    "audit": ("audit", "Verify, show, anchor and sign the audit log."),
    "publish": ("publish", "Send waiting runs to MLflow."),
    "status": ("status", "Show the project, its destination and the waiting runs."),
    "doctor": ("doctor", "Check the installation and say what to fix."),
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
    """Track notebook cells, rerun them headlessly and register the models they made.

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
