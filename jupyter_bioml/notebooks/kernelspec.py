"""Which kernel a notebook runs on, when its file names one that is not here, or none."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import UsageError

NATIVE = "python3"


@dataclass(frozen=True)
class KernelChoice:
    """The kernel to start. ``notice`` says what was done where it is not the one the notebook names."""

    name: str
    python: str | None = None
    """The interpreter to start, whatever a kernelspec of this name says; None: the kernelspec's."""
    notice: str | None = None

    @property
    def is_current(self) -> bool:
        """True when its kernel runs on the interpreter of this process, started in the usual way."""
        if self.python is not None:
            return self.python == sys.executable
        from jupyter_client.kernelspec import KernelSpecManager

        spec = KernelSpecManager().get_kernel_spec(self.name)
        words = [word for word in spec.argv if not word.startswith("-X")]
        # jupyter_client runs plain "python" as the interpreter it runs on itself
        here = {sys.executable, "python", f"python{sys.version_info.major}"}
        return words[0] in here and words[1:3] == ["-m", "ipykernel_launcher"] and not spec.env


def choose_kernel(metadata: Mapping[str, Any], wanted: str | None = None) -> KernelChoice:
    """The kernel for a notebook with this metadata.

    :param wanted: a kernel asked for by name; it must exist.
    :raises UsageError: when the one asked for is not installed, or the notebook is not Python's.
    """
    from jupyter_client.kernelspec import KernelSpecManager

    specs = KernelSpecManager()
    if wanted:
        if not _exists(specs, wanted):
            raise UsageError(f"The kernel {wanted!r} is not installed here.", next=_install_line(specs))
        return KernelChoice(wanted)
    name = (metadata.get("kernelspec") or {}).get("name")
    if name and _exists(specs, name):
        return KernelChoice(name)
    language = notebook_language(metadata)
    if language != "python":
        raise UsageError(
            f"This notebook needs a kernel for {language}, {name!r}, which is not installed here.",
            next=_install_line(specs),
        )
    what = f"names the kernel {name!r}, which is not installed here" if name else "names no kernel"
    return KernelChoice(NATIVE, python=sys.executable, notice=f"The notebook {what}: it runs on the current Python.")


def notebook_language(metadata: Mapping[str, Any]) -> str:
    """The notebook's programming language in lower case; ``python`` where it does not say."""
    language = (metadata.get("language_info") or {}).get("name")
    return str(language or (metadata.get("kernelspec") or {}).get("language") or "python").lower()


def _exists(specs: Any, name: str) -> bool:
    from jupyter_client.kernelspec import NoSuchKernel

    try:
        specs.get_kernel_spec(name)
    except NoSuchKernel:
        return False
    return True


def _install_line(specs: Any) -> str:
    return f"Installed kernels: {', '.join(sorted(specs.find_kernel_specs())) or 'none'}."
