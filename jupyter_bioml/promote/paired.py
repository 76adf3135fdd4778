"""Is a model not worse than another one on the same rows? A paired comparison with an interval.

Both models predicted the same rows, so each row gives a difference of losses (new minus old), and what makes some
rows harder than others cancels. The interval of the mean difference is the percentile bootstrap over rows (B. Efron
and R. J. Tibshirani, *An Introduction to the Bootstrap*, 1993, chapter 13); rows of one group (a patient, a batch) are
drawn together (cluster bootstrap: A. C. Davison and D. V. Hinkley, *Bootstrap Methods and their Application*, 1997,
section 3.8), because they are not independent. The decision is that of a non-inferiority trial: the new model
is *not worse* when the interval's upper end is at or below a margin that was set beforehand, *worse* when the lower
end is above it; in between the rows do not decide. The generator is our own, so that equal tables give equal answers
and no other random numbers are touched.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Loss = Literal["auto", "wrong", "absolute", "squared", "brier"]
#: Definition of each loss, per row.
LOSSES = {
    "wrong": "1 where the predicted label is not the true one, else 0",
    "absolute": "absolute difference between predicted and true value",
    "squared": "squared difference between predicted and true value",
    "brier": "sum over classes of the squared difference between probability and outcome",
}
_BATCH = 4_000_000


class NotComparable(Exception):
    """The two tables cannot be compared row by row; the message says why."""


@dataclass(frozen=True)
class PairedComparison:
    """The difference of mean losses, new minus old: below zero is better."""

    loss: str
    rows: int
    groups: int | None
    """Groups that were drawn; None: rows were."""
    new: float
    """Mean loss of the new model."""
    old: float
    difference: float
    low: float
    high: float
    """Ends of the interval of the difference."""
    confidence: float
    resamples: int


def compare(
    new: Any,
    old: Any,
    *,
    loss: Loss = "auto",
    group: str | None = None,
    confidence: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
) -> PairedComparison:
    """Compare two prediction tables (``key``, ``y_true``, ``y_pred`` or ``y_pred_0`` …; see ``log_predictions``).

    :param new: pandas frame of the model that is to be judged; ``old``: of the one it is compared with.
    :param group: column whose equal values are drawn together.
    :param confidence: of the two-sided interval, between 0 and 1.
    :raises NotComparable: other keys, other true values, missing columns, or no loss that fits both.
    """
    import numpy

    new, old = _aligned(new, old)
    name, ours, theirs = _losses(new, old, loss)
    if not (numpy.isfinite(ours).all() and numpy.isfinite(theirs).all()):
        raise NotComparable("some predictions are missing or not finite")
    sums, counts = _grouped(ours - theirs, new, group)
    means = _resampled(sums, counts, resamples, seed)
    tail = (1 - confidence) / 2
    low, high = numpy.quantile(means, [tail, 1 - tail])
    return PairedComparison(
        name, len(ours), None if group is None else len(sums), float(ours.mean()), float(theirs.mean()),
        float((ours - theirs).mean()), float(low), float(high), confidence, resamples,
    )  # fmt: skip


def _aligned(new: Any, old: Any) -> tuple[Any, Any]:
    """Both tables in the order of their keys."""
    for which, table in (("new", new), ("holder's", old)):
        if missing := [name for name in ("key", "y_true") if name not in table.columns]:
            raise NotComparable(f"the {which} table has no column {missing[0]}")
        if table["key"].duplicated().any():
            raise NotComparable(f"the {which} table has a key twice")
    new, old = new.set_index("key"), old.set_index("key")
    only_new, only_old = len(new.index.difference(old.index)), len(old.index.difference(new.index))
    if only_new or only_old:
        raise NotComparable(
            f"the test rows are not the same: {only_new:,} keys only in the new one, {only_old:,} only in the holder's"
        )
    if not len(new):
        raise NotComparable("the tables have no rows")
    old = old.loc[new.index]
    differing = int((~_equal(new["y_true"], old["y_true"])).sum())
    if differing:
        raise NotComparable(f"{differing:,} rows have another true value in the holder's table")
    return new, old


def _equal(left: Any, right: Any) -> Any:
    import numpy

    return numpy.asarray([a == b for a, b in zip(left.tolist(), right.tolist(), strict=True)], dtype=bool)


def _losses(new: Any, old: Any, loss: Loss) -> tuple[str, Any, Any]:
    """(loss, per row of the new one, per row of the old one)."""
    if _outputs(new) != _outputs(old):
        raise NotComparable(f"the predictions have other columns: {_outputs(new)} and {_outputs(old)}")
    name = loss if loss != "auto" else _fitting(new, old)
    return name, _loss(name, new), _loss(name, old)


def _outputs(table: Any) -> list[str]:
    found = [str(name) for name in table.columns if str(name).startswith("y_pred")]
    if not found:
        raise NotComparable("there is no column y_pred")
    return found


def _fitting(new: Any, old: Any) -> str:
    """The loss that suits both tables' values: labels → wrong, probabilities → brier, else absolute."""
    if len(_outputs(new)) > 1:
        return "brier"
    truth, tables = new["y_true"], (new, old)
    labels = set(truth.tolist())
    if truth.dtype.kind not in "biuf" or truth.dtype.kind == "b":
        return "wrong"
    if truth.dtype.kind in "iu" and all(set(table["y_pred"].tolist()) <= labels for table in tables):
        return "wrong"
    if labels <= {0, 1} and all(table["y_pred"].between(0, 1).all() for table in tables):
        return "brier"
    return "absolute"


def _loss(name: str, table: Any) -> Any:
    import numpy

    outputs = _outputs(table)
    if name == "wrong":
        _only_one(outputs, name)
        return (~_equal(table["y_true"], table["y_pred"])).astype(float)
    try:
        predicted = table[outputs].to_numpy(dtype=float)
        truth = table["y_true"].to_numpy(dtype=float)
    except (TypeError, ValueError):
        raise NotComparable(f"the loss {name} needs numbers, and the table has other values") from None
    if name == "brier":
        return _brier(predicted, truth)
    _only_one(outputs, name)
    distance = numpy.abs(predicted[:, 0] - truth)
    return distance if name == "absolute" else distance**2


def _only_one(outputs: list[str], name: str) -> None:
    if len(outputs) != 1:
        raise NotComparable(f"the loss {name} is of one column, and there are {len(outputs)}")


def _brier(predicted: Any, truth: Any) -> Any:
    """G. W. Brier, *Monthly Weather Review* 78 (1950) 1–3. One column: the probability of class 1 of {0, 1}; for two
    classes its original form counts both, twice this."""
    import numpy

    classes = predicted.shape[1]
    if not ((predicted >= 0) & (predicted <= 1)).all():
        raise NotComparable("the loss brier needs probabilities between 0 and 1")
    if classes == 1:
        if not set(truth.tolist()) <= {0.0, 1.0}:
            raise NotComparable("one column of probabilities needs true values 0 and 1")
        return (predicted[:, 0] - truth) ** 2
    if not set(truth.tolist()) <= set(map(float, range(classes))):
        raise NotComparable(f"{classes} columns of probabilities need true values 0 to {classes - 1}")
    outcome = numpy.eye(classes)[truth.astype(int)]
    return ((predicted - outcome) ** 2).sum(axis=1)


def _grouped(difference: Any, table: Any, group: str | None) -> tuple[Any, Any]:
    """(sum of differences, number of rows) of each unit that is drawn."""
    import numpy

    if group is None:
        return difference, numpy.ones(len(difference))
    if group not in table.columns:
        raise NotComparable(f"the new table has no column {group} to group by")
    if table[group].isna().any():
        raise NotComparable(f"the column {group} has missing values")
    names = {value: number for number, value in enumerate(dict.fromkeys(table[group].tolist()))}
    codes = numpy.asarray([names[value] for value in table[group].tolist()])
    return numpy.bincount(codes, difference), numpy.bincount(codes).astype(float)


def _resampled(sums: Any, counts: Any, resamples: int, seed: int) -> Any:
    """Mean differences of the resamples, drawn in batches so that memory stays bounded."""
    import numpy

    generator = numpy.random.Generator(numpy.random.PCG64(seed))
    size = len(sums)
    step = max(1, _BATCH // size)
    found = []
    for start in range(0, resamples, step):
        drawn = generator.integers(0, size, (min(step, resamples - start), size))
        found.append(sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1))
    return numpy.concatenate(found)
