"""Fixtures: a project in a temporary folder, real kernels to run cells in, kernel-like processes, NVML without a GPU."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_kernel import KEY, FakeKernel
from headless_case import SHELF
from hypothesis import HealthCheck, settings
from kernels import Kernel
from ports import free_port
from servers import TrackingServer, mlflow_server

# No test is about time: on a busy machine Hypothesis' deadline and its speed of generating say nothing about the code.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

#: Folders of Jupyter and IPython that each test gets for its own.
PLACES = ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "XDG_STATE_HOME")


def clean(patch: pytest.MonkeyPatch, folder: Path) -> None:
    """Nothing of the machine's own MLflow, Jupyter or IPython settings is left."""
    for name in list(os.environ):
        if name.startswith(("BIOML_", "MLFLOW_", "JPY_")):
            patch.delenv(name)
    for name in PLACES:
        (folder / name.lower()).mkdir(parents=True)
        patch.setenv(name, str(folder / name.lower()))
    patch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    patch.setenv("DVC_NO_ANALYTICS", "1")


@pytest.fixture(autouse=True, scope="session")
def runtime_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the resident process of these tests is met: no other one is, and it ends when this folder has gone."""
    folder = tmp_path_factory.mktemp("runtime")
    folder.chmod(0o700)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(folder))
        yield folder
    shutil.rmtree(folder)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test sees the machine's own settings."""
    clean(monkeypatch, tmp_path / "home")


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An MLflow database without runs, made once and copied: a new one costs a second and a half."""
    from jupyter_bioml.store.mlflow_store import MlflowStore  # a second, and most tests need no MLflow

    file = tmp_path_factory.mktemp("database") / "mlflow.db"
    MlflowStore(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def running_server(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrackingServer]:
    """A real tracking server: starting one takes ten seconds."""
    folder = tmp_path_factory.mktemp("tracking") / "server"
    port = free_port()
    with mlflow_server(port, folder, empty_database):
        yield TrackingServer(f"http://127.0.0.1:{port}", folder / "server.db")


@pytest.fixture
def tracking_server(running_server: TrackingServer) -> TrackingServer:
    """A real tracking server without runs."""
    running_server.clear()
    return running_server


@pytest.fixture
def project_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder (marked by an empty ``.bioml``), which is also the current directory."""
    root = tmp_path / "project"
    (root / ".bioml").mkdir(parents=True)
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def start_kernel(project_dir: Path) -> Iterator[Callable[..., Kernel]]:
    """A factory of kernels in the project; all are shut down afterwards."""
    kernels: list[Kernel] = []

    def start(folder: Path | None = None, **options: Any) -> Kernel:
        kernels.append(Kernel(folder or project_dir, **options))
        return kernels[-1]

    yield start
    for kernel in kernels:
        kernel.close()


@pytest.fixture(scope="module")
def module_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[pytest.MonkeyPatch]:
    """What ``clean_environment`` does, for a whole module."""
    with pytest.MonkeyPatch.context() as patch:
        clean(patch, tmp_path_factory.mktemp("home"))
        yield patch


@pytest.fixture
def shelf(project_dir: Path) -> Callable[..., Path]:
    """Copies a notebook of the shelf into the project, under another name if one is given."""

    def copy(name: str, to: str | None = None) -> Path:
        target = project_dir / (to or f"{name}.ipynb")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(SHELF / f"{name}.ipynb", target)
        return target

    return copy


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
    source = Path(__file__).parent / "nvml_stub" / "nvml_stub.c"
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
