"""The language of filters: what it finds, and where it says a filter is wrong."""

from __future__ import annotations

import dataclasses
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_bioml.errors import UsageError
from jupyter_bioml.runs.columns import KnownKeys
from jupyter_bioml.runs.language import DEEPEST, LONGEST, parsed
from jupyter_bioml.runs.row import RunRow
from jupyter_bioml.runs.summary import Summary

NOW = time.mktime((2026, 11, 21, 12, 0, 0, 0, 0, -1))
DAY = 86400.0


def a_run(name: str, **fields: Any) -> Summary:
    """A finished run of an hour ago; ``fields`` of its row."""
    empty: dict[str, Any] = {field.name: None for field in dataclasses.fields(RunRow)}
    known: dict[str, Any] = {
        "record_id": name, "name": name, "state": "FINISHED", "metrics": {}, "params": {}, "tags": {}, "children": 0,
        "started": NOW - 3600, "duration": 3.0, "starred": False, "archived": False, "has_model": False,
    }  # fmt: skip
    row = RunRow(**{**empty, **known, **fields})
    return Summary(row, frozenset(), None, None, hidden=False, above=None, user="ada")


RUNS = [
    a_run("good", metrics={"auc": 0.95, "val loss": 0.1}, params={"depth": 7, "kind": "Forest"}, starred=True),
    a_run("fair", metrics={"auc": 0.85, "val loss": 0.3}, params={"depth": 3, "kind": "tree", "auc": 1}),
    a_run("text", params={"depth": "7", "kind": None, "fast": True}, tags={"site": "North", "fold": "3"}),
    a_run("old", metrics={"auc": -0.5}, state="FAILED", started=NOW - 9 * DAY, duration=400.0, notebook="a/b.ipynb"),
    a_run("bare", started=None, duration=None, state="RUNNING", has_model=True, tags={"fold": "x"}),
]
KNOWN = KnownKeys(RUNS, whole=True)


def found(text: str) -> str:
    condition = parsed(text, KNOWN, NOW)
    return " ".join(one.row.name for one in RUNS if condition(one))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("metrics.auc > 0.9", "good"),
        ("metrics.auc>0.9", "good"),
        ("metrics.auc >= .85 and depth = 7", "good"),
        ("metrics.auc<=-.5", "old"),
        ("metrics.auc < 1e0", "good fair old"),
        ("params.auc = 1", "fair"),
        ('"val loss" < 0.2', "good"),
        ('metrics."val loss" > 0.2 or status = failed', "fair old"),
        ("depth = 7", "good text"),
        ('depth = "7"', "good text"),
        ("depth == 7.0", "good text"),
        ("depth != 7", "fair"),
        ("depth < 5", "fair"),
        ("not depth = 7", "fair old bare"),
        ("NOT depth", "old bare"),
        ("depth", "good fair text"),
        ("kind = forest", "good"),
        ("kind contains RE", "good fair"),
        ("kind not contains re", "text"),
        ("kind = none", "text"),
        ("fast = true", "text"),
        ("fast = 1", ""),
        ("fold = 3", "text"),
        ("fold >= 2", "text"),
        ("tags.site = north", "text"),
        ("site", "text"),
        ("starred", "good"),
        ("not starred and status != running", "fair text old"),
        ("starred = false and model", "bare"),
        ("archived = yes", ""),
        ("status = Finished", "good fair text"),
        ("state = running", "bare"),
        ("notebook contains b.ipy", "old"),
        ("name = good or name = fair and depth = 7", "good"),
        ("(name = good or name = fair) and depth = 3", "fair"),
        ("not (name = good or name = fair)", "text old bare"),
        ("started > 7d", "good fair text"),
        ("started < 7d", "old"),
        ("started = today", "good fair text"),
        ("started >= 2026-11-12 and started < 2026-11-13", "old"),
        ("started = 2026-11-12", "old"),
        ('started > "2026-11-21 10:00"', "good fair text"),
        ("started", "good fair text old"),
        ("duration > 5m", "old"),
        ("duration <= 3", "good fair text"),
        ("user = ADA and id = old", "old"),
        ("name = 'good'", "good"),
        (r'name = "a\"b"', ""),
    ],
)
def test_what_a_filter_finds(text: str, names: str) -> None:
    assert found(text) == names


@pytest.mark.parametrize(
    ("text", "place", "what", "then"),
    [
        ("auc > 0.9", 1, "is a metric and a parameter", "metrics.auc or params.auc"),
        ("depth = 7 and dpeth = 8", 15, "No run has a metric, parameter or tag 'dpeth'", "depth"),
        ("metrics.depth > 3", 1, "No run has a metric 'depth'", ""),
        ("depth =", 8, "a value is missing after =", "params.depth = 7"),
        ("depth = and 3", 9, "a value is missing", ""),
        ("depth = 7 kind = tree", 11, "'kind' follows a whole condition", '"and" or "or"'),
        ("(depth = 7", 1, "a parenthesis is not closed", ")"),
        ("depth = 7)", 10, "closed that was not opened", ""),
        ('name = "good', 8, "a quote is not closed", ""),
        ("and depth", 1, "'and' is not a name", "auc > 0.9"),
        ("depth = 7 and", 14, "a condition is missing", ""),
        ("metrics.auc > high", 15, "A metric is a number", "0.9"),
        ("status = broken", 10, "no status 'broken'", "failed"),
        ("status > failed", 10, "one or another", "="),
        ("starred > 3", 11, "true or false", "not starred"),
        ("started > soon", 11, "is not a time", "7d"),
        ("duration > long", 12, "is not a length of time", "5m"),
        ("depth ! 7", 7, "means nothing here", "!="),
        ("", 1, "a condition is missing", ""),
    ],
)
def test_a_wrong_filter_says_where_and_what_would_do(text: str, place: int, what: str, then: str) -> None:
    with pytest.raises(UsageError) as caught:
        found(text)
    assert caught.value.message.startswith(f"The filter is wrong at character {place}: ")
    assert what in caught.value.message and then in caught.value.next and caught.value.next


def test_what_is_not_read_yet_is_not_called_unknown() -> None:
    known = KnownKeys(RUNS, whole=False)
    condition = parsed("f1 > 0.5 or metrics.f2 > 0.5", known, NOW)
    assert not any(condition(one) for one in RUNS)


def test_a_filter_has_limits() -> None:
    with pytest.raises(UsageError, match="too many parentheses"):
        found("(" * (DEEPEST + 1) + "depth" + ")" * (DEEPEST + 1))
    with pytest.raises(UsageError, match="too many parentheses"):
        found("not " * (DEEPEST + 1) + "depth")
    with pytest.raises(UsageError, match="characters; at most"):
        found("x" * (LONGEST + 1))
    assert found("(" * 10 + "depth = 3" + ")" * 10) == "fair"


PIECES = ["auc", "metrics.auc", "depth", "kind", "starred", "status", "started", "duration", ">", "=", "!=", "contains", "7",
          "0.5", "7d", '"x', '"x"', "(", ")", "and", "or", "not", "failed", "'", "\\", "!", "٣", "\x00", "params."]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join) | st.text(max_size=40))
def test_any_text_is_a_filter_or_wrong_in_our_words(text: str) -> None:
    try:
        found(text)
    except UsageError as error:
        assert error.next or "characters" in error.message


def test_a_run_that_its_user_stopped_is_interrupted_and_not_killed() -> None:
    stopped = a_run("stopped", state="KILLED", interrupted=True)
    assert parsed("status = interrupted", KNOWN, NOW)(stopped)
    assert not parsed("status = killed", KNOWN, NOW)(stopped)
    assert parsed("status = killed", KNOWN, NOW)(a_run("lost", state="KILLED", interrupted=False))
