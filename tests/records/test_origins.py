"""Where a score comes from, in the words of every screen, and which scores a reader meets first."""

from __future__ import annotations

import pytest

from jupyter_bioml.records.facts import Score
from jupyter_bioml.records.origins import by_importance, decimals_of, origin_text


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"origin": "logged"}, "logged"),
        ({"origin": "named"}, "named by --metrics"),
        (
            {"origin": "returned", "source": "sklearn.metrics.roc_auc_score"},
            "returned by sklearn.metrics.roc_auc_score",
        ),
        ({"origin": "returned"}, "returned by a scoring call"),
        ({"origin": "stated", "source": "best_score_", "model": "gs"}, "stated by gs (best_score_)"),
        ({"origin": "stated"}, "stated by the model"),
        ({"origin": "loss", "source": "CrossEntropyLoss"}, "loss of training steps (CrossEntropyLoss)"),
        ({"origin": "computed", "model": "clf"}, "computed from predictions of clf"),
        ({"origin": "computed"}, "computed from predictions of a model"),
        ({"origin": "word"}, "has the name of a score"),
        ({"origin": "printed", "source": "Accuracy"}, "as printed: “Accuracy”"),
        ({"origin": "printed"}, "as printed"),
        ({"origin": ""}, ""),
        ({"origin": "of a later version"}, ""),
        ({"origin": "printed", "source": "{x}\n\u202eA" + "b" * 200}, "as printed: “{x}⏎\\u202eA" + "b" * 68 + "…”"),
    ],
)
def test_an_origin_in_words(fields: dict[str, str], text: str) -> None:
    assert origin_text(Score("auc", 0.9, **fields)) == text  # type: ignore[arg-type]


def test_nothing_is_said_of_what_is_not_known_and_a_narrow_column_gets_the_function_alone() -> None:
    assert origin_text(None) == ""
    assert origin_text(Score("auc", 0.9, origin="returned", source="sksurv.metrics.brier"), short=True) == (
        "returned by brier"
    )
    assert origin_text(Score("auc", 0.9, origin="printed", source="v1.2"), short=True) == "as printed: “v1.2”"


def test_only_decimals_that_limit_what_is_shown_count() -> None:
    found = [decimals_of(Score("auc", 0.9, digits=digits)) for digits in (None, 0, 2, 6, 16, -3)]
    assert found == [None, 0, 2, 6, None, None] and decimals_of(None) is None


def test_the_users_choice_comes_first_wholes_before_parts_losses_and_folds_last() -> None:
    told = [
        Score("loss", 0.1, origin="loss", count=50),
        Score("cv", 0.9, origin="returned", count=5),
        Score("cv.mean", 0.92, origin="returned"),
        Score("report.0.recall", 0.8, origin="printed", digits=2),
        Score("auc", 0.9, origin="returned"),
        Score("val.f1", 0.7, origin="logged"),
    ]
    scores = {score.key: score for score in told}
    ordered = by_importance(["timing.fit", *scores, "b"], scores)
    assert ordered == ["val.f1", "auc", "cv.mean", "report.0.recall", "loss", "cv", "timing.fit", "b"]
    assert by_importance(["b", "a"], {}) == ["b", "a"], "records of earlier versions keep their order"
