"""``python -P -m jupyter_bioml.reproduce.models.reading JOB``: unpickle models, write what they learned as arrays.

Unpickling runs the user's code, which may crash, hang or print, so it has a process of its own, that reaches no store
and gets no credentials. JOB is a JSON file (:class:`ReadingJob`). For each model there will be an ``.npz`` with its
arrays (``learned:<name>``) and what it predicts for the example (``example:<method>``), or a file ``.why`` that says
why there is none; an example that could not be predicted is said in a file ``.no-example``.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...publish.model_formats import unpickle
from .state import TooMuch, learned, predicted

LEARNED, EXAMPLE = "learned:", "example:"
WHY, NO_EXAMPLE = ".why", ".no-example"
#: Seconds beyond its limit before it ends itself: its caller may be gone.
_GRACE = 5


@dataclass(frozen=True)
class ReadingJob:
    """The models to read."""

    models: list[str]
    """Paths of their pickles."""
    answers: list[str]
    """For each the path of its answer, without a suffix."""
    sample: str | None
    """Path of the pickled rows to predict."""
    paths: list[str]
    """Folders from which the user's own modules were imported."""
    seconds: int


def main(arguments: list[str]) -> int:
    """Do the job that the file named by the first argument describes."""
    job = ReadingJob(**json.loads(Path(arguments[0]).read_text(encoding="utf-8")))
    signal.alarm(job.seconds + _GRACE)
    warnings.simplefilter("ignore")
    sys.path += job.paths  # behind the installed packages: the user's files never stand in for those
    for model, answer in zip(job.models, job.answers, strict=True):
        try:
            _read(model, answer, job.sample)
        except TooMuch as reason:
            _say(answer, WHY, str(reason))
        except Exception as error:  # the model's own code may raise anything
            _say(answer, WHY, f"it could not be read back ({type(error).__name__}: {error})"[:500])
    return 0


def _read(path: str, answer: str, sample: str | None) -> None:
    import numpy

    model = unpickle(Path(path).read_bytes())
    arrays: dict[str, Any] = {f"{LEARNED}{name}": array for name, array in learned(model).items()}
    if sample is not None:
        try:
            method, values = predicted(model, unpickle(Path(sample).read_bytes()))
            arrays[f"{EXAMPLE}{method}"] = values
        except Exception as error:
            _say(answer, NO_EXAMPLE, f"its example could not be predicted ({type(error).__name__}: {error})"[:500])
    # names in a file of their own: a member of an archive has no name with a slash
    names = sorted(arrays)
    numpy.savez(f"{answer}.tmp.npz", **{f"a{n}": arrays[name] for n, name in enumerate(names)})
    Path(f"{answer}.names").write_text(json.dumps(names), encoding="utf-8")
    os.replace(f"{answer}.tmp.npz", f"{answer}.npz")


def _say(answer: str, suffix: str, why: str) -> None:
    Path(f"{answer}{suffix}").write_text(why, encoding="utf-8", errors="replace")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
