"""A command that waits for a server that never answers is ended by SIGTERM as by Ctrl-C."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from fake_kernel import wait_until
from front_case import Bench
from resident_case import holder_of

from jupyter_bioml.config import find_project


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda one: one.name)
def test_a_wait_for_the_publisher_can_be_ended(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{silent.getsockname()[1]}")
        journal = bench.journal()
        journal.run("waits")
        journal.die()
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyter_bioml.cli", "publish", "--wait"], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, env=dict(os.environ),
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )  # fmt: skip
        publisher = wait_until(lambda: holder_of(find_project(Path.cwd()).publishing))
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
        psutil.Process(publisher).kill()  # it would go on by itself until the server answers
    assert process.returncode == (143 if number == signal.SIGTERM else 130), (out, err)
    assert "Interrupted; everything done so far is kept." in err and "Traceback" not in out + err
