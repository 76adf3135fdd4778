"""What a cell binds and shows, and the numbers of small results."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_bioml.scores.shown import shown_in
from jupyter_bioml.scores.site_reader import sites_of
from jupyter_bioml.scores.tables import Path, number_of, tabulated


@pytest.mark.parametrize(
    ("source", "items"),
    [
        ("acc = f(x)", ["bound acc"]), ("a = b = f(x)", ["bound a", "bound b"]), ("a, (b, *c) = f(x)", ["bound a", "bound b", "bound c"]),
        ("acc", ["displayed acc"]), ("x = 1\nacc, f1", ["bound x", "displayed acc", "displayed f1"]), ("acc\nx = 1", ["bound x"]),
        ("print('acc', acc)", ["printed acc"]), ("print(f'acc {acc:.2f} {m.inertia_}')", ["printed acc", "printed m.inertia_"]),
        ("print('a: %s %d' % (acc, n))", ["printed acc", "printed n"]), ("print('a {} {b}'.format(acc, b=n))", ["printed acc", "printed n"]),
        ("print('a: ' + str(acc))", ["printed acc"]), ("print('a: ' + str(round(acc, 2)) + '%')", ["printed round(acc, 2)"]),
        ("display(df)", ["displayed df"]), ("with a as f:\n    acc = g(f)", ["bound f", "bound acc"]), ("if a:\n    x = 1\nelse:\n    y = 2", ["bound x", "bound y"]),
        ("for i in r:\n    acc = f(i)\n    print(acc)", ["bound acc", "printed acc"]), ("try:\n    a = 1\nexcept E:\n    b = 2\nfinally:\n    c = 3", ["bound a", "bound b", "bound c"]),
        ("def f():\n    a = 1\n    print(a)\nclass C:\n    b = 2", []), ("acc += 1", ["bound acc"]), ("x: int = 3\ny: int", ["bound x"]), ("(n := f(x))", ["bound n", "displayed (n := f(x))"]),
        ("res['a'] = 1\nself.b = 2", []), ("df.head()", ["displayed df.head()"]), ("'text'", []), ("_ = f(x)", []), ("{'acc': acc}", ["displayed {'acc': acc}"]),
        ("match a:\n    case 1:\n        b = 2", ["bound b"]), ("import os\ndel a", []), ("print(*args)", ["printed args"]), ("def", []), ("logger.info('%s', acc)", ["printed acc"]),
        ("round(acc, 2)", ["displayed round(acc, 2)"]), ("while a:\n    b = 1", ["bound b"]),
    ],
)  # fmt: skip
def test_what_a_cell_shows(source: str, items: list[str]) -> None:
    assert [f"{item.how} {item.text}" for item in shown_in(source)] == items


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("print('Inertia:', km.inertia_)", "inertia"), ("km.inertia_", "km.inertia_"), ("print(res['auc'])", "res['auc']"), ("best = search.best_score_", "best"),
        ("print(f'AIC of the model: {ols.aic:.1f}')", "aic_of_the_model"), ("print('R2 %.2f' % ols.rsquared)", "r2"), ("print('mse', np.mean((y - p) ** 2))", "mse"),
    ],
)  # fmt: skip
def test_an_item_has_a_site_that_names_it(source: str, name: str) -> None:
    sites, (item, *_) = sites_of(source), shown_in(source)
    assert sites is not None
    site = sites.of_expression(item.place)
    assert site is not None and item.text is not None and site.name(site.function, lambda _: None) == name


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"acc": 0.9, "f1": 0.8, "depth": 3}, [(("acc",), 0.9), (("f1",), 0.8)]), ({"rf": {"acc": 0.9, "n": 5}}, [(("rf", "acc"), 0.9)]), ({"rf": 0.9}, []),
        ([{"model": "rf", "auc": 0.9}, {"model": "svm", "auc": 0.8}], [(("auc", "rf"), 0.9), (("auc", "svm"), 0.8)]), ([0.9, 0.8], []), ("text", []), (None, []), (0.9, []),
        ({"model": ["rf", "svm"], "auc": [0.9, 0.8], "n": [1, 2]}, [(("auc", "rf"), 0.9), (("auc", "svm"), 0.8)]), ({"loss": [0.9, 0.5]}, [(("loss", 0), 0.9), (("loss", 1), 0.5)]),
        ({"acc": True, "auc": float("nan"), "f1": float("inf"), "r2": "0.9"}, []), ({"val_acc": (0.1, 0.2)}, [(("val_acc", 0), 0.1), (("val_acc", 1), 0.2)]), ({}, []), ([], []),
        ([{"fold": 0, "auc": 0.9}, {"fold": 1, "auc": 0.7}], [(("auc", 0), 0.9), (("auc", 1), 0.7)]), ({("acc", "mean"): 0.9}, [(("acc mean",), 0.9)]), (10**400, []),
        ({f"acc_{n}": 0.5 for n in range(201)}, []), ({"acc": {"acc": {"acc": {"acc": {"acc": 1.0}}}}}, []), ([("acc", 0.9), ("n", 3)], [(("acc",), 0.9)]),
    ],
)  # fmt: skip
def test_numbers_of_small_results(value: object, found: list[tuple[Path, float]]) -> None:
    assert tabulated(value) == found


def test_every_number_on_request() -> None:
    assert tabulated({"rf": 0.9, "svm": [0.1, 0.2]}, every=True) == [
        (("rf",), 0.9),
        (("svm", 0), 0.1),
        (("svm", 1), 0.2),
    ]
    assert tabulated(0.5, every=True) == [((), 0.5)] and tabulated(range(3), every=True) == []


def test_frames_and_series() -> None:
    pandas = pytest.importorskip("pandas")
    named = pandas.DataFrame({"Accuracy": [0.9, 0.8], "n": [1, 2]}, index=["rf", "svm"])
    assert tabulated(named) == [(("Accuracy", "rf"), 0.9), (("Accuracy", "svm"), 0.8)]
    column = pandas.DataFrame({"comment": ["a", "b"], "Model": ["rf", "svm"], "ROC AUC": [0.9, 0.8]})
    assert tabulated(column) == [(("ROC AUC", "rf"), 0.9), (("ROC AUC", "svm"), 0.8)]
    assert tabulated(column.style) == tabulated(column)
    assert tabulated(named.T)[0] == (("rf", "Accuracy"), 0.9), "metrics may be the rows"
    assert tabulated(pandas.DataFrame({"acc": [0.5]})) == [(("acc",), 0.5)]
    assert tabulated(pandas.DataFrame({"acc": [0.5, 0.6]})) == [(("acc", 0), 0.5), (("acc", 1), 0.6)]
    assert tabulated(pandas.Series({"acc": 0.9, "n": 3.0})) == [(("acc",), 0.9)]
    assert tabulated(pandas.Series([0.9, 0.8], index=["rf", "svm"], name="f1")) == [
        (("f1", "rf"), 0.9),
        (("f1", "svm"), 0.8),
    ]
    assert tabulated(pandas.DataFrame({"age": [1.0, 2.0], "radius error": [1.0, 2.0], "z score": [0.1, 0.2]})) == []
    assert (
        tabulated(pandas.DataFrame({"acc": [0.1] * 201})) == []
        and tabulated(pandas.Series([0.1] * 201, name="acc")) == []
    )


def test_numbers_of_libraries() -> None:
    numpy = pytest.importorskip("numpy")
    assert (
        number_of(numpy.float32(0.5)) == 0.5
        and number_of(numpy.array(2)) == 2.0
        and number_of(numpy.array([2.5])) == 2.5
    )
    assert (
        number_of(numpy.bool_(True)) is None
        and number_of(numpy.array([1, 2])) is None
        and number_of(numpy.float64("nan")) is None
    )
    assert tabulated({"acc": numpy.array([0.1, 0.2])}) == [(("acc", 0), 0.1), (("acc", 1), 0.2)]


class _Broken(dict):  # type: ignore[type-arg]
    def items(self) -> object:  # type: ignore[override]
        raise RuntimeError("no")


def test_what_breaks_gives_nothing() -> None:
    assert tabulated(_Broken(acc=1)) == []
    itself: dict[str, object] = {"acc": 0.1}
    itself["acc again"] = itself
    assert len(tabulated(itself)) == 4


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3) | st.integers() | st.just("acc"), inner, max_size=4) | st.tuples(inner, inner),
    max_leaves=20,
)  # fmt: skip


@given(VALUES)
def test_nothing_raises(value: object) -> None:
    assert all(isinstance(number, float) and number - number == 0 for _, number in tabulated(value, every=True))


def test_the_package_is_cheap_to_import() -> None:
    """The kernel imports it: nothing but the standard library comes with it."""
    code = (
        "import sys; import jupyter_bioml.scores.flow, jupyter_bioml.scores.shown, jupyter_bioml.scores.tables, jupyter_bioml.scores.site_reader, "
        "jupyter_bioml.scores.printed; print(sorted({m.split('.')[0] for m in sys.modules} - set(sys.stdlib_module_names)))"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": ":".join(p for p in sys.path if p)},
    )
    assert done.stdout.strip() == "['__main__', 'jupyter_bioml']" or done.stdout.strip() == "['jupyter_bioml']"
