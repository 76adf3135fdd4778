"""The Python that a cell's magics run: what ``%%time`` and its like run in the user's names, as one flat text.

IPython turns ``%%time`` into ``get_ipython().run_cell_magic('time', '', '…')``: the code is a text inside the code.
Here it is put in the place of the call, as IPython compiles it, and what cannot be read so is named. Nothing is run.
"""

from __future__ import annotations

import ast
import getopt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

#: Magics that run their code in the user's names → the options before the code, as ``getopt`` has them; None: no code
#: on the line. The first are IPython's; ``lprun`` is line_profiler's, ``mprun`` and ``memit`` are memory_profiler's.
_RUNNING: Mapping[str, str | None] = {
    "time": "", "prun": "D:l:rs:T:q", "capture": None, "experiment": None,
    "lprun": "rsf:m:D:T:u:z", "mprun": "rf:T:c", "memit": "r:t:i:co",
}  # fmt: skip
_TIMING = "timeit"
_TIMING_OPTIONS = "n:r:tcp:qov:"
#: Cell magics whose text never runs here.
_TEXTS = frozenset(("html", "HTML", "javascript", "js", "latex", "markdown", "svg", "SVG", "writefile", "file"))
#: Cell magics that give their text to another program.
_PROGRAMS = frozenset(
    ("bash", "sh", "script", "perl", "ruby", "python", "python2", "python3", "pypy", "system", "sx", "!", "cmd")
)
_DEEPEST = 5
#: Why code was not analysed.
TIMED, PROGRAM, FILE, DEBUGGER, UNKNOWN = "timed", "program", "file", "debugger", "unknown"
_SAID = {
    TIMED: "{0} ran its code in a function of its own: what that code bound is not kept, and was not analysed",
    PROGRAM: "{0} ran its text in another program; it was not analysed",
    FILE: "{0} ran a file; its code was not analysed",
    DEBUGGER: "{0} ran its code in the debugger; it was not analysed",
}
#: (name of a cell magic, its text) → does it run that text in the user's names?
Runs = Callable[[str, str], bool]


@dataclass(frozen=True)
class Opaque:
    """Code of a magic that is not analysed."""

    magic: str
    """As it is written: ``%%bash``, ``%run``."""
    kind: str
    code: str

    @property
    def reason(self) -> str:
        """What the reader of a record is told."""
        if self.kind == UNKNOWN:
            ran = "ran this cell; its code" if self.magic.startswith("%%") else "was given code, which"
            return f"{self.magic} {ran} was not analysed"
        return _SAID[self.kind].format(self.magic)


@dataclass(frozen=True)
class Inner:
    """Where the code of a magic stands in the flat text."""

    line: int = 0
    """Lines before its first one."""
    column: int = 0
    """Bytes before its first one."""
    within: Mapping[int, Inner] = field(default_factory=dict)
    """Line in its own text → the code of the magic that stands there."""
    swallows: bool = False
    """Its magic tells nobody of an error (``%%time --no-raise-error``)."""

    @property
    def swallows_somewhere(self) -> bool:
        """Is there such code in it?"""
        return self.swallows or any(inner.swallows_somewhere for inner in self.within.values())


@dataclass(frozen=True)
class FlatCode:
    """The code of a cell, with that of its magics in their places."""

    text: str
    whole: Inner
    opaque: tuple[Opaque, ...] = ()

    def inside(self, lines: Sequence[int]) -> Inner | None:
        """The code that runs, from the line of each frame of cell code around it, the outermost first."""
        found: Inner | None = self.whole
        for line in lines:
            found = None if found is None else found.within.get(line)
        return found

    def line(self, lines: Sequence[int]) -> int:
        """The line of the flat text that runs, from the lines of all frames of cell code; 0: not known."""
        inner = self.inside(lines[:-1]) if lines else None
        return inner.line + lines[-1] if inner is not None else 0


def _runs_nothing(_: str, __: str) -> bool:
    return False


def flat_code(text: str, runs: Runs = _runs_nothing, *, timed: bool = False) -> FlatCode | None:
    """The flat code of a cell; None where it has no magics, or is not Python.

    :param text: the cell as IPython has transformed it.
    :param runs: whether a magic that is not IPython's runs its text.
    :param timed: put the code of ``%%timeit`` in its place too.
    """
    if "run_cell_magic(" not in text and "run_line_magic(" not in text:
        return None
    try:
        flat, whole, opaque = _Flattening(runs, timed).of(text, 0)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return FlatCode(flat, whole, tuple(opaque))


def is_own(name: str) -> bool:
    """Is a cell magic none of IPython's?"""
    return name not in {*_RUNNING, _TIMING, *_TEXTS, *_PROGRAMS, "debug"}


def as_python(source: str) -> str | None:
    """A cell's text with its magics and shell lines as calls; None where IPython refuses it."""
    from IPython.core.inputtransformer2 import TransformerManager

    try:
        return str(TransformerManager().transform_cell(source))
    except SyntaxError:
        return None


@dataclass(frozen=True)
class _Call:
    """A call of a magic that is a statement, or the value that a statement binds."""

    node: ast.Call
    magic: str
    line: str
    body: str | None
    bound: bool

    @property
    def shown(self) -> str:
        return f"%%{self.magic}" if self.body is not None else f"%{self.magic}"


@dataclass(frozen=True)
class _Code:
    """The code of a magic."""

    text: str
    swallows: bool = False


class _Flattening:
    def __init__(self, runs: Runs, timed: bool) -> None:
        self.runs = runs
        self.timed = timed

    def of(self, text: str, depth: int) -> tuple[str, Inner, list[Opaque]]:
        tree = ast.parse(text)
        calls = list(_calls(tree))
        opaque: list[Opaque] = []
        within: dict[int, Inner] = {}
        if len(tree.body) == 1 and len(calls) == 1 and calls[0].body is not None:
            return self._cell(text, calls[0], depth)
        lines = text.encode().split(b"\n")
        for call in calls:
            code = self._code(call, opaque)
            put = None if code is None else self._put(lines, call, code, depth, opaque)
            if put is not None:
                within[call.node.lineno] = put
        return b"\n".join(lines).decode(), Inner(within=within), opaque

    def _cell(self, text: str, call: _Call, depth: int) -> tuple[str, Inner, list[Opaque]]:
        """A cell magic: its code is the whole text."""
        opaque: list[Opaque] = []
        code = self._code(call, opaque) if depth < _DEEPEST else None
        if code is None:
            return text, Inner(), opaque
        flat, whole, more = self.of(code.text, depth + 1)
        inner = Inner(within=whole.within, swallows=code.swallows)
        return flat, Inner(within={call.node.lineno: inner}), [*opaque, *more]

    def _put(self, lines: list[bytes], call: _Call, code: _Code, depth: int, opaque: list[Opaque]) -> Inner | None:
        """Put the code of a line magic in the place of its call."""
        node, at = call.node, call.node.lineno - 1
        flat, whole, more = self.of(code.text.strip("\n"), depth + 1) if depth < _DEEPEST else ("\n", Inner(), [])
        one_line = node.lineno == node.end_lineno and "\n" not in flat
        if not one_line or (call.bound and not _is_expression(flat)):
            opaque.append(Opaque(call.shown, UNKNOWN, code.text))
            return None
        before, after = lines[at][: node.col_offset], lines[at][node.end_col_offset :]
        new = flat.encode()
        lines[at] = before + (b"(" + new + b")" if call.bound else new) + after
        opaque += more
        shift = len(before) + call.bound
        inside = whole.within.get(1)
        within = {} if inside is None else {1: Inner(at, shift + inside.column)}
        return Inner(at, shift, within, code.swallows)

    def _code(self, call: _Call, opaque: list[Opaque]) -> _Code | None:
        """The code that a magic runs in the user's names; None for what is not such code: what it is, is noted."""
        name, body = call.magic, call.body
        if name in _RUNNING or (name == _TIMING and self.timed):
            code = _code_of(name, call.line, body)
            if code is not None:
                return code
        kind = _kind(call)
        if kind is None:
            return None
        if kind == UNKNOWN and body is not None and self.runs(name, body):
            text = as_python(body)
            if text is not None and _is_python(text):
                return _Code(text)
        opaque.append(Opaque(call.shown, kind, call.line if body is None else body))
        return None


def _kind(call: _Call) -> str | None:
    """Why the code of a magic is not analysed; None: it has none."""
    name = call.magic
    if name == _TIMING:
        return TIMED
    if call.body is None:
        if name == "run":
            return FILE
        return UNKNOWN if name in _RUNNING or _does_something(call.line) else None
    if name in _TEXTS:
        return None
    return PROGRAM if name in _PROGRAMS else DEBUGGER if name == "debug" else UNKNOWN


def _code_of(name: str, line: str, body: str | None) -> _Code | None:
    """The code of a magic of :data:`_RUNNING` as it is compiled; None: it is refused."""
    swallows = False
    try:
        if name == "time":
            line, swallows = _of_time(line)
            if line and body:
                return None
        else:
            options = _TIMING_OPTIONS if name == _TIMING else _RUNNING[name]
            line = "" if options is None else _without_options(line, options)
    except Exception:  # IPython's own parser refuses the line, and so will the magic
        return None
    code = line if body is None else f"{line}\n{body}"
    text = as_python(code)
    return None if not code.strip() or text is None or not _is_python(text) else _Code(text, swallows)


def _of_time(line: str) -> tuple[str, bool]:
    """(statement, are errors swallowed?) of a ``%time`` line: IPython 9 has an option, and joins the words again."""
    from IPython.core.magic_arguments import parse_argstring
    from IPython.core.magics.execution import ExecutionMagics

    if not hasattr(ExecutionMagics.time, "parser"):
        return line, False
    found, words = parse_argstring(ExecutionMagics.time, line, partial=True)
    return " ".join(words), bool(getattr(found, "no_raise_error", False))


def _without_options(line: str, options: str) -> str:
    from IPython.utils.process import arg_split

    _, words = getopt.getopt(arg_split(line, posix=False), options)
    return " ".join(words)


def _calls(tree: ast.Module) -> Iterator[_Call]:
    """The calls of magics in a cell: at top level, and in the blocks of its statements."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Expr, ast.Assign)) and isinstance(node.value, ast.Call):
            call = _magic(node.value, bound=isinstance(node, ast.Assign))
            if call is not None:
                yield call


def _magic(node: ast.Call, *, bound: bool) -> _Call | None:
    function = node.func
    if not isinstance(function, ast.Attribute) or function.attr not in ("run_cell_magic", "run_line_magic"):
        return None
    shell = function.value
    if not isinstance(shell, ast.Call) or not isinstance(shell.func, ast.Name) or shell.func.id != "get_ipython":
        return None
    texts = [item.value for item in node.args if isinstance(item, ast.Constant) and isinstance(item.value, str)]
    if len(texts) != len(node.args) or len(texts) != (3 if function.attr == "run_cell_magic" else 2):
        return None
    return _Call(node, texts[0], texts[1], texts[2] if len(texts) == 3 else None, bound)


def _is_python(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _is_expression(text: str) -> bool:
    try:
        ast.parse(text, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _does_something(line: str) -> bool:
    """Is the line of a magic that is not known Python that calls or binds something?"""
    try:
        nodes = ast.walk(ast.parse(line))
        return any(isinstance(node, (ast.Call, ast.Assign, ast.AugAssign, ast.NamedExpr)) for node in nodes)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
