"""Running a notebook's cells: each sent as JupyterLab sends it, each state recorded as it was.

Imports papermill (1.6–2.4 s): :mod:`.runner` imports this file when the first notebook is run.
"""

from __future__ import annotations

import asyncio
import contextlib
import shlex
import signal
from collections.abc import Callable, Sequence
from queue import Empty
from time import monotonic
from typing import Any

import zmq
from jupyter_core.utils import ensure_async, run_sync
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbclient.util import run_hook
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NotebookExecutionManager
from papermill.iorw import write_ipynb
from traitlets import TraitError

from ..notebooks.plan import PINS, STATES, WORK
from .masked_notebook import NotebookMask
from .sent import Cell, cell_order, request_metadata
from .tracking import LOAD, PROBE, Tracking, pins_line, restore_line, states_line

#: Seconds an interrupted cell gets to end, so that its run ends with what it had measured.
SETTLE = 5.0
#: Seconds the kernel gets for what it does after its last reply: a model may be serialised then.
AFTERWORK = 600.0
#: Seconds a request may wait until it can be sent: it waits only for a kernel that has closed the connection.
SENDING = 5.0


class CellStates(NotebookExecutionManager):  # type: ignore[misc]
    """papermill's keeper of the output notebook, which is written without secrets; a cell that never ran stays
    ``pending``.

    :param secrets: the spellings of secret parameters.
    """

    def __init__(
        self,
        *args: Any,
        on_cell: Callable[[int, int], None] | None = None,
        secrets: Sequence[str] = (),
        **kwargs: Any,
    ) -> None:
        self._mask = NotebookMask(secrets)
        super().__init__(*args, **kwargs)
        self._on_cell = on_cell

    def masked(self) -> Any:
        """The notebook as it may be written."""
        return self._mask.notebook(self.nb)

    def save(self, **kwargs: Any) -> None:
        """Write the notebook without its secrets."""
        if self.output_path:
            write_ipynb(self.masked(), self.output_path)
        self.last_save_time = self.now()

    def cell_start(self, cell: Any, cell_index: int | None = None, **kwargs: Any) -> None:
        """Tell the caller which cell begins, of how many."""
        if self._on_cell is not None and cell_index is not None:
            self._on_cell(cell_index, len(self.nb.cells))
        super().cell_start(cell, cell_index, **kwargs)

    def notebook_complete(self, **kwargs: Any) -> None:
        """End of the notebook, in whatever way: papermill would mark cells as completed that never ran."""
        never = [cell for cell in self.nb.cells if cell.metadata.papermill["status"] == self.PENDING]
        super().notebook_complete(**kwargs)
        if never:
            for cell in never:
                cell.metadata.papermill["status"] = self.PENDING
            self.save()


class NotebookClient(PapermillNotebookClient):  # type: ignore[misc]
    """Runs the cells of one notebook in one kernel, tracked by this package where the kernel has it.

    :ivar tracking: what became of tracking, once the kernel has started.
    """

    def __init__(self, states: CellStates, *, notebook: str | None = None, **options: Any) -> None:
        super().__init__(states, **options)
        self.notebook = notebook
        self.tracking = Tracking()
        self._sending: Cell | None = None
        self._order: list[str] = []

    # -- the run ---------------------------------------------------------------------------------

    def execute(self, **kwargs: Any) -> Any:
        """Start the kernel, run the cells, shut the kernel down.

        :raises DeadKernelError: when the kernel died; says in which cell, and that later ones did not run.
        :raises CellTimeoutError: when a cell ran longer than it may.
        """
        self.reset_execution_trackers()
        with self.setup_kernel(**kwargs):
            self._send_metadata()
            self._start_tracking()
            self.papermill_execute_cells()
            self._tell_states(len(self.nb.cells))
            self._wait_idle(AFTERWORK)
            self.set_widgets_metadata()
        return self.nb

    def create_kernel_manager(self) -> Any:
        """A kernel manager that encrypts what it says to the kernel, where jupyter_client and kernel can."""
        manager = super().create_kernel_manager()
        if manager.has_trait("transport_encryption") and manager.transport_encryption == "disabled":
            with contextlib.suppress(TraitError):
                manager.transport_encryption = "auto"
        return manager

    async def _async_start_client(self) -> Any:
        """As nbclient's, which waits without end in ``send`` once a kernel has refused the connection.

        :raises RuntimeError: when the kernel died or did not answer in ``startup_timeout`` seconds.
        """
        begun = monotonic()
        self.kc = self.km.client()
        try:
            await ensure_async(self.kc.start_channels())
            self.kc.shell_channel.socket.sndtimeo = int(1000 * SENDING)
            await ensure_async(self.kc.wait_for_ready(timeout=self.startup_timeout))
        except (RuntimeError, zmq.Again):
            reason = await self._async_why_no_answer(monotonic() - begun)
            self.shutdown_kernel = "immediate"
            await self._async_cleanup_kernel()
            raise RuntimeError(reason) from None
        except Exception:
            await self._async_cleanup_kernel()
            raise
        self.kc.allow_stdin = False
        await run_hook(self.on_notebook_start, notebook=self.nb)
        return self.kc

    async def _async_why_no_answer(self, seconds: float) -> str:
        alive = await ensure_async(self.km.is_alive())
        what = f"did not answer within {seconds:.0f} s" if alive else f"died{self._exit_reason()} before it answered"
        return f"The kernel {what}; no cell ran. It was started by: {shlex.join(self.km.kernel_spec.argv)}"

    start_new_kernel_client = run_sync(_async_start_client)

    def papermill_execute_cells(self) -> None:
        """Run the cells in order, up to the first one that fails."""
        for index, cell in enumerate(self.nb.cells):
            self.nb_man.cell_start(cell, index)
            try:
                self._run_cell(cell, index)
            except CellExecutionError as error:
                if not is_orderly_exit(error):
                    self.nb_man.cell_exception(cell, cell_index=index, exception=error)
                return
            except BaseException as error:
                self.nb_man.cell_exception(cell, cell_index=index, exception=error)
                raise
            finally:
                self.nb_man.cell_complete(cell, cell_index=index)

    def _run_cell(self, cell: Any, index: int) -> None:
        self._restore(cell)
        self._tell_states(index)
        self._sending = cell
        try:
            self.execute_cell(cell, index)
        except CellExecutionError as error:
            said = any(output["output_type"] == "error" for output in cell.outputs)
            if not said and not is_orderly_exit(error):
                _add_error(cell, error.ename, error.evalue)  # IPython prints a UsageError, and sends no error
            raise
        except DeadKernelError:
            message = self._obituary(cell, index)
            _add_error(cell, DeadKernelError.__name__, message)
            raise DeadKernelError(message) from None
        except (CellTimeoutError, KeyboardInterrupt) as error:
            with contextlib.suppress(Exception):
                self._settle()
            if isinstance(error, CellTimeoutError):
                _add_error(cell, CellTimeoutError.__name__, f"The cell ran longer than {self._get_timeout(cell)} s.")
            raise
        finally:
            self._sending = None

    def _obituary(self, cell: Any, index: int) -> str:
        last = len(self.nb.cells) - 1
        after = "It was the last cell." if index == last else "The cells after it were not run."
        return (
            f"The kernel died{self._exit_reason()} while cell {index + 1} of {last + 1} (id {cell.get('id')}) ran. "
            f"{after} The output notebook holds what the cells before it printed."
        )

    def _exit_reason(self) -> str:
        process = getattr(getattr(self.km, "provisioner", None), "process", None)
        code = getattr(process, "returncode", None)
        if not isinstance(code, int):
            return ""
        if code >= 0:
            return f" (exit status {code})"
        name = signal.Signals(-code).name if -code in list(signal.Signals) else f"signal {-code}"
        return f" ({name}{'; often the system ran out of memory' if name == 'SIGKILL' else ''})"

    async def _async_settle(self) -> None:
        """Interrupt the cell and wait a moment for it to end.

        After Ctrl-C the tasks that wait for the cell are still there: they take its last outputs.
        """
        until = monotonic() + SETTLE
        left = asyncio.all_tasks() - {asyncio.current_task()}
        await ensure_async(self.km.interrupt_kernel())
        if left:
            _, late = await asyncio.wait(left, timeout=SETTLE)
            for task in late:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)
        await self._async_wait_idle(until - monotonic())

    async def _async_wait_idle(self, seconds: float) -> bool:
        """Wait until the kernel answers; False when it is dead or busy for longer."""
        until = monotonic() + seconds
        asked = self.kc.kernel_info()
        while monotonic() < until and await ensure_async(self.kc.is_alive()):
            with contextlib.suppress(Empty, asyncio.CancelledError):
                message = await ensure_async(self.kc.shell_channel.get_msg(timeout=0.5))
                if message["parent_header"].get("msg_id") == asked:
                    return True
        return False

    _settle = run_sync(_async_settle)
    _wait_idle = run_sync(_async_wait_idle)

    # -- tracking --------------------------------------------------------------------------------

    def _start_tracking(self) -> None:
        """Load the extension before the first cell; silently, so that execution counts stay as they are."""
        info = self.wait_for_reply(self.kc.kernel_info())["content"]
        language = info.get("language_info", {})
        self.nb.metadata["language_info"] = language
        if language.get("name") != "python":
            self.tracking = Tracking(reason=f"its kernel runs {language.get('name', 'another language')}, not Python")
            return
        request = self.kc.execute(LOAD, silent=True, store_history=False, user_expressions={"bioml": PROBE})
        reply = self.wait_for_reply(request)
        self.tracking = Tracking.from_reply((reply or {}).get("content", {}), self.kernel_name)
        work, pins = self.nb.metadata.get(WORK), self.nb.metadata.get(PINS)
        if work and pins:
            self._silently(pins_line(work, pins))
        self._restore(self.nb)

    def _restore(self, planned: Any) -> None:
        """Put the generators back into the states that a planned notebook or cell carries."""
        work, states = self.nb.metadata.get(WORK), planned.metadata.get(STATES)
        if work and states and self.tracking.home is not None:
            self._silently(restore_line(work, self.tracking.home, states))

    def _tell_states(self, index: int) -> None:
        """Have the kernel of a reproduction say which states its generators are in before a cell, and at the end."""
        work = self.nb.metadata.get(WORK)
        if work and self.tracking.home is not None and run_sync(self.kc.is_alive)():
            self._silently(states_line(work, index))

    def _silently(self, code: str) -> None:
        self.wait_for_reply(self.kc.execute(code, silent=True, store_history=False))

    def _send_metadata(self) -> None:
        """Make this client's execute requests carry the cell's metadata, which nbclient leaves out."""
        client = self.kc

        def execute(
            code: str,
            silent: bool = False,
            store_history: bool = True,
            user_expressions: dict[str, str] | None = None,
            allow_stdin: bool | None = None,
            stop_on_error: bool = True,
        ) -> str:
            content = {
                "code": code,
                "silent": silent,
                "store_history": store_history,
                "user_expressions": user_expressions or {},
                "allow_stdin": client.allow_stdin if allow_stdin is None else allow_stdin,
                "stop_on_error": stop_on_error,
            }
            message = client.session.msg("execute_request", content, metadata=self._request_metadata())
            client.shell_channel.send(message)
            return str(message["header"]["msg_id"])

        client.execute = execute

    def _request_metadata(self) -> dict[str, Any]:
        metadata: dict[str, Any] = {}
        if self._sending is not None:
            self._order = self._order or cell_order(self.nb.cells)
            metadata = {**request_metadata(self._sending, self.nb.cells), "bioml.cells": self._order}
        if self.notebook is not None:
            metadata["bioml.notebook"] = self.notebook
        return metadata


def _add_error(cell: Any, kind: str, message: str) -> None:
    """Show in the output notebook why the cell ended, where the kernel could not."""
    node = type(cell)
    cell.outputs.append(node(output_type="error", ename=kind, evalue=message, traceback=[f"{kind}: {message}"]))


def is_orderly_exit(error: CellExecutionError) -> bool:
    """True for ``sys.exit()`` and ``sys.exit(0)``: the notebook ends there and has not failed."""
    return error.ename == "SystemExit" and error.evalue in ("", "0", "None")
