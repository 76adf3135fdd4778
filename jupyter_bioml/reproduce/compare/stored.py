"""Outputs that are kept as files: displays, predictions, artifacts and files that the run wrote.

They are compared by their digests first; only where these differ is the content opened, by its kind. Nothing is
unpickled here. Content that is gone, or differs from the record, is not known: never equal.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import PurePosixPath
from stat import S_ISREG

from ...errors import BiomlError, NotFound
from ...records.run import DataUse
from ...text.present import format_bytes, printable, shorten
from .agreement import BIT_EQUAL, DIFFERENT, NUMERICALLY_EQUAL, UNKNOWN, Match, Part, worst
from .figures import Drawing, Pages, Picture
from .source import NO_SOURCE, Source
from .tables import Page, PredictionTable, Table, frame_of_array, frame_of_csv, frame_of_parquet
from .texts import PlainText

#: Bytes of a file that is opened, packed or not.
MOST_BYTES = 256_000_000
#: Members of an archive that are opened.
MOST_MEMBERS = 1_000
#: Numbers and records, which decide. Biological formats are read as text: their numbers with tolerance.
TABLES = {".csv": ",", ".tsv": "\t"}
DATA_TEXTS = frozenset(
    {".json", ".jsonl", ".ndjson", ".dat", ".vcf", ".bed", ".gff", ".gff3", ".gtf", ".fasta", ".fa", ".fastq", ".fq"}
    | {".sam", ".mtx", ".sdf", ".mol", ".mol2", ".pdb", ".nwk", ".newick", ".arff", ".maf", ".wig", ".bedgraph"}
)
DATA = frozenset({*TABLES, *DATA_TEXTS, ".parquet", ".npy", ".npz", ".xlsx"})
FIGURES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp", ".svg", ".pdf"})
TEXTS = frozenset({".txt", ".log", ".md", ".tex", ".html", ".htm", ".yaml", ".yml", ".xml", ".toml", ".ini", ".py"})
_PACKED = (".gz",)
Opened = Part | None


def suffix_of(name: str) -> str:
    """The suffix that says what a file holds, in lower case: of ``a.CSV.gz`` it is ``.csv``."""
    path = PurePosixPath(name.lower())
    return PurePosixPath(path.stem).suffix if path.suffix in _PACKED else path.suffix


@dataclass(frozen=True)
class StoredFile:
    """An output kept as a file. ``digest`` says whether two are the same; ``read`` gives the content.

    :ivar open: makes the part that compares the content; gives None for kinds that nothing looks into.
    """

    kind: str
    name: str
    digest: str | None
    size: int | None
    read: Callable[[], bytes]
    """Raises :class:`~jupyter_bioml.errors.BiomlError` saying why the content is not there."""
    open: Callable[[bytes], Opened]

    @property
    def weight(self) -> int:
        """Of a text or a page its own; 1 for any other file with something in it."""
        if self.kind in ("text", "table") or suffix_of(self.name) in TEXTS:
            return int(not isinstance(self.content, str) and self.content is not None and self.content.weight > 0)
        return int(self.size != 0)

    @cached_property
    def content(self) -> Opened | str:
        """Its part; None if its kind is not opened; a text saying why, if it is not available."""
        try:
            if self.size is not None and self.size > MOST_BYTES:
                return f"it is larger than {format_bytes(MOST_BYTES)}"
            return self.open(self.read())
        except BiomlError as error:
            return error.message.rstrip(".")
        except ValueError as error:
            return f"it cannot be read: {shorten(printable(str(error)), 100)}"

    def summary(self) -> str:
        """The beginning of its digest, and its size where that is known."""
        if self.digest is None:
            return format_bytes(self.size) if self.size is not None else "no digest"
        return f"{self.digest[:8]}…" + (f", {format_bytes(self.size)}" if self.size is not None else "")

    def compare(self, other: StoredFile, rtol: float) -> Match:
        """By digest first, then by content, where both sides still have it."""
        left, right = self.summary(), other.summary()
        if self.digest is not None and self.digest == other.digest:
            return Match(BIT_EQUAL, "", left, right)
        ours, theirs = self.content, other.content
        for text, whose in ((ours, "recorded"), (theirs, "new")):
            if isinstance(text, str):
                return self._unread(other, f"the {whose} content could not be compared: {text}")
        if ours is None or theirs is None:
            return self._unread(other, "files of this kind are only compared by their bytes")
        assert not isinstance(ours, str) and not isinstance(theirs, str)
        if type(ours) is not type(theirs) or ours.kind != theirs.kind:
            return Match(DIFFERENT, "of another kind", left, right)
        match = ours.compare(theirs, rtol)
        if match.level == BIT_EQUAL and self.digest is not None and other.digest is not None:
            note = "; ".join(filter(None, ("the content is the same, the bytes are not", match.note)))
            return replace(match, level=NUMERICALLY_EQUAL, note=note)
        return match

    def _unread(self, other: StoredFile, why: str) -> Match:
        """Other bytes never mean that the content differs: of what nothing looks into, it is not known."""
        known = self.digest is not None and other.digest is not None
        note = f"the bytes differ; {why}" if known else why
        return Match(UNKNOWN, note, self.summary(), other.summary())


# -- what a content is -------------------------------------------------------------------------------


def open_file(name: str, data: bytes) -> Opened:
    """The part that compares a file's content by the suffix of its name; None for kinds nothing looks into.

    :raises ValueError: when it is not what its name says.
    """
    path = PurePosixPath(name.lower())
    if path.suffix in _PACKED:
        return open_file(name[: -len(path.suffix)], _unpacked(data))
    suffix = path.suffix
    if suffix in FIGURES:
        return open_display(name, f"image/{suffix[1:]}", data)
    if suffix in TABLES:
        return Table(name, frame_of_csv(_text(data), TABLES[suffix]))
    if suffix == ".parquet":
        return Table(name, frame_of_parquet(data))
    if suffix == ".npy":
        return Table(name, frame_of_array(data))
    if suffix in (".npz", ".xlsx", ".zip"):
        return Archive(name, data)
    if suffix == ".json":
        return PlainText(name, json.dumps(json.loads(_text(data)), sort_keys=True, indent=0))
    if suffix in (".html", ".htm"):
        return Page(name, _text(data))
    if suffix in DATA_TEXTS | TEXTS:
        return PlainText(name, _text(data))
    return None


def open_display(name: str, mime: str, data: bytes, source: Source = NO_SOURCE) -> Opened:
    """The part that compares a display's content by its MIME type."""
    if mime in ("image/svg+xml", "image/svg"):
        return Drawing(name, data.decode("utf-8", "replace"))
    if mime in ("application/pdf", "image/pdf"):
        return Pages(name, data)
    if mime.startswith("image/"):
        return Picture(name, data)
    if mime == "text/html":
        return Page(name, data.decode("utf-8", "replace"), source)
    return PlainText(name, data.decode("utf-8", "replace"), source=source)


def open_predictions(name: str, format: str, data: bytes) -> Opened:
    """The part that compares predictions kept as ``parquet`` or ``csv``."""
    return PredictionTable(name, frame_of_parquet(data) if format == "parquet" else frame_of_csv(_text(data)))


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _unpacked(data: bytes) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            found = file.read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"it cannot be unpacked ({error})") from None
    if len(found) > MOST_BYTES:
        raise ValueError(f"unpacked it is larger than {format_bytes(MOST_BYTES)}")
    return found


@dataclass(frozen=True)
class Archive:
    """A zip (``.npz``, ``.xlsx``, ``.zip``): its members each by its kind; dates of members do not count."""

    name: str
    data: bytes
    kind: str = "file"
    weight: int = 1

    def summary(self) -> str:
        """Its size."""
        return format_bytes(len(self.data))

    def members(self) -> dict[str, bytes]:
        """Content by member.

        :raises ValueError: if it is not an archive or holds too much.
        """
        try:
            with zipfile.ZipFile(io.BytesIO(self.data)) as archive:
                infos = [info for info in archive.infolist() if not info.is_dir()]
                if len(infos) > MOST_MEMBERS or sum(info.file_size for info in infos) > MOST_BYTES:
                    raise ValueError("it holds too much to be compared")
                return {info.filename: archive.read(info) for info in infos}
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, zlib.error, OSError, EOFError) as error:
            raise ValueError(f"it cannot be opened ({type(error).__name__})") from None

    def compare(self, other: Archive, rtol: float) -> Match:
        """Member by member: the worst level of all."""
        try:
            ours, theirs = self.members(), other.members()
            found = list(_members(ours, theirs, rtol))
        except ValueError as error:
            return Match(UNKNOWN, f"the bytes differ; {error}", self.summary(), other.summary())
        level = worst([BIT_EQUAL, *(match.level for _, match in found)])
        name, match = next(((name, m) for name, m in found if m.level == level), ("", Match(level)))
        masked = tuple(line for _, m in found for line in m.masked)
        said = f"{shorten(printable(name), 80)}: {match.note}" if match.note else ""
        return Match(level, said, match.left or self.summary(), match.right or other.summary(), masked)


def _members(left: dict[str, bytes], right: dict[str, bytes], rtol: float) -> Iterator[tuple[str, Match]]:
    for name in dict.fromkeys([*left, *right]):
        if name not in left or name not in right:
            yield name, Match(DIFFERENT, "only on one side")
        elif left[name] == right[name]:
            yield name, Match(BIT_EQUAL)
        elif suffix_of(name) in (".zip", ".npz", ".xlsx"):
            yield name, Match(UNKNOWN, "an archive in an archive is not opened")
        else:
            ours, theirs = open_file(name, left[name]), open_file(name, right[name])
            alike = ours is not None and theirs is not None
            yield name, ours.compare(theirs, rtol) if alike else Match(DIFFERENT, "the bytes differ")  # type: ignore[union-attr]


# -- files that a run wrote --------------------------------------------------------------------------


def content_as_recorded(use: DataUse) -> bytes:
    """The content of a file that a run wrote, where it still is what was recorded.

    :raises NotFound: if it no longer exists, or has changed.
    """
    gone = NotFound("The file no longer exists as it was written.")
    if use.path is None or use.kind != "file" or use.changed_since:
        raise gone
    try:
        with open(os.open(use.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            stat = os.fstat(file.fileno())
            if not S_ISREG(stat.st_mode) or stat.st_size > MOST_BYTES:
                raise gone
            data = file.read(MOST_BYTES)
    except OSError:
        raise gone from None
    if use.digest is not None:
        same = hashlib.md5(data, usedforsecurity=False).hexdigest() == use.digest
    else:
        same = (stat.st_size, stat.st_mtime_ns, stat.st_ino) == (use.size, use.mtime_ns, use.inode)
    if not same:
        raise gone
    return data
