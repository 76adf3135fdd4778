"""Tables as they are kept: of a display's HTML, as CSV, as parquet, as an array; and predictions, row by key."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from html.parser import HTMLParser
from typing import Any

from ...text.present import printable, shorten
from .agreement import BIT_EQUAL, DIFFERENT, NUMERICALLY_EQUAL, Match, worst
from .frames import MOST_CELLS, Frame, compare_frames, frame_of_rows, is_number
from .source import NO_SOURCE, Source
from .texts import PlainText

#: Cells of a table kept as text: each is a Python object until it is compared.
MOST_TEXT_CELLS = 2_000_000
#: Cells of a shown table without numbers that have a point: fewer are counts of a few classes.
_FEW_CELLS = 4
#: Rows of a column of words in which a number is looked for.
_MOST_ROWS = 1_000
_INDEX = "__index_level_0__"
#: Attributes of an estimator that hold durations.
_TOOK = re.compile(r"\w*_time_\b|cv_results_\b")
#: Marks of an estimator's HTML: its tables hold parameters and change with the library.
_ESTIMATOR = ("sk-top-container", "sk-container-id")


@dataclass(frozen=True)
class Table:
    """A table with its name; its distance is :func:`.frames.compare_frames`'s."""

    name: str
    frame: Frame
    kind: str = "table"

    @property
    def weight(self) -> int:
        """1 where it has a row."""
        return int(self.frame.rows > 0)

    def summary(self) -> str:
        """How many cells it has."""
        return f"{self.frame.size} cells"

    def compare(self, other: Table, rtol: float) -> Match:
        """Cell by cell: the worst level of all."""
        return compare_frames(self.frame, other.frame, rtol)[0]


@dataclass(frozen=True)
class PredictionTable:
    """Predictions: rows are paired by their ``key`` where it names each row of both sides once."""

    name: str
    frame: Frame
    kind: str = "predictions"

    @property
    def weight(self) -> int:
        """1 where it has a row."""
        return int(self.frame.rows > 0)

    def summary(self) -> str:
        """How many rows there are."""
        return f"{self.frame.rows + self.frame.rest:,} rows"

    def compare(self, other: PredictionTable, rtol: float) -> Match:
        """Row by row: paired by key where each row of both sides has one of its own, else in their order."""
        import numpy

        ours, theirs = _by_key(self.frame), _by_key(other.frame)
        if (places := _pairing(ours, theirs)) is not None:
            theirs = replace(theirs, columns={name: column[places] for name, column in theirs.columns.items()})
        match, differing = compare_frames(ours, theirs, rtol)
        if differing is None or not differing.any():
            moved = places is not None and bool((places != numpy.arange(len(places))).any())
            if differing is not None and moved:
                note = "; ".join(filter(None, ("rows in another order", match.note)))
                return replace(match, level=worst([match.level, NUMERICALLY_EQUAL]), note=note)
            return match
        count = int(differing.sum())
        key = ours.columns["key"][differing][0] if "key" in ours.columns else None
        first = "" if key is None else f" (first key {shorten(printable(str(key)), 40)})"
        return replace(match, note=f"{count:,} of {ours.rows:,} rows differ{first}; {match.note}")


def _by_key(frame: Frame) -> Frame:
    """Without the index that parquet keeps beside the keys: it only says where a row stood."""
    if "key" not in frame.columns:
        return frame
    return replace(frame, columns={name: column for name, column in frame.columns.items() if name != _INDEX})


def _pairing(left: Frame, right: Frame) -> Any:
    """For every row of ``left`` the place of its key in ``right``; None where keys do not pair the rows."""
    import numpy

    if "key" not in left.columns or "key" not in right.columns or left.rest or right.rest or left.rows != right.rows:
        return None
    place = {key: n for n, key in enumerate(right.columns["key"].tolist())}
    found = [place.get(key, -1) for key in left.columns["key"].tolist()]
    return numpy.array(found, dtype=int) if len(set(found)) == right.rows and -1 not in found else None


# -- HTML ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Page:
    """HTML that a run showed: its tables cell by cell, then its text and scripts. Styles are left out."""

    name: str
    html: str
    source: Source = field(default=NO_SOURCE, compare=False)
    """What the run's code says by itself."""

    @property
    def shows_settings(self) -> bool:
        """Whether it shows an estimator with its settings."""
        return any(mark in self.html for mark in _ESTIMATOR)

    @property
    def weight(self) -> int:
        """1 for tables that hold more than counts; of a text its own; 0 for an estimator."""
        if self.tables:
            return int(any(map(_is_result, self.tables)))
        return 0 if self.shows_settings else self.text.weight

    @property
    def kind(self) -> str:
        """``table`` where it holds one, else ``text``."""
        return "table" if self.tables else "text"

    @cached_property
    def _read(self) -> _Reader:
        reader = _Reader()
        reader.feed(self.html)
        reader.close()
        return reader

    @cached_property
    def tables(self) -> tuple[Frame, ...]:
        """Its tables; none of an estimator's."""
        if self.shows_settings:
            return ()
        read = self._read
        return tuple(frame_of_rows(rows, headed=n in read.headed or _names(rows)) for n, rows in enumerate(read.tables))

    @cached_property
    def text(self) -> PlainText:
        """What it says outside its tables; all that it says where it has none."""
        rows = [] if self.tables else [row for table in self._read.tables for row in table]
        if self.shows_settings:  # newer versions show what was fitted, too: how long that took is not a result
            rows = [row for row in rows if not (row and _TOOK.match(row[0]))]
        cells = (cell for row in rows for cell in row)
        return PlainText(self.name, "\n".join([*self._read.text, *cells]), source=self.source)

    def summary(self) -> str:
        """How many cells its tables have; the beginning of its text where it has none."""
        return " and ".join(f"{table.size} cells" for table in self.tables) if self.tables else self.text.summary()

    def compare(self, other: Page, rtol: float) -> Match:
        """Table by table and the text around them: the worst level of all."""
        if self.html == other.html:
            return Match(BIT_EQUAL, "", self.summary(), other.summary())
        if len(self.tables) != len(other.tables):
            note = f"{len(self.tables)} tables, then {len(other.tables)}"
            return Match(DIFFERENT, note, self.summary(), other.summary())
        found = [compare_frames(*pair, rtol)[0] for pair in zip(self.tables, other.tables, strict=True)]
        if not found:
            match = self.text.compare(other.text, rtol)
            return replace(match, level=worst([match.level, NUMERICALLY_EQUAL]))
        level = worst(match.level for match in found)
        most = next(match for match in found if match.level == level)
        around = self.text.compare(other.text, rtol)
        notes = [most.note] + ["the text around it differs"] * (around.level == DIFFERENT)
        masked = tuple(line for match in (*found, around) for line in match.masked)
        distance = most.distance if sum(match.level == level for match in found) == 1 else None
        said = "; ".join(filter(None, notes))
        return Match(worst([level, NUMERICALLY_EQUAL]), said, most.left, most.right, masked, distance)


def _names(rows: list[list[str]]) -> bool:
    """Whether the first of several rows can name the columns, although it is not marked as a heading."""
    return len(rows) > 1 and not any(map(is_number, rows[0]))


def _is_result(table: Frame) -> bool:
    """Whether a shown table has numbers with a point, or more than a few cells beside its index."""
    import numpy

    columns = list(table.columns.values())
    if any(column.dtype.kind == "f" and numpy.isfinite(column).any() for column in columns):
        return True
    texts = [str(cell) for column in columns if column.dtype.kind == "O" for cell in column[:_MOST_ROWS]]
    if any("." in cell and is_number(cell) for cell in texts):
        return True
    return table.rows * (len(columns) - 1) >= _FEW_CELLS


class _Reader(HTMLParser):
    """Takes tables apart into rows of cells; what stands elsewhere is text. A table in a cell is its text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[str]]] = []
        self._headings: set[int] = set()
        self._plain: set[int] = set()
        """Places of the tables whose first row has cells of either kind."""
        self.text: list[str] = []
        self._depth = 0
        self._cell: list[str] | None = None
        self._skipped = 0

    @property
    def headed(self) -> set[int]:
        """Places of the tables whose first row has nothing but headings."""
        return self._headings - self._plain

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag == "style":
            self._skipped += 1
        elif tag == "table":
            self._depth += 1
            if self._depth == 1:
                self.tables.append([])
        elif self._depth == 1 and tag == "tr":
            self._end_cell()
            self.tables[-1].append([])
        elif self._depth == 1 and tag in ("td", "th"):
            self._end_cell()
            self._cell = []
            if len(self.tables[-1]) <= 1:  # in its first row
                (self._plain if tag == "td" else self._headings).add(len(self.tables) - 1)

    def handle_endtag(self, tag: str) -> None:
        if tag == "style":
            self._skipped = max(0, self._skipped - 1)
        elif tag == "table" and self._depth:
            if self._depth == 1:
                self._end_cell()
            self._depth -= 1
        elif self._depth == 1 and tag in ("td", "th", "tr"):
            self._end_cell()

    def handle_data(self, data: str) -> None:
        if self._skipped or not data.strip():
            return
        (self.text if self._cell is None else self._cell).append(data.strip())

    def close(self) -> None:
        super().close()
        self._end_cell()

    def _end_cell(self) -> None:
        if self._cell is None:
            return
        if not self.tables[-1]:
            self.tables[-1].append([])
        self.tables[-1][-1].append(" ".join(self._cell))
        self._cell = None


# -- files -----------------------------------------------------------------------------------------


def frame_of_csv(text: str, delimiter: str = ",") -> Frame:
    """A table of separated text; rows beyond :data:`MOST_TEXT_CELLS` cells are only counted.

    :raises ValueError: if it is not such a table.
    """
    rows: list[list[str]] = []
    cells = rest = 0
    try:
        for row in csv.reader(io.StringIO(text), delimiter=delimiter):
            if cells > MOST_TEXT_CELLS:
                rest += 1
            else:
                rows.append(row)
                cells += len(row)
    except csv.Error as error:
        raise ValueError(f"it is not a table ({error})") from None
    return frame_of_rows(rows, rest)


def frame_of_parquet(data: bytes) -> Frame:
    """A table from parquet; rows beyond :data:`.frames.MOST_CELLS` cells are only counted.

    :raises ValueError: when it cannot be read.
    """
    import pyarrow
    import pyarrow.parquet

    try:
        file = pyarrow.parquet.ParquetFile(io.BytesIO(data))
        rows, width = file.metadata.num_rows, max(1, file.metadata.num_columns)
        most = min(rows, max(1, MOST_CELLS // width))
        taken = pyarrow.Table.from_batches(_batches(file, most), schema=file.schema_arrow)
    except (pyarrow.ArrowException, OSError) as error:
        raise ValueError(f"it is not readable parquet ({type(error).__name__})") from None
    columns = {name: _array(taken.column(n)) for n, name in enumerate(taken.column_names)}
    return Frame(columns, taken.num_rows, rows - taken.num_rows)


def _batches(file: Any, most: int) -> Iterator[Any]:
    taken = 0
    for batch in file.iter_batches(batch_size=min(65536, max(1, most))):
        yield batch.slice(0, most - taken)
        taken += len(batch)
        if taken >= most:
            return


def _array(column: Any) -> Any:
    """An arrow column as an array: numbers as numbers, all else (whole numbers with gaps too) as Python objects."""
    import pyarrow

    if pyarrow.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    kind = column.type
    if (pyarrow.types.is_integer(kind) and not column.null_count) or pyarrow.types.is_floating(kind):
        found = column.to_numpy()
        if found.dtype.kind in "biuf":
            return found
    return _objects(column.to_pylist())


def _objects(values: list[Any]) -> Any:
    import numpy

    column = numpy.empty(len(values), dtype=object)
    for n, value in enumerate(values):
        column[n] = value
    return column


def frame_of_array(data: bytes) -> Frame:
    """A table from a ``.npy`` file: its last axis are the columns. Pickled objects are never loaded.

    :raises ValueError: when it cannot be read without unpickling.
    """
    import numpy

    try:
        array = numpy.load(io.BytesIO(data), allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise ValueError(f"it is not a readable array ({error})") from None
    flat = array.reshape(-1, array.shape[-1]) if array.ndim > 1 else array.reshape(-1, 1)
    if array.dtype.names or flat.shape[1] > 1000:
        flat = flat.reshape(-1, 1)
    most = max(1, MOST_CELLS // max(1, flat.shape[1]))
    kept = flat[:most]
    names = [f"column {n + 1} of {list(array.shape)}" for n in range(kept.shape[1])]
    columns = {
        name: kept[:, n] if kept.dtype.kind in "biufc" else _objects(kept[:, n].tolist())
        for n, name in enumerate(names)
    }
    return Frame(columns, len(kept), len(flat) - len(kept))
