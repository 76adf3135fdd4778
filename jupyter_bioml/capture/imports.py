"""Being told right after a module's first import, without importing anything ourselves."""

from __future__ import annotations

import contextlib
import importlib.util
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any


class ImportWatch:
    """A ``sys.meta_path`` finder that lets the others find, and calls back after the import.

    The module's loader is the real one; only for the time of the import its ``exec_module`` is shadowed on
    the loader object, so that nothing can be seen afterwards.
    """

    def __init__(self, callbacks: dict[str, Callable[[ModuleType], None]]) -> None:
        self._callbacks = dict(callbacks)

    def install(self) -> None:
        """Watch from now on; modules that are imported already are reported at once."""
        for name in list(self._callbacks):
            if name in sys.modules:
                self._report(name, sys.modules[name])
        if self._callbacks:
            sys.meta_path.insert(0, self)

    def uninstall(self) -> None:
        """Stop watching."""
        with contextlib.suppress(ValueError):
            sys.meta_path.remove(self)

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Part of the finder protocol."""
        if name not in self._callbacks:
            return None
        callback = self._callbacks.pop(name)
        try:
            spec = importlib.util.find_spec(name)
        except (ImportError, ValueError):
            spec = None
        if spec is None or spec.loader is None or not hasattr(spec.loader, "exec_module"):
            self._callbacks[name] = callback
            return None
        self._shadow(spec.loader, name, callback)
        return spec

    def _shadow(self, loader: Any, name: str, callback: Callable[[ModuleType], None]) -> None:
        original = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            with contextlib.suppress(AttributeError):
                del loader.exec_module
            try:
                original(module)
            except BaseException as error:
                self._callbacks[name] = callback
                trace = error.__traceback__
                error.__traceback__ = trace.tb_next if trace is not None else None
                raise
            with contextlib.suppress(Exception):
                callback(module)

        with contextlib.suppress(AttributeError):
            loader.exec_module = exec_module

    def _report(self, name: str, module: ModuleType) -> None:
        callback = self._callbacks.pop(name)
        with contextlib.suppress(Exception):
            callback(module)
