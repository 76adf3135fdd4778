"""Imported modules of the project: their content, enough to run again without git; secrets masked."""

from __future__ import annotations

import os
import sys
import time
from types import ModuleType
from typing import Any

from ..config import Project
from ..journal.blobs import Blobs
from ..records.facts import CaptureGap
from ..redact import redact

LIMIT = 1 << 20
"""Bytes; a larger module is a named gap."""
OURS = __name__.partition(".")[0]
"""Never the user's code, even where this package is developed: a re-run has it installed."""


class ModuleObserver:
    """Finds modules whose file lies under the project's root.

    Installed packages are left out: those in ``site-packages``, and those in a folder to import from that holds a
    ``*.dist-info`` (``pip install --target``), wherever it lies.
    """

    def __init__(self, project: Project, blobs: Blobs) -> None:
        self._roots = tuple(str(root) + os.sep for root in project.roots)
        self._blobs = blobs
        self._count = 0
        self._seen: set[str] = set()
        self._files: dict[str, str] = {}
        self._installed: dict[str, bool] = {}
        self._kept: dict[str, tuple[tuple[int, int], dict[str, Any], bool]] = {}

    def project_modules(self) -> list[ModuleType]:
        """The modules found so far that are still imported."""
        return [sys.modules[name] for name in self._files if name in sys.modules]

    def finish(self, since: float) -> tuple[list[dict[str, Any]], list[CaptureGap]]:
        """All project modules imported until now (fields of ``records.run.Module``), and gaps.

        :param since: start of the cell; a file that changed after it is marked ``changed``.
        """
        if len(sys.modules) != self._count:
            self._look()
        modules, gaps = [], []
        for name, path in self._files.items():
            try:
                module, masked = self._module(name, path, since)
            except OSError as error:
                gaps.append(CaptureGap("modules", f"{name} could not be read: {error.strerror or error}"))
                continue
            modules.append(module)
            if masked:
                gaps.append(CaptureGap("modules", f"secrets in {module['path']} were masked: a rerun lacks them"))
        return modules, gaps

    def _look(self) -> None:
        names = sys.modules.keys() - self._seen
        self._count = len(sys.modules)
        self._seen |= names
        for name in names:
            if name.partition(".")[0] == OURS:
                continue
            path = getattr(sys.modules.get(name), "__file__", None)
            if isinstance(path, str) and path.startswith(self._roots) and path.endswith(".py"):
                relative = self._relative(path)
                if "site-packages" in relative or "dist-packages" in relative:
                    continue
                if not self._is_installed(import_folder(name, path)):
                    self._files[name] = path

    def _is_installed(self, folder: str) -> bool:
        """Whether a folder to import from was filled by an installer."""
        known = self._installed.get(folder)
        if known is None:
            try:
                with os.scandir(folder) as entries:
                    known = any(entry.name.endswith(".dist-info") for entry in entries)
            except OSError:
                known = False
            self._installed[folder] = known
        return known

    def _relative(self, path: str) -> str:
        return next(path[len(root) :] for root in self._roots if path.startswith(root))

    def _module(self, name: str, path: str, since: float) -> tuple[dict[str, Any], bool]:
        """The fields of one module, and whether secrets in it were masked."""
        stat = os.stat(path)
        stamp = (stat.st_mtime_ns, stat.st_size)
        if name in self._kept and self._kept[name][0] == stamp:
            return self._kept[name][1:]
        module: dict[str, Any] = {"name": name, "path": self._relative(path), "size": stat.st_size}
        masked = False
        if stat.st_size <= LIMIT:
            with open(path, "rb") as file:
                content = file.read()
            text = content.decode("utf-8", "surrogateescape")
            shown = redact(text)
            masked = shown != text
            module["blob"] = self._blobs.put(shown.encode("utf-8", "surrogateescape") if masked else content)
        module["changed"] = stat.st_mtime > since and time.time() > since
        self._kept[name] = (stamp, {**module, "changed": False}, masked)
        return module, masked


def import_folder(name: str, path: str) -> str:
    """The folder that module ``name`` of file ``path`` is imported from: ``/p/src`` of ``/p/src/pkg/module.py``."""
    above = path.removesuffix(".py").removesuffix("/__init__")
    for part in reversed(name.split(".")):
        folder, _, last = above.rpartition("/")
        if last != part:
            break
        above = folder
    return above if above != path.removesuffix(".py") else os.path.dirname(path)
