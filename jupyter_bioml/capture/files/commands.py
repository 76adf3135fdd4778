"""What a command line says of itself: the programs it starts, and the files of the project that it was given."""

from __future__ import annotations

import glob
import itertools
import os
import re
import shlex
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

#: Programs that read no data of the user's, whatever they are given: they list, move, ask the machine, install, fetch.
_NO_READERS = frozenset((
    "[", "apt", "apt-get", "basename", "cd", "chmod", "chown", "clear", "conda", "curl", "date", "df",
    "dirname", "du", "echo", "env", "export", "false", "fc-list", "free", "git", "hostname", "id", "jupyter",
    "kill", "ldconfig", "ln", "ls", "lsb_release", "lscpu", "lspci", "mamba", "micromamba", "mkdir", "mktemp",
    "mv", "nproc", "nvcc", "nvidia-smi", "pip", "pip3", "pixi", "poetry", "printenv", "printf", "ps", "pwd",
    "realpath", "rm", "rmdir", "set", "sleep", "stat", "sysctl", "test", "top", "touch", "tree", "true", "type",
    "uname", "unset", "uptime", "uv", "wget", "which", "whoami",
))  # fmt: skip
#: Of those, the ones that start something else with one of these words.
_STARTERS = frozenset(("conda", "jupyter", "mamba", "micromamba", "pixi", "poetry", "uv", "uvx"))
_STARTING_WORDS = frozenset(("run", "execute", "nbconvert"))
_NOT_READING_MODULES = ("pip", "ensurepip", "venv", "virtualenv", "build", "site")
_SHELLS = frozenset(("sh", "bash", "dash", "zsh", "ksh", "fish"))
#: Words before the program's own name.
_BEFORE = frozenset(
    ("sudo", "env", "nohup", "time", "nice", "ionice", "exec", "command", "stdbuf", "setsid", "then", "do", "!")
)
_SEPARATORS = re.compile(r"[|&;()\n]+")
_OUTPUT = re.compile(r"[0-9&]*>[>|&]?")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_PYTHON = re.compile(r"python[\d.]*$")
#: Words of a command line that are looked at.
_WORDS = 1_000
_GLOBBED = 20


@dataclass(frozen=True)
class Command:
    """One command that code started."""

    programs: tuple[str, ...]
    """Names of its programs that may read data; empty: none of them does."""
    given: tuple[str, ...]
    """Names of existing files and folders of the project among its arguments."""


def command_of(arguments: Sequence[str], folder: str, name_of: Callable[[str], str | None]) -> Command:
    """What the arguments of a program, the first of which is its own name, say.

    :param folder: where it was started.
    :param name_of: the name of the data at an absolute path in the project; None: it lies outside, or is not data.
    """
    programs: dict[str, None] = {}
    given: dict[str, None] = {}
    for line in _lines_of(list(arguments[:_WORDS])):
        if line[0] == "cd" and len(line) == 2:
            folder = os.path.join(folder, os.path.expanduser(line[1]))
        elif (program := _program(line)) is not None:
            programs[program] = None
            given.update(dict.fromkeys(_given(line[1:], folder, name_of)))
    return Command(tuple(programs), tuple(given))


def _lines_of(arguments: list[str]) -> list[list[str]]:
    """The words of each simple command: one for a program, several for a line of a shell."""
    shell = bool(arguments) and os.path.basename(arguments[0]) in _SHELLS
    text = next((after for flag, after in itertools.pairwise(arguments) if flag in ("-c", "-lc", "-ic")), None)
    if not shell or text is None:
        line = _without_what_stands_before(arguments)
        return [line] if line else []
    try:
        lexer = shlex.shlex(text[:100_000], posix=True, punctuation_chars="|&;()<>\n")
        lexer.whitespace, lexer.whitespace_split = " \t\r", True
        words = list(lexer)
    except ValueError:
        words = text.split()
    lines: list[list[str]] = [[]]
    for word in words[:_WORDS]:
        if _SEPARATORS.fullmatch(word):
            lines.append([])
        else:
            lines[-1].append(word)
    return [line for line in map(_without_what_stands_before, lines) if line]


def _without_what_stands_before(line: list[str]) -> list[str]:
    for start, word in enumerate(line):
        option = start > 0 and (word.startswith("-") or word.isdigit())
        if word not in _BEFORE and not option and not _ASSIGNMENT.match(word):
            return line[start:]
    return []


def _program(line: Sequence[str]) -> str | None:
    """The program's name; None when it reads no data."""
    name = os.path.basename(line[0])
    starts = next((word for word in line[1:3] if word in _STARTING_WORDS), None) if name in _STARTERS else None
    if starts is not None:
        return f"{name} {starts}"
    if name in _NO_READERS:
        return None
    if _PYTHON.match(name) and "-m" in line and line[line.index("-m") + 1 :][:1] in [[m] for m in _NOT_READING_MODULES]:
        return None
    return name


def _given(words: Iterable[str], folder: str, name_of: Callable[[str], str | None]) -> Iterable[str]:
    """Files among the arguments: also ``--table=x.csv`` and ``data/*.csv``; not where the output goes."""
    output = False
    for word in words:
        was_output, output = output, bool(_OUTPUT.fullmatch(word))
        if was_output or output or not word:
            continue
        for text in dict.fromkeys((word, word.partition("=")[2])):
            if not text or text.startswith("-"):
                continue
            path = os.path.join(folder, os.path.expanduser(text))
            found = sorted(glob.glob(path))[:_GLOBBED] if glob.has_magic(text) else [path]
            for each in found:
                if os.path.exists(each) and (name := name_of(os.path.normpath(each))) is not None:
                    yield name
