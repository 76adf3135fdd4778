"""The numbers that names hold: scores by their words or by what they come from, everything else a value."""

from __future__ import annotations

import math

import numpy as np

from jupyter_bioml.capture.results.bound import scores_bound
from jupyter_bioml.records.facts import COMPUTED, WORD


def test_only_scores_are_metrics_and_other_numbers_are_values() -> None:
    namespace = {"auc": np.float64(0.93), "scale": 2.5, "rows": 569, "hits": 0.75, "kind": "full"}
    found, values = scores_bound(list(namespace), namespace, known=(), computed={"hits"}, held=())
    assert [(one.key, one.points, one.origin) for one in found] == [
        ("auc", [(0, 0.93)], WORD),
        ("hits", [(0, 0.75)], COMPUTED),
    ]
    assert values == {"scale": 2.5, "rows": 569}, "a text is neither"


def test_booleans_nan_and_infinities_are_values_whatever_their_name() -> None:
    namespace = {"accuracy": True, "auc": math.nan, "loss": math.inf}
    found, values = scores_bound(list(namespace), namespace, known=(), computed=(), held=())
    assert not found and values["accuracy"] is True
    assert math.isnan(values["auc"]) and values["loss"] == math.inf


def test_a_name_that_holds_what_a_scoring_call_returned_is_not_told_twice() -> None:
    assert scores_bound(["auc"], {"auc": 0.93}, known=(), computed=(), held={"auc"}) == ([], {})
