"""A worker's template: kept while notebooks import the same libraries, replaced when they do not."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from .forked import TemplateProcess

if TYPE_CHECKING:
    from jupyter_client.manager import AsyncKernelManager

#: Beginnings of variables that an interpreter obeys when it starts: a fork would not.
_AT_START = ("PYTHON", "LD_", "DYLD_")


class Templates:
    """At most one template process. Use as a context manager."""

    def __init__(self) -> None:
        self._template: TemplateProcess | None = None
        self._refused: set[tuple[str, ...]] = set()

    def __enter__(self) -> Templates:
        return self

    def __exit__(self, *_: object) -> None:
        if self._template is not None:
            self._template.close()

    def begun(self, modules: tuple[str, ...] | None) -> bool:
        """Whether there is nothing to begin: it is there, or was refused."""
        return modules in self._refused or (self._template is not None and self._template.modules == modules)

    def begin(self, modules: tuple[str, ...]) -> None:
        """Start the template of the kernels that are expected, so that it imports ``modules`` before they are."""
        if self.begun(modules):
            return
        if self._template is not None:
            self._template.close()
        self._template = TemplateProcess(sys.executable, modules)

    def manager(
        self,
        base: type[AsyncKernelManager],
        modules: tuple[str, ...],
        env: Mapping[str, str],
        say: Callable[[str], None],
    ) -> type[AsyncKernelManager]:
        """A kernel manager like ``base`` that forks kernels of this interpreter which have ``modules`` imported.

        ``base`` itself where that has been refused before, or ``env`` (what is added for one kernel) asks for an
        interpreter that starts in another way.

        :param say: takes the line that says why a kernel was started instead.
        """
        from .provisioner import forking_manager

        if modules in self._refused or any(name.startswith(_AT_START) for name in env):
            return base
        self.begin(modules)
        template: Any = self._template

        def refused(reason: str) -> None:
            self._refused.add(modules)
            say(f"bioml: its kernel was started, not forked: {reason}.")

        return forking_manager(base, template, refused)
