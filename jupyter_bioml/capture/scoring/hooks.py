"""What is told when a function of a library starts and returns, and by whom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import CodeType, FrameType, FunctionType
from typing import Any, Protocol

#: Flags of generators, coroutines and asynchronous generators: they start and return many times.
SUSPENDING = 0x20 | 0x80 | 0x200

Started = Callable[[FrameType], None]
Returned = Callable[[FrameType, Any], None]
#: (what failed, why): becomes a gap.
Failed = Callable[[str, str], None]


@dataclass(eq=False, repr=False)
class Hook:
    """What is done when the code of one function starts and returns; nothing any more once that failed."""

    name: str
    started: Started | None
    returned: Returned | None
    failed: Failed

    def disarm(self, error: Exception) -> None:
        """After an error of the observer's own: it is not asked again, and the user's code goes on.

        An interrupt is the user's: it never comes here, and passes through.
        """
        self.started = self.returned = None
        self.failed(self.name, f"{type(error).__name__}: {error}")


class Watcher(Protocol):
    """Tells hooks of the starts and returns of functions. Watching the same function again changes nothing."""

    def watch(self, function: FunctionType, hook: Hook) -> bool:
        """Watch every call of ``function``; False where that cannot be done (a generator).

        On Python 3.12 and later every function that shares its code is watched with it.
        """

    def watch_made(self, maker: FunctionType, name: str, hook: Hook) -> bool:
        """Watch the functions called ``name`` that ``maker`` defines in its body, from now on."""

    def same(self, code: CodeType) -> tuple[CodeType, ...]:
        """The code objects that a frame of this function's may have: watched or not, they mean the same function."""

    def uninstall(self) -> None:
        """Give everything back."""


class NoWatcher(Exception):
    """Nothing can be watched; it says why."""


def inner_code(maker: CodeType, name: str) -> CodeType | None:
    """The code of the function ``name`` that ``maker``'s body defines, at any depth; None: it defines none."""
    for constant in maker.co_consts:
        if isinstance(constant, CodeType):
            found = constant if constant.co_name == name else inner_code(constant, name)
            if found is not None:
                return found
    return None
