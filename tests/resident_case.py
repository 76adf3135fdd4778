"""A resident process of a test's own: who it is, who imports MLflow, and what its forks see of themselves."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fake_kernel import wait_until

from jupyter_bioml.processes import programs

#: Tells what it is, into the file named by its first argument; with a second one it waits until that file is there.
PROBE = """
import json, os, resource, signal, sys, time
found = {
    "pid": os.getpid(), "parent": os.getppid(), "cwd": os.getcwd(), "argv": sys.argv[1:], "main": __name__,
    "is_main": sys.modules["__main__"].__dict__ is globals(), "path": sys.path, "flags": list(sys.flags),
    "executable": sys.executable, "environment": dict(os.environ), "niceness": os.nice(0),
    "cores": sorted(os.sched_getaffinity(0)), "limits": resource.getrlimit(resource.RLIMIT_NOFILE), "zone": time.tzname,
    "umask": f"{os.umask(0):o}", "signals": [str(signal.getsignal(n)) for n in (2, 13, 15, 17)],
    "streams": [(s.encoding, s.errors, s.line_buffering, s.fileno(), s.name) for s in (sys.stdin, sys.stdout, sys.stderr)],
    "files": sorted(os.readlink(f"/proc/self/fd/{n}") for n in os.listdir("/proc/self/fd") if int(n) <= 2),
    "group": os.getpgrp() == os.getpid() == os.getsid(0), "initial": open("/proc/self/environ", errors="replace").read(),
    "threads": len(os.listdir("/proc/self/task")),
}
with open(sys.argv[1] + ".tmp", "w") as file:
    json.dump(found, file)
os.rename(sys.argv[1] + ".tmp", sys.argv[1])
while len(sys.argv) > 2 and not os.path.exists(sys.argv[2]):
    time.sleep(0.02)
sys.exit(7)
"""
#: Notes every process that imports mlflow.
COUNTS = """
import os, sys
def note(event, arguments, seen=[]):
    if event == "import" and arguments[0] == "mlflow" and not seen:
        seen.append(1)
        with open({file!r}, "a") as file:
            print(os.getpid(), " ".join(sys.orig_argv[1:5]), file=file)
sys.addaudithook(note)
"""


def with_modules(folder: Path, **modules: str) -> str:
    """The ``PYTHONPATH`` with a folder of these modules in front of what it was."""
    folder.mkdir(exist_ok=True)
    for name, text in modules.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    return os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH")]))


def probe(file: Path, environment: Mapping[str, str] | None = None, *more: str) -> dict[str, Any]:
    """What a program says of itself that is run with :func:`~jupyter_bioml.processes.programs.run`."""
    assert programs.run("probe", [str(file), *more], environment or dict(os.environ)) == 7
    return told(file)


def told(file: Path) -> dict[str, Any]:
    """What the probe has written."""
    found: dict[str, Any] = json.loads(wait_until(file.exists) and file.read_text(encoding="utf-8"))
    return found


def gone(pid: int) -> bool:
    """Whether a process has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def kill(pid: int) -> None:
    """End a process at once, and wait for it."""
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: gone(pid))


def residents(runtime: Path, module: str = "jupyter_bioml.processes.resident") -> list[int]:
    """The resident processes that are met in a folder, also those that still import.

    :param module: what they were started as.
    """
    found = []
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            words = command.read_bytes().decode().split("\0")
            if words[0] == sys.executable and module in words:  # not the shell that starts it
                files = [os.readlink(link) for link in (command.parent / "fd").iterdir()]
                if any(file.startswith(f"{runtime}/") and file.endswith(".lock") for file in files):
                    found.append(int(command.parent.name))
    return found


def holder_of(publishing: Path) -> int | None:
    """The publisher at work in a project, which holds a lock in that folder."""
    inodes = {file.stat().st_ino for file in publishing.glob("*.lock")}
    for line in Path("/proc/locks").read_text(encoding="utf-8").splitlines():
        words = line.split()
        if "->" not in words and words[1] == "FLOCK" and int(words[5].split(":")[2]) in inodes:
            return int(words[4])
    return None


def children(pid: int) -> list[int]:
    """The children of a process."""
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def imports(modules: Path) -> list[str]:
    """A line for each process that imported MLflow, by the probe's modules in a folder."""
    try:
        return (modules / "imports").read_text(encoding="utf-8").splitlines()
    except OSError:
        return []


#: Runs the probe by the package that ``PYTHONPATH`` leads to.
BY_COPY = "import os, sys; from jupyter_bioml.processes import programs; programs.run('probe', sys.argv[1:], dict(os.environ))"


def by_copy(file: Path, *more: str) -> subprocess.Popen[bytes]:
    """A process that runs the probe so."""
    return subprocess.Popen([sys.executable, "-P", "-c", BY_COPY, str(file), *more])
