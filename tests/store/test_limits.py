"""How long MLflow is waited for: only while we ask, in every thread, and nothing that a started process inherits."""

from __future__ import annotations

import os
import threading

import pytest
from mlflow import environment_variables as settings

from jupyter_bioml.store.mlflow_errors import (
    ANSWER_SECONDS,
    RETRIES,
    TRANSFER_SECONDS,
    answering,
    transfers,
    use_settings,
)


@pytest.fixture(autouse=True)
def known() -> None:
    use_settings(settings)


def timeout() -> int:
    return int(settings.MLFLOW_HTTP_REQUEST_TIMEOUT.get())


def test_limits_hold_while_we_ask_and_are_no_environment_variables() -> None:
    before, variables = timeout(), dict(os.environ)
    assert before > ANSWER_SECONDS
    with answering("x", "y"):
        assert (timeout(), settings.MLFLOW_HTTP_REQUEST_MAX_RETRIES.get()) == (ANSWER_SECONDS, RETRIES)
        with transfers():
            assert timeout() == TRANSFER_SECONDS
        assert timeout() == ANSWER_SECONDS and dict(os.environ) == variables
    assert timeout() == before


def test_one_thread_that_is_done_leaves_the_other_its_limits() -> None:
    before, inside, go_on = timeout(), threading.Event(), threading.Event()
    seen: list[int] = []

    def ask() -> None:
        with answering("x", "y"):
            inside.set()
            go_on.wait(10)
            seen.append(timeout())

    other = threading.Thread(target=ask)
    with answering("x", "y"):
        other.start()
        assert inside.wait(10)
    go_on.set()
    other.join()
    assert (seen, timeout()) == ([ANSWER_SECONDS], before)


def test_what_the_user_has_set_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "77")
    with answering("x", "y"), transfers():
        assert timeout() == 77
