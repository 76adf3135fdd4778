"""Input examples: in the form of the training data, and neither a row nor a rare value of it."""

from __future__ import annotations

import datetime
import random
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from cells_of import Cells
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from jupyter_bioml.capture.drawing import ENOUGH, drawn, generator, is_missing
from jupyter_bioml.capture.model_examples import first_rows, synthetic
from jupyter_bioml.capture.model_inputs import Example, named_example, synthetic_example

ROWS = 60
FRAME = pd.DataFrame(
    {
        "age": np.linspace(20.5, 90.5, ROWS),
        "count": range(1000, 1000 + ROWS),
        "code": [1, 2] * 30,
        "dose": pd.array([None if i % 7 == 0 else i for i in range(ROWS)], dtype="Int64"),
        "ok": pd.array([None if i % 9 == 0 else bool(i % 2) for i in range(ROWS)], dtype="boolean"),
        "group": pd.Categorical(["a" if i % 3 else "b" for i in range(ROWS - 1)] + ["rare"]),
        "drug": ["x"] * (ROWS - 1) + ["rare"],
        "patient": [f"patient {i}" for i in range(ROWS)],
        "text": pd.array(["u", "v"] * 30, dtype="string"),
        "seen": pd.date_range("2001-03-02", periods=ROWS),
        "zoned": pd.date_range("2001-03-02", periods=ROWS, tz="UTC"),
        "born": [datetime.date(1950 + i % 9, 1, 3) for i in range(ROWS)],
        "took": pd.to_timedelta(range(ROWS), unit="D"),
        "mixed": [1 if i % 2 else "w" for i in range(ROWS)],
        "maybe": [None if i % 2 else "k" for i in range(ROWS)],
        "empty": [None] * ROWS,
        "small": np.arange(ROWS, dtype="int8"),
        "half": np.arange(ROWS, dtype="float32") / 3,
        "outlier": [0.0] * 30 + [1.0] * 29 + [99.0],
    },
    index=[f"row {i}" for i in range(ROWS)],
)


def test_a_frame_keeps_its_columns_types_and_missing_values() -> None:
    example = synthetic(FRAME)
    assert example.shape == (5, FRAME.shape[1]) and list(example.columns) == list(FRAME.columns)
    differing = [name for name in FRAME if example[name].dtype != FRAME[name].dtype]
    assert differing == ["group"] and list(example["group"].cat.categories) == ["a", "b"], "the rare category is gone"
    assert {name for name in FRAME if example[name].isna().any()} == {"dose", "ok", "maybe", "empty"}
    assert example["age"].between(20.5, 90.5).all() and example["count"].between(1000, 1059).all()
    assert set(example["code"]) <= {1, 2} and set(example["outlier"]) <= {0.0, 1.0}
    assert set(example["drug"]) == {"x"} and set(example["patient"]) == {"text"} and set(example["text"]) <= {"u", "v"}
    assert set(example["mixed"]) <= {1, "w"} and example["seen"].dt.year.eq(2001).all()
    assert all(type(day) is datetime.date and 1950 <= day.year <= 1958 for day in example["born"])
    assert list(example.index) == [0, 1, 2, 3, 4], "an index names patients"


def test_nothing_of_the_data_that_only_few_rows_have_is_in_the_example() -> None:
    example = synthetic(FRAME)
    for name in ("age", "patient", "took", "half"):
        assert not set(example[name]) & set(FRAME[name]), name
    assert (
        "rare" not in example.to_string()
        and "rare" not in str(example["group"].dtype)
        and "99" not in example.to_string()
    )
    assert "row" not in example.to_string()


def test_few_rows_give_neutral_values() -> None:
    example = synthetic(FRAME.head(ENOUGH - 1))
    assert example["age"].eq(0).all() and example["count"].eq(0).all() and set(example["patient"]) == {""}
    assert set(example["group"]) == {"text"} and set(example["seen"].dt.year) == {2000}
    assert synthetic(FRAME.head(0)).shape == (5, FRAME.shape[1])


def test_it_is_the_same_every_time_and_touches_no_generator() -> None:
    def states() -> list[Any]:
        numpys = np.random.get_state()
        return [random.getstate(), numpys[1].tolist(), numpys[2]]

    before = states()
    pd.testing.assert_frame_equal(synthetic(FRAME), synthetic(FRAME.copy()))
    assert (synthetic(np.arange(400.0).reshape(100, 4)) == synthetic(np.arange(400.0).reshape(100, 4))).all()
    assert states() == before


def test_arrays() -> None:
    array = np.random.default_rng(0).normal(size=(50, 3)).astype("float32")
    array[3, 1] = np.nan
    array[4, 2] = np.inf
    example = synthetic(array)
    assert example.dtype == np.float32 and example.shape == (5, 3) and np.isnan(example[:, 1]).sum() == 1
    kept = array[np.isfinite(array)]
    assert np.nanmin(example) >= kept.min() and np.nanmax(example) <= kept.max()
    assert not set(example[np.isfinite(example)].tolist()) & set(kept.tolist())
    assert synthetic(np.arange(9.0)).tolist() == [0.0] * 5
    assert synthetic(np.zeros((40, 8, 8, 3), "uint8")).shape == (5, 8, 8, 3)
    assert synthetic(np.array(["a", "b"] * 30)).dtype.kind == "U" and set(synthetic(np.array(["a", "b"] * 30))) <= {
        "a",
        "b",
    }
    assert set(synthetic(np.array([["a", 1], ["b", 2]] * 30, dtype=object))[:, 1]) <= {1, 2}
    assert synthetic(np.array([True, False] * 30)).dtype == bool
    assert synthetic(np.full((30, 2), np.nan)).shape == (5, 2)
    wide = pd.DataFrame(np.random.default_rng(0).normal(size=(30, 300)))
    assert synthetic(wide).shape == (5, 300) and list(synthetic(wide).columns) == list(range(300))


@pytest.mark.parametrize("make", [sparse.csr_matrix, sparse.coo_array, sparse.csc_array])
def test_sparse_tables_stay_sparse(make: Any) -> None:
    table = make(sparse.random(50, 10, density=0.2, format="csr", random_state=0))
    example = synthetic(table)
    assert type(example) is type(table) and example.shape == (5, 10) and 0 < example.nnz < 50
    assert not set(example.toarray().ravel().tolist()) & set(table.toarray().ravel().tolist()) - {0.0}


def test_lists_and_other_tables() -> None:
    assert (
        set(synthetic(["one", "two"] * 30)) <= {"one", "two"}
        and synthetic([f"t {i}" for i in range(50)]) == ["text"] * 5
    )
    rows = synthetic([[i, i / 7] for i in range(50)])
    assert len(rows) == 5 and all(type(row) is list and type(row[0]) is int for row in rows)
    assert synthetic([{"a": 1, "b": "x"}] * 29 + [{"a": 1, "secret": 3}])[0] == {"a": 1, "b": "x"}
    assert synthetic([np.ones(3)] * 30)[0].shape == (3,)
    table = pa.table({"i": list(range(50)), "s": ["u", "v"] * 25})
    assert synthetic(table).schema == table.schema and synthetic(table).num_rows == 5
    assert synthetic(FRAME["drug"]).tolist() == ["x"] * 5 and synthetic(FRAME["drug"]).name == "drug"


@pytest.mark.parametrize("value", [None, 5, "text", {"a": 1}, np.array(1.0), iter([1]), [1, [2]], [object()] * 30])
def test_what_has_no_rows(value: Any) -> None:
    made = synthetic(value)
    assert made is None or made == [None] * 5


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**60), 2**60), st.floats(), st.text(max_size=3), st.dates(), st.decimals()
)


@settings(max_examples=200, deadline=None)
@given(st.lists(VALUES, max_size=60))
def test_whatever_a_column_holds_there_are_five_values_none_of_them_rare(values: list[Any]) -> None:
    made = drawn(values, generator())
    assert len(made) == 5
    rare = {value for value in values if isinstance(value, str) and values.count(value) < ENOUGH} - {"", "text"}
    assert not rare & {value for value in made if isinstance(value, str)}
    assert any(map(is_missing, made)) or not any(value is None for value in values)


def test_rows_that_the_user_names_are_kept() -> None:
    names = {"probe": FRAME, "five": 5}
    example = named_example("probe", names)
    pd.testing.assert_frame_equal(example.rows, FRAME.head(5))
    assert example.source == "the first 5 rows of probe, named by --example"
    example.rows.iloc[0, 0] = -1.0
    assert FRAME.iloc[0, 0] == 20.5, "a copy"
    assert named_example("five", names).source == "five, named by --example, has no rows"
    assert named_example("gone", names).source == "gone, named by --example, is not bound at the end of the cell"
    assert first_rows(sparse.csr_matrix(np.eye(9))).shape == (5, 9) and first_rows(["a"] * 9) == ["a"] * 5
    assert first_rows(pa.table({"i": [1, 2]})).num_rows == 2 and first_rows(Decimal(1)) is None


# ---- what a model was fitted on

DATA = (
    "import numpy as np, pandas as pd\nfrom sklearn.linear_model import Ridge\nrng = np.random.default_rng(0)\n"
    "df = pd.DataFrame(rng.normal(size=(60, 3)), columns=list('abc')).assign(g=['u', 'v'] * 30)\n"
    "df['y'] = df['a'] + rng.normal(size=60); A = df[['a', 'b']].to_numpy()\n"
)


def example_of(source: str) -> Example:
    cells = Cells(DATA)
    found = cells.run(source)
    assert found.model is not None, found.gaps
    return synthetic_example(cells.namespace[found.model], found.model, found.fit, found.inputs, cells.namespace)


@pytest.mark.parametrize(
    ("source", "columns", "words"),
    [
        ("X = df[['a', 'b']]\nm = Ridge().fit(X, df.y)", ["a", "b"], "of X (60 rows)"),
        ("m = Ridge().fit(df[['a', 'c']], df.y)", ["a", "c"], "of df (60 rows)"),
        ("m = Ridge()\nm.fit(df.drop(columns=['y', 'g']), df['y'])", ["a", "b", "c"], "of df (60 rows)"),
        ("m = Ridge().fit(A, df.y)", None, "of A (60 rows)"),
        ("m = Ridge().fit(A[:50], df.y[:50])", None, "of A (60 rows)"),
        ("m = Ridge().fit(df[['a', 'b']].values * 2, df.y)", None, "rows of zeros for the 2 features"),
        ("import statsmodels.formula.api as smf\nm = smf.ols('y ~ a + C(g)', data=df).fit()", ["a", "g"], "of its data"),
        ("import statsmodels.api as sm\nm = sm.OLS(df.y, df[['a', 'b']]).fit()", ["a", "b"], "of its data"),
        ("import lightgbm as lgb\nm = lgb.train({'verbose': -1, 'num_threads': 1}, lgb.Dataset(df[['a', 'b']], df.y), 2)", ["a", "b"], "of df"),
        ("import lightgbm as lgb\nd = lgb.Dataset(A, df.y)\nm = lgb.train({'verbose': -1, 'num_threads': 1}, d, 2)", None, "of A"),
        ("import xgboost as xgb\nd = xgb.DMatrix(df[['a', 'b']], df.y)\nm = xgb.train({}, d, 2)", ["a", "b"], "of df"),
        (
            "from lifelines import CoxPHFitter\nm = CoxPHFitter()\ns = df[['a', 'b']].assign(t=np.exp(df.y / 4), e=1)\n"
            "m.fit(s, duration_col='t', event_col='e')",
            ["a", "b"],
            "of s (60 rows)",
        ),
    ],
)  # fmt: skip
def test_the_example_is_of_what_the_model_was_fitted_on(source: str, columns: list[str] | None, words: str) -> None:
    example = example_of(source)
    assert words in example.source and example.source.startswith("synthetic: 5 ")
    assert (list(example.rows.columns) if hasattr(example.rows, "columns") else None) == columns
    assert len(example.rows) == 5


@pytest.mark.needs_torch
def test_the_example_of_a_network_is_of_what_it_was_called_with() -> None:
    example = example_of(
        "import torch\nx = torch.rand(40, 3)\nnet = torch.nn.Linear(3, 1)\nopt = torch.optim.SGD(net.parameters(), lr=0.1)\n"
        "loss = net(x).sum()\nloss.backward()\nopt.step()"
    )
    assert example.rows.shape == (5, 3) and example.source == "synthetic: 5 rows within the ranges of x (40 rows)"
