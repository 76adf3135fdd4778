"""Two calls put into the code of a function: one when it starts, one before each return (Python 3.11 only).

Nothing else changes: every other instruction keeps its order, its argument, its place in the source and its
exception handler; only jumps over an inserted call are longer. No frame is added, so tracebacks and the
``stacklevel`` of warnings stay as they were.
"""

from __future__ import annotations

import dis
import opcode
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from types import CodeType
from typing import Any

from .hooks import SUSPENDING

#: Stack entries that an inserted call needs beside those of the code.
_STACK = 3
_UNIT = 2
#: Longest run of code units that one entry of the table of locations covers.
_LONGEST_ENTRY = 8
_OP = dis.opmap
_EXTENDED = _OP["EXTENDED_ARG"]
_RETURN = _OP["RETURN_VALUE"]
_RESUME = _OP["RESUME"]
_JUMPS = frozenset(dis.hasjrel)
_BACKWARD = frozenset(op for op in dis.hasjrel if "JUMP_BACKWARD" in dis.opname[op])


class CannotInsert(Exception):
    """The code is of a kind that no call is put into; it says why."""


@dataclass(frozen=True)
class _Jump:
    start: int
    """Offset of its first prefix, or of itself."""
    at: int
    op: int
    arg: int
    target: int


@dataclass(frozen=True)
class _Block:
    """Bytes that are put in front of the instruction at ``at``; ``led_to``: a jump to there leads to them."""

    at: int
    size: int
    led_to: bool


class _Offsets:
    """Where the old offsets are once the blocks are in."""

    def __init__(self, blocks: list[_Block]) -> None:
        inner = sorted(blocks, key=lambda block: block.at)
        self._at = [block.at for block in inner]
        self._grown = [0, *accumulate(block.size for block in inner)]
        self._passed = {block.at: block.size for block in inner if not block.led_to}

    def of(self, old: int) -> int:
        """The instruction itself, behind what was put in front of it."""
        return old + self._grown[bisect_right(self._at, old)]

    def before(self, old: int) -> int:
        """The place in front of everything that was put there."""
        return old + self._grown[bisect_left(self._at, old)]

    def target(self, old: int) -> int:
        """Where a jump to the old offset leads now."""
        return self.before(old) + self._passed.get(old, 0)


def with_calls(code: CodeType, on_start: Callable[[], Any], on_return: Callable[[Any], Any]) -> CodeType:
    """A copy of ``code`` that calls ``on_start()`` when it starts and ``on_return(value)`` before each return.

    :raises CannotInsert: for generators and coroutines, and for a layout that Python 3.11's compiler does not write.
    """
    if code.co_flags & SUSPENDING:
        raise CannotInsert("a generator or coroutine")
    raw, constants = code.co_code, len(code.co_consts)
    jumps, returns, begin = _read(raw)
    start = _call(constants, with_value=False)
    finish = _call(constants + 1, with_value=True)
    blocks = [_Block(begin, len(start), led_to=False), *(_Block(at, len(finish), led_to=True) for at in returns)]
    offsets, prefixes = _settle(jumps, blocks)
    edits = [(begin, begin, start), *((at, at, finish) for at in returns), *_moved(jumps, offsets, prefixes)]
    grown = [_Block(at, count * _UNIT, led_to=True) for at, count in prefixes.items()]
    return code.replace(
        co_code=_edited(raw, edits),
        co_consts=(*code.co_consts, on_start, on_return),
        co_stacksize=code.co_stacksize + _STACK,
        co_linetable=_located(code.co_linetable, [*blocks, *grown]),
        co_exceptiontable=_handled(code.co_exceptiontable, offsets),
    )


def _call(constant: int, *, with_value: bool) -> bytes:
    """The instructions of one call; the value on top of the stack stays there."""
    loads: list[tuple[int, int]] = [(_OP["PUSH_NULL"], 0)]
    loads += [(_EXTENDED, constant >> shift & 0xFF) for shift in (24, 16, 8) if constant >> shift]
    loads += [(_OP["LOAD_CONST"], constant & 0xFF)]
    loads += [(_OP["COPY"], 3)] if with_value else []
    parts = [bytes(unit) for unit in loads]
    for name in ("PRECALL", "CALL"):
        parts.append(bytes((_OP[name], int(with_value))))
        parts.append(bytes(_UNIT * opcode._inline_cache_entries[_OP[name]]))  # type: ignore[attr-defined]  # only 3.11 comes here
    parts.append(bytes((_OP["POP_TOP"], 0)))
    return b"".join(parts)


def _read(raw: bytes) -> tuple[list[_Jump], list[int], int]:
    """The jumps, the offsets of the returns, and the offset behind the first ``RESUME``."""
    jumps, returns, begin = [], [], -1
    start, extended = -1, 0
    for at in range(0, len(raw), _UNIT):
        op = raw[at]
        if op == _EXTENDED:
            start = at if start < 0 else start
            extended = (extended | raw[at + 1]) << 8
            continue
        if op in _JUMPS:
            arg = extended | raw[at + 1]
            target = at + _UNIT + _UNIT * (-arg if op in _BACKWARD else arg)
            jumps.append(_Jump(at if start < 0 else start, at, op, arg, target))
        elif op == _RETURN:
            returns.append(at)
        elif op == _RESUME and begin < 0:
            begin = at + _UNIT
        start, extended = -1, 0
    if begin < 0:
        raise CannotInsert("no start")
    return jumps, returns, begin


def _distance(jump: _Jump, offsets: _Offsets) -> int:
    behind = offsets.of(jump.at) + _UNIT
    moved = offsets.target(jump.target) - behind
    return (-moved if jump.op in _BACKWARD else moved) // _UNIT


def _settle(jumps: list[_Jump], blocks: list[_Block]) -> tuple[_Offsets, dict[int, int]]:
    """The new offsets, and how many prefixes each jump needs more: a longer jump may make others longer."""
    prefixes: dict[int, int] = {}
    while True:
        grown = [_Block(at, count * _UNIT, led_to=True) for at, count in prefixes.items()]
        offsets = _Offsets([*blocks, *grown])
        before = dict(prefixes)
        for jump in jumps:
            more = _prefixes(_distance(jump, offsets)) - (jump.at - jump.start) // _UNIT
            if more > prefixes.get(jump.start, 0):
                prefixes[jump.start] = more
        if prefixes == before:
            return offsets, prefixes


def _prefixes(arg: int) -> int:
    return (arg > 0xFF) + (arg > 0xFFFF) + (arg > 0xFFFFFF)


def _moved(jumps: list[_Jump], offsets: _Offsets, prefixes: dict[int, int]) -> Iterator[tuple[int, int, bytes]]:
    """(from, to, bytes instead) of the jumps that are longer now."""
    for jump in jumps:
        arg = _distance(jump, offsets)
        if arg != jump.arg:
            count = (jump.at - jump.start) // _UNIT + prefixes.get(jump.start, 0)
            units = [bytes((_EXTENDED, arg >> 8 * place & 0xFF)) for place in range(count, 0, -1)]
            yield jump.start, jump.at + _UNIT, b"".join([*units, bytes((jump.op, arg & 0xFF))])


def _edited(raw: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    done, parts = 0, []
    for start, end, new in sorted(edits, key=lambda edit: edit[:2]):
        parts += [raw[done:start], new]
        done = end
    return b"".join([*parts, raw[done:]])


# ---- the tables beside the code


def _located(table: bytes, blocks: list[_Block]) -> bytes:
    """The table of locations; what is new has the line of what stands before it, and no column."""
    new: dict[int, bytes] = {}
    for block in blocks:
        units = block.size // _UNIT
        lengths = [min(_LONGEST_ENTRY, units - done) for done in range(0, units, _LONGEST_ENTRY)]
        new[block.at] = new.get(block.at, b"") + b"".join(bytes((0x80 | 13 << 3 | n - 1, 0)) for n in lengths)
    offset, parts, done = 0, [], 0
    for place, byte in enumerate(table):
        if byte & 0x80:
            if offset in new:
                parts += [table[done:place], new.pop(offset)]
                done = place
            offset += _UNIT * ((byte & 7) + 1)
    if new:
        raise CannotInsert("instructions share a location")
    return b"".join([*parts, table[done:]])


def _handled(table: bytes, offsets: _Offsets) -> bytes:
    """The table of exception handlers: an inserted call is inside a range only where both its neighbours are."""
    parts = []
    numbers = iter(_varints(table))
    for start, length, target, depth in zip(numbers, numbers, numbers, numbers, strict=True):
        first = offsets.of(start * _UNIT) // _UNIT
        end = offsets.before((start + length) * _UNIT) // _UNIT
        entry = [_varint(n) for n in (first, end - first, offsets.target(target * _UNIT) // _UNIT, depth)]
        parts.append(bytes((entry[0][0] | 0x80, *entry[0][1:])) + b"".join(entry[1:]))
    return b"".join(parts)


def _varints(table: bytes) -> Iterator[int]:
    value = 0
    for byte in table:
        value = value << 6 | byte & 0x3F
        if not byte & 0x40:
            yield value
            value = 0


def _varint(value: int) -> bytes:
    """Six bits a byte, the highest first; all but the last byte are marked."""
    groups = [value & 0x3F]
    while value := value >> 6:
        groups.insert(0, value & 0x3F | 0x40)
    return bytes(groups)
