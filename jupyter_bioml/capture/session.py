"""The header of a session: who runs where, in which project, published to where."""

from __future__ import annotations

import getpass
import os
import platform
import socket
import sys
import time
from pathlib import Path
from typing import Any

from ..config import Destination, Project, Settings
from ..journal.liveness import boot_id, pid_namespace, process_started
from ..records.facts import SCHEMA
from ..redact import redact

#: Environment variables that change results; nothing else of the environment is recorded.
VARIABLES = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "PYTHONHASHSEED",
    "PYTHONPATH",
    "CUDA_VISIBLE_DEVICES",
    "CUBLAS_WORKSPACE_CONFIG",
    "LANG",
    "LC_ALL",
    "TZ",
    "VIRTUAL_ENV",
    "CONDA_DEFAULT_ENV",
    "SLURM_JOB_ID",
    "MLFLOW_EXPERIMENT_NAME",
)


def new_session_id() -> str:
    """``<UTC time>-<8 hex>``: sorts by time, and two kernels of one second differ."""
    return f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}-{os.urandom(4).hex()}"


def notebook_at_start(project: Project) -> tuple[str | None, str | None]:
    """(notebook, path source) as the server said when it started the kernel."""
    name = os.environ.get("JPY_SESSION_NAME", "")
    if not name.endswith(".ipynb"):
        return None, None
    return project.relative(Path.cwd() / name), "session-start"


def header(session: str, project: Project, destination: Destination, settings: Settings) -> dict[str, Any]:
    """The ``session`` entry."""
    notebook, source = notebook_at_start(project)
    return {
        "t": "session",
        "at": time.time(),
        "schema": SCHEMA,
        "session": session,
        "started": time.time(),
        "pid": os.getpid(),
        "process_started": process_started(os.getpid()),
        "host": socket.gethostname(),
        "boot": boot_id(),
        "pid_namespace": pid_namespace(),
        "python": platform.python_version(),
        "executable": sys.executable,
        "user": _user(),
        "project": str(project.root),
        "home": str(project.home),
        "cwd": str(Path.cwd()),
        "notebook": notebook,
        "path_source": source,
        "destination": destination.uri,
        "destination_key": destination.key,
        "reproduces": os.environ.get("BIOML_REPRODUCES") or None,
        "engine": os.environ.get("BIOML_ENGINE") or None,
        "task": os.environ.get("BIOML_TASK") or None,
        "attempt": _number(os.environ.get("BIOML_ATTEMPT")),
        "sweep": os.environ.get("BIOML_SWEEP") or None,
        "variables": variables(settings),
        "states": {},
    }


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None


def variables(settings: Settings) -> dict[str, str]:
    """The allow-listed environment variables that are set, secrets masked."""
    names = (*VARIABLES, *settings.environment_variables)
    found = {name: os.environ[name] for name in names if name in os.environ}
    return {name: redact(f"{name}={value}").removeprefix(f"{name}=") for name, value in found.items()}


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return str(os.getuid())
