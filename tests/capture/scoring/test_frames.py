"""Whose code a frame runs, and what may be read of it."""

from __future__ import annotations

import os
import sys
from typing import Any

import numpy
import pytest

import jupyter_bioml.answers
from jupyter_bioml.capture.scoring.frames import HANDING_ON, LIBRARY, USER, kind_of, may_look


@pytest.mark.parametrize(
    ("filename", "kind"),
    [
        ("/tmp/ipykernel_12/345.py", USER),
        ("<ipython-input-1-2ccc5b6461cd>", USER),
        ("<timed exec>", USER),
        ("/home/someone/project/train.py", USER),
        ("/home/someone/project/.venv/lib/python3.11/site-packages/pandas/core/apply.py", LIBRARY),
        ("/usr/lib/python3/dist-packages/six.py", LIBRARY),
        ("<frozen importlib._bootstrap>", LIBRARY),
        ("<__array_function__ internals>", LIBRARY),
        ("<string>", LIBRARY),
        ("/x/site-packages/torch/nn/modules/module.py", HANDING_ON),
        ("/home/someone/torch/nn/modules/module.py", USER),
        (str(numpy.__file__), LIBRARY),
        (os.__file__, LIBRARY),
        (str(jupyter_bioml.answers.__file__), LIBRARY),
        (__file__, USER),
    ],
)
def test_whose_code_a_file_is(filename: str, kind: str) -> None:
    assert kind_of(filename) is kind


def plain(x: Any) -> Any:
    x.eval()
    return x.locals


def holds() -> Any:
    return locals()


def asks() -> Any:
    return sys._getframe(0).f_lineno


def evaluates(text: str) -> Any:
    return eval(text)


def test_code_that_may_hold_its_locals_is_not_looked_at() -> None:
    """From Python 3.13 on a look changes nothing."""
    looked = [may_look(function.__code__) for function in (plain, holds, asks, evaluates)]
    assert looked == [True, *[sys.version_info >= (3, 13)] * 3]
