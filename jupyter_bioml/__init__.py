"""Track notebook cells, rerun them headlessly and register the models they made.

``import jupyter_bioml as bioml`` costs nothing: names are looked up when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__version__ = "0.1.0"

#: Public name → module that defines it.
_PUBLIC = {
    "current_run": ".capture.logging",
    "log": ".capture.logging",
    "log_artifact": ".capture.logging",
    "log_params": ".capture.logging",
    "log_predictions": ".capture.logging",
    "register_widget": ".widgets.register",
    "run": ".capture.logging",
    "tag": ".capture.logging",
}
__all__ = ["__version__", *sorted(_PUBLIC)]


def __getattr__(name: str) -> Any:
    if name in _PUBLIC:
        from importlib import import_module

        value = getattr(import_module(_PUBLIC[name], __name__), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)


def load_ipython_extension(shell: InteractiveShell) -> None:
    """``%load_ext jupyter_bioml``: start to journal the cells of this session."""
    from .kernel import hooks
    from .magics import magics

    magics.register(shell)
    hooks.load(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """``%unload_ext jupyter_bioml``: leave nothing behind."""
    from .kernel import hooks
    from .magics import magics

    hooks.unload(shell)
    magics.unregister(shell)


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    """What ``jupyter server`` asks: the server half of the lab extension."""
    from .server.app import BiomlExtension

    return [{"module": "jupyter_bioml.server.app", "app": BiomlExtension}]
