"""A command that waits for a server that never answers is ended by SIGTERM as by Ctrl-C."""

from __future__ import annotations

import os
import pty
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


PASSING = """
from jupyter_bioml.cli.answer import Answer
answer = Answer(False)
answer.passing("gate 1 of 2: loads")
answer.progress("gate 1 of 2: loads: pass")
answer.passing("gate 2 of 2: card")
answer.give({}, lambda width: [])
"""


def test_what_is_done_now_is_said_on_a_terminal_alone() -> None:
    command = [sys.executable, "-c", PASSING]
    piped = subprocess.run(command, capture_output=True, text=True, check=True)
    assert piped.stderr == "gate 1 of 2: loads: pass\n"
    ours, theirs = pty.openpty()
    subprocess.run(command, stderr=theirs, check=True)
    os.close(theirs)
    said = os.read(ours, 4096).decode()
    os.close(ours)
    assert said == ("gate 1 of 2: loads\r\x1b[Kgate 1 of 2: loads: pass\r\ngate 2 of 2: card\r\x1b[K"), (
        "each is in the place of the one before"
    )
