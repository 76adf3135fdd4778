"""The gates ``signature`` and ``loads``: the model describes its inputs and predicts its example in a fresh process."""

from __future__ import annotations

import dataclasses
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...text.present import printable
from ..context import Context, GateKeeping
from ..gate import GateResult, Grounds, Undecided, failed, passed, undecided
from ..known_gates import gate
from ..model_digest import is_as_hashed
from ..probing import LAST_WORDS, probed
from ..yaml_text import machine_yaml

PROBE = "jupyter_bioml.promote.load_probe"
_DESCRIPTION_BYTES = 16 * 2**20
#: Time limit of the gate ``loads`` beyond the longest that it may have for loading: the model is fetched first.
_MOST_SECONDS, _FETCHING = 3600.0, 300.0
#: Variables that tell a terminal, login, test or Jupyter server from another, and beginnings of the names of more:
#: no model loads differently for them.
_SESSIONS = {
    "_", "SHLVL", "PWD", "OLDPWD", "COLUMNS", "LINES", "COLORTERM", "NO_COLOR", "FORCE_COLOR", "CLICOLOR", "DISPLAY",
    "_MLFLOW_TELEMETRY_SESSION_ID", "WINDOWID", "STY", "INVOCATION_ID", "JOURNAL_STREAM", "PYTEST_CURRENT_TEST",
}  # fmt: skip
_OF_SESSIONS = ("TERM", "SSH_", "XDG_SESSION", "TMUX", "JPY_", "JUPYTER", "VSCODE_", "DBUS_", "GIT_", "BIOML_")
#: What scikit-learn sets when it is imported, here or in the process of the model.
_SET_BY_IMPORTS = {("KMP_DUPLICATE_LIB_OK", "True"), ("KMP_INIT_AT_FORK", "FALSE")}


@dataclass(frozen=True)
class SignatureOptions:
    """The gate ``signature`` has no options."""


@gate("signature", "The model describes its inputs and outputs.", SignatureOptions)
def judge_signature(context: Context) -> GateResult:
    """Judge by the model's own description, the file ``MLmodel``."""
    signature = _description(context).get("signature")
    again = (
        "See why in the model's tag bioml.model_notes; fit on a table that has a name, rerun, and register the new run."
    )
    if not isinstance(signature, dict) or not signature.get("inputs"):
        return failed("The model has no signature, so its inputs are unknown.", again)
    if not signature.get("outputs"):
        return failed("The model's signature does not describe its outputs.", again, inputs=signature["inputs"])
    return passed("The model has a signature.", inputs=signature["inputs"], outputs=signature["outputs"])


def _description(context: Context) -> dict[str, Any]:
    """The file ``MLmodel``, which MLflow wrote."""
    file = context.facts.model_folder / "MLmodel"
    try:
        data = file.read_bytes()
        document = machine_yaml(data) if len(data) <= _DESCRIPTION_BYTES else None
    except OSError:
        document = None
    if not isinstance(document, dict):
        raise Undecided("The model has no readable file MLmodel.", "Check the model's files in MLflow.")
    return document


@dataclass(frozen=True)
class LoadsOptions:
    """Options of the gate ``loads``."""

    seconds: float = 120.0
    """Time limit for loading and predicting."""

    def check(self) -> str | None:
        """What is wrong with the time limit; None: nothing."""
        return None if 1 <= self.seconds <= _MOST_SECONDS else "seconds must be from 1 to 3600"


def _basis(context: Context) -> Any:
    """The model's content, the interpreter, and the variables of the process; what it imports is told by that one."""
    variables = {
        name: value
        for name, value in _environment(context.facts.project.root).items()
        if name not in _SESSIONS and not name.startswith(_OF_SESSIONS) and (name, value) not in _SET_BY_IMPORTS
    }
    return [context.facts.model_sha256, os.path.realpath(sys.executable), sys.prefix, sys.version, variables]


@gate(
    "loads", "The model predicts its example in a fresh process.", LoadsOptions, seconds=_MOST_SECONDS + _FETCHING,
    keeping=GateKeeping(_basis, promotes=True),
)  # fmt: skip
def judge_loads(context: Context) -> GateResult:
    """Judge in a separate process, away from the project and without the tracking server's credentials: a user of
    the registry has neither."""
    options: LoadsOptions = context.options
    if not _description(context).get("saved_input_example_info"):
        return undecided(
            "The model has no input example to predict.",
            "See why in the model's tags bioml.input_example and bioml.model_notes, or name rows with --example VAR.",
        )
    facts = context.facts
    with tempfile.TemporaryDirectory(prefix="bioml-loads-") as folder:
        seconds = min(options.seconds, context.seconds)
        answer, words = _probed(facts.model_folder, Path(folder), seconds, facts.project.root)
    if answer is None:
        again = "Make it load without the project's files (define its classes in the notebook), or make it faster."
        return failed(f"The model did not load and predict: {words}.", again)
    if error := answer.get("error"):
        again = "Install the missing packages, or register a model that loads without the project's files."
        return failed(f"The model did not {answer['step']}: {printable(str(error))[:LAST_WORDS]}.", again, **answer)
    files, read_after = answer.pop("files", None), answer.pop("read_after", None)
    grounds = Grounds(tuple(files), read_after) if files is not None and is_as_hashed(facts) else None
    took = f"{answer['load_seconds']:.1f} s + {answer['predict_seconds']:.1f} s"
    said = f"The model loaded and predicted its example in a fresh process ({took})."
    return dataclasses.replace(passed(said, **answer), grounds=grounds)


def _probed(model: Path, folder: Path, seconds: float, project: Path) -> tuple[dict[str, Any] | None, str]:
    """(the probe's answer, else why there is none)."""
    answer = folder / "answer.json"
    arguments = [str(model), str(answer), str(seconds)]
    environment = _environment(project)
    fork = environment.get("PYTHONPATH", "") == os.environ.get("PYTHONPATH", "")
    found, why, words = probed(PROBE, arguments, answer, seconds, environment=environment, fork=fork)
    return found, f"its process {why}{f': {words}' if words else ''}"


def _environment(project: Path) -> dict[str, str]:
    """The variables of the process: without the tracking server's, and without places of modules in the project."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MLFLOW_TRACKING_")}
    places = [place for place in environment.pop("PYTHONPATH", "").split(os.pathsep) if place]
    outside = [place for place in places if not Path(place).resolve().is_relative_to(project)]
    if outside:
        environment["PYTHONPATH"] = os.pathsep.join(outside)
    return environment | {"MLFLOW_DISABLE_TELEMETRY": "true"}
