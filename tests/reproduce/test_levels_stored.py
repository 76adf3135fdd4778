"""Outputs kept as files: tables cell by cell, predictions by key, figures by pixel, archives by member."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy
import pandas
import pytest
from PIL import Image

from jupyter_bioml.capture.predictions import keep_frame, table_of
from jupyter_bioml.journal.blobs import Blobs
from jupyter_bioml.records.card_html import MIME as CARD
from jupyter_bioml.records.run import FINISHED, Artifact, Code, DataUse, Output, Predictions, RunRecord
from jupyter_bioml.reproduce.compare import frames, tables
from jupyter_bioml.reproduce.compare.agreement import (
    BIT_EQUAL,
    DIFFERENT,
    NUMERICALLY_EQUAL,
    UNKNOWN,
    WITHIN_NOISE,
    Compared,
)
from jupyter_bioml.reproduce.compare.levels import Circumstances, compare_outputs, decision

BASE = RunRecord("a" * 32, "s", 1, "magic", FINISHED, 1.0, Code("x"))


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(tmp_path / "blobs")


def compared(left: RunRecord, right: RunRecord, blobs: Blobs, **options: Any) -> dict[str, Compared]:
    found = compare_outputs(left, replace(right, record_id="b" * 32, reproduces=left.record_id), blobs, **options)
    json.dumps([(item.left, item.right, item.note) for item in found], allow_nan=False)
    return {item.name: item for item in found if item.kind != "status"}


def shown(blobs: Blobs, mime: str, *contents: str | bytes) -> RunRecord:
    outputs = [
        Output("display", mime=mime, blob=blobs.put(c.encode() if isinstance(c, str) else c), size=len(c))
        for c in contents
    ]
    return replace(BASE, outputs=tuple(outputs))


def kept(blobs: Blobs, name: str, data: bytes) -> RunRecord:
    return replace(BASE, artifacts=(Artifact(name, blobs.put(data), len(data)),))


def file_level(blobs: Blobs, name: str, left: bytes, right: bytes, **options: Any) -> Compared:
    return compared(kept(blobs, name, left), kept(blobs, name, right), blobs, **options)[f"artifact:{name}"]


# -- displayed tables --------------------------------------------------------------------------------


def html(frame: pandas.DataFrame) -> str:
    return f"<div><style scoped>.x{{}}</style>{frame.to_html()}<p>{len(frame)} rows</p></div>"


def test_a_displayed_frame_is_compared_cell_by_cell(blobs: Blobs) -> None:
    frame = pandas.DataFrame({"gene": ["TP53", "BRCA1"], "fold": [1.5, 0.1 + 0.2], "n": [10, 12]})
    left = shown(blobs, "text/html", html(frame))
    same = compared(left, left, blobs)["display 1"]
    assert (same.kind, same.level, same.decides, same.proves) == ("table", BIT_EQUAL, True, 1)
    restyled = shown(blobs, "text/html", html(frame).replace(".x{}", ".y{}"))
    assert compared(left, restyled, blobs)["display 1"].level == NUMERICALLY_EQUAL
    frame.loc[0, "fold"] = 1.6
    other = compared(left, shown(blobs, "text/html", html(frame)), blobs)["display 1"]
    assert other.level == DIFFERENT and (other.left, other.right) == (1.5, 1.6)
    assert other.note == "1 of 8 cells differ, most in fold, row 1: by 0.1"
    frame.loc[0, "gene"] = "<script>alert(1)</script>" * 400
    hostile = compared(left, shown(blobs, "text/html", html(frame)), blobs)["display 1"]
    assert hostile.level == DIFFERENT and len(str(hostile.right)) < 100
    wider = compared(left, shown(blobs, "text/html", html(frame.assign(more=1))), blobs)["display 1"]
    assert wider.level == DIFFERENT and "with more" in wider.note
    shorter = compared(left, shown(blobs, "text/html", html(frame.head(1))), blobs)["display 1"]
    assert shorter.note == "2 × 4 cells, then 1 × 4; the text around it differs"


@pytest.mark.parametrize(
    ("rows", "proves"),
    [
        ("<tr><td>response</td><td>0.5</td></tr>", 1),
        ("<tr><th>response</th><td>0.5</td></tr>", 1),
        ("<tr><th>model</th><td>OLS</td></tr><tr><th>R²</th><td>0.5</td></tr>", 1),
        ("<tr><td>arm</td><td>mean</td></tr><tr><td>placebo</td><td>0.5</td></tr>", 1),
        ("<thead><tr><th>arm</th><th>0.5</th></tr></thead>", 0),
        ("<tr><td>rows</td><td>40</td></tr>", 0),
        ("", 0),
    ],
)
def test_a_number_in_any_row_but_the_headings_is_a_result(blobs: Blobs, rows: str, proves: int) -> None:
    pages = [shown(blobs, "text/html", f"<table>{text}</table>") for text in (rows, rows.replace("0.5", "0.6"))]
    assert compared(pages[0], pages[0], blobs)["display 1"].proves == proves
    if proves:
        assert compared(*pages, blobs)["display 1"].level == DIFFERENT


def test_timing_columns_are_masked_and_survival_times_are_not(blobs: Blobs) -> None:
    def page(fit: float, survival: float) -> RunRecord:
        frame = pandas.DataFrame({"mean_fit_time": [fit, fit], "time": [survival, 3.5], "mean_test_score": [0.9, 0.8]})
        return shown(blobs, "text/html", html(frame))

    match = compared(page(0.1, 2.5), page(0.3, 2.5), blobs)["display 1"]
    assert match.level == NUMERICALLY_EQUAL and match.masked == ("timing column mean_fit_time",)
    assert compared(page(0.1, 2.5), page(0.1, 2.6), blobs)["display 1"].level == DIFFERENT


def test_an_estimators_html_is_text_and_scripts_count(blobs: Blobs) -> None:
    page = '<div id="sk-container-id-{}" class="sk-top-container"><table><tr><td>C</td><td>{}</td></tr></table></div>'
    match = compared(
        shown(blobs, "text/html", page.format(1, 1.0)), shown(blobs, "text/html", page.format(7, 1.0)), blobs
    )
    assert match["display 1"].level == NUMERICALLY_EQUAL and match["display 1"].kind == "text"
    assert not match["display 1"].proves, "its settings prove nothing"
    fitted = page.replace("</table>", "<tr><td>refit_time_ Seconds used</td><td>float</td><td>{}</td></tr></table>")
    took = [shown(blobs, "text/html", fitted.format(1, 1.0, seconds)) for seconds in (0.25, 0.5)]
    assert compared(*took, blobs)["display 1"].level == NUMERICALLY_EQUAL, "how long a search took is not a result"
    pages = [shown(blobs, "text/html", page.format(1, C)) for C in (1.0, 3.0)]
    assert compared(*pages, blobs)["display 1"].decides
    assert not compared(*pages, blobs, under=Circumstances(same_software=False))["display 1"].decides
    plot = '<div id="1b4e28ba-2fa1-11d2-883f-0016d3cca427"></div><script>Plot([1.5, {}])</script>'
    drawn = compared(shown(blobs, "text/html", plot.format(2.5)), shown(blobs, "text/html", plot.format(9.5)), blobs)
    assert drawn["display 1"].level == DIFFERENT


def test_our_own_card_is_no_output(blobs: Blobs) -> None:
    card = '<div role="group" aria-label="run gbm" style="x">{}</div>'
    left, right = (shown(blobs, "text/html", card.format(text), "<p>1.5</p>") for text in ("3 s", "4 s"))
    bare = replace(right, outputs=(*right.outputs[1:], Output("display", text="{}", mime=CARD)))
    assert {name: item.level for name, item in compared(left, bare, blobs).items()} == {"display 1": BIT_EQUAL}


def test_what_is_not_kept_is_never_equal(blobs: Blobs) -> None:
    left, right = (shown(blobs, "image/png", content) for content in ("one", "two"))
    os.unlink(blobs.path(left.outputs[0].blob or ""))
    match = compared(left, right, blobs)["display 1"]
    assert match.level == UNKNOWN and "recorded content could not be compared" in match.note
    assert compared(left, left, blobs)["display 1"].level == BIT_EQUAL, "the digest is enough"
    blobs.path(right.outputs[0].blob or "").write_bytes(b"altered")
    assert compared(right, shown(blobs, "image/png", "three"), blobs)["display 1"].level == UNKNOWN
    cut = replace(BASE, outputs=(Output("display", "… not kept: over 4 KiB", "text/html", size=9, cut=True),))
    again = compared(cut, cut, blobs)["display 1"]
    assert again.level == UNKNOWN and "not kept: over 4 KiB" in again.note


def test_another_kind_of_display_differs(blobs: Blobs) -> None:
    left, right = shown(blobs, "text/html", "<p>1</p>"), shown(blobs, "image/png", "one")
    assert compared(left, right, blobs)["display 1"].level == DIFFERENT
    plain = replace(BASE, outputs=(Output("result", "0.5", "text/plain"),))
    assert compared(plain, right, blobs)["display 1"].note == "of another kind"


# -- streams -----------------------------------------------------------------------------------------


def test_the_pieces_of_a_stream_are_joined(blobs: Blobs) -> None:
    left = replace(BASE, outputs=tuple(Output("stdout", text) for text in ("a\n", "b\n", "c\n")))
    right = replace(BASE, outputs=(Output("stdout", "a\nb\n"), Output("stderr", "W"), Output("stdout", "c\n")))
    found = compared(left, right, blobs)
    assert found["stdout"].level == BIT_EQUAL and found["stderr"].level == DIFFERENT
    verdict = decision(found.values())
    assert verdict.level == UNKNOWN and not verdict.deciding[1:], "warnings decide nothing, and letters prove nothing"


# -- predictions -------------------------------------------------------------------------------------


def predicted(blobs: Blobs, values: Any, key: Any, **fields: Any) -> RunRecord:
    table = table_of(numpy.arange(len(values)) % 2, numpy.asarray(values), key)
    return replace(BASE, predictions=(Predictions(**keep_frame("test", table, blobs)),), **fields)


def test_predictions_are_paired_by_key(blobs: Blobs) -> None:
    keys = ["p3", "p1", "p2", "p4"]
    left = predicted(blobs, [0.1, 0.2, 0.3, 0.4], keys)
    order = [3, 1, 0, 2]
    frame = pandas.read_parquet(io.BytesIO(blobs.get(left.predictions[0].blob)))
    moved = replace(BASE, predictions=(Predictions(**keep_frame("test", frame.iloc[order], blobs)),))
    match = compared(left, moved, blobs)["test"]
    assert match.level == NUMERICALLY_EQUAL and "rows in another order" in match.note
    other = compared(left, predicted(blobs, [0.1, 0.2, 0.35, 0.4], keys), blobs)["test"]
    assert other.level == DIFFERENT and other.kind == "predictions"
    assert other.note == "1 of 4 rows differ (first key p2); 1 of 12 cells differ, most in y_pred, row 3: by 0.05"
    gone = compared(left, predicted(blobs, [0.1, 0.2, 0.3, 0.4], ["p3", "p1", "p2", "p9"]), blobs)["test"]
    assert gone.level == DIFFERENT and (gone.left, gone.right) == ("p4", "p9")
    fewer = compared(left, predicted(blobs, [0.1, 0.2, 0.3], keys[:3]), blobs)["test"]
    assert fewer.note == "4 × 3 cells, then 3 × 3"


def test_predictions_within_the_noise_of_repeats(blobs: Blobs) -> None:
    keys = list(range(6))
    noise = numpy.random.default_rng(7)
    draws = [0.5 + 0.01 * noise.normal(size=6) for _ in range(6)]
    left, right = predicted(blobs, draws[0], keys), predicted(blobs, draws[1], keys)
    repeats = [
        predicted(blobs, draw, keys, record_id=f"{n:032x}", reproduces=BASE.record_id)
        for n, draw in enumerate(draws[2:])
    ]
    match = compared(left, right, blobs, repeats=repeats)["test"]
    assert match.level == WITHIN_NOISE and "5 equal runs differ by up to" in match.note
    far = predicted(blobs, draws[0] + 1, keys)
    assert compared(far, right, blobs, repeats=repeats)["test"].level == DIFFERENT


def test_missing_values_types_and_32_bits(blobs: Blobs) -> None:
    def parquet(**columns: Any) -> bytes:
        sink = io.BytesIO()
        pandas.DataFrame(columns).to_parquet(sink)
        return sink.getvalue()

    values = numpy.array([0.1, numpy.nan, 3.0])
    left = parquet(a=values, t=pandas.to_datetime(["2026-01-01"] * 3), c=pandas.Categorical(["x", None, "y"]))
    right = parquet(a=values, t=pandas.to_datetime(["2026-01-01"] * 3), c=["x", None, "y"])
    assert file_level(blobs, "a.parquet", left, right).level == NUMERICALLY_EQUAL
    later = parquet(a=values, t=pandas.to_datetime(["2026-01-02"] * 3), c=["x", None, "y"])
    assert file_level(blobs, "a.parquet", left, later).level == DIFFERENT
    narrow = file_level(blobs, "n.parquet", parquet(a=values), parquet(a=values.astype("float32")))
    assert narrow.level == DIFFERENT and "32-bit" in narrow.note
    assert file_level(blobs, "n.parquet", parquet(a=values), parquet(a=values.astype("float32")), rtol=1e-6).level == (
        NUMERICALLY_EQUAL
    )
    nested = file_level(blobs, "l.parquet", parquet(a=[[1, 2], [3]]), parquet(a=[[1, 2], [4]]))
    assert nested.level == DIFFERENT
    assert file_level(blobs, "a.parquet", left, b"PAR1 no").level == UNKNOWN


def test_beyond_the_cap_it_is_not_known(blobs: Blobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "MOST_CELLS", 100)
    monkeypatch.setattr(tables, "MOST_CELLS", 100)
    monkeypatch.setattr(tables, "MOST_TEXT_CELLS", 100)
    frame = pandas.DataFrame({"a": numpy.arange(400.0), "b": 1.5})
    late, early = frame.copy(), frame.copy()
    late.loc[399, "a"], early.loc[3, "a"] = -1, -1
    for suffix in (".csv", ".parquet"):

        def data(table: pandas.DataFrame, suffix: str = suffix) -> bytes:
            sink = io.BytesIO()
            table.to_parquet(sink, row_group_size=30) if suffix == ".parquet" else table.to_csv(sink, index=False)
            return sink.getvalue()

        unknown = file_level(blobs, f"t{suffix}", data(frame), data(late))
        assert unknown.level == UNKNOWN and "were not compared" in unknown.note
        assert file_level(blobs, f"t{suffix}", data(frame), data(early)).level == DIFFERENT


# -- files -------------------------------------------------------------------------------------------


def archive(**members: bytes) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as file:
        for name, data in members.items():
            file.writestr(zipfile.ZipInfo(name, (2026, 1, 1 + len(sink.getvalue()) % 20, 0, 0, 0)), data)
    return sink.getvalue()


def saved(array: Any) -> bytes:
    sink = io.BytesIO()
    numpy.save(sink, array, allow_pickle=True)
    return sink.getvalue()


def test_files_by_their_kind(blobs: Blobs) -> None:
    assert file_level(blobs, "a.csv", b"g,v\nx,0.30000000000000004\n", b"g,v\nx,0.3\n").level == NUMERICALLY_EQUAL
    assert file_level(blobs, "a.csv", b"id,v\n10000000001,1\n", b"id,v\n10000000002,1\n").level == DIFFERENT
    for ids in ((b"10000000001", b"10000000002"), (b"1" * 25, b"1" * 24 + b"2")):
        left, right = (b"id,v\n" + one + b",0.5\n,1\n" for one in ids)
        assert file_level(blobs, "a.csv", left, right).level == DIFFERENT, "whole numbers are exact, gaps or not"
    assert file_level(blobs, "a.TSV.gz", gzip.compress(b"a\tb\n1\t2", mtime=1), gzip.compress(b"a\tb\n1\t2")).level == (
        NUMERICALLY_EQUAL
    )
    assert file_level(blobs, "a.json", b'{"a": 0.5, "b": [1]}', b'{"b": [1], "a": 0.50}').level == NUMERICALLY_EQUAL
    assert file_level(blobs, "a.json", b'{"a": 1}', b'{"a": 2}').level == DIFFERENT
    assert file_level(blobs, "a.json", b'{"a": 1}', b'{"a": ').level == UNKNOWN
    array = numpy.linspace(0, 1, 6).reshape(2, 3)
    assert file_level(blobs, "a.npy", saved(array), saved(array * (1 + 1e-12))).level == NUMERICALLY_EQUAL
    assert file_level(blobs, "a.npy", saved(array), saved(array + 1)).level == DIFFERENT
    assert file_level(blobs, "a.npy", saved(array), saved(array.T)).level == DIFFERENT
    objects = [saved(numpy.array([{"a": n}], dtype=object)) for n in (1, 2)]
    assert file_level(blobs, "a.npy", *objects).level == UNKNOWN, "pickles are never loaded"
    packed = [archive(**{"x.npy": saved(array), "y.npy": saved(array + n)}) for n in (0, 0, 1)]
    assert file_level(blobs, "a.npz", packed[0], archive(**{"x.npy": saved(array), "y.npy": saved(array)})).level in (
        BIT_EQUAL,
        NUMERICALLY_EQUAL,
    )
    differing = file_level(blobs, "a.npz", packed[0], packed[2])
    assert differing.level == DIFFERENT and differing.note.startswith("y.npy: ")
    assert file_level(blobs, "a.npz", packed[0], b"PK broken").level == UNKNOWN
    opaque = file_level(blobs, "model.pkl", b"one", b"two")
    assert opaque.level == UNKNOWN and "only compared by their bytes" in opaque.note, "other bytes are no difference"
    assert file_level(blobs, "model.pkl", b"one", b"one").proves == 1
    assert file_level(blobs, "a.vcf", b"1\t0.5", b"1\t0.5").proves == 1


def test_a_bomb_is_not_unpacked(blobs: Blobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jupyter_bioml.reproduce.compare.stored.MOST_BYTES", 10_000)
    bombs = [gzip.compress(bytes([n]) * 1_000_000) for n in (0, 1)]
    match = file_level(blobs, "a.csv.gz", *bombs)
    assert match.level == UNKNOWN and "larger than 10 kB" in match.note


def written(path: Path, name: str, data: bytes, *, hashed: bool) -> DataUse:
    path.write_bytes(data)
    stat = path.stat()
    digest = hashlib.md5(data).hexdigest() if hashed else None
    return DataUse(
        name, "written", path=str(path), digest=digest, size=len(data), mtime_ns=stat.st_mtime_ns, inode=stat.st_ino
    )


@pytest.mark.parametrize("hashed", [True, False])
def test_files_that_the_run_wrote(blobs: Blobs, tmp_path: Path, hashed: bool) -> None:
    here, there = tmp_path / "a.csv", tmp_path / "b.csv"
    left = replace(BASE, data=(written(here, "out.csv", b"v\n0.30000000000000004\n", hashed=True),))
    right = replace(BASE, data=(written(there, "out.csv", b"v\n0.3\n", hashed=hashed),))
    assert compared(left, right, blobs)["out.csv"].level == NUMERICALLY_EQUAL
    same = replace(BASE, data=(written(there, "out.csv", here.read_bytes(), hashed=hashed),))
    assert compared(left, same, blobs)["out.csv"].level == BIT_EQUAL
    here.write_bytes(b"v\n0.3\n# rewritten by hand since\n")
    gone = compared(left, right, blobs)["out.csv"]
    assert gone.level == UNKNOWN and "no longer exists as it was written" in gone.note
    assert decision([gone]).level == UNKNOWN and decision([gone]).unknown == (gone,)
    os.unlink(here)
    os.mkfifo(here)
    assert compared(left, right, blobs)["out.csv"].level == UNKNOWN


def test_a_name_with_a_time_in_it_is_the_same_file(blobs: Blobs) -> None:
    left = kept(blobs, "report_2026-01-02.csv", b"a\n1\n")
    right = kept(blobs, "report_2026-03-04.csv", b"a\n1\n")
    found = compared(left, right, blobs)
    assert len(found) == 1
    only = found["artifact:report_2026-01-02.csv"]
    assert only.level == BIT_EQUAL and only.note == "now artifact:report_2026-03-04.csv"
    inputs = replace(BASE, data=(DataUse("in.csv", "read", digest="1"),))
    assert not compared(inputs, inputs, blobs), "what was only read is no output"


# -- figures -----------------------------------------------------------------------------------------


def png(array: Any, **options: Any) -> bytes:
    sink = io.BytesIO()
    Image.fromarray(array).save(sink, "PNG", **options)
    return sink.getvalue()


def test_pictures_by_their_pixels(blobs: Blobs) -> None:
    pixels = numpy.full((200, 300, 3), 120, dtype=numpy.uint8)
    near, one, many = pixels.copy(), pixels.copy(), pixels.copy()
    near += 5
    one[3, 4] = 255
    many[:20] = 0
    left = shown(blobs, "image/png", png(pixels))

    def level(data: bytes) -> Compared:
        return compared(left, shown(blobs, "image/png", data), blobs)["display 1"]

    assert level(png(pixels)).level == BIT_EQUAL
    assert level(png(pixels, compress_level=0)).note.endswith("every pixel is the same, the files differ elsewhere")
    assert level(png(near)).level == level(png(one)).level == NUMERICALLY_EQUAL
    far = level(png(many))
    assert far.level == DIFFERENT and far.note == "10 % of the pixels differ, a channel by up to 120 of 255"
    assert far.kind == "figure" and far.decides
    under = Circumstances(same_software=False)
    assert not compared(left, shown(blobs, "image/png", png(many)), blobs, under=under)["display 1"].decides
    assert level(png(pixels[:100])).note == "different sizes"
    assert level(b"\x89PNG broken").level == UNKNOWN
    assert level(png(many)[:200]).level == UNKNOWN


def test_drawings_without_ids_and_dates(blobs: Blobs) -> None:
    svg = (
        '<svg><!-- made {0} --><metadata><dc:date>{0}</dc:date></metadata><clipPath id="p{1}"/>'
        '<path d="M 1.5 2.5 L {2},4" clip-path="url(#p{1})"/></svg>'
    )
    left = shown(blobs, "image/svg+xml", svg.format("2026-01-01", "ab12", "3.0"))
    same = compared(left, shown(blobs, "image/svg+xml", svg.format("2027-01-01", "cd99", "3.00")), blobs)["display 1"]
    assert same.level == NUMERICALLY_EQUAL
    moved = compared(left, shown(blobs, "image/svg+xml", svg.format("2026-01-01", "ab12", "3.5")), blobs)["display 1"]
    assert moved.level == DIFFERENT and moved.kind == "figure"


def test_pdf_by_its_bytes_without_dates(blobs: Blobs) -> None:
    pdf = "%PDF-1.4 /CreationDate (D:{}) stream {}"
    left = shown(blobs, "application/pdf", pdf.format("2026", "a"))
    dated = compared(left, shown(blobs, "application/pdf", pdf.format("2027", "a")), blobs)["display 1"]
    assert dated.level == NUMERICALLY_EQUAL and dated.masked
    assert compared(left, shown(blobs, "application/pdf", pdf.format("2026", "b")), blobs)["display 1"].level == UNKNOWN
