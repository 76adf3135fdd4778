"""The papermill engine ``bioml``: notebooks run headlessly, tracked cell by cell as in JupyterLab.

papermill imports this file whenever it is imported itself, so everything heavy is imported inside functions.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..config import project_root
from ..errors import UsageError
from ..notebooks.kernelspec import NATIVE, KernelChoice, choose_kernel, notebook_language
from ..processes.asking import expect
from ..redact import SECRETS_VARIABLE, redact, spellings, without_values
from .early import may_leave_runs
from .masked_notebook import NotebookMask
from .results import BROKEN, FAILED, INTERRUPTED, KILLED, PASSED, CellFailure, NotebookJob, NotebookResult
from .tracking import Tracking

if TYPE_CHECKING:
    from .warm import Templates

#: Says in a kernel's environment who started it.
ENGINE = "papermill"
_ANSI = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


def say_on_stderr(line: str) -> None:
    """The default way of telling the user something: standard output may be the notebook itself."""
    sys.stderr.write(f"{redact(line)}\n")
    sys.stderr.flush()


@dataclass(frozen=True)
class EngineOptions:
    """Options for running one notebook, beyond papermill's own."""

    notebook: str | None = None
    """Absolute path of the notebook that the runs belong to; None: the input file; empty: none."""
    env: Mapping[str, str] = field(default_factory=dict)
    """Added to the kernel's environment."""
    cwd: str | None = None
    """The kernel's working directory; None: this process's."""
    python: str | None = None
    """The interpreter to run on; None: that of the notebook's kernel."""
    secrets: tuple[str, ...] = ()
    """Texts that are not written into the output notebook, whatever they look like."""
    drain_seconds: float | None = None
    """Seconds to wait for the publisher afterwards; None: as long as ``run`` does; 0: do not wait."""
    on_cell: Callable[[int, int], None] | None = None
    """Called with a cell's index and the number of cells before each cell."""
    on_tracking: Callable[[Tracking], None] | None = None
    """Told afterwards where the cells were journaled."""
    say: Callable[[str], None] = say_on_stderr
    """Takes the lines for the user."""
    forking: Callable[[Any], Any] | None = None
    """Makes of a kernel manager for the current Python one that forks its kernels."""


class BiomlEngine:
    """papermill's engine interface. Entry point ``papermill.engine``, name ``bioml``."""

    @classmethod
    def nb_kernel_name(cls, nb: Any, name: str | None = None) -> str:
        """The kernel to run on; the current Python's where the notebook names none, or one not installed."""
        return choose_kernel(nb.metadata, name).name

    @classmethod
    def nb_language(cls, nb: Any, language: str | None = None) -> str:
        """The language that parameters are written in."""
        return language or notebook_language(nb.metadata)

    @classmethod
    def execute_notebook(
        cls,
        nb: Any,
        kernel_name: str,
        output_path: str | None = None,
        progress_bar: bool | dict[str, Any] = True,
        log_output: bool = False,
        autosave_cell_every: int = 30,
        bioml: EngineOptions | None = None,
        **options: Any,
    ) -> Any:
        """Run ``nb``, tracked, then wait until its runs are published. papermill writes the result.

        :raises DeadKernelError: when the kernel died.
        :raises CellTimeoutError: when a cell ran longer than ``execution_timeout`` seconds.
        """
        ours = bioml or EngineOptions()
        if ours.drain_seconds != 0:
            _expect_runs(nb)
        from .client import CellStates

        states = CellStates(
            nb,
            output_path=output_path,
            progress_bar=progress_bar,
            log_output=log_output,
            autosave_cell_every=autosave_cell_every,
            on_cell=ours.on_cell,
            secrets=ours.secrets,
        )
        _execute(states, kernel_name, ours, {"log_output": log_output, **options})
        return states.masked()


def _expect_runs(nb: Any) -> None:
    """Begin what sends the notebook's runs, so that it is ready when they have ended."""
    if may_leave_runs(nb.cells, Path.cwd()):
        expect(os.environ)


def _execute(states: Any, kernel_name: str, ours: EngineOptions, options: dict[str, Any]) -> None:
    """Run the cells that ``states`` keeps; whatever happens, they are saved, and published unless interrupted."""
    from .client import NotebookClient

    choice = KernelChoice(NATIVE, ours.python) if ours.python else _kernel(states.nb, kernel_name, ours.say)
    given = local_path(options.pop("input_path", None))
    notebook = given if ours.notebook is None else ours.notebook or None
    environment = _kernel_environment(notebook, ours.env)
    client = NotebookClient(states, notebook=notebook, **_client_options(choice, options, environment, ours.forking))
    states.notebook_start()
    wait = ours.drain_seconds
    try:
        where = {} if ours.cwd is None else {"cwd": ours.cwd}
        client.execute(env=environment, **where)
    except KeyboardInterrupt:
        wait = 0
        raise
    finally:
        states.cleanup_pbar()
        states.notebook_complete()
        if ours.on_tracking is not None:
            ours.on_tracking(client.tracking)
        for line in (client.tracking.notice, _drained(client.tracking, wait, ours.say)):
            if line:
                ours.say(line)


def _drained(tracking: Tracking, seconds: float | None, say: Callable[[str], None]) -> str | None:
    project, home, key = tracking.project, tracking.home, tracking.destination_key
    if not (project and home and key) or seconds == 0:
        return None
    from .drain import WAIT, drain

    return drain(project, home, key, say, session=tracking.session, seconds=WAIT if seconds is None else seconds)


def _kernel(nb: Any, kernel_name: str, say: Callable[[str], None]) -> KernelChoice:
    """The kernel behind the name given to papermill by :meth:`BiomlEngine.nb_kernel_name`, or chosen by its caller."""
    meant = None
    with contextlib.suppress(UsageError):
        meant = choose_kernel(nb.metadata)
    if meant is None or meant.name != kernel_name:
        return KernelChoice(kernel_name)
    if meant.notice:
        say(f"bioml: {meant.notice}")
    if meant.python is not None:
        nb.metadata["kernelspec"] = {"name": NATIVE, "display_name": "Python 3 (ipykernel)", "language": "python"}
    return meant


def _client_options(
    choice: KernelChoice,
    options: dict[str, Any],
    environment: Mapping[str, str],
    forking: Callable[[Any], Any] | None,
) -> dict[str, Any]:
    """nbclient's options from papermill's, as papermill's own engine makes them."""
    from papermill.log import logger

    options = dict(options)
    options["startup_timeout"] = options.pop("start_timeout", 60)
    options["timeout"] = options.pop("execution_timeout", None) or options.pop("timeout", None)
    if choice.python is not None or (forking is not None and choice.is_current):
        from .interpreter import manager_for

        manager = manager_for(choice.python or sys.executable, environment)
        options["kernel_manager_class"] = forking(manager) if forking is not None and choice.is_current else manager
    return {"log": logger, **options, "kernel_name": choice.name}


def _kernel_environment(notebook: str | None, more: Mapping[str, str]) -> dict[str, str]:
    """The kernel's environment: ours, and what a Jupyter server says about the notebook."""
    environment = {**os.environ, "BIOML_ENGINE": ENGINE}
    environment.pop("JPY_SESSION_NAME", None)
    if notebook is not None:
        environment["JPY_SESSION_NAME"] = notebook
        environment["BIOML_PROJECT"] = str(project_root(Path(notebook).parent))
    return {**environment, **more}


def local_path(path: Any) -> str | None:
    """papermill's input path as an absolute one; None for standard input, remote places and notebooks in memory.

    papermill may have changed the working directory since (``--cwd``); its own file handler remembers the first.
    """
    from papermill.iorw import LocalHandler, papermill_io

    if not isinstance(path, str) or path == "-":
        return None
    handler = papermill_io.get_handler(path)
    if not isinstance(handler, LocalHandler):
        return None
    first = handler.cwd(None)
    handler.cwd(first)
    return os.path.abspath(os.path.join(first or os.getcwd(), path))


def run_notebook(
    job: NotebookJob, on_cell: Callable[[int, int], None] | None = None, templates: Templates | None = None
) -> NotebookResult:
    """Run one notebook and say how it ended; nothing but a broken interpreter makes this raise.

    Its runs are not waited for: a caller that runs several drains once at the end.
    """
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    started = time.monotonic()
    notices: list[str] = []
    tracked: list[Tracking] = [Tracking()]
    hidden = spellings(os.environ.get(variable, "") for variable in job.secrets.values())
    options = _options(job, hidden, on_cell, tracked.append, notices.append, templates)
    nb, status, reason, timed_out = None, PASSED, None, False
    try:
        nb, kernel = _prepared(job)
        BiomlEngine.execute_notebook(
            nb,
            kernel,
            job.output,
            progress_bar=False,
            input_path=job.path,
            bioml=options,
            execution_timeout=job.cell_timeout,
        )
    except KeyboardInterrupt:
        status, reason = INTERRUPTED, "interrupted"
    except DeadKernelError as error:
        status, reason = KILLED, str(error)
    except CellTimeoutError:
        status, reason, timed_out = FAILED, f"a cell ran longer than {job.cell_timeout:g} s", True
    except Exception as error:
        status, reason = BROKEN, str(error) or type(error).__name__
    failure = None if nb is None else first_failure(NotebookMask(hidden).notebook(nb))
    reason = reason and redact(without_values(reason, hidden))
    where = tracked[-1]
    return NotebookResult(
        job.path,
        FAILED if status == PASSED and failure else status,
        time.monotonic() - started,
        job.output if os.path.exists(job.output) else None,
        failure,
        reason,
        tuple(map(redact, notices)),
        session=where.session,
        project=where.project,
        home=where.home,
        destination_key=where.destination_key,
        timed_out=timed_out,
    )


def _options(
    job: NotebookJob,
    hidden: tuple[str, ...],
    on_cell: Callable[[int, int], None] | None,
    on_tracking: Callable[[Tracking], None],
    say: Callable[[str], None],
    templates: Templates | None,
) -> EngineOptions:
    forking = None
    if templates is not None and job.warm is not None:
        forking = partial(templates.manager, modules=job.warm, env=job.env, say=say)
    environment, python = _job_environment(job), job.python
    return EngineOptions(job.notebook, environment, job.cwd, python, hidden, 0, on_cell, on_tracking, say, forking)


def _job_environment(job: NotebookJob) -> dict[str, str]:
    """Additions to the kernel's environment, such as the names of secret variables."""
    return {**job.env, SECRETS_VARIABLE: ",".join(job.secrets.values())} if job.secrets else job.env


def _prepared(job: NotebookJob) -> tuple[Any, str]:
    """The notebook with its parameters injected, and the name of its kernel.

    :raises UsageError: the file is not a notebook, names a kernel that cannot be replaced, or has no such parameter.
    """
    from papermill.execute import prepare_notebook_metadata, remove_error_markers
    from papermill.iorw import load_notebook_node
    from papermill.parameterize import parameterize_notebook

    from ..notebooks.cells import cell_choice, leave_out
    from ..notebooks.injection import injected

    os.makedirs(os.path.dirname(job.output), exist_ok=True)
    try:
        nb = load_notebook_node(job.path)
    except OSError as error:
        raise UsageError(f"It cannot be read: {error.strerror or error}.") from None
    except Exception as error:
        raise UsageError(f"It is not a notebook ({type(error).__name__}: {str(error)[:200]}).") from None
    kernel = BiomlEngine.nb_kernel_name(nb)
    nb, left = injected(leave_out(nb, cell_choice(job.cells)), job.parameters, job.secrets)
    if left:
        language = BiomlEngine.nb_language(nb)
        nb = parameterize_notebook(nb, left, kernel_name=kernel, language=language, engine_name="bioml")
    shown = [os.fsencode(path).decode("utf-8", "replace") for path in (job.path, job.output)]
    return remove_error_markers(prepare_notebook_metadata(nb, *shown)), kernel


def first_failure(nb: Any) -> CellFailure | None:
    """The cell that stopped the notebook; None when none did."""
    for index, cell in enumerate(nb.cells):
        if cell.metadata.get("papermill", {}).get("status") != "failed":
            continue
        errors = [output for output in cell.get("outputs", ()) if output["output_type"] == "error"]
        error = errors[-1] if errors else {}
        traceback = "\n".join(error.get("traceback", ()))
        return CellFailure(
            index,
            cell.get("id"),
            cell.source,
            error.get("ename", "Interrupted"),
            error.get("evalue", ""),
            _ANSI.sub("", traceback),
        )
    return None
