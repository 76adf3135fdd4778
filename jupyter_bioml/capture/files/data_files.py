"""Which opened files are data: everything but code, caches, settings, and what belongs to the machine, to installed
packages or to us."""

from __future__ import annotations

import functools
import os
import sys
import tempfile
from collections.abc import Iterator
from typing import Any

from ...config import Project
from .distributions import Distributions, site_of

#: Never inspected, no matter who opens them; known before anything is asked about the file.
DEVICES = ("/proc/", "/sys/", "/dev/", "/memfd:")

_SYSTEM = (*DEVICES, "/etc/", "/usr/", "/run/user/", "/run/lock/", "/var/cache/")
_NEVER_PARTS = ("/__pycache__/", "/.git/", "/.ipynb_checkpoints/", "/.dvc/tmp/")
_CODE = frozenset((".py", ".pyc", ".pyo", ".pyd", ".so", ".pyi", ".pth", ".pyx", ".pxd", ".dll", ".dylib"))
_BYTECODE = frozenset((".pyc", ".pyo"))
#: In installed packages no data either: documents, pages, fonts, templates, translations, certificates.
_FURNITURE = frozenset(
    (".c", ".cc", ".cpp", ".h", ".hpp", ".cu", ".rst", ".md", ".html", ".css", ".js", ".mjs", ".map", ".ts", ".ttf",
     ".otf", ".afm", ".pfb", ".woff", ".woff2", ".mplstyle", ".j2", ".jinja", ".jinja2", ".tmpl", ".tpl", ".mo", ".po",
     ".pem", ".crt", ".typed", ".tcl", ".lark", ".metal")
)  # fmt: skip
#: The endings of tables and arrays, packed or not: a data set that a package ships in a folder called so is data.
_TABLES = frozenset(
    (".csv", ".tsv", ".npz", ".npy", ".parquet", ".feather", ".arff", ".h5", ".hdf5", ".h5ad", ".mat", ".dta", ".sav",
     ".xls", ".xlsx", ".nii", ".rda", ".rds")
)  # fmt: skip
_PACKED = frozenset((".gz", ".bz2", ".xz", ".zip", ".zst"))
_PACKAGE_PARTS = (
    ".dist-info/", ".egg-info/", "/tzdata/", "/zoneinfo/", "/certifi/", "/locale-data/", "/IPython/", "/ipykernel/",
    "/jupyter_", "/jsonschema", "/debugpy/", "/jedi/", "/pip/", "/setuptools/", "/mlflow/", "/dvc/",
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
#: Where Python's own modules lie; asking ``sysconfig`` would take a kernel some milliseconds.
STANDARD_LIBRARY = os.path.dirname(os.path.abspath(os.__file__)) + os.sep
_scandir = os.scandir  # the original: the stand-ins of a batch's probes ask here
#: Folders whose verdict is remembered.
_FOLDER_LIMIT = 5_000

# What a folder's files are.
_OUT, _PACKAGE, _TARGET, _USER_DOTS, _DATA = "out", "package", "target", "user", "data"


def _is_data_set(path: str, kind: str) -> bool:
    """Of a file that a package ships: a table or an array in a folder for data, such as ``sklearn/datasets/data``."""
    if kind in _PACKED:
        kind = os.path.splitext(path[: -len(kind)])[1].lower()
    return kind in _TABLES and any(part.endswith(("data", "datasets")) for part in path.split("/")[:-1])


class DataFiles:
    """The rules for one project, with the folders of this process and this user."""

    def __init__(self, project: Project) -> None:
        temporary = tempfile.gettempdir()
        self._root = _folder(str(project.root))
        self._work = None if project.work is None else _folder(str(project.work))
        self._user = _folder(os.path.expanduser("~"))
        self._temporary = tuple({_folder(temporary), _folder(os.path.realpath(temporary))})
        self._ours = tuple({_folder(str(project.home)), _folder(os.path.realpath(project.home))})
        nobodys = {*_SYSTEM, *_installed_folders(), *private_folders(self._user)}
        nobodys |= {f"{name}ipykernel_" for name in self._temporary}
        around = {name for name in nobodys if self._root.startswith(name)}
        self._everywhere = tuple(nobodys - around)
        self._around_project = tuple(around)
        self._verdicts: dict[str, str] = {}
        self._distributions = Distributions()

    def name(self, path: str) -> str:
        """``path`` relative to the project, or absolute when it lies outside."""
        if self._work is not None and path.startswith(self._work):
            return path[len(self._work) :]
        if path.startswith(self._root):
            return path[len(self._root) :]
        folder, _, last = path.rpartition("/")
        real = f"{os.path.realpath(folder)}/{last}"
        return real[len(self._root) :] if real.startswith(self._root) else path

    def name_in_project(self, path: str) -> str | None:
        """The name of the data at the absolute ``path``; None when it lies outside the project or is not data."""
        name = self.name(path)
        return name if name and name[0] != "/" and self.keeps(f"{path}/" if os.path.isdir(path) else path) else None

    def original(self, path: str) -> str:
        """The file that ``path`` in a reproduction's work folder is a link to; any other path as it is."""
        if self._work is not None and path.startswith(self._work):
            return os.path.realpath(path)
        return path

    def temporary(self, path: str) -> bool:
        """True in the folder for temporary files."""
        return path.startswith(self._temporary)

    def keeps(self, path: str) -> bool:
        """True when the file at the absolute ``path`` is data of the user's."""
        folder, _, name = path.rpartition("/")
        verdict = self._verdicts.get(folder)
        if verdict is None:
            if len(self._verdicts) >= _FOLDER_LIMIT:
                self._verdicts.clear()
            verdict = self._verdicts[folder] = self._of_folder(folder + "/")
        if verdict is _OUT:
            return False
        kind = os.path.splitext(name)[1].lower()
        if kind in _BYTECODE or (kind == ".py" and _is_loaded_source(path)):
            return False
        if verdict is _PACKAGE:
            mine = kind not in _CODE and kind not in _FURNITURE
            return mine and (_is_data_set(path, kind) or self._came_later(path))
        if verdict is _TARGET:
            return _is_data_set(path, kind) or not self._installed_with_modules(path)
        return verdict is _DATA or not name.startswith(".")

    def _came_later(self, path: str) -> bool:
        """Of a file among installed packages: no installer put it there."""
        site = site_of(path)
        return site is not None and self._distributions.lists(site, path[len(site) :]) is False

    def _installed_with_modules(self, path: str) -> bool:
        """Of a file in another folder to import from (``pip install --target``): an installer put it there."""
        found = (site for site in _folders_to_import_from() if path.startswith(site))
        return any(self._distributions.lists(site, path[len(site) :]) for site in found)

    def _of_folder(self, folder: str) -> str:
        if self._work is not None and folder.startswith(self._work):
            folder = self._root + folder[len(self._work) :]
        if folder.startswith(self._ours) or any(part in folder for part in _NEVER_PARTS):
            return _OUT
        if site_of(folder) is not None:
            return _OUT if _is_furniture(folder) else _PACKAGE
        if folder.startswith(self._everywhere):
            return _OUT
        if folder.startswith(self._around_project) and not folder.startswith(self._root):
            return _OUT
        if folder == self._user:
            return _USER_DOTS
        return _TARGET if any(folder.startswith(site) for site in _folders_to_import_from()) else _DATA


def _folder(path: str) -> str:
    return path.rstrip("/") + "/"


def private_folders(user: str) -> Iterator[str]:
    """Folders of settings and caches of the user whose home is ``user`` (with ``/`` at its end)."""
    shared = {user, _folder(tempfile.gettempdir()), "/"}
    for name in _SETTINGS:
        yield f"{user}{name}/"
    for variable in _FOLDER_VARIABLES:
        value = os.environ.get(variable, "")
        if os.path.isabs(value) and _folder(value) not in shared:
            yield _folder(value)


def _installed_folders() -> Iterator[str]:
    """The folders of Python's installation; not the whole prefix, which may be the project itself."""
    for prefix in {sys.prefix, sys.base_prefix, sys.exec_prefix, os.path.realpath(sys.prefix)}:
        for name in _PREFIX_FOLDERS:
            yield f"{prefix.rstrip('/')}/{name}/"
    yield STANDARD_LIBRARY


def _folders_to_import_from() -> Iterator[str]:
    """Folders of ``sys.path`` that an installer has filled, other than those of installed packages."""
    for entry in sys.path:
        if (
            isinstance(entry, str)
            and entry[:1] == "/"
            and site_of(_folder(entry)) is None
            and _has_distributions(entry)
        ):
            yield _folder(entry)


@functools.lru_cache(maxsize=256)
def _has_distributions(folder: str) -> bool:
    try:
        with _scandir(folder) as entries:
            return any(entry.name.endswith(".dist-info") for entry in entries)
    except OSError:
        return False


def _is_furniture(folder: str) -> bool:
    if "/mpl-data/" in folder:
        return "/sample_data/" not in folder
    return any(part in folder for part in _PACKAGE_PARTS)


def _is_loaded_source(path: str) -> bool:
    """The source of an imported module (a traceback or ``inspect`` has read it)."""
    parts = path.removesuffix(".py").removesuffix("/__init__").split("/")
    names = (".".join(parts[start:]) for start in range(len(parts) - 1, 0, -1))
    return any(_file_of(name) == path for name in ("__main__", *names))


def _file_of(module: str) -> Any:
    try:
        names = object.__getattribute__(sys.modules.get(module), "__dict__")  # a lazy module is left asleep
    except AttributeError:
        return None
    return names.get("__file__")
