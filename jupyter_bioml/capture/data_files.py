"""Which opened files are data: everything but code, caches, settings and what belongs to the machine or to us."""

from __future__ import annotations

import os
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import PurePosixPath

from ..config import Project

#: Never looked at, whoever opens them; known before anything is asked about the file.
DEVICES = ("/proc/", "/sys/", "/dev/")

_SYSTEM = (*DEVICES, "/etc/", "/usr/", "/run/user/", "/var/cache/")
_NEVER_PARTS = ("/__pycache__/", "/.git/", "/.ipynb_checkpoints/", "/.dvc/tmp/")
_CODE = frozenset([".py", ".pyc", ".pyo", ".pyd", ".so", ".pyi", ".pth", ".pyx", ".pxd", ".dll", ".dylib"])
_BYTECODE = frozenset({".pyc", ".pyo"})
#: In installed packages: documents, pages, fonts, templates, translations and certificates are no data either.
_FURNITURE = frozenset(
    [
        ".c",
        ".cc",
        ".cpp",
        ".h",
        ".hpp",
        ".rst",
        ".md",
        ".html",
        ".css",
        ".js",
        ".mjs",
        ".map",
        ".ts",
        ".ttf",
        ".otf",
        ".afm",
        ".pfb",
        ".woff",
        ".woff2",
        ".mplstyle",
        ".j2",
        ".jinja",
        ".jinja2",
        ".tmpl",
        ".tpl",
        ".mo",
        ".po",
        ".pem",
        ".crt",
        ".typed",
        ".tcl",
        ".lark",
    ]
)
_PACKAGE_PARTS = (
    ".dist-info/", ".egg-info/", "/tzdata/", "/zoneinfo/", "/certifi/", "/locale-data/", "/IPython/", "/ipykernel/",
    "/jupyter_", "/jsonschema", "/debugpy/", "/jedi/", "/pip/", "/setuptools/", "/mlflow/", "/dvc/", "/jupyter_bioml/",
)  # fmt: skip
_PREFIX_FOLDERS = ("bin", "lib", "lib64", "libexec", "include", "share", "etc", "ssl", "conda-meta", "pkgs", "var")
_SETTINGS = (
    ".ipython", ".jupyter", ".config", ".cache", ".matplotlib", ".fontconfig", ".local/share/jupyter", ".local/state",
    ".aws", ".azure", ".docker", ".kaggle", ".ssh", ".gnupg", ".dbus", ".pki",
)  # fmt: skip
_FOLDER_VARIABLES = (
    "IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR", "XDG_CACHE_HOME", "MPLCONFIGDIR",
    "XDG_CONFIG_HOME", "XDG_STATE_HOME", "PYTHONPYCACHEPREFIX",
)  # fmt: skip


class Rules:
    """The rules for one project, with the folders of this process and this user."""

    def __init__(self, project: Project) -> None:
        self._root = _folder(str(project.root))
        self._work = None if project.work is None else _folder(str(project.work))
        self._user = _folder(os.path.expanduser("~"))
        self._temporary = tuple(
            {_folder(name) for name in (tempfile.gettempdir(), os.path.realpath(tempfile.gettempdir()))}
        )
        self._ours = tuple({_folder(str(project.home)), _folder(os.path.realpath(project.home))})
        everything = {*_SYSTEM, *_private_folders(self._user), *(f"{name}ipykernel_" for name in self._temporary)}
        around = {name for name in everything if self._root.startswith(name)}
        self._everywhere = tuple(everything - around)
        self._outside_project = tuple(around)
        self._installed = tuple(set(_installed_folders()))

    def name(self, path: str) -> str:
        """``path`` relative to the project, or absolute when it lies outside."""
        if self._work is not None and path.startswith(self._work):
            return path[len(self._work) :]
        if path.startswith(self._root):
            return path[len(self._root) :]
        folder, _, last = path.rpartition("/")
        real = f"{os.path.realpath(folder)}/{last}"
        return real[len(self._root) :] if real.startswith(self._root) else path

    def original(self, path: str) -> str:
        """The file of the project that ``path`` of a reproduction's work folder is a link to; else ``path``."""
        if self._work is not None and path.startswith(self._work):
            return os.path.realpath(path)
        return path

    def temporary(self, path: str) -> bool:
        """True in the folder for temporary files."""
        return path.startswith(self._temporary)

    def keeps(self, path: str) -> bool:
        """True when the file at the absolute ``path`` is data of the user's."""
        if self._work is not None and path.startswith(self._work):
            path = self._root + path[len(self._work) :]
        if path.startswith(self._ours) or (path.startswith(self._everywhere) and not _in_packages(path)):
            return False
        if any(part in path for part in _NEVER_PARTS):
            return False
        if path.startswith(self._user) and path.startswith(".", len(self._user)) and "/" not in path[len(self._user) :]:
            return False
        kind = PurePosixPath(path).suffix.lower()
        if kind in _BYTECODE or (kind == ".py" and _is_loaded_source(path)):
            return False
        if _in_packages(path):
            return kind not in _CODE and kind not in _FURNITURE and not _is_package_furniture(path)
        if path.startswith(self._installed):
            return False
        return path.startswith(self._root) or not path.startswith(self._outside_project)


def _folder(path: str) -> str:
    return path.rstrip("/") + "/"


def _private_folders(user: str) -> Iterator[str]:
    shared = {user, _folder(tempfile.gettempdir()), "/"}
    for name in _SETTINGS:
        yield f"{user}{name}/"
    for variable in _FOLDER_VARIABLES:
        value = os.environ.get(variable, "")
        if os.path.isabs(value) and _folder(value) not in shared:
            yield _folder(value)


def _installed_folders() -> Iterator[str]:
    """What Python's installation holds; not the whole prefix, which may be the project itself."""
    for prefix in {sys.prefix, sys.base_prefix, sys.exec_prefix, os.path.realpath(sys.prefix)}:
        for name in _PREFIX_FOLDERS:
            yield f"{prefix.rstrip('/')}/{name}/"
    for key in ("stdlib", "platstdlib"):
        path = sysconfig.get_path(key)
        if path:
            yield _folder(path)


def _in_packages(path: str) -> bool:
    return "/site-packages/" in path or "/dist-packages/" in path


def _is_package_furniture(path: str) -> bool:
    if "/mpl-data/" in path:
        return "/sample_data/" not in path
    return any(part in path for part in _PACKAGE_PARTS)


def _is_loaded_source(path: str) -> bool:
    """The source of an imported module (a traceback or ``inspect`` has read it)."""
    for module in list(sys.modules.values()):
        try:
            names = object.__getattribute__(module, "__dict__")  # a lazy module is left asleep
        except AttributeError:
            continue
        if names.get("__file__") == path:
            return True
    return False
