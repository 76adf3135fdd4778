"""Scores of a session's entries: metrics of the run, with where they come from."""

from __future__ import annotations

import math
from typing import Any

from jupyter_bioml.records.fold import SessionFold
from jupyter_bioml.records.run import Metric, RunRecord, Score
from jupyter_bioml.records.wire import load_record, to_dict

SESSION = {
    "t": "session", "at": 1.0, "schema": 1, "session": "s", "started": 1.0, "pid": 1, "process_started": None,
    "host": "h", "boot": None, "python": "3.11", "executable": "python", "user": "u", "project": "/p", "home": "/p/.bioml",
    "cwd": "/p", "notebook": None, "path_source": None, "destination": "d", "destination_key": "k",
}  # fmt: skip
STARTED = {"t": "started", "run": "r", "at": 2.0, "seq": 1, "mark": "magic", "code": {"source": ""}}


def folded(*entries: dict[str, Any]) -> RunRecord:
    fold = SessionFold()
    for entry in (SESSION, STARTED, *entries):
        fold.feed(entry)
    return fold.record("r")


def score(key: str, value: float, **fields: Any) -> dict[str, Any]:
    return {"t": "score", "run": "r", "at": 3.0, "key": key, "value": value, "origin": "returned", **fields}


def test_a_score_is_a_metric_that_says_where_it_comes_from() -> None:
    record = folded(score("auc", 0.9, source="sklearn.metrics.roc_auc_score", cell="later", model="clf"))
    assert record.metrics == (Metric("auc", 0.9, 0, 3.0),)
    told = Score("auc", 0.9, 0, 3.0, "returned", "sklearn.metrics.roc_auc_score", cell="later", model="clf")
    assert record.scores == (told,)
    assert load_record(to_dict(record)).scores == record.scores


def test_a_series_is_one_score_with_many_values() -> None:
    entry = score("loss", 0, values=[0.5, 0.4], steps=[0, 1])
    record = folded(entry, score("loss", 0.3, step=2))
    assert [(metric.step, metric.value) for metric in record.metrics] == [(0, 0.5), (1, 0.4), (2, 0.3)]
    (told,) = record.scores
    assert (told.value, told.step, told.count) == (0.3, 2, 3)


def test_what_is_not_a_number_is_kept_as_a_value() -> None:
    record = folded(score("auc", {"$float": "NaN"}))  # type: ignore[arg-type]
    assert record.metrics == () and record.scores == ()
    assert math.isnan(record.values["auc"])


def test_a_key_that_the_user_logged_stays_the_users() -> None:
    log = {"t": "log", "run": "r", "at": 2.5, "m": {"auc": 0.8, "f1": 0.7}}
    record = folded(log, score("auc", 0.9), score("f1", 0.7))
    assert record.latest() == {"auc": 0.8, "f1": 0.7, "bioml.auc": 0.9}
    assert {item.key: item.origin for item in record.scores} == {
        "auc": "logged", "f1": "logged", "bioml.auc": "returned",
    }  # fmt: skip
