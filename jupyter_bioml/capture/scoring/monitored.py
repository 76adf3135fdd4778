"""Watching by ``sys.monitoring`` (Python 3.12 and later): only the watched code has events."""

from __future__ import annotations

import contextlib
import sys
from types import CodeType, FunctionType
from typing import Any

from .hooks import SUSPENDING, Hook, NoWatcher, inner_code

#: Numbers of tools that no kind of tool is known to use: 0 to 2 are for debuggers, coverage and profilers.
FREE_TOOLS = (3, 4, 5)
TOOL = "jupyter_bioml"


class MonitoredCode:
    """Starts and returns of code objects, as the interpreter reports them."""

    def __init__(self) -> None:
        self._monitoring: Any = getattr(sys, "monitoring")  # noqa: B009 (the type checker knows 3.11's sys)
        self._tool = self._free_tool()
        self._hooks: dict[int, Hook] = {}
        self._codes: list[CodeType] = []
        """Keeps the codes alive, so that an id stands for one code only."""
        events = self._monitoring.events
        self._monitoring.register_callback(self._tool, events.PY_START, self._start)
        self._monitoring.register_callback(self._tool, events.PY_RETURN, self._return)

    def _free_tool(self) -> int:
        for tool in FREE_TOOLS:
            if self._monitoring.get_tool(tool) is None:
                with contextlib.suppress(ValueError):
                    self._monitoring.use_tool_id(tool, TOOL)
                    return tool
        raise NoWatcher("other tools hold every number that sys.monitoring has for them")

    def watch(self, function: FunctionType, hook: Hook) -> bool:
        """See :class:`~.hooks.Watcher`."""
        return self._watch(function.__code__, hook)

    def watch_made(self, maker: FunctionType, name: str, hook: Hook) -> bool:
        """See :class:`~.hooks.Watcher`."""
        code = inner_code(maker.__code__, name)
        return code is not None and self._watch(code, hook)

    def _watch(self, code: CodeType, hook: Hook) -> bool:
        if code.co_flags & SUSPENDING:
            return False
        if id(code) not in self._hooks:
            events = self._monitoring.events
            wanted = (hook.started and events.PY_START) or 0
            wanted |= (hook.returned and events.PY_RETURN) or 0
            self._codes.append(code)
            self._hooks[id(code)] = hook
            self._monitoring.set_local_events(self._tool, code, wanted)
        return True

    def same(self, code: CodeType) -> tuple[CodeType, ...]:
        """See :class:`~.hooks.Watcher`."""
        return (code,)

    def uninstall(self) -> None:
        """See :class:`~.hooks.Watcher`."""
        if self._monitoring.get_tool(self._tool) != TOOL:
            return
        for code in self._codes:
            self._monitoring.set_local_events(self._tool, code, 0)
        events = self._monitoring.events
        self._monitoring.register_callback(self._tool, events.PY_START, None)
        self._monitoring.register_callback(self._tool, events.PY_RETURN, None)
        self._monitoring.free_tool_id(self._tool)
        self._hooks.clear()
        self._codes.clear()

    def _start(self, code: CodeType, _: int) -> None:
        hook = self._hooks.get(id(code))
        if hook is not None and hook.started is not None:
            try:
                hook.started(sys._getframe(1))
            except Exception as error:
                hook.disarm(error)

    def _return(self, code: CodeType, _: int, value: Any) -> None:
        hook = self._hooks.get(id(code))
        if hook is not None and hook.returned is not None:
            try:
                hook.returned(sys._getframe(1), value)
            except Exception as error:
                hook.disarm(error)
