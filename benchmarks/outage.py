"""Is a tracked cell slower when the tracking server is down? Refusing, never answering, or answering 500."""

from __future__ import annotations

import contextlib
import functools
import http.server
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from .cells import TAG, in_turns, tracked_cell
from .figures import Figure, median, percentile
from .kernels import OFFLINE, CellFailed, Kernel, kernel, workplace

#: Seconds after which MLflow's own call on a dead server is given up.
PATIENCE = 20
#: What a round trip may differ between two states of the server and count as the same, in ms.
SAME = 1.0


def measure(quick: bool) -> list[Figure]:
    """One kernel for each state of the server, the same tracked cell in turns."""
    repetitions = 40 if quick else 200
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(workplace())
        addresses = {
            "up": stack.enter_context(_server_up(folder.parent)),
            "refusing": f"http://127.0.0.1:{_free_port()}",
            "never answering": stack.enter_context(_never_answering()),
            "answering 500": stack.enter_context(_answering_500()),
        }
        kernels = {}
        for state, address in addresses.items():
            (place := folder.parent / state.replace(" ", "-") / ".bioml").mkdir(parents=True)
            kernels[state] = stack.enter_context(kernel(place.parent, {"MLFLOW_TRACKING_URI": address}, load=True))
        asked = [functools.partial(_round_trip, one) for one in kernels.values()]
        up, *down = in_turns(asked, repetitions, warm_up=10)
        first, *others = (state for state in addresses if state != "up")
        peers: dict[str, dict[str, float | str]] = {
            first: {"MLflow": "not measured" if quick else _mlflow(folder, addresses[first])}
        }
    return [
        Figure(
            f"cell time, server {state}, more than server up",
            "ms",
            (median(times) - median(up)) * 1e3,
            SAME,
            peers.get(state, {}),
            f"median {_ms(median(times))}, up {_ms(median(up))}; p95 {_ms(percentile(times, 0.95))}",
        )
        for state, times in zip((first, *others), down, strict=True)
    ]


def _ms(seconds: float) -> str:
    return f"{seconds * 1e3:.2f} ms"


def _round_trip(one: Kernel, turn: int) -> float:
    return one.run(tracked_cell(turn), TAG)


def _mlflow(folder: Path, address: str) -> str:
    """MLflow's own call against a server that refuses, with its default settings."""
    code = f"""import mlflow, signal, time
def give_up(*_):
    raise TimeoutError
mlflow.set_tracking_uri({address!r})
signal.signal(signal.SIGALRM, give_up)
signal.alarm({PATIENCE})
start = time.perf_counter()
try:
    mlflow.start_run()
except Exception:
    pass
signal.alarm(0)
bench_result(time.perf_counter() - start)"""
    with kernel(folder) as plain:
        try:
            seconds = float(plain.result(code))
        except CellFailed as error:
            return f"failed: {str(error)[:60]}"
    return f"> {PATIENCE} s (given up)" if seconds >= PATIENCE - 0.5 else f"{seconds * 1e3:,.0f}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def _server_up(folder: Path) -> Iterator[str]:
    port = _free_port()
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    command += ["--backend-store-uri", f"sqlite:///{folder}/server.db", "--artifacts-destination", f"{folder}/served"]
    env = {**os.environ, **OFFLINE, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    server = subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(f"http://127.0.0.1:{port}/health")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(30)


def _wait_for(address: str) -> None:
    deadline = time.monotonic() + 90
    while True:
        try:
            urllib.request.urlopen(address, timeout=2).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


@contextlib.contextmanager
def _never_answering() -> Iterator[str]:
    """Connections are taken by the system's queue and by nobody else."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


class _Broken(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_error(500)

    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: it answers thousands of requests."""


@contextlib.contextmanager
def _answering_500() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Broken)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
