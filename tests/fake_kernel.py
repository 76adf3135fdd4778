"""A process that journals like a kernel, and does what a test tells it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyter_bioml.journal.lines import SegmentReader
from jupyter_bioml.journal.log import is_locked

KEY = "destination"
WAIT = 60.0
#: The program of the stand-in: runs each line it is sent and answers with one line.
PROGRAM = """
import json, os, platform, shutil, socket, subprocess, sys, time
from pathlib import Path
from jupyter_bioml.processes.launch import start_detached
from jupyter_bioml.journal.log import Segment
from jupyter_bioml.journal.liveness import boot_id, pid_namespace, process_started

root, home, session, key = Path(sys.argv[1]), Path(sys.argv[1], ".bioml"), sys.argv[2], sys.argv[3]
segment = Segment(home / "journal" / f"{session}.log")

def append(t, **fields):
    segment.append({"t": t, "at": time.time(), **fields})

append("session", schema=1, session=session, started=time.time(), pid=os.getpid(),
       process_started=process_started(os.getpid()), host=socket.gethostname(), boot=boot_id(),
       pid_namespace=pid_namespace(), python=platform.python_version(), executable=sys.executable, user="u",
       project=str(root), home=str(home), cwd=str(root), notebook=None, path_source=None, destination="d",
       destination_key=key, states={}, variables={"OMP_NUM_THREADS": "2", "DB_PASSWORD": "correct-horse-9"})

def sample():
    start_detached("jupyter_bioml.sampler.loop", [str(segment.path)])

for line in sys.stdin:
    answer = None
    exec(json.loads(line), globals())
    print(json.dumps(answer), flush=True)
"""


def wait_until(condition: Callable[[], Any], what: str = "") -> Any:
    """The first true value of ``condition``; fails after a generous time."""
    until = time.monotonic() + WAIT
    while time.monotonic() < until:
        if value := condition():
            return value
        time.sleep(0.02)
    raise AssertionError(f"never came: {what or condition}")


class FakeKernel:
    """A process with a segment of its own that does what it is told."""

    def __init__(self, root: Path, session: str = "s1", python: str = sys.executable, sample: bool = True) -> None:
        self.home = root / ".bioml"
        self.segment = self.home / "journal" / f"{session}.log"
        self.helper = self.home / "journal" / f"{session}.helper"
        self.process = subprocess.Popen(
            [python, "-c", PROGRAM, str(root), session, KEY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._runs = 0
        self.do("pass")  # its segment is there when it answers: a sampler that comes before that has nothing to follow
        if sample:
            self.do("sample()")
            self.entry("helper")

    def do(self, code: str) -> Any:
        """Run ``code`` in the process; what it binds to ``answer`` comes back."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps(code) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def start(self, mark: str = "magic", **fields: Any) -> str:
        """Append a ``started`` entry; returns the run's id."""
        self._runs += 1
        run = f"{self._runs:032x}"
        code = {"source": "fit()"}
        self.do(f"append('started', run={run!r}, seq={self._runs}, mark={mark!r}, code={code!r}, **{fields!r})")
        return run

    def finish(self, run: str) -> None:
        self.do(f"append('finished', run={run!r}, status='FINISHED', duration=1.0)")

    def entries(self, kind: str | None = None, run: str | None = None) -> list[dict[str, Any]]:
        """What the sampler wrote so far."""
        found = [line.entry for line in SegmentReader(self.helper).read()]
        return [e for e in found if (kind is None or e["t"] == kind) and (run is None or e.get("run") == run)]

    def entry(self, kind: str, run: str | None = None) -> dict[str, Any]:
        """The first entry of a kind, waited for."""
        found: dict[str, Any] = wait_until(lambda: self.entries(kind, run), f"an entry {kind}")[0]
        return found

    def blob(self, digest: str) -> bytes:
        return (self.home / "blobs" / digest[:2] / digest[2:]).read_bytes()

    @property
    def sampler_pid(self) -> int:
        return int(self.entry("helper")["pid"])

    def sampler_lives(self) -> bool:
        return bool(is_locked(self.helper))

    def kill(self) -> None:
        """``kill -9``, and wait for the sampler to end."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()
        wait_until(lambda: not self.sampler_lives(), "the sampler's end")
