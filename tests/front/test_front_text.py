"""Figures, cards and tables as people read them."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_bioml.records.card import card_lines
from jupyter_bioml.records.card_html import card_bundle
from jupyter_bioml.records.run import Code, DataUse, Failure, Metric, Reading, Resources, RunRecord, Score
from jupyter_bioml.text.present import (
    columns,
    format_ago,
    format_bytes,
    format_change,
    format_duration,
    format_number,
    format_printed,
    printable,
    short_id,
    shorten,
)
from jupyter_bioml.text.table import Column, table


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.99314, "0.9931"),
        (0.5, "0.5"),
        (20000, "20,000"),
        (20000.4, "20,000"),
        (-0.011, "−0.011"),
        (0.00012345, "0.0001234"),
        (1.2e-7, "1.2e-7"),
        (-3.14159e22, "−3.142e22"),
        (999.96, "1,000"),
        (0.0, "0"),
        (True, "True"),
        (None, "–"),
        (math.nan, "NaN"),
        (-math.inf, "−∞"),
        (10**400, "a whole number of 1329 bits"),
    ],
)
def test_numbers(value: object, text: str) -> None:
    assert format_number(value) == text


@settings(deadline=None)
@given(st.floats(-1e300, 1e300))
def test_four_digits_are_never_further_off_than_half_a_thousandth(value: float) -> None:
    text = format_number(value).replace("−", "-").replace(",", "")
    assert math.isclose(float(text), value, rel_tol=5.01e-4, abs_tol=1e-320)


def test_lengths_sizes_and_times() -> None:
    lengths = (0.00512, 0.5, 3.21, 59.97, 72, 4000, 300_000)
    assert [format_duration(length) for length in lengths] == [
        "5.1 ms", "500 ms", "3.2 s", "1 min 00 s", "1 min 12 s", "1 h 06 min", "3 d 11 h",
    ]  # fmt: skip
    sizes = (0, 999, 1000, 1234, 412_000_000, 3_200_000_000)
    assert [format_bytes(size) for size in sizes] == ["0 B", "999 B", "1 kB", "1.2 kB", "412 MB", "3.2 GB"]
    ages = (3, 120, 3590, 7000, 86_000, 100_000, 500_000)
    assert [format_ago(1e9 - age, 1e9) for age in ages] == [
        "just now", "2 min ago", "1 h ago", "2 h ago", "yesterday", "yesterday", "5 d ago",
    ]  # fmt: skip
    assert format_ago(1e9 - 1e8, 1e9).startswith("1998-"), "long ago: the date"
    assert format_ago(1e9 + 7200, 1e9).startswith("2001-"), "another machine's clock: the date"


def test_changes_have_sign_and_arrow() -> None:
    assert format_change(0.9931, 0.9889) == "▲ +0.0042"
    assert format_change(0.0876, 0.0986) == "▼ −0.011"
    assert format_change(1.0, 1.0) == "="
    assert format_change(math.nan, 0.5) == "before 0.5"


def test_what_was_printed_keeps_the_decimals_that_it_had() -> None:
    assert [format_printed(*one) for one in ((0.9, 2), (93.0, 0), (-1234.5, 1), (0.93456, None), (math.nan, 2))] == [
        "0.90", "93", "−1,234.5", "0.9346", "NaN",
    ]  # fmt: skip
    assert [format_change(0.93, 0.9342, 2), format_change(0.93, 0.9042, 2)] == ["=", "▲ +0.03"]


def test_text_from_outside_cannot_move_the_cursor() -> None:
    assert printable("a\x1b[31m\r\n\u202e\u200b\udc80b") == "a\\x1b[31m\\r⏎\\u202e\\u200b\\udc80b"
    assert (columns("日本"), columns("e\u0301"), shorten("日本語テキスト", 6)) == (4, 1, "日本…")
    assert (short_id("a" * 32), short_id("sha256:" + "b" * 64, 4), short_id(None)) == (
        "a" * 8 + "…",
        "sha256:bbbb…",
        "–",
    )


@settings(deadline=None)
@given(st.lists(st.tuples(st.text(max_size=30), st.text(max_size=30)), min_size=1, max_size=5), st.integers(12, 80))
def test_tables_keep_their_columns_and_their_width(rows: list[tuple[str, str]], width: int) -> None:
    lines = table([Column("name", least=4), Column("value", right=True, least=4)], rows, width)
    assert len(lines) == len(rows) + 1
    assert all(columns(line) <= width for line in lines)


def test_empty_columns_are_left_out() -> None:
    assert table([Column("a"), Column("b"), Column("n", True)], [["x", "", "1"], ["yy", "", "22"]], 80) == [
        "a    n", "x    1", "yy  22",
    ]  # fmt: skip


RECORD = RunRecord(
    record_id="7f3a" * 8,
    session="s",
    seq=3,
    mark="magic",
    status="FINISHED",
    started=1e9,
    duration=3.2,
    code=Code("…", "c1", "fit.ipynb"),
    name="gbm-depth3",
    params={"depth": 3, "rate": 0.1, "n_bins": 7},
    metrics=(Metric("auc", 0.99310), Metric("log_loss", 0.0876), Metric("timing.fit", 2.0)),
    data=(DataUse("data/cohort.csv", "read", digest="a41c" * 8), DataUse("out.csv", "written", digest="b" * 32)),
    resources=Resources(3.0, 412_000_000, "ru_maxrss", (Reading(1e9, 92.0), Reading(1e9 + 1, 100.0))),
)


def test_the_card_is_four_lines() -> None:
    lines = card_lines(RECORD, previous={"auc": 0.9889, "log_loss": 0.0986})
    assert lines == [
        "● gbm-depth3   finished · 3.2 s · run 7f3a7f3a…",
        "  auc 0.9931  ▲ +0.0042 vs previous      log_loss 0.0876  ▼ −0.011",
        "  depth 3  rate 0.1  n_bins 7      data cohort.csv a41c…      first cell",
        "  CPU 96 % · 412 MB peak      verdict: not checked",
    ]


def test_the_card_of_what_is_not_known_yet_and_of_what_failed() -> None:
    bare = replace(RECORD, metrics=(), params={}, resources=Resources(), duration=None, status="RUNNING")
    bare = replace(bare, data=(DataUse("a.csv", "read"),))
    assert card_lines(bare) == [
        "◐ gbm-depth3   running · run 7f3a7f3a…",
        "  no metrics",
        "  no parameters      data a.csv digest: hashing…      first cell",
        "  no resource figures      verdict: not checked",
    ]
    failed = replace(RECORD, status="FAILED", failure=Failure("ValueError", "no\nrows", "…"))
    assert card_lines(failed)[0].endswith("   ValueError: no⏎rows") and card_lines(failed)[0].startswith("✗ ")
    named = replace(RECORD, compared=("log_loss",))
    assert "auc" not in card_lines(named)[1]


def scored(*scores: Score) -> RunRecord:
    metrics = tuple(Metric(score.key, score.value) for score in scores)
    return replace(RECORD, metrics=metrics, scores=scores)


def test_the_card_marks_a_score_as_printed() -> None:
    auc, accuracy = Score("auc", 0.9931, origin="returned"), Score("accuracy", 0.9, origin="printed", digits=2)
    line = "auc 0.9931      accuracy 0.90 as printed  ▲ +0.01"
    assert card_lines(scored(auc, accuracy), previous={"accuracy": 0.89})[1] == f"  {line}"
    f1 = Score("f1", 0.87, origin="printed", digits=2)
    assert card_lines(scored(accuracy, f1))[1] == "  accuracy 0.90      f1 0.87      (as printed)"
    exact = Score("auc", 0.9931234567890123, origin="printed", digits=16)
    assert card_lines(scored(exact))[1] == "  auc 0.9931", "its digits limit nothing that is shown"
    assert "accuracy 0.90 as printed" in str(card_bundle(scored(auc, accuracy))["text/html"])


def test_the_card_begins_with_what_is_read_first() -> None:
    told = scored(
        Score("loss", 0.1, origin="loss", count=50),
        Score("report.0.recall", 0.8, origin="printed", digits=2),
        Score("auc", 0.9, origin="returned"),
        Score("best", 0.7, origin="logged"),
    )
    assert card_lines(told)[1] == "  best 0.7      auc 0.9      report.0.recall 0.80 as printed      loss 0.1"


def test_the_card_counts_values_only_where_there_is_nothing_else() -> None:
    assert card_lines(replace(RECORD, metrics=(), values={"n": 3, "scale": 1.5}))[1] == "  no metrics, 2 values"
    assert card_lines(replace(RECORD, metrics=(), values={"n": 3}))[1] == "  no metrics, 1 value"
    assert "value" not in card_lines(replace(RECORD, values={"n": 3}))[1]


def test_a_long_name_leaves_room_for_the_others() -> None:
    line = card_lines(scored(Score("a" * 200, 0.5, origin="word"), Score("b", 0.6, origin="word")))[1]
    assert line == f"  {'a' * 59}… 0.5      b 0.6"


def test_the_card_has_gpu_figures_only_where_there_are_some() -> None:
    def reading(at: float, energy: int, **more: int) -> Reading:
        return Reading(at, gpus=({"index": 0, "utilization_percent": 31, "energy_millijoules": energy, **more},))

    own = Resources(readings=(reading(1.0, 1_000_000, own_memory=5), reading(2.0, 2_440_000, own_memory=2_100_000_000)))
    assert card_lines(replace(RECORD, resources=own))[3].startswith("  GPU0 31 %, 2.1 GB, 0.4 Wh      verdict")
    device = Resources(readings=(reading(1.0, 5, memory_used=3_000_000_000),))
    assert card_lines(replace(RECORD, resources=device))[3].startswith("  GPU0 31 %, 3 GB (whole device)      verdict")
