"""What a value has to do with a prediction, and how operations and functions change that."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

#: Kinds: the predictions (or curves and arrays made of them alone), their comparison with other data, counts of it,
#: and what was computed from them otherwise. Only the last kind can be a score.
PREDICTION, MATCH, COUNT, DERIVED = "prediction", "match", "count", "derived"
_ORDER = (PREDICTION, MATCH, COUNT, DERIVED)


@dataclass(frozen=True)
class Carried:
    """What a value carries of the predictions of models."""

    models: frozenset[str]
    """Their names or expressions, as the text has them"""
    kind: str = PREDICTION
    against: bool = False
    """Other data went in, as the truth does: the mean of predictions alone is not measured against anything"""
    accumulated: bool = False
    """A running sum: what it is divided by later may be a score"""
    keyed: bool = False
    """A frame or dict of which only some columns or entries carry something"""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Methods of a model that predict, and attributes of a fitted one that hold predictions.
PREDICTORS = _words(
    """predict predict_proba decision_function predict_log_proba predict_survival_function
    predict_cumulative_hazard_function predict_partial_hazard predict_log_partial_hazard predict_median
    predict_expectation predict_percentile fit_predict predict_generator predict_on_batch predict_classes
    predict_step predict_survival predict_hazard staged_predict score_samples get_prediction forecast get_forecast
    forward predict_surv_df predict_surv predict_risk """
)
PREDICTED = _words("fittedvalues resid resid_pearson labels_ oob_prediction_ oob_decision_function_ predicted_mean")
#: Functions that predict with the model they are given.
PREDICTING_FUNCTIONS = _words("cross_val_predict")
#: Steps that give back the model: ``clf.fit(X, y).predict(X)``.
CHAINED = _words("fit eval to cuda cpu train compile partial_fit set_params")
#: Questions about an array whose answers say nothing of its values.
NOT_VALUES = _words(
    """len type isinstance id range str repr format set shape size ndim dtype dtypes index columns name unique nunique
    value_counts bincount Counter keys numel hasattr print display info describe dim names groupby """
)
#: Functions and methods whose result is the same data in another form.
CARRIERS = _words(
    """astype ravel reshape flatten squeeze unsqueeze expand_dims to_numpy numpy cpu detach item tolist values array
    asarray Series DataFrame list tuple sorted round rint around where clip copy view view_as long float int double
    to_frame reset_index set_index rename head tail loc iloc T transpose concat concatenate vstack hstack stack cat
    column_stack inverse_transform softmax sigmoid log_softmax expit exp expm1 log1p from_numpy tensor as_tensor
    FloatTensor to_categorical label_binarize map apply replace fillna dropna cut select take gather clone bool
    float32 float64 argmax topk diagonal diag zip enumerate reversed next iter dict items abs argsort softplus relu
    nan_to_num atleast_1d to ravel_multi_index get_dummies merge join assign sort_values explode frompyfunc
    vectorize StepFunction asnumpy get"""
)
#: Sums: of comparisons they are counts.
SUMS = _words("sum nansum count_nonzero trace cumsum count")
#: Functions of several numbers that give one, unless an axis is named.
REDUCERS = _words("mean average nanmean median std var max min amax amin quantile percentile norm")
COMPARERS = _words("eq ne lt gt le ge equal not_equal isclose logical_and logical_or bitwise_and isin")
#: Tables of counts, and curves: none of their parts is a score.
TABLES = _words("confusion_matrix multilabel_confusion_matrix crosstab pivot_table contingency_matrix ")
CURVES = _words(
    "roc_curve precision_recall_curve det_curve calibration_curve histogram linspace kaplan_meier_estimator"
)
#: An index of an array that is not a prediction is not a score.
INDICES = _words("argmax argmin idxmax idxmin argsort nonzero searchsorted where nanargmax nanargmin")
APPENDERS = _words("append extend add update insert appendleft add_batch update_state")


def merged(values: Iterable[Carried | None]) -> Carried | None:
    """What a container of several values carries, or a name that has one or another value."""
    found = [value for value in values if value is not None]
    if not found:
        return None
    return Carried(
        frozenset().union(*(value.models for value in found)),
        max((value.kind for value in found), key=_ORDER.index),
        any(value.against for value in found),
        any(value.accumulated for value in found),
        all(value.keyed for value in found),
    )


def derived(value: Carried, against: bool = False) -> Carried:
    """What is computed from a value; ``against``: with other data."""
    measured = value.against or against or value.kind in (MATCH, COUNT)
    return replace(value, kind=DERIVED, against=measured, accumulated=False, keyed=False)


def combined(left: Carried | None, right: Carried | None, operator: str, other: bool) -> Carried | None:
    """The result of a binary operation.

    :param operator: the class of the operator in ``ast``.
    :param other: a side that carries nothing is not a constant: other data.
    """
    both = merged((left, right))
    if both is None or both.keyed:
        return None
    kinds = {side.kind for side in (left, right) if side is not None}
    if operator in ("BitAnd", "BitOr", "BitXor"):
        return replace(both, kind=MATCH, against=both.against or other)
    if kinds == {PREDICTION} and not other:
        return both
    if COUNT in kinds and kinds <= {COUNT, MATCH} and operator in ("Add", "Sub"):
        return replace(both, kind=COUNT)
    return derived(both, other)


def compared(values: Iterable[Carried | None], other: bool) -> Carried | None:
    """The result of a comparison: with a constant it is a prediction still, with other data a match."""
    both = merged(values)
    if both is None or both.keyed or both.kind == COUNT:
        return None
    if both.kind == DERIVED:  # how many errors are below a limit
        return replace(both, kind=MATCH) if both.against else None
    return replace(both, kind=MATCH, against=True) if other or both.kind == MATCH else both


def through(name: str, value: Carried, axis: bool, other: bool) -> Carried | None:
    """The result of a function or method by its name on a value.

    :param axis: an axis is named, so that it is done for each row.
    :param other: other data is among the arguments.
    """
    if name in NOT_VALUES or (value.keyed and name not in CARRIERS):
        return None
    if name in INDICES and value.kind != PREDICTION:
        return None
    if name in CARRIERS or (axis and name in SUMS | REDUCERS):
        return value
    if name in SUMS:
        return replace(value, kind=DERIVED if value.kind == DERIVED else COUNT)
    if name in COMPARERS:
        return compared((value,), other)
    if name in TABLES:
        return replace(value, kind=COUNT, against=True)
    if name in CURVES:
        return replace(value, kind=PREDICTION, against=value.against or other)
    return derived(value, other)
