"""Classification reports, and the lines that boosting prints while it trains."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_bioml.scores.printed import figures
from jupyter_bioml.scores.reports import classification_reports, lines_of_reports

Y = [0, 1, 1, 0, 2, 2, 1, 0, 2, 1]
P = [0, 1, 0, 0, 2, 1, 1, 0, 2, 1]


def test_the_report_of_scikit_learn_is_read_as_its_dict() -> None:
    """Printed with the names of classes as people have them: with blanks, digits and accents."""
    metrics = pytest.importorskip("sklearn.metrics")
    for names in (["0", "1", "2"], ["benign", "stage 2", "métastase 10"], ["a b c", "x", "avg"]):
        text = "Report:\n" + metrics.classification_report(Y, P, target_names=names, digits=4) + "\nAccuracy: 0.8"
        printed = {score.parts: (score.value, score.digits) for score in classification_reports(text)}
        table = metrics.classification_report(Y, P, target_names=names, output_dict=True)
        exact = {("accuracy",): table.pop("accuracy")}
        exact |= {(row, key): cell for row, cells in table.items() for key, cell in cells.items() if key != "support"}
        assert printed.keys() == exact.keys() and ("accuracy",) in printed and (names[1], "f1-score") in printed
        assert all(
            abs(exact[key] - value) <= 0.5e-4 + 1e-12 and digits == 4 for key, (value, digits) in printed.items()
        )
        assert [figure.label for figure in figures(text)] == ["Accuracy"], "the report's numbers are read once"


def test_two_reports_and_older_forms() -> None:
    text = (
        "             precision    recall  f1-score   support\n\n          0       0.90      0.80      0.85        10\n\n"
        "avg / total       0.90      0.80      0.85        10\nSVM\n"
        "              precision    recall  f1-score   support\n\n           1       0.70      0.60      0.65        10\n   macro avg       0.70      0.60      0.65        10\n"
    )
    found = classification_reports(text)
    assert {(score.report, score.row) for score in found} == {(0, "0"), (0, "avg / total"), (1, "1"), (1, "macro avg")}
    assert {score.column for score in found} == {"precision", "recall", "f1-score"}


def test_the_report_of_imbalanced_learn() -> None:
    text = (
        "                   pre       rec       spe        f1       geo       iba       sup\n\n"
        "          0       0.90      0.80      0.70      0.85      0.75      0.55        10\n"
    )
    assert [score.column for score in classification_reports(text)] == [
        "precision", "recall", "specificity", "f1-score", "geometric mean", "iba",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        "[0]\ttrain-rmse:0.31\tvalid-rmse:0.42",
        "[10]\tvalidation_0-logloss:0.51234\tvalidation_1-logloss:0.6",
        "[3]\ttrain-rmse:0.3+0.01\ttest-rmse:0.4+0.02",
        "[5]\tvalid_0's l2: 0.1",
        "[20]\ttraining's binary_logloss: 0.4\tvalid_1's auc: 0.91",
        "[10]\tcv_agg's auc: 0.9 + 0.01",
        "0:\tlearn: 0.6854\ttest: 0.6868\tbest: 0.6868 (0)\ttotal: 53ms\tremaining: 53s",
        "[34]\tvalid_0's l2: 1.5e-05",
    ],
)
def test_lines_of_boosting_are_no_figures(line: str) -> None:
    assert lines_of_reports(f"Training\n{line}\nrmse: 0.5") == {1}
    assert [figure.label for figure in figures(f"{line}\nrmse: 0.5")] == ["rmse"]


@pytest.mark.parametrize(
    "line",
    ["[LightGBM] [Info] Number of positive: 212, number of negative: 357", "[1, 2000] loss: 2.1", "[2024] something", "10: 0.3"],
)  # fmt: skip
def test_other_lines_in_brackets_are_none_of_boosting(line: str) -> None:
    assert lines_of_reports(line) == frozenset()


@given(st.text(alphabet="0123456789 .\n\tprecisionallf1-support[]:'s+avgclo", max_size=400))
def test_nothing_raises(text: str) -> None:
    head = "   precision    recall  f1-score   support\n"
    assert all(score.row for score in classification_reports(head + text))
    assert 0 in lines_of_reports("[1]\ta-b:0.1\n" + text)


@pytest.mark.parametrize(
    "part",
    [
        "precision recall f1-score support\n",
        "[1]\ta-b:0.1 ",
        "[1] " + "a" * 900 + "\n",
        "   0.1" * 100 + "\n",
        "[1]\t" + "x " * 400 + "\n",
    ],
)
def test_long_output_is_bounded(part: str) -> None:
    text = part * (200_000 // len(part))
    assert len(classification_reports(text)) < 2_000 and len(lines_of_reports(text)) <= text.count("\n") + 1
