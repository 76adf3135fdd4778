"""The list of commands. A new one is an entry here, and a function of that name in the module that the entry names."""

from __future__ import annotations

from typing import NamedTuple

NOTEBOOKS, RUNS, MODELS, PROJECT = "Notebooks", "Runs", "Models", "Project"


class Verb(NamedTuple):
    """One command; its module is imported when it is called, not to list it."""

    module: str
    """As :func:`importlib.import_module` takes it, relative to ``jupyter_bioml.cli``."""
    help: str
    """One line."""
    group: str
    """The section of ``bioml --help`` that lists it."""
    mlflow: bool = False
    """It needs MLflow's client: a process that has it loaded runs the command, if there is one."""


#: By name, in the order in which they are listed.
VERBS = {
    "run": Verb(".run", "Run notebooks headlessly, tracked.", NOTEBOOKS),
    "reproduce": Verb(".reproduce", "Rerun a run's cells in a fresh kernel and compare.", NOTEBOOKS),
    "env": Verb(".env", "Check a notebook against its lock, or build a run's environment.", NOTEBOOKS),
    "runs": Verb(".runs", "List the project's runs, newest first.", RUNS),
    "show": Verb(".show", "Show one run.", RUNS),
    "compare": Verb(".compare", "Show what differs between two runs.", RUNS),
    "groups": Verb(".groups", "Group runs by name, with the latest and the best of each.", RUNS),
    "rename": Verb(".annotate", "Rename a run.", RUNS, mlflow=True),
    "note": Verb(".annotate", "Write a note on a run.", RUNS, mlflow=True),
    "star": Verb(".annotate", "Star a run: lists mark it, and gc keeps it.", RUNS, mlflow=True),
    "unstar": Verb(".annotate", "Remove the star.", RUNS, mlflow=True),
    "archive": Verb(".annotate", "Hide a run from lists.", RUNS, mlflow=True),
    "unarchive": Verb(".annotate", "Show an archived run in lists again.", RUNS, mlflow=True),
    "export": Verb(".export", "Export a run as a zip file.", RUNS, mlflow=True),
    "forget": Verb(".forget", "Delete a run.", RUNS, mlflow=True),
    "register": Verb(".register", "Register a run's model as a new version.", MODELS, mlflow=True),
    "models": Verb(".models", "List the registered model versions.", MODELS),
    "gates": Verb(".promote", "Show what each gate of an alias says about a model version.", MODELS),
    "approve": Verb(".approve", "Approve a model version.", MODELS, mlflow=True),
    "reject": Verb(".approve", "Reject a model version.", MODELS, mlflow=True),
    "promote": Verb(".promote", "Point an alias at a model version if every gate passes.", MODELS, mlflow=True),
    "rollback": Verb(".promote", "Point an alias back at the version that held it before.", MODELS, mlflow=True),
    "audit": Verb(".audit", "Verify, show, anchor and sign the audit log.", PROJECT),
    "publish": Verb(".publish", "Send waiting runs to MLflow.", PROJECT),
    "gc": Verb(".gc", "Delete old runs and clean up .bioml.", PROJECT),
    "status": Verb(".status", "Show the project, its destination and the waiting runs.", PROJECT),
    "doctor": Verb(".doctor", "Check the installation and say what to fix.", PROJECT),
    "enable": Verb(".enable", "Track every kernel, without %load_ext.", PROJECT),
    "disable": Verb(".enable", "Undo enable.", PROJECT),
}
