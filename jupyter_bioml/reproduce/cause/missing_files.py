"""Which missing file an exception is about, whatever its class: by what the record read, errno and libraries' texts.

DuckDB raises an ``IOException``, PyTables and Zarr put their own words into a ``FileNotFoundError``, pandas and Arrow
the bare path, HDF5 the number of the error. What the record read, and is missing now, is believed in any text that
names it; another path only where the text says that the system did not find the file.
"""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

#: Words by which libraries say that a file was not found (not a table, a column or a key).
_NOT_FOUND = re.compile(
    r"\[Errno 2\]|\berrno = 2\b|\bos error 2\b|No such file|No files? found that match|database does not exist"
    r"|unable to open (?:database )?file|[Cc]annot open (?:database|file)|Failed to open local file",
)
#: The same of objects of a store (S3 and those that speak like it).
_NO_OBJECT = re.compile(
    r"NoSuchKey|NoSuchBucket|The specified (?:key|bucket|blob|container) does not exist|\(404\).*HeadObject"
    r"|BlobNotFound|No such object: "
)
_ADDRESS = re.compile(r"\b(?:s3|s3a|s3n|gs|gcs|abfss?|az|wasbs?)://[^\s'\"`)\]}]+")
_QUOTED = re.compile(r"``([^`]+)``|'([^']+)'|\"([^\"]+)\"|`([^`]+)`")
_SYSTEMS_WORDS = re.compile(r"\[Errno \d+\] .*?(?=[:'\"]|$)|\(os error \d+\)|errno = \d+.*$")
_BETWEEN = " \t\n,:;()[]{}<>'\"`"
_SUFFIX = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,9}$")


@dataclass(frozen=True)
class RecordedReads:
    """What the record says that the planned cells read."""

    lost: Sequence[str] = ()
    """Names (relative to the project, or absolute) of data that are in no place they could be restored from."""
    failed_alike: Callable[[str, str], bool] = lambda kind, message: False
    """Whether the recorded run ended with this very exception: then the file was not there either."""


def missing_file(kind: str, message: str, reads: RecordedReads, exists: Callable[[str], bool]) -> str | None:
    """The name of the missing file that an exception is about; None: it is about none.

    :param exists: whether a path, as the text has it, is there in the work folder.
    """
    paths = list(paths_in(message))
    said = kind == "FileNotFoundError" or _NOT_FOUND.search(message) is not None
    for path in paths:
        name = _of_record(path, reads.lost, said)
        if name is not None and not exists(path):
            return name
    if not said or reads.failed_alike(kind, message):
        return None
    if kind != "FileNotFoundError":
        paths = [path for path in paths if "/" in path or _SUFFIX.search(path)]
    return next((path for path in paths if not exists(path)), None)


def missing_object(kind: str, message: str, reads: RecordedReads, sources: Iterable[str]) -> str | None:
    """The address of an object that a store says it does not have; empty: which one is not known.

    :param sources: the raising cell's source, then those before it: where an address is written out.
    """
    if _NO_OBJECT.search(message) is None and kind not in ("NoSuchKey", "NoSuchBucket"):
        return None
    if reads.failed_alike(kind, message):
        return None
    for text in (message, *sources):
        found = list(dict.fromkeys(_ADDRESS.findall(text)))
        if found:
            return found[0] if len(found) == 1 else ""
    return ""


def paths_in(message: str) -> Iterator[str]:
    """What may be a path in the text of an exception, the likeliest first."""
    quoted = [next(filter(None, groups)) for groups in _QUOTED.findall(message)]
    rest = _SYSTEMS_WORDS.sub(" ", _QUOTED.sub(" ", message))
    words = [word.strip(_BETWEEN).removesuffix(".") for word in re.split(r"[\s,;]+", rest)]
    bare = [word for word in words if word and ("/" in word.strip("/") or _SUFFIX.search(word))]
    likely = [text for text in quoted if "/" in text or _SUFFIX.search(text)]
    for text in dict.fromkeys((*likely, *bare, *quoted)):
        if len(text) < 4096 and "\n" not in text and "://" not in text:
            yield text


def _of_record(path: str, lost: Sequence[str], said: bool) -> str | None:
    """The lost file that a path means: by its whole name or, where a file was not found, as the notebook's folder sees
    it, as a folder that holds it, or as a pattern that fits it."""
    clean = os.path.normpath(path)
    below = re.sub(r"^(?:\.\./)+", "", clean)
    for name in lost:
        if clean == name or clean.endswith(f"/{name}") or below == name:
            return name
        if not said:
            continue
        folders = _folders(name)
        if f"/{below}/" in f"/{name}/" or any(clean.endswith(f"/{folder}") for folder in folders):
            return name
        if "*" in below and fnmatch.fnmatch(f"/{name}", f"*/{below.lstrip('/')}"):
            return name
    return None


def _folders(name: str) -> list[str]:
    """The folders that hold ``name``, without the topmost one of an absolute name."""
    parts = name.split("/")[:-1]
    return ["/".join(parts[: count + 1]) for count in range(len(parts)) if parts[count]]
