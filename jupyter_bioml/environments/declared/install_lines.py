"""Lines of a notebook that install: ``!pip install x==1``, ``%conda install x=1``, ``%%bash``, ``subprocess.run(…)``.

The cells are read as text, because a dated notebook is often not valid Python any more; nothing in them is run.
"""

from __future__ import annotations

import ast
import itertools
import re
import shlex
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ...notebooks.code_text import Text
from .conda_specs import of_conda
from .requirement_files import ProjectFiles, of_line
from .statement import LIMIT_ONLY, Declaration, NotCompared, Said, of_requirement

#: The longest line that is split into words.
_LONGEST = 20_000
_SHELL_CELL = re.compile(r"%%(?:bash|sh|script\s+\S*sh\b|!|system\b|sx\b)")
#: A shell line or a magic, bare, assigned, or typed without its sign.
_ESCAPED = re.compile(
    r"\s*(?:[\w\s,]+=\s*)?(?:!!?|%(?:sx|system)\s+|%(?=\s*(?:pip|conda|mamba|micromamba|uv)\s))\s*(.*)"
)
_BARE = re.compile(r"((?:pip3?|conda|mamba)\s+install\s.*)")
_COMMENTED = re.compile(r"\s*#+\s*(?:[!%]\s*)?((?:pip3?|conda|mamba|python3?\s+-m\s+pip)\s+install\s.*)")
_COLAB = re.compile(r"%tensorflow_version\s+([\d.]+)(?:\.x)?\b")
_CALLS = ("system", "run", "call", "check_call", "check_output", "Popen", "getoutput", "main", "run_line_magic")
#: Words that may stand before the installer's name.
_BEFORE = re.compile(r"sudo|env|time|nohup|uv|py|-\S+|(?:\S*/)?python[\d.]*|\{[^}]*\}|\$\S+|[A-Za-z_]\w*=\S*")
_PIP, _CONDA = re.compile(r"pip[\d.]*"), ("conda", "mamba", "micromamba")
_PIP_WITH_VALUE = frozenset({
    "-i", "--index-url", "--extra-index-url", "-f", "--find-links", "-t", "--target", "--prefix", "--root",
    "--src", "--python-version", "--platform", "--abi", "--implementation", "--only-binary", "--no-binary",
    "--proxy", "--timeout", "--retries", "--trusted-host", "--cert", "--client-cert", "--cache-dir", "--log",
    "--progress-bar", "--upgrade-strategy", "-C", "--config-settings", "--global-option", "--install-option",
    "--build-option", "--hash", "--python", "--exists-action", "-b", "--build", "--use-feature",
    "--use-deprecated", "--report", "--group", "--default-timeout",
})  # fmt: skip
_CONDA_WITH_VALUE = frozenset({
    "-c", "--channel", "-p", "--prefix", "--repodata-fn", "--solver", "--experimental-solver",
})  # fmt: skip


@dataclass(frozen=True)
class CellText:
    """A cell and how it is called: ``dated.ipynb, cell 2``."""

    label: str
    source: str


def of_cells(cells: Sequence[CellText], folder: Path, reading: ProjectFiles) -> tuple[list[Said], list[str]]:
    """What the cells install, the last line of each name counting; and hints: such lines that are commented out.

    :param folder: the notebook's folder, in which its lines run.
    """
    said: dict[object, Said] = {}
    hints = []
    for cell in cells:
        for number, command in commands(cell.source):
            for one in of_command(command, f"{cell.label}, line {number}", folder, reading):
                said[one.name if isinstance(one, Declaration) and one.weight != LIMIT_ONLY else len(said)] = one
        for number, command in _commented(cell.source):
            place = f"{cell.label}, line {number}"
            for one in of_command(command, place, folder, ProjectFiles(reading.root)):
                if isinstance(one, Declaration) and one.versions:
                    hints.append(f"{place} (a comment): {one.text}")
    return list(said.values()), hints


def commands(source: str) -> Iterator[tuple[int, str]]:
    """(line, shell command) of everything in a cell that could install."""
    lines = source.split("\n")
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    if lines and _SHELL_CELL.match(lines[first]):
        yield from _joined(lines, first + 1, lambda line: line)
        return
    yield from _joined(lines, 0, _escaped)
    if "install" in source:
        tree = Text(source, 1).tree
        for node in ast.walk(tree) if tree is not None else ():
            yield from _called(node, source)


def _escaped(line: str) -> str | None:
    line = line.lstrip()
    if colab := _COLAB.match(line):
        return f"pip install tensorflow=={colab[1].rstrip('.')}.*"
    match = _ESCAPED.match(line) or _BARE.match(line)
    return match[1] if match else None


def _commented(source: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(source.split("\n"), 1):
        if (match := _COMMENTED.match(line)) and len(line) <= _LONGEST:
            yield number, match[1]


def _joined(lines: Sequence[str], start: int, command: Callable[[str], str | None]) -> Iterator[tuple[int, str]]:
    """The commands among the lines; a backslash at the end of one continues it."""
    number = start
    while number < len(lines):
        first = number
        text = command(lines[number])
        while text is not None and text.endswith("\\") and number + 1 < len(lines):
            number += 1
            text = f"{text[:-1]} {lines[number]}"
        if text is not None and "install" in text:
            yield first + 1, text
        number += 1


def _called(node: ast.AST, source: str) -> Iterator[tuple[int, str]]:
    """A call that runs a command: ``os.system("pip install x")``, ``check_call([sys.executable, "-m", "pip", …])``."""
    if not isinstance(node, ast.Call) or not node.args:
        return
    called = getattr(node.func, "attr", getattr(node.func, "id", ""))
    receiver = getattr(getattr(node.func, "value", None), "func", None)
    translated = getattr(receiver, "id", "") == "get_ipython" and "get_ipython" not in source
    if called not in _CALLS or translated:
        return
    words = [_word(argument) for argument in node.args]
    first = node.args[0]
    if isinstance(first, (ast.List, ast.Tuple)):
        listed = [_word(item) for item in first.elts]
        yield node.lineno, shlex.join(["pip", *listed] if called == "main" else listed)
    elif called == "run_line_magic" and len(words) > 1:
        yield node.lineno, f"{words[0]} {words[1]}"
    elif isinstance(first, ast.Constant):
        yield node.lineno, words[0]


def _word(node: ast.expr) -> str:
    """A word of a command; what is not a text stands as an expression in braces."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else "{}"


# -- one command -------------------------------------------------------------------------------------


def of_command(command: str, place: str, folder: Path, reading: ProjectFiles) -> Iterator[Said]:
    """What a shell line installs, with each of its commands; nothing where it installs nothing."""
    if len(command) > _LONGEST:
        yield NotCompared(command[:80], place, "a line too long to be read", unreadable=True)
        return
    try:
        words = shlex.shlex(command, posix=True, punctuation_chars=";&|")
        words.whitespace_split, words.commenters = True, ""  # "#" begins a comment only where it begins a word
        tokens = list(itertools.takewhile(lambda word: not word.startswith("#"), words))
    except ValueError as error:
        if re.search(r"\b(?:pip3?|conda|mamba)\s+install\b", command):
            yield NotCompared(command, place, f"not a shell line ({error})", unreadable=True)
        return
    one: list[str] = []
    for token in [*tokens, ";"]:
        if token.strip(";&|"):
            one.append(token)
            continue
        installer, arguments = _installer(one)
        if installer == "pip":
            yield from _of_pip(arguments, place, folder, reading)
        elif installer == "conda":
            yield from _of_conda(arguments, place, folder, reading)
        one = []


def _installer(words: Sequence[str]) -> tuple[str, Sequence[str]]:
    """``pip`` or ``conda`` with the arguments of its ``install``; empty where it is neither."""
    for place, word in enumerate(words):
        name = PurePosixPath(word).name
        kind = "pip" if _PIP.fullmatch(name) else "conda" if name in _CONDA else ""
        if kind:
            rest = list(words[place + 1 :])
            while rest and rest[0].startswith("-"):
                rest.pop(0)
            return (kind, rest[1:]) if rest[:1] == ["install"] else ("", ())
        if not _BEFORE.fullmatch(word):
            return "", ()
    return "", ()


def _arguments(words: Sequence[str], with_value: frozenset[str]) -> Iterator[tuple[str, str]]:
    """(option, value) of those that name files, and ("", word) of every other word; redirections are left out."""
    left = list(words)
    while left:
        word = left.pop(0)
        if re.fullmatch(r"\d?(?:>>?|<)", word):
            del left[:1]
        elif re.match(r"\d?>>?[^=]|<[^=]", word) or word == "-":
            continue
        elif word in with_value or word in ("-n", "--name"):
            value = left.pop(0) if left else ""
            if word in ("-n", "--name"):
                yield word, value
        elif word.startswith("--") and word.partition("=")[0] in (
            "--requirement",
            "--constraint",
            "--editable",
            "--file",
        ):
            option, _, value = word.partition("=")
            yield option, value or (left.pop(0) if left else "")
        elif word in ("-r", "-c", "-e"):
            yield word, left.pop(0) if left else ""
        elif word[:2] in ("-r", "-c", "-e") and not word.startswith("--"):
            yield word[:2], word[2:]
        elif not word.startswith("-"):
            yield "", word


def _of_pip(words: Sequence[str], place: str, folder: Path, reading: ProjectFiles) -> Iterator[Said]:
    for option, value in _arguments(words, _PIP_WITH_VALUE):
        if not value or option in ("-n", "--name"):
            continue
        if _computed(value):
            yield NotCompared(value, place, "it depends on a variable")
        elif option:
            yield from of_line(f"{option} {value}", place, folder, reading)
        else:
            yield of_requirement(value, place)


def _of_conda(words: Sequence[str], place: str, folder: Path, reading: ProjectFiles) -> Iterator[Said]:
    found: list[Said] = []
    for option, value in _arguments(words, _CONDA_WITH_VALUE):
        if option in ("-n", "--name"):
            yield NotCompared(f"conda install -n {value}", place, "for another environment than the kernel's")
            return
        if _computed(value):
            found.append(NotCompared(value, place, "it depends on a variable"))
        elif option == "--file":
            found += of_line(f"-r {value}", place, folder, reading)
        elif not option:
            found.append(of_conda(value, place))
    yield from found


def _computed(value: str) -> bool:
    """Whether Python or the shell puts it in: ``{version}``, ``$VERSION``."""
    return bool(re.search(r"\{[^}]*\}|\$\w|\$\{|`", value))
