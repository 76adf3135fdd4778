"""Models compared by what they learned: real fits, pickled as the kernel does, read in a process of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cloudpickle
import numpy
import pandas
import pytest

from jupyter_bioml.journal.blobs import Blobs
from jupyter_bioml.records.compare import TOLERANCE
from jupyter_bioml.records.run import FINISHED, Code, Model, RunRecord
from jupyter_bioml.reproduce.compare.agreement import BIT_EQUAL, DIFFERENT, NUMERICALLY_EQUAL, UNKNOWN, Compared
from jupyter_bioml.reproduce.compare.levels import Circumstances, compare_outputs, decision
from jupyter_bioml.reproduce.models import reader
from jupyter_bioml.reproduce.models.reader import ModelReader
from jupyter_bioml.reproduce.models.state import learned

BASE = RunRecord("a" * 32, "s", 1, "magic", FINISHED, 1.0, Code("model.fit(X, y)"))
DRAW = numpy.random.default_rng(3)
X = DRAW.normal(size=(80, 4))
Y = (X[:, 0] + 0.3 * DRAW.normal(size=80) > 0).astype(int)
FRAME = pandas.DataFrame(X, columns=list("abcd")).assign(T=numpy.abs(X[:, 0]) + 1, E=1)


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(tmp_path / "blobs")


def made(blobs: Blobs, model: Any, sample: Any = None, extra: bytes = b"") -> RunRecord:
    """A record with the model; ``extra`` makes other bytes of the same model."""
    data = cloudpickle.dumps((extra, model)) if extra else cloudpickle.dumps(model)
    rows = None if sample is None else blobs.put(cloudpickle.dumps(sample))
    name = f"{type(model).__module__}.{type(model).__qualname__}"
    return replace(BASE, model=Model("model", name, blobs.put(data), len(data), sample_blob=rows))


def compared(left: RunRecord, right: RunRecord, blobs: Blobs, **known: Any) -> dict[str, Compared]:
    assert left.model is not None
    under = Circumstances(models=ModelReader(blobs, None, left.model.sample_blob, []), **known)
    right = replace(right, record_id="b" * 32, reproduces=left.record_id)
    return {item.kind: item for item in compare_outputs(left, right, blobs, rtol=TOLERANCE, under=under)}


def logistic(**more: Any) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(**more).fit(X, Y)


def pipeline(seed: int = 0) -> Any:
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), RandomForestClassifier(5, random_state=seed)).fit(X, Y)


def search(seed: int = 0) -> Any:
    from sklearn.model_selection import GridSearchCV
    from sklearn.tree import DecisionTreeClassifier

    return GridSearchCV(DecisionTreeClassifier(random_state=seed, splitter="random"), {"max_depth": [1, 2]}).fit(X, Y)


def histogram(seed: int = 0) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(max_iter=3, random_state=seed, max_features=0.5).fit(X, Y)


def neighbours(seed: int = 0) -> Any:
    from sklearn.neighbors import KNeighborsClassifier

    return KNeighborsClassifier().fit(X + seed, Y)


def boosted(seed: int = 0) -> Any:
    from xgboost import XGBClassifier

    return XGBClassifier(n_estimators=3, subsample=0.5, random_state=seed).fit(X, Y)


def light(seed: int = 0) -> Any:
    from lightgbm import LGBMClassifier

    options: dict[str, Any] = {"bagging_fraction": 0.5, "bagging_freq": 1, "verbose": -1}
    return LGBMClassifier(n_estimators=3, min_child_samples=5, random_state=seed, **options).fit(X, Y)


def least_squares(seed: int = 0) -> Any:
    import statsmodels.api as sm

    return sm.OLS(Y + seed * X[:, 1], sm.add_constant(X)).fit()


def survival(seed: int = 0) -> Any:
    from lifelines import CoxPHFitter

    return CoxPHFitter().fit(FRAME.assign(a=FRAME["a"] + seed * FRAME["b"]), "T", "E")


class Own:
    """A model of the user's own, without ``get_params``."""

    def __init__(self, seed: int) -> None:
        self.name = "own"
        self.weights = {"first": [0.5 + seed, 1.5], "second": numpy.ones(3)}
        self.fit_time = 0.1 * seed

    def predict(self, rows: Any) -> Any:
        return numpy.asarray(rows) @ numpy.full(4, self.weights["first"][0])


KINDS: dict[str, Callable[[int], Any]] = {
    "pipeline": pipeline, "search": search, "histogram": histogram, "neighbours": neighbours, "lifelines": survival,
    "statsmodels": least_squares, "own": Own,
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_arrays_that_tell_another_fit(kind: str) -> None:
    one, again, other = (learned(KINDS[kind](seed)) for seed in (0, 0, 1))
    assert list(one) == list(again) == list(dict.fromkeys(one)) and one
    assert all(numpy.array_equal(one[name], again[name], equal_nan=True) for name in one), "the same fit is the same"
    assert list(one) != list(other) or any(
        one[name].shape != other[name].shape or not numpy.allclose(one[name], other[name], equal_nan=True)
        for name in one
    )
    assert not [name for name in one if "_time" in name], "how long a fit took says nothing"


@pytest.mark.needs_torch
@pytest.mark.parametrize("kind", [boosted, light])
def test_boosters_are_told_by_their_trees(kind: Callable[[int], Any]) -> None:
    one, again, other = (learned(kind(seed)) for seed in (0, 0, 1))
    assert len(one) > 3 and all(numpy.array_equal(one[name], again[name], equal_nan=True) for name in one)
    assert any(name not in other or not numpy.array_equal(one[name], other[name]) for name in one)


@pytest.mark.needs_torch
def test_a_module_is_its_state(blobs: Blobs) -> None:
    import torch

    def net(seed: int) -> Any:
        torch.manual_seed(seed)
        return torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.BatchNorm1d(3), torch.nn.Linear(3, 1))

    assert list(learned(net(0)))[:2] == ["0.weight", "0.bias"]
    rows = torch.ones(3, 4)
    left, same, other = made(blobs, net(0), rows), made(blobs, net(0), rows), made(blobs, net(1), rows)
    assert compared(left, same, blobs)["model"].level == BIT_EQUAL
    found = compared(left, other, blobs)
    assert found["model"].level == found["example"].level == DIFFERENT and "0.weight" in found["model"].note


def test_equal_bytes_are_the_same_model_and_nothing_is_opened(blobs: Blobs, monkeypatch: pytest.MonkeyPatch) -> None:
    left = made(blobs, logistic(), X[:5])
    monkeypatch.setattr(reader, "READING", "nothing.to.be.started")
    found = compared(left, left, blobs)
    assert found["model"].level == found["example"].level == BIT_EQUAL and found["model"].note == "byte for byte"
    assert decision(found.values()).level == BIT_EQUAL, "a fitted model proves something"


def test_other_bytes_of_the_same_fit_are_equal_and_another_fit_differs(blobs: Blobs) -> None:
    left, relabelled = logistic(), logistic()
    relabelled.note_of_mine = "other bytes"
    same = compared(made(blobs, left, X[:5]), made(blobs, relabelled, X[:5]), blobs)
    assert same["model"].level == same["example"].level == BIT_EQUAL
    assert same["model"].proves >= 2 and "the bytes of the model differ elsewhere" in same["model"].note
    near = logistic()
    near.coef_ = near.coef_ * (1 + 1e-12)
    assert compared(made(blobs, left), made(blobs, near), blobs)["model"].level == NUMERICALLY_EQUAL
    other = compared(made(blobs, left, X[:5]), made(blobs, logistic(C=0.01), X[:5]), blobs)
    assert other["model"].level == other["example"].level == DIFFERENT and "coef_ by " in other["model"].note
    assert decision(other.values()).level == DIFFERENT


def test_with_other_software_only_predictions_decide(blobs: Blobs) -> None:
    left, right = made(blobs, logistic(), X[:5]), made(blobs, logistic(C=0.01), X[:5])
    found = compared(left, right, blobs, same_software=False)
    assert (found["model"].level, found["example"].level) == (UNKNOWN, DIFFERENT)


class Hostile:
    """Ends the process that unpickles it."""

    def __reduce__(self) -> Any:
        return eval, ("__import__('os')._exit(7)",)


class Raising:
    """Raises when it is unpickled."""

    def __reduce__(self) -> Any:
        return eval, ("1 / 0",)


class Slow:
    """Never comes back."""

    def __reduce__(self) -> Any:
        return eval, ("__import__('time').sleep(600)",)


@pytest.mark.parametrize(
    ("model", "why"), [(Hostile(), "without an answer"), (Raising(), "ZeroDivisionError"), (Slow(), "longer than 1 s")]
)
def test_what_cannot_be_read_is_not_compared(
    blobs: Blobs, model: Any, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "TIME_LIMIT", 1 if isinstance(model, Slow) else 60)
    left, right = made(blobs, model), made(blobs, [model])
    assert left.model is not None
    right = replace(right, model=replace(left.model, blob=right.model.blob if right.model else None))
    found = compared(left, right, blobs)["model"]
    assert found.level == UNKNOWN and why in found.note
    assert decision([found]).level == UNKNOWN


def test_a_model_of_one_side_and_an_example_that_cannot_be_predicted(blobs: Blobs) -> None:
    left = made(blobs, logistic(), X[:5])
    assert compared(left, BASE, blobs)["model"].level == UNKNOWN
    wrong = made(blobs, logistic(), X[:5, :2])
    relabelled = logistic()
    relabelled.note_of_mine = "other bytes"
    found = compared(wrong, made(blobs, relabelled, X[:5, :2]), blobs)
    assert found["model"].level == BIT_EQUAL and found["example"].level == UNKNOWN
    assert "could not be predicted" in found["example"].note
