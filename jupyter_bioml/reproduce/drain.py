"""Waiting until what a notebook left in the journal is in MLflow.

The publisher runs in a process of its own: importing MLflow here would cost two seconds, and a destination
that never answers must not hang the notebook's runner for longer than its time.
"""

from __future__ import annotations

import subprocess
import sys

#: Seconds that the engine and ``run`` wait for the publisher.
WAIT = 60.0
#: Seconds over that before the publisher's answer is given up.
GRACE = 15.0
BY_HAND = "Send it with: jupyter bioml publish --wait"


def drain(project: str, home: str, destination_key: str, seconds: float = WAIT) -> str | None:
    """Publish what waits at a destination and wait for it.

    :returns: None when everything is there, else the line for the user.
    """
    where = [project, home, destination_key]
    command = [sys.executable, "-P", "-m", "jupyter_bioml.publish", *where, "--wait", "--timeout", f"{seconds:g}"]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds + GRACE, check=False
        )
    except subprocess.TimeoutExpired:
        return f"bioml: the publisher did not end within {seconds + GRACE:g} s; nothing is lost. {BY_HAND}"
    except OSError as error:
        return f"bioml: the publisher could not be started ({error}); nothing is lost. {BY_HAND}"
    if done.returncode == 0:
        return None
    said = (done.stderr.strip() or done.stdout.strip()).splitlines()
    return f"bioml: not everything is in MLflow yet; nothing is lost. {said[-1] if said else ''} {BY_HAND}"
