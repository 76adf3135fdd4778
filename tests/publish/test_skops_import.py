"""skops is imported without the libraries that it does not need, and these can be imported afterwards."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import sys
from jupyter_bioml.publish.skops_import import import_skops
import_skops()
assert "skops.io" in sys.modules
print(sorted({name.partition(".")[0] for name in sys.modules} & {"torch", "dask", "cupy"}))
import sklearn.externals.array_api_compat.torch as adapter
print(adapter.__file__.rpartition("/")[2], hasattr(adapter, "matmul"))
"""


@pytest.mark.needs_torch
def test_neither_torch_nor_dask_is_imported_and_their_adapters_are_left_as_they_were() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[]", "__init__.py True"]
