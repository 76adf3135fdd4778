"""Is the Python environment complete? Nothing heavy is imported: versions come from package metadata."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from .check import FAIL, OK, WARN, Check
from .enable import config_file, is_on

DISTRIBUTION = "jupyter-bioml"
LEAST_PYTHON = (3, 11)
#: Entry point group → what does not work without it.
ENTRY_POINTS = {
    "papermill.engine": "papermill --engine bioml",
    "mlflow.run_context_provider": "runs opened by your own mlflow calls are not linked to their cell",
}
_REINSTALL = f"{sys.executable} -m pip install --force-reinstall --no-deps {DISTRIBUTION}"


def python() -> Check:
    """The interpreter."""
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < LEAST_PYTHON:
        least = ".".join(map(str, LEAST_PYTHON))
        return Check("python", FAIL, f"{version} at {sys.executable}", f"Use Python {least} or newer.")
    return Check("python", OK, f"{version} at {sys.executable}")


def packages() -> Check:
    """Every requirement of this package, by the metadata of the installed distributions."""
    from packaging.requirements import Requirement

    try:
        mine = metadata.distribution(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        return Check("packages", FAIL, f"{DISTRIBUTION} is not installed here", f"pip install {DISTRIBUTION}")
    wanted = [Requirement(text) for text in mine.requires or ()]
    core = [item for item in wanted if item.marker is None or item.marker.evaluate({"extra": ""})]
    amiss = [(item, found) for item in core if (found := _amiss(item.name, item.specifier)) is not None]
    if amiss:
        listed = ", ".join(f"{item.name} {found} (needs {item.specifier or 'any'})" for item, found in amiss)
        names = " ".join(f'"{item.name}{item.specifier}"' for item, _ in amiss)
        return Check("packages", FAIL, listed, f"{sys.executable} -m pip install {names}")
    main = ", ".join(f"{name} {metadata.version(name)}" for name in ("mlflow", "papermill", "dvc", "jupyterlab"))
    return Check("packages", OK, f"{DISTRIBUTION} {mine.version}; {main}; all {len(core)} requirements are met")


def _amiss(name: str, specifier: object) -> str | None:
    """``missing``, or the version that does not meet the requirement; None if it is met."""
    from packaging.specifiers import SpecifierSet

    assert isinstance(specifier, SpecifierSet)
    try:
        version = metadata.version(name)
    except metadata.PackageNotFoundError:
        return "missing"
    return None if specifier.contains(version, prereleases=True) else version


def entry_points() -> Check:
    """The entry points by which papermill and MLflow find this package."""
    missing = []
    for group, use in ENTRY_POINTS.items():
        mine = [point for point in metadata.entry_points(group=group) if point.name == "bioml"]
        if not mine:
            missing.append(f"{group} is not registered ({use})")
        elif find_spec(mine[0].module) is None:
            missing.append(f"{group} points at {mine[0].module}, which is not there ({use})")
    if missing:
        return Check("entry points", FAIL, "; ".join(missing), _REINSTALL)
    return Check("entry points", OK, "papermill engine and MLflow run context are registered")


def commands() -> Check:
    """Whether a shell finds ``jupyter bioml``."""
    here = Path(sys.executable).parent
    if shutil.which("jupyter-bioml"):
        return Check("commands", OK, f"jupyter bioml and bioml at {shutil.which('jupyter-bioml')}")
    return Check("commands", WARN, "jupyter-bioml is not on the PATH", f'export PATH="{here}:$PATH"')


def helpers() -> Check:
    """Whether helper processes can be started: through a shell, by this interpreter."""
    if not os.access("/bin/sh", os.X_OK):
        return Check("helpers", FAIL, "there is no /bin/sh to start the sampler and the publisher with", "Install it.")
    return Check("helpers", OK, "sampler and publisher can be started")


def kernels() -> Check:
    """The kernels that notebooks name, and whether their interpreter is there."""
    from jupyter_client.kernelspec import KernelSpecManager

    specs = KernelSpecManager().get_all_specs()
    gone = [
        name
        for name, spec in sorted(specs.items())
        if os.path.isabs(command := (spec["spec"].get("argv") or [""])[0]) and not os.access(command, os.X_OK)
    ]
    if gone:
        fix = f"jupyter kernelspec remove {' '.join(gone)}"
        return Check("kernels", WARN, f"the interpreter of {', '.join(gone)} is gone", fix)
    if not specs:
        return Check("kernels", FAIL, "no kernel is installed", f"{sys.executable} -m ipykernel install --sys-prefix")
    return Check("kernels", OK, ", ".join(sorted(specs)))


def enabled() -> Check:
    """Whether kernels load the extension automatically."""
    on = [str(config_file(scope)) for scope in ("user", "env") if is_on(scope)]
    if on:
        return Check("loading", OK, f"every kernel is tracked ({', '.join(on)})")
    return Check("loading", OK, "by %load_ext jupyter_bioml in the notebook (in every kernel: bioml enable)")


def git() -> Check:
    """The git command (reading commits works without it; diffs need it)."""
    command = shutil.which("git")
    if command is None:
        return Check("git", WARN, "not installed: uncommitted changes cannot be kept as a diff", "Install git.")
    said = subprocess.run([command, "--version"], capture_output=True, text=True, timeout=10, check=False)
    return Check("git", OK, said.stdout.strip() or command)


def gpu() -> Check:
    """GPUs by NVML."""
    from ..host.readings import Gpus

    inventory = Gpus().inventory()
    if inventory:
        names = ", ".join(str(gpu.get("name", gpu["index"])) for gpu in inventory["gpus"])
        return Check("gpu", OK, f"{names}; driver {inventory.get('driver', 'unknown')}")
    if Path("/proc/driver/nvidia/version").exists():
        return Check("gpu", WARN, "there is an NVIDIA driver, but NVML does not answer", "Check it with: nvidia-smi")
    return Check("gpu", OK, "none: runs have no GPU figures")


#: In reading order.
CHECKS = (python, packages, entry_points, commands, helpers, kernels, enabled, git, gpu)
