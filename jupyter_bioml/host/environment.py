"""The environment of a session as one document: interpreter, system, hardware, distributions, BLAS, variables.

Computed in the sampler, which runs on the kernel's interpreter; nothing of it runs in the kernel.
"""

from __future__ import annotations

import ast
import os
import platform
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from ..canonical import canonical_json, digest
from ..redact import redact
from .distributions import import_folders, installed, requirement
from .known_distributions import KnownDistributions
from .readings import Gpus

#: Settings of numerical libraries' threads: they change the order of summation, so they belong to the digest.
THREAD_VARIABLES = (
    "BLIS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "OMP_DYNAMIC",
    "OMP_NUM_THREADS",
    "OPENBLAS_CORETYPE",
    "OPENBLAS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


def describe(variables: Mapping[str, str], state: Path, gpus: Gpus | None = None) -> dict[str, Any]:
    """The environment of this process as a JSON document.

    Keys: ``python``, ``os``, ``cpu``, ``memory`` (bytes), ``distributions``, ``blas``, ``threads``, ``variables``,
    and ``gpus``, ``driver``, ``cuda`` where NVML is there. What could not be read is named in ``absent``
    (key → reason).

    :param variables: environment variables of the session's header (the kernel keeps the allowed ones only).
    :param state: folder that keeps what is known about distributions.
    """
    absent: dict[str, str] = {}
    # with its name, because a name can say that the value is a secret
    masked = {name: redact(f"{name}={value}").partition("=")[2] for name, value in variables.items()}
    document: dict[str, Any] = {
        "python": {
            "version": platform.python_version(),
            "implementation": platform.python_implementation(),
            "build": " ".join(platform.python_build()),
            "compiler": platform.python_compiler(),
            "executable": sys.executable,
        },
        "os": _system(),
        "cpu": _cpu(),
        "distributions": _distributions(state),
        "threads": {name: masked[name] for name in THREAD_VARIABLES if name in masked},
        "variables": masked,
        **(gpus or Gpus()).inventory(),
    }
    try:
        document["memory"] = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError) as error:
        absent["memory"] = str(error)
    blas = _blas(import_folders())
    if isinstance(blas, str):
        absent["blas"] = blas
    else:
        document["blas"] = blas
    return {**document, "absent": absent} if absent else document


def environment_digest(document: Mapping[str, Any]) -> str:
    """Digest of what can change a result: interpreter, platform, distributions, BLAS, threads.

    Equal in two virtual environments with the same packages; hardware, variables and paths are not part of it.
    """
    distributions = [
        [item["name"], item["version"], item["origin"], item.get("files_sha256")] for item in document["distributions"]
    ]
    python, system = document["python"], document["os"]
    return digest(
        {
            "python": [python["implementation"], python["version"]],
            "platform": [system.get("system"), system.get("machine"), system.get("libc")],
            "distributions": distributions,
            "blas": document.get("blas"),
            "threads": document["threads"],
        }
    )


def environment_entry(document: Mapping[str, Any], put: Callable[[bytes], str], at: float) -> dict[str, Any]:
    """The journal's entry of an environment.

    :param put: stores a content and returns its digest.
    :param at: from when on it holds (epoch seconds).
    :raises OSError: the disk refuses the document.
    """
    blob = put(canonical_json(document).encode("utf-8", "surrogateescape"))
    variables = document["variables"]
    return {"t": "environment", "at": at, "digest": environment_digest(document), "blob": blob, "variables": variables}


def requirements_lock(document: Mapping[str, Any]) -> str:
    """``requirements.lock``: ``pip install --no-deps -r`` of it makes the same environment."""
    python, system = document["python"], document["os"]
    lines = [
        f"# {python['implementation']} {python['version']} on {system.get('name', system.get('system', ''))},"
        f" {system.get('machine', '')}",
        "# pip install --no-deps -r requirements.lock",
        *(requirement(item) for item in document["distributions"]),
    ]
    return "\n".join(lines) + "\n"


def package_folders() -> tuple[tuple[str, int], ...]:
    """Folders that installers write to, with their modification times (ns): another value, another environment."""
    found = []
    for folder in sys.path:
        if os.path.basename(folder) in ("site-packages", "dist-packages"):
            try:
                found.append((folder, os.stat(folder).st_mtime_ns))
            except OSError:
                continue
    return tuple(found)


def _distributions(state: Path) -> list[dict[str, Any]]:
    known = KnownDistributions(state)
    found = installed(describe=known.describe)
    known.keep()
    return found


def _system() -> dict[str, str]:
    found = {
        "system": platform.system(),
        "release": platform.release(),
        "machine": platform.machine(),
        "libc": " ".join(platform.libc_ver()).strip(),
    }
    try:
        release = platform.freedesktop_os_release()
        found["name"] = release.get("PRETTY_NAME") or release["NAME"]
        found["version"] = release.get("VERSION_ID", "")
    except OSError:
        found["name"] = platform.platform(terse=True)
    return {key: value for key, value in found.items() if value}


def _cpu() -> dict[str, Any]:
    """``model``, ``count`` (logical) and ``usable`` (those this session may run on)."""
    found: dict[str, Any] = {"model": platform.processor(), "count": os.cpu_count()}
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
        if match := re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE):
            found["model"] = match[1].strip()
        found["usable"] = len(os.sched_getaffinity(0))
    except (OSError, AttributeError):
        pass
    return {key: value for key, value in found.items() if value}


def _blas(paths: Iterable[str]) -> dict[str, Any] | str:
    """numpy's build configuration: ``name``, ``version``, ``configuration``; the reason where it does not say.

    Read from the source of ``numpy/__config__.py``: importing numpy would cost this process 30 MB.
    """
    for folder in paths:
        file = Path(folder, "numpy", "__config__.py")
        if file.is_file():
            break
    else:
        return "numpy is not installed"
    try:
        tree = ast.parse(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, SyntaxError) as error:
        return f"numpy's build configuration cannot be read: {error}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "blas" and isinstance(value, ast.Dict):
                    return _blas_fields(value)
    return "numpy's build configuration does not name its BLAS"


def _blas_fields(node: ast.Dict) -> dict[str, Any]:
    wanted = {"name": "name", "version": "version", "openblas configuration": "configuration"}
    found = {}
    for key, value in zip(node.keys, node.values, strict=True):
        if isinstance(key, ast.Constant) and isinstance(value, ast.Constant) and key.value in wanted and value.value:
            found[wanted[key.value]] = str(value.value).strip()
    return found
