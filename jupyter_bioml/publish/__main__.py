"""``python -m jupyter_bioml.publish ROOT HOME KEY [--wait [--timeout SECONDS] [--session ID] [--adopt]]``

Sends what waits for the destination of that key. Without ``--wait`` it ends quietly when another publisher is at
work or the destination is not to be tried yet; with it, it waits for both, prints what is left on standard error,
and ends with 0 only when every record is sent. What goes wrong on the way is in ``HOME/publish/KEY.log``.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path

from ..config import Project
from ..errors import BiomlError
from ..redact import redact
from .publisher import Wait, run_publisher
from .scan import waiting_for

LOG_BYTES = 200_000
#: Nobody waits for a publisher that the sampler started: the notebook's own work goes first.
NICENESS = 10


def main(arguments: list[str] | None = None) -> int:
    """Parse the command line and publish."""
    parser = argparse.ArgumentParser(prog="python -m jupyter_bioml.publish", description=__doc__)
    parser.add_argument("root", type=Path)
    parser.add_argument("home", type=Path)
    parser.add_argument("key")
    parser.add_argument("--wait", action="store_true", help="wait for another publisher, and answer")
    parser.add_argument("--timeout", type=float, default=None, help="seconds to wait at most")
    parser.add_argument("--session", default=None, help="wait for this session's records only")
    parser.add_argument("--adopt", action="store_true", help="first take over what was recorded for other destinations")
    given = parser.parse_args(arguments)
    project = Project(given.root, given.home)
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("DVC_NO_ANALYTICS", "1")
    _log_to(project.publishing / f"{given.key}.log")
    try:
        wait = Wait(given.timeout, given.session, given.adopt) if given.wait else None
        code = run_publisher(project, given.key, wait=wait)
    except BiomlError as error:
        logging.getLogger("jupyter_bioml.publish").error("%s", error)
        sys.stderr.write(f"{redact(str(error))}\n")
        return 1
    if given.wait and code:
        for item in waiting_for(project, given.key, given.session):
            sys.stderr.write(redact(f"{item.record_id[:8]} {item.name}: {item.reason}\n"))
    return code


def _log_to(path: Path) -> None:
    """Warnings and errors, ours and MLflow's, into a small file that the user can read."""
    logging.captureWarnings(True)
    root = logging.getLogger()
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handler: logging.Handler = RotatingFileHandler(path, maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8")
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(_Masking("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root.addHandler(handler)
    root.setLevel(logging.WARNING)


class _Masking(logging.Formatter):
    """What is logged, tracebacks included, without secrets."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        return redact(super().format(record))


if __name__ == "__main__":
    if "--wait" not in sys.argv:
        os.nice(NICENESS)
    sys.exit(main())
