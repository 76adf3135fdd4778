"""Watching on Python 3.11: the function's ``__code__`` is replaced by a copy with two calls in it."""

from __future__ import annotations

import sys
from types import CodeType, FunctionType
from typing import Any

from .hooks import Hook, inner_code
from .insertion import CannotInsert, with_calls


class RewrittenCode:
    """Functions whose code was replaced. Functions that share their code and hook share the copy."""

    def __init__(self) -> None:
        self._copies: dict[int, tuple[CodeType, CodeType]] = {}
        """Id of a code → (the code, its copy with calls); both are kept alive, so that an id stands for one code."""
        self._originals: dict[int, CodeType] = {}
        """Id of a copy → the code it was made of."""
        self._replaced: list[tuple[FunctionType, CodeType, CodeType]] = []
        """(function, its own code, what it has now)"""

    def watch(self, function: FunctionType, hook: Hook) -> bool:
        """See :class:`~.hooks.Watcher`."""
        code = function.__code__
        if id(code) in self._originals:
            return True
        copy = self._copy(code, hook)
        if copy is not None:
            self._replace(function, copy)
        return copy is not None

    def watch_made(self, maker: FunctionType, name: str, hook: Hook) -> bool:
        """See :class:`~.hooks.Watcher`."""
        if any(function is maker for function, _, _ in self._replaced):
            return True
        code = inner_code(maker.__code__, name)
        copy = None if code is None else self._copy(code, hook)
        if code is None or copy is None:
            return False
        self._replace(maker, _with_constant(maker.__code__, code, copy))
        return True

    def _copy(self, code: CodeType, hook: Hook) -> CodeType | None:
        if id(code) not in self._copies:
            try:
                copy = with_calls(code, *_calls(hook))
            except CannotInsert:
                return None
            self._copies[id(code)] = (code, copy)
            self._originals[id(copy)] = code
        return self._copies[id(code)][1]

    def _replace(self, function: FunctionType, code: CodeType) -> None:
        self._replaced.append((function, function.__code__, code))
        function.__code__ = code

    def same(self, code: CodeType) -> tuple[CodeType, ...]:
        """See :class:`~.hooks.Watcher`."""
        original = self._originals.get(id(code), code)
        return self._copies.get(id(original), (original,))

    def uninstall(self) -> None:
        """See :class:`~.hooks.Watcher`. Functions that were made meanwhile keep their calls, which do nothing."""
        for function, own, ours in reversed(self._replaced):
            if function.__code__ is ours:
                function.__code__ = own
        self._replaced.clear()


def _calls(hook: Hook) -> tuple[Any, Any]:
    """The two functions that the code calls."""

    def start() -> None:
        if hook.started is not None:
            try:
                hook.started(sys._getframe(1))
            except Exception as error:
                hook.disarm(error)

    def finish(value: Any) -> None:
        if hook.returned is not None:
            try:
                hook.returned(sys._getframe(1), value)
            except Exception as error:
                hook.disarm(error)

    return start, finish


def _with_constant(code: CodeType, old: CodeType, new: CodeType) -> CodeType:
    """``code`` with a function in it (at any depth) replaced."""
    constants = [
        new if constant is old else _with_constant(constant, old, new) if isinstance(constant, CodeType) else constant
        for constant in code.co_consts
    ]
    if all(one is other for one, other in zip(constants, code.co_consts, strict=True)):
        return code
    return code.replace(co_consts=tuple(constants))
