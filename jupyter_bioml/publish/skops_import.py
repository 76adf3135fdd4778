"""The import of skops, without the libraries that it does not need."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any

#: skops looks for estimators in all of scikit-learn when it is imported, and so imports the adapters to torch and
#: dask, which import these: seconds. An empty module stands for each meanwhile; the libraries themselves stay free.
_ADAPTERS = tuple(f"sklearn.externals.array_api_compat.{name}" for name in ("torch", "dask", "cupy"))


def import_skops() -> Any:
    """The module ``skops.io``.

    :raises ImportError: it is not installed.
    """
    empty = {name: ModuleType(name) for name in _ADAPTERS if name not in sys.modules}
    sys.modules.update(empty)
    try:
        return importlib.import_module("skops.io")
    finally:
        for name in empty:
            del sys.modules[name]
