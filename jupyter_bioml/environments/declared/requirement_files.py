"""Requirements files as pip reads them: comments, continued lines, options, files that name other files."""

from __future__ import annotations

import codecs
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from ...text.present import printable
from .conda_specs import EXPORTED, of_conda
from .statement import LIMIT_ONLY, LONGEST, OPTIONAL, REQUIRED, Declaration, NotCompared, Said, of_requirement

#: Bytes of a file that is read; a requirements file of pip's own size limit would be far smaller.
LARGEST = 4 << 20
#: Files that one file may lead to.
_MOST_FILES = 50
_FOLLOWED = re.compile(r"(-r|--requirement|-c|--constraint)(?:\s*=\s*|\s*)(.+)")
_EDITABLE = re.compile(r"(?:-e|--editable)(?:\s*=\s*|\s+)(.+)")
_INDEX = re.compile(r"(?:-i|--index-url|--extra-index-url|-f|--find-links|--no-index)\b")
_COMMENT = re.compile(r"(?:^|\s)#.*$")
_LINE_OPTIONS = re.compile(r"\s--?[a-z][\w-]*(?:[\s=].*)?$")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip


class FileNotRead(Exception):
    """A file that cannot be read; its text says why."""


@dataclass
class ProjectFiles:
    """One look through a project's files: where it may look, and what it has seen."""

    root: Path
    """Nothing outside this folder is opened."""
    seen: set[Path] = field(default_factory=set)
    index_options: list[str] = field(default_factory=list)
    """Places of lines that name another index."""

    def shown(self, file: Path) -> str:
        """The file's path relative to the root."""
        return file.relative_to(self.root).as_posix() if file.is_relative_to(self.root) else str(file)

    def inside(self, file: Path) -> bool:
        """Whether it lies in the root, links resolved."""
        return file.resolve().is_relative_to(self.root.resolve())

    def text(self, file: Path) -> str:
        """The text of a file, by its byte order mark else UTF-8.

        :raises FileNotRead: when it is not a regular file, is too large or is not text.
        """
        try:
            about = file.stat()
            if not stat.S_ISREG(about.st_mode):
                raise FileNotRead("not a file")
            if about.st_size > LARGEST:
                raise FileNotRead(f"larger than {LARGEST >> 20} MiB")
            content = file.read_bytes()
            for mark, encoding in _MARKS:
                if content.startswith(mark):
                    return content[len(mark) :].decode(encoding)
            return content.decode("utf-8")
        except OSError as error:
            raise FileNotRead(error.strerror or type(error).__name__) from None
        except UnicodeDecodeError:
            raise FileNotRead("not a text in UTF-8") from None


def of_requirements(
    file: Path, reading: ProjectFiles, *, weight: str = REQUIRED, group: str | None = None
) -> Iterator[Said]:
    """What a requirements file declares, and the files that it names."""
    place = reading.shown(file)
    real = file.resolve()
    if real in reading.seen:
        return
    if len(reading.seen) >= _MOST_FILES:
        yield NotCompared(file.name, place, f"more than {_MOST_FILES} files", unreadable=True)
        return
    reading.seen.add(real)
    try:
        text = reading.text(file)
    except FileNotRead as error:
        yield NotCompared(file.name, place, f"cannot be read: {error}", unreadable=True)
        return
    for number, line in logical_lines(text):
        yield from of_line(line, f"{place}:{number}", file.parent, reading, weight=weight, group=group)


def logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """(number of its first line, line) with continued lines joined, comments and what follows a name left out."""
    first, kept = 0, ""
    for number, line in enumerate(text.split("\n"), 1):
        line = line.rstrip("\r")
        first = first or number
        if line.endswith("\\") and not line.lstrip().startswith("#"):
            kept += line[:-1] + " "
            continue
        whole = _COMMENT.sub("", kept + line).strip()
        if whole:
            yield first, whole
        first, kept = 0, ""
    if whole := _COMMENT.sub("", kept).strip():
        yield first, whole


def of_line(
    line: str, place: str, folder: Path, reading: ProjectFiles, *, weight: str = REQUIRED, group: str | None = None
) -> Iterator[Said]:
    """What one logical line declares.

    :param folder: what relative names of other files are relative to.
    """
    if len(line) > LONGEST and not line.startswith("-"):
        line = line.partition(" --hash")[0]
    if followed := _FOLLOWED.match(line):
        limits = followed[1] in ("-c", "--constraint")
        yield from _followed(followed[2].strip("'\" "), place, folder, reading, LIMIT_ONLY if limits else weight, group)
    elif editable := _EDITABLE.match(line):
        yield _weighed(of_requirement(editable[1].strip("'\" "), place), weight, group)
    elif _INDEX.match(line):
        reading.index_options.append(place)
    elif not line.startswith("-"):
        read = of_conda if EXPORTED.match(line) else of_requirement
        yield _weighed(read(_LINE_OPTIONS.sub("", line[: 2 * LONGEST]), place), weight, group)


def _followed(
    name: str, place: str, folder: Path, reading: ProjectFiles, weight: str, group: str | None
) -> Iterator[Said]:
    if "://" in name:
        yield NotCompared(name, place, "a file at an address, which is not fetched", unreadable=True)
        return
    other = folder / name
    if not reading.inside(other):
        yield NotCompared(name, place, "a file outside the project, which is not read", unreadable=True)
    elif not other.is_file():
        yield NotCompared(name, place, "there is no such file", unreadable=True)
    else:
        yield from of_requirements(other, reading, weight=weight, group=group)


def _weighed(said: Said, weight: str, group: str | None) -> Said:
    return replace(said, weight=weight, group=group) if isinstance(said, Declaration) else said


def in_group(said: Iterator[Said], group: str) -> Iterator[Said]:
    """The same statements as those of an optional group."""
    for one in said:
        yield _weighed(one, OPTIONAL, printable(group))
