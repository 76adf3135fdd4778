"""value_digest: equal for equal content in any layout, different after any change."""

from __future__ import annotations

import datetime
import decimal
import random
import subprocess
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from digests import all_differ, digest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import sparse

from jupyter_bioml.capture.values.digest import ValueDigest, value_digest

quick = settings(max_examples=60, deadline=None)


def mixed_frame(rows: int = 50) -> pd.DataFrame:
    generator = np.random.default_rng(7)
    return pd.DataFrame(
        {
            "whole": np.arange(rows, dtype="int64"),
            "real": np.where(np.arange(rows) % 7 == 0, np.nan, generator.normal(size=rows)),
            "small": generator.normal(size=rows).astype("float32"),
            "text": pd.Series([None if n % 5 == 0 else f"é{n}" for n in range(rows)], dtype="str"),
            "flag": np.arange(rows) % 3 == 0,
            "kind": pd.Categorical([("b", "a", None)[n % 3] for n in range(rows)], categories=["a", "b"]),
            "when": pd.date_range("2024-03-30", periods=rows, freq="h", tz="Europe/Berlin"),
            "naive": pd.Series(pd.date_range("2024-01-01", periods=rows)).where(np.arange(rows) % 4 > 0),
            "took": pd.to_timedelta(np.arange(rows), unit="s"),
            "nullable": pd.array([None if n % 6 == 0 else n for n in range(rows)], dtype="Int64"),
            "maybe": pd.array([(True, False, None)[n % 3] for n in range(rows)], dtype="boolean"),
        }
    )


# ---- the requirement


def test_one_cell_of_row_15_000() -> None:
    """M02: MLflow's own digest does not see it."""
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(20_000, 6)), columns=list("abcdef"))
    changed = frame.copy()
    changed.iloc[15_000, 3] += 1e-9
    before, after = value_digest(frame), value_digest(changed)
    assert before is not None and after is not None
    assert before.digest != after.digest and (before.rows, before.columns, before.kind) == (20_000, 6, "dataframe")
    changed.iloc[15_000, 3] = frame.iloc[15_000, 3]
    assert digest(changed) == before.digest


def test_every_cell_counts() -> None:
    frame = mixed_frame(12)
    seen = {digest(frame)}
    for column in range(frame.shape[1]):
        for row in range(len(frame)):
            changed = frame.copy()
            values = changed.iloc[:, column]
            others = [item for item in values if not pd.isna(item)]
            other = next(item for item in others if pd.isna(values.iloc[row]) or item != values.iloc[row])
            changed.iloc[row, column] = other
            seen.add(digest(changed))
    assert len(seen) == 1 + frame.size


def test_the_same_after_parquet_and_csv(tmp_path: Path) -> None:
    frame = mixed_frame()
    frame.to_parquet(tmp_path / "f.parquet")
    assert digest(pd.read_parquet(tmp_path / "f.parquet")) == digest(frame)
    plain = frame[["whole", "real", "text", "flag"]]
    plain.to_csv(tmp_path / "f.csv", index=False)
    assert digest(pd.read_csv(tmp_path / "f.csv")) == digest(plain)
    plain.to_csv(tmp_path / "i.csv")
    assert digest(pd.read_csv(tmp_path / "i.csv", index_col=0)) == digest(plain)
    pd.to_pickle(frame, tmp_path / "f.pkl")
    assert digest(pd.read_pickle(tmp_path / "f.pkl")) == digest(frame)


def test_the_same_in_another_process(tmp_path: Path) -> None:
    frame = mixed_frame()
    frame["set"] = [frozenset({"a", "b", "c", n}) for n in range(len(frame))]
    frame.to_pickle(tmp_path / "f.pkl")
    code = (
        "import pandas as pd, sys; from jupyter_bioml.capture.values.digest import value_digest\n"
        "print(value_digest(pd.read_pickle(sys.argv[1])).digest)"
    )
    for seed in ("1", "2"):
        command = [sys.executable, "-c", code, str(tmp_path / "f.pkl")]
        answer = subprocess.run(command, capture_output=True, text=True, env={"PYTHONHASHSEED": seed}, check=True)
        assert answer.stdout.strip() == digest(frame)


def test_the_definition_does_not_change_unseen() -> None:
    """Digests are kept for years: a change of the definition needs a new FORMAT."""
    frame = pd.DataFrame({"a": [1, 2], "b": [0.5, np.nan], "c": pd.Series(["x", None], dtype="str")})
    assert digest(frame) == "sha256:c1c01e15654de9fbe47ab41566472702e1ffc193996456003d2b973d5a04e3dd"
    assert (
        digest(np.arange(6, dtype="int32").reshape(2, 3))
        == "sha256:4b5664acaa8c87ee58176bf389666082699efb495dc1e6720c3df0b3652b8c16"
    )
    assert (
        digest({"a": [1, 2.5, None, True], "b": "text"})
        == "sha256:45ec819b367355b9002d981a57cf9ee2554b388a0a8ec4b90734793e1f099ded"
    )


# ---- pandas: what makes no difference


def test_block_layout_makes_no_difference() -> None:
    values = np.random.default_rng(1).normal(size=(40_000, 5))
    values[123, 2] = np.nan
    names = list("abcde")
    one = pd.DataFrame(values, columns=names)
    by_column = pd.DataFrame({name: values[:, n].copy() for n, name in enumerate(names)})
    grown = pd.DataFrame(index=one.index)
    for name in names:
        grown[name] = one[name]
    fortran = pd.DataFrame(np.asfortranarray(values), columns=names, copy=False)
    row_major = pd.DataFrame(np.ascontiguousarray(values), columns=names, copy=False)
    doubled = pd.concat([one, one]).iloc[: len(one)]
    every_second = pd.DataFrame(np.repeat(values, 2, axis=0), columns=names).iloc[::2].set_axis(one.index)
    backwards = one.iloc[::-1].iloc[::-1]
    picked = pd.DataFrame(np.hstack([values, values]), columns=[*names, *"vwxyz"])[names]
    frames = [one, by_column, grown, fortran, row_major, doubled, every_second, backwards, picked]
    assert {digest(frame) for frame in frames} == {digest(one)}


@quick
@given(
    st.lists(st.sampled_from(["float64", "int64", "float32", "bool", "str", "category", "object"]), max_size=6),
    st.integers(0, 40),
    st.randoms(use_true_random=False),
)
def test_frames_made_in_any_way(types: list[str], rows: int, randoms: random.Random) -> None:
    columns = {
        f"c{n}": pd.Series([randoms.choice([0, 1, 1, 3]) for _ in range(rows)], dtype="int64").astype(
            "str" if kind == "object" else kind
        )
        for n, kind in enumerate(types)
    }
    frame = pd.DataFrame(columns, index=range(rows))
    assembled = pd.DataFrame(index=range(rows))
    order = list(columns)
    randoms.shuffle(order)
    for name in order:
        assembled[name] = columns[name].to_numpy(copy=True) if columns[name].dtype != "category" else columns[name]
        assembled[name] = assembled[name].astype(columns[name].dtype)
    cut = randoms.randint(0, rows)
    parts = [frame.iloc[:cut], frame.iloc[cut:]]
    assert digest(assembled[list(columns)]) == digest(frame.copy()) == digest(frame)
    assert digest(pd.concat(parts)) == digest(frame)


def test_string_storage_makes_no_difference() -> None:
    texts = ["a", None, "ünï", "", "😀", "\x00", "a" * 1000]
    storages = ["object", "str", "string", "string[python]", "string[pyarrow]", pd.ArrowDtype(pa.string())]
    storages += [pd.StringDtype("python", na_value=np.nan), pd.ArrowDtype(pa.large_string())]
    assert len({digest(pd.Series(texts, dtype=kind)) for kind in storages}) == 1
    assert len({digest(pd.DataFrame({"t": pd.Series(texts, dtype=kind)})) for kind in storages}) == 1
    assert len({digest(pd.Index(texts, dtype=kind)) for kind in storages[:5]}) == 1
    assert digest(pd.Series(["a", np.nan], dtype=object)) == digest(pd.Series(["a", pd.NA], dtype=object))
    assert digest(pd.Categorical(["a", "b"])) == digest(pd.Categorical(np.array(["a", "b"], dtype=object)))


def test_strings_that_no_encoding_holds() -> None:
    all_differ([pd.Series([text], dtype=object) for text in ("\ud800", "\udc00", "?", "a\udcff")])


def test_nan_and_its_bits_make_no_difference() -> None:
    odd = np.array([0x7FF8000000000001, 0xFFF8000000000000, 0x7FF0000000000001], dtype="uint64").view("float64")
    assert np.isnan(odd).all()
    plain = np.full(3, np.nan)
    assert digest(odd) == digest(plain)
    assert digest(pd.DataFrame({"a": odd, "b": 1.0})) == digest(pd.DataFrame({"a": plain, "b": 1.0}))
    assert digest(odd[:2].view("complex128")) == digest(plain[:2].view("complex128"))
    assert digest([odd[0]]) == digest([float("nan")]) != digest([None])
    small = np.array([0x7FC00001, 0xFFC00000], dtype="uint32").view("float32")
    assert digest(small) == digest(np.full(2, np.nan, "float32"))
    assert digest(np.array([0.0])) != digest(np.array([-0.0]))


def test_missing_values_hide_what_lies_under_them() -> None:
    from pandas.arrays import IntegerArray

    mask = np.array([False, True, False])
    one = IntegerArray(np.array([1, 2, 3]), mask)
    other = IntegerArray(np.array([1, 99, 3]), mask)
    assert digest(pd.Series(one)) == digest(pd.Series(other)) == digest(pd.Series([1, None, 3], dtype="Int64"))
    assert digest(pd.Series([1, None, 3], dtype="Int64")) != digest(pd.Series([1, 0, 3], dtype="Int64"))


def test_the_index_in_even_steps() -> None:
    values = [1.5, 2.5, 3.5]
    listed = pd.DataFrame({"a": values}, index=pd.Index([0, 1, 2]))
    ranged = pd.DataFrame({"a": values})
    assert digest(listed) == digest(ranged)
    assert digest(pd.Index([4, 2, 0])) == digest(pd.RangeIndex(4, -2, -2))
    assert digest(pd.RangeIndex(5, 6)) == digest(pd.RangeIndex(5, 10, 5)) == digest(pd.Index([5]))
    assert digest(pd.RangeIndex(0)) == digest(pd.RangeIndex(7, 7)) == digest(pd.Index([], dtype="int64"))
    large = pd.Index(np.arange(200_000))
    assert digest(large) == digest(pd.RangeIndex(200_000))
    bent = large.to_numpy().copy()
    bent[150_000] += 1
    shifted = np.concatenate([np.arange(100_000), np.arange(100_001, 200_001)])
    all_differ([large, pd.Index(bent), pd.Index(shifted), pd.Index(large, dtype="int32"), pd.RangeIndex(1, 200_001)])


def test_categories_that_are_not_used_and_levels_too() -> None:
    frame = pd.DataFrame({"v": range(6)}, index=pd.MultiIndex.from_product([["a", "b", "c"], [1, 2]], names=["x", "y"]))
    part = frame.loc[["a", "c"]]
    rebuilt = pd.DataFrame(
        {"v": part["v"].to_numpy()}, index=pd.MultiIndex.from_tuples(list(part.index), names=["x", "y"])
    )
    assert digest(part) == digest(rebuilt)
    all_differ(
        [pd.Series(pd.Categorical(["a"], categories=["a"])), pd.Series(pd.Categorical(["a"], categories=["a", "b"]))]
    )


# ---- pandas: what does make a difference


def test_names_types_order_and_index_count() -> None:
    base = pd.DataFrame({"a": [1, 2, 3], "b": [4, 5, 6]})
    named = base.copy()
    named.columns.name = "columns"
    all_differ(
        [
            base,
            named,
            base.rename(columns={"a": "A"}),
            base.rename(columns={"a": 1}),
            base[["b", "a"]],
            base.astype({"a": "int32"}),
            base.astype({"a": "float64"}),
            base.astype({"a": "uint64"}),
            base.astype({"a": "Int64"}),
            base.astype({"a": "int64[pyarrow]"}),
            base.astype({"a": "str"}),
            base.astype({"a": "category"}),
            base.astype({"a": pd.CategoricalDtype([1, 2, 3], ordered=True)}),
            base.astype({"a": pd.SparseDtype("int64", 0)}),
            base.iloc[::-1],
            base.iloc[::-1].reset_index(drop=True),
            base.set_axis([0, 1, 3]),
            base.set_axis(["0", "1", "2"]),
            base.set_axis([0.0, 1.0, 2.0]),
            base.rename_axis("id"),
            base.set_axis(pd.MultiIndex.from_arrays([[0, 1, 2]])),
            base.set_axis(pd.date_range("2024", periods=3)),
            base.set_axis(pd.date_range("2024", periods=3, tz="UTC")),
            base.set_axis(pd.period_range("2024", periods=3, freq="D")),
            base.set_axis(pd.period_range("2024", periods=3, freq="M")),
            base.set_axis(pd.interval_range(0, 3)),
            base.set_axis(pd.interval_range(0, 3, closed="left")),
            base.iloc[:2],
            base.iloc[:0],
            base.iloc[:, :1],
            base.iloc[:, :0],
            base.iloc[:0, :0],
            base["a"],
            base["b"],
            base["a"].rename("b"),
            base["a"].rename(None),
            base["a"].array,
            base.to_numpy(),
            base.to_numpy().T,
            base.to_dict(),
            base.to_dict("list"),
            pa.table(base),
            sparse.csr_matrix(base.to_numpy()),
        ]
    )


def test_times_count_with_unit_and_zone() -> None:
    times = pd.Series(pd.to_datetime(["2024-01-01", None], utc=True))
    all_differ(
        [
            times,
            times.dt.tz_convert("Europe/Berlin"),
            times.dt.tz_localize(None),
            times.dt.as_unit("ms"),
            times.dt.as_unit("ns"),
            times.iloc[::-1],
            times.astype(object),
        ]
    )
    assert digest(times.dt.tz_convert("UTC")) == digest(times)


def test_duplicate_names_and_other_hard_shapes() -> None:
    twice = pd.DataFrame([[1, 2.5], [3, 4.5]], columns=["a", "a"])
    swapped = pd.DataFrame([[1, 4.5], [3, 2.5]], columns=["a", "a"])
    levels = pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", 1), ("a", 2)], names=["x", None]))
    odd_labels = pd.DataFrame([[1, 2, 3, 4]], columns=[None, ("t", 1), pd.Timestamp("2024"), 1.5])
    many = pd.DataFrame(np.zeros((2, 3000)))
    long = pd.DataFrame({"a": np.zeros(100_000)})
    all_differ([twice, swapped, levels, odd_labels, many, long, pd.DataFrame(), pd.Series(dtype="float64")])


def test_no_rows_no_columns() -> None:
    assert digest(pd.DataFrame({"a": pd.Series([], dtype="str")})) == digest(
        pd.DataFrame({"a": pd.Series([], dtype=object)})
    )
    all_differ(
        [
            pd.DataFrame(),
            pd.DataFrame(index=[0, 1]),
            pd.DataFrame(columns=["a"]),
            np.array([]),
            np.zeros((0, 3)),
            np.zeros((3, 0)),
        ]
    )


def test_columns_of_mixed_objects() -> None:
    items = [
        1,
        1.0,
        True,
        "1",
        b"1",
        None,
        (1, 2),
        [1, 2],
        {1, 2},
        {"a": 1},
        decimal.Decimal("1.0"),
        decimal.Decimal("1.00"),
    ]
    items += [datetime.date(2024, 1, 1), datetime.datetime(2024, 1, 1), pd.Timestamp("2024-01-01 00:00:00.000000001")]
    items += [
        datetime.timedelta(1),
        pd.Timedelta(1, "ns"),
        uuid.UUID(int=1),
        Path("1"),
        1j,
        np.float32(0.1),
        np.datetime64("2024"),
    ]
    items += [np.array([1, 2]), np.array([1.0, 2]), pd.DataFrame({"a": [1]}), fraction_like(1), 10**40, -(10**40)]
    columns = []
    for item in items:
        column = pd.Series([None, "text"], dtype=object)
        column.iloc[0] = item if not isinstance(item, pd.DataFrame) else [item]
        columns.append(column)
    all_differ(columns)
    assert digest(pd.Series([1, None], dtype=object)) == digest(pd.Series([1, np.nan], dtype=object))
    assert digest(pd.Series([{"a": 1, "b": 2}, "x"])) == digest(pd.Series([{"b": 2, "a": 1}, "x"]))


def fraction_like(number: int) -> Any:
    from fractions import Fraction

    return Fraction(number, 7)


def test_chunks_of_object_columns_leave_no_trace() -> None:
    rows = 70_000
    texts = pd.Series([f"t{n}" for n in range(rows)], dtype=object)
    assert digest(texts) == digest(texts.astype("str")) == digest(texts.astype("string[pyarrow]"))
    late = texts.copy()
    late.iloc[-1] = 5
    assert digest(late) != digest(texts)
    assert digest(late) == digest(late.copy())


# ---- numpy


@quick
@given(
    hnp.arrays(
        st.one_of(
            hnp.integer_dtypes(), hnp.floating_dtypes(), hnp.complex_number_dtypes(), hnp.boolean_dtypes(),
            hnp.datetime64_dtypes(), hnp.timedelta64_dtypes(), hnp.byte_string_dtypes(), hnp.unicode_string_dtypes(),
        ),
        hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5),
    )
)  # fmt: skip
def test_memory_layout_makes_no_difference(array: Any) -> None:
    expected = digest(array)
    strided = np.repeat(array, 2, axis=-1)[..., ::2] if array.ndim else array
    read_only = array.copy()
    read_only.flags.writeable = False
    layouts = [array.copy("C"), array.copy("F"), read_only, array.astype(array.dtype.newbyteorder())]
    layouts += [array[::-1][::-1], strided] if array.ndim else []
    assert [digest(layout) for layout in layouts] == [expected] * len(layouts)


@quick
@given(hnp.arrays(st.sampled_from(["f8", "i4", "U3", "M8[s]"]), hnp.array_shapes(max_dims=3, max_side=5)), st.data())
def test_any_change_of_an_array_counts(array: Any, data: st.DataObject) -> None:
    changed = array.copy()
    position = data.draw(st.tuples(*(st.integers(0, side - 1) for side in array.shape)))
    other = data.draw(hnp.arrays(array.dtype, ()))
    changed[position] = other
    same = array[position] == other or (array[position] != array[position] and other != other)
    signed_zero = array.dtype.kind == "f" and np.signbit(array[position]) != np.signbit(other) and other == other
    assert (digest(changed) == digest(array)) == bool(same and not signed_zero)
    assert digest(array.reshape(-1)) != digest(array) or array.ndim == 1


def test_large_arrays_in_any_order() -> None:
    cube = np.random.default_rng(2).normal(size=(3, 70, 4000))
    expected = digest(cube)
    assert digest(np.asfortranarray(cube)) == expected
    assert digest(cube.transpose(2, 0, 1).copy().transpose(1, 2, 0)) == expected
    wide = np.asfortranarray(np.random.default_rng(3).normal(size=(2, 200_000)))
    assert digest(wide) == digest(wide.copy("C"))
    wide[1, 199_999] += 1
    assert digest(wide) != digest(np.zeros((2, 200_000)))


def test_structured_object_and_masked_arrays(tmp_path: Path) -> None:
    packed = np.array([(1, 2.5, b"ab"), (3, np.nan, b"c")], dtype=[("a", "i1"), ("b", "f8"), ("c", "S2")])
    aligned = packed.astype(np.dtype([("a", "i1"), ("b", "f8"), ("c", "S2")], align=True))
    assert aligned.dtype.itemsize > packed.dtype.itemsize and digest(aligned) == digest(packed)
    nested = np.zeros(2, dtype=[("a", [("x", "f4"), ("y", "i8", (2,))])])
    renamed = packed.astype([("z", "i1"), ("b", "f8"), ("c", "S2")])
    objects = np.array(["a", None, 1], dtype=object)
    texts = np.array(["a", "b"], dtype=object)
    all_differ(
        [packed, packed[::-1], nested, renamed, objects, texts, np.array(["a", "b"]), np.array(["a", "b"], "U2")]
    )
    masked = np.ma.masked_array([1.0, 2.0, 3.0], mask=[0, 1, 0])
    hidden = np.ma.masked_array([1.0, 99.0, 3.0], mask=[0, 1, 0])
    assert digest(masked) == digest(hidden) != digest(np.array([1.0, 0.0, 3.0]))
    mapped = np.memmap(tmp_path / "m", dtype="f8", mode="w+", shape=(4,))
    assert digest(mapped) == digest(np.zeros(4))
    long = np.array([1, np.nan], dtype=np.longdouble)
    assert digest(long) == digest(long.copy()) != digest(long.astype("f8"))
    all_differ([np.array(1), np.array([1]), np.array([[1]]), np.array(1.0), np.array(b"1"), np.array(["1"])])


# ---- Arrow, scipy


def test_arrow_chunks_and_offsets_make_no_difference() -> None:
    columns: dict[str, Any] = {
        "whole": pa.array([1, None, 3, 4, 5], pa.int32()),
        "real": pa.array([1.5, float("nan"), None, 0.0, -0.0]),
        "half": pa.array(np.array([1.5, 2, 3, 4, 5], dtype="float16")),
        "text": pa.array(["a", None, "", "d", "😀"]),
        "flag": pa.array([True, None, False, True, True]),
        "when": pa.array([1, 2, None, 4, 5], pa.timestamp("us", "UTC")),
        "day": pa.array([1, 2, None, 4, 5], pa.date32()),
        "clock": pa.array([1, 2, None, 4, 5], pa.time64("us")),
        "took": pa.array([1, 2, None, 4, 5], pa.duration("s")),
        "code": pa.array(["x", "y", None, "x", "x"]).dictionary_encode(),
        "list": pa.array([[1], None, [], [2, 3], [4]]),
        "struct": pa.array([{"a": 1}, None, {"a": None}, {"a": 4}, {"a": 5}]),
        "bytes": pa.array([b"a", None, b"", b"d", b"e"]),
        "money": pa.array([decimal.Decimal("1.10"), None, None, None, None]),
        "nothing": pa.nulls(5),
    }
    table = pa.table(columns)
    expected = digest(table)
    pieces = pa.concat_tables([table.slice(0, 2), table.slice(2, 0), table.slice(2, 3)])
    shifted = pa.concat_tables([table.slice(3), table]).slice(2)
    assert pieces.column(0).num_chunks > 1
    assert [digest(other) for other in (pieces, shifted, table.combine_chunks(), table.to_batches()[0])] == [
        expected
    ] * 4
    assert digest(table.replace_schema_metadata({"k": "v"})) == expected
    assert value_digest(table) == ValueDigest(expected, 5, 15, "table")
    for name in columns:
        changed = table.set_column(table.column_names.index(name), name, table[name].take(pa.array([0, 0, 0, 0, 0])))
        assert (digest(changed) == expected) == (name == "nothing")
    renamed = table.rename_columns([name.upper() for name in table.column_names])
    retyped = table.set_column(0, "whole", table["whole"].cast(pa.int64()))
    all_differ([table, renamed, retyped, table.slice(1), table.select(["real"]), table["real"]])


def test_arrow_hides_what_lies_under_missing_values() -> None:
    valid = pa.py_buffer(bytes([0b101]))
    one, other = (
        pa.Array.from_buffers(pa.int64(), 3, [valid, pa.py_buffer(np.array([1, hidden, 3]).tobytes())])
        for hidden in (0, 77)
    )
    assert one.null_count == 1 and digest(one) == digest(other) == digest(
        pa.chunked_array([one.slice(0, 1), one.slice(1)])
    )


def test_sparse_formats_make_no_difference() -> None:
    dense = np.zeros((4, 5))
    dense[1, 2], dense[3, 0] = 1.5, 2.5
    matrices = [
        sparse.csr_matrix(dense),
        sparse.csc_matrix(dense),
        sparse.coo_array(dense),
        sparse.lil_matrix(dense),
        sparse.csr_array(dense),
    ]
    expected = digest(matrices[0])
    assert [digest(matrix) for matrix in matrices] == [expected] * 5
    unsorted = sparse.csr_matrix((np.array([2.5, 0.5, 1.0]), np.array([2, 1, 1]), np.array([0, 3])), shape=(1, 4))
    kept = unsorted.indices.copy()
    summed = sparse.csr_matrix(np.array([[0, 1.5, 2.5, 0]]))
    assert digest(unsorted) == digest(summed)
    assert (unsorted.indices == kept).all() and unsorted.nnz == 3
    all_differ([matrices[0], matrices[0].astype("f4"), matrices[0] * 2, matrices[0].T, dense])


# ---- plain values


def test_plain_values() -> None:
    values: list[Any] = [
        [], {}, (), set(), "", b"", [[]], [{}], ["a"], "a", b"a", [1], [1.0], [True], ["1"], [None], [1, 2], [2, 1], [[1], 2],
        [[1, 2]], {"a": 1}, {"a": "1"}, {1: "a"}, {"a": {"b": 1}}, {"a": 1, "b": 2}, ["ab", "c"], ["a", "bc"], {"a": [1]},
        [float("inf")], [-0.0], [0.0], [0], [False], (1,), {1}, ["\ud800"], [2**70], [-(2**70)], [datetime.date(2024, 1, 1)],
        [pd.NA], [pd.NaT], [np.int8(3), 4], {"X": np.eye(2), "y": [1]}, {"X": np.eye(3), "y": [1]},
    ]  # fmt: skip
    all_differ(values)
    assert digest({"a": 1, "b": [2]}) == digest({"b": [2], "a": 1})
    assert digest([np.int64(3), np.float64(0.5)]) == digest([3, 0.5])
    assert value_digest(["a", "b"]) == ValueDigest(digest(["a", "b"]), 2, None, "list")


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)


@quick
@given(json_like.filter(lambda v: isinstance(v, (list, dict))), json_like.filter(lambda v: isinstance(v, (list, dict))))
def test_plain_values_are_told_apart(one: Any, other: Any) -> None:
    import copy

    assert digest(copy.deepcopy(one)) == digest(one)
    assert (digest(one) == digest(other)) == (repr_of(one) == repr_of(other))


def repr_of(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(sorted(f"{key!r}:{repr_of(item)}" for key, item in value.items())) + "}"
    return "[" + ",".join(map(repr_of, value)) + "]" if isinstance(value, list) else repr(value)


class Stubborn:
    def __reduce__(self) -> Any:
        raise RuntimeError("not to be pickled")


def cycle() -> list[Any]:
    found: list[Any] = []
    found.append(found)
    return found


@pytest.mark.parametrize(
    "value",
    [
        None, 1, 1.5, True, object(), Stubborn(), [Stubborn()], {"a": object()}, open, (n for n in range(3)), cycle(), np.float64(1),
        pd.Series([Stubborn(), 1]), pd.DataFrame({"a": [Stubborn(), "x"]}), np.array([Stubborn()]), pd, pd.DataFrame,
        pd.DataFrame({"a": [1]}).groupby("a"), [lambda: 1],
    ],
)  # fmt: skip
def test_what_has_no_digest(value: Any) -> None:
    assert value_digest(value) is None


# ---- what it leaves alone


def test_nothing_is_changed_or_imported() -> None:
    frame = mixed_frame()
    frame["mixed"] = [1, "a", None, {"k": [1]}, 2.5] * 10
    array = np.asfortranarray(np.random.default_rng(5).normal(size=(30, 4)))
    array[2, 2] = np.nan
    array.flags.writeable = False
    values = [frame, array, sparse.random(5, 5, 0.4, rng=1), frame["real"], pa.table({"a": [1]})]
    copies = [value.copy() if hasattr(value, "copy") else value for value in values]
    layout = [frame._mgr.nblocks, frame.attrs, array.flags.f_contiguous]
    np.random.seed(3)
    states = [random.getstate(), np.random.get_state()[1].tolist()]
    with np.errstate(all="raise"):
        first = [value_digest(value) for value in values]
    assert first == [value_digest(value) for value in values] and None not in first
    assert states == [random.getstate(), np.random.get_state()[1].tolist()]
    pd.testing.assert_frame_equal(frame, copies[0])
    np.testing.assert_array_equal(array, copies[1])
    assert layout == [frame._mgr.nblocks, frame.attrs, array.flags.f_contiguous]


def test_no_library_is_loaded_for_it() -> None:
    code = (
        "import sys; from jupyter_bioml.capture.values.digest import value_digest\n"
        "assert value_digest({'a': [1, 'x', None]}).rows == 1 and value_digest(object()) is None\n"
        "heavy = {'numpy', 'pandas', 'pyarrow', 'torch', 'scipy', 'polars', 'cloudpickle'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
        "import numpy; assert value_digest(numpy.eye(2)).kind == 'array'\n"
        "assert not (heavy - {'numpy'}) & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


@pytest.mark.filterwarnings("error")
def test_no_warnings() -> None:
    values: list[Callable[[], Any]] = [
        lambda: mixed_frame(),
        lambda: np.array([np.inf, -np.inf, np.nan, 1e308]),
        lambda: pd.DataFrame({f"c{n}": [n] for n in range(150)}),
        lambda: pd.Series([1.0, 0.0], dtype="Sparse[float64]"),
    ]
    for make in values:
        assert value_digest(make()) is not None
