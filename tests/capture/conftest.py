"""Fixtures of the sampler's tests: kernel-like processes, and NVML without a GPU."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_kernel import KEY, FakeKernel


@pytest.fixture
def published(project_dir: Path) -> Path:
    """A lock file that says that a publisher has just scanned, so that the sampler starts none."""
    lock = project_dir / ".bioml" / "publish" / f"{KEY}.lock"
    lock.parent.mkdir(parents=True)
    lock.write_text(f"{time.time() + 1e6}\n")
    return lock


@pytest.fixture
def fake_kernel(project_dir: Path, published: Path) -> Iterator[Callable[..., FakeKernel]]:
    """A factory of fake kernels in the project; all end with the test."""
    kernels: list[FakeKernel] = []

    def start(**options: Any) -> FakeKernel:
        kernels.append(FakeKernel(project_dir, f"s{len(kernels)}", **options))
        return kernels[-1]

    yield start
    for kernel in kernels:
        kernel.kill()


@pytest.fixture(scope="session")
def nvml_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a ``libnvidia-ml.so.1`` of two GPUs, to be put into ``LD_LIBRARY_PATH``."""
    folder = tmp_path_factory.mktemp("nvml")
    source = Path(__file__).parent.parent / "nvml_stub" / "nvml_stub.c"
    library = folder / "libnvidia-ml.so.1"
    subprocess.run(["gcc", "-shared", "-fPIC", "-Wall", "-Werror", "-o", str(library), str(source)], check=True)
    return folder


@pytest.fixture
def nvml(nvml_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Processes started now find the two GPUs; the file returned names the process that uses the first one."""
    monkeypatch.setenv("LD_LIBRARY_PATH", f"{nvml_folder}:{os.environ.get('LD_LIBRARY_PATH', '')}".rstrip(":"))
    file = tmp_path / "gpu-user"
    monkeypatch.setenv("NVML_STUB_PID_FILE", str(file))
    return file
