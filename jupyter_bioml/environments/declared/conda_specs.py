"""Specs of conda packages, put into PEP 440: ``numpy=1.26``, ``scipy 1.8``, ``pandas=1.0.3=py38_0``."""

from __future__ import annotations

import re
from dataclasses import replace

from .statement import LONGEST, PYTHON_ITSELF, Declaration, NotCompared, Said, of_versions

#: A line of ``conda list --export``, which also stands in files named as requirements.
EXPORTED = re.compile(r"[A-Za-z0-9_.-]+=[^=\s]")
_SPEC = re.compile(r"(?:[\w./\-]+(?:\[[^\]]*\])?::)?([A-Za-z0-9_.-]+)\s*(.*)")
_BRACKET = re.compile(r"\[.*?version\s*=\s*['\"]?([^'\"\]]+)['\"]?.*\]")
_PART = re.compile(r"(===|==|!=|>=|<=|~=|>|<|=)?\s*(\S*)")
#: conda's name → the distribution's, where they differ.
_NAMES = {
    "dask-core": "dask", "matplotlib-base": "matplotlib", "msgpack-python": "msgpack", "opencv": "opencv-python",
    "py-opencv": "opencv-python", "py-xgboost": "xgboost", "pytables": "tables", "pytorch": "torch",
    "pytorch-cpu": "torch", "pytorch-gpu": "torch", "seaborn-base": "seaborn",
}  # fmt: skip
#: conda packages that are Python distributions of that name; others may be programs and libraries of another language.
PYTHON_PACKAGES = frozenset({
    "anndata", "biopython", "bokeh", "catboost", "cython", "dask", "h5py", "imbalanced-learn", "ipykernel",
    "ipython", "ipywidgets", "joblib", "jupyter", "jupyterlab", "keras", "lifelines", "lightgbm", "matplotlib",
    "mdtraj", "mne", "networkx", "nibabel", "nilearn", "nltk", "notebook", "numba", "numpy", "opencv-python",
    "openpyxl", "pandas", "pillow", "pip", "plotly", "pydicom", "pysam", "pyyaml", "requests", "scanpy",
    "scikit-bio", "scikit-image", "scikit-learn", "scikit-survival", "scipy", "seaborn", "setuptools", "simpleitk",
    "statsmodels", "sympy", "tables", "tensorflow", "torch", "torchvision", "tqdm", "umap-learn", "xarray",
    "xgboost", "xlrd",
})  # fmt: skip


def of_conda(spec: str, place: str) -> Said:
    """One spec as ``environment.yml`` and ``conda install`` take it."""
    match = _SPEC.fullmatch(spec.strip()) if len(spec) <= LONGEST else None
    if match is None:
        return NotCompared(spec[:120], place, "not a conda spec", unreadable=True)
    name, rest = match[1], match[2].strip()
    if bracket := _BRACKET.match(rest):
        rest = bracket[1]
    elif rest.startswith("["):
        rest = ""
    found = of_versions(_NAMES.get(name.lower(), name), _alternatives(rest), place, spec)
    if isinstance(found, Declaration) and found.name != PYTHON_ITSELF:
        return replace(found, conda=True)
    return found


def _alternatives(text: str) -> tuple[str, ...]:
    """conda's version text as alternatives of PEP 440; other text comes out as a version that cannot be read."""
    text = re.sub(r"\s*([,|])\s*", r"\1", re.sub(r"(===|==|!=|>=|<=|~=|>|<|=)\s+", r"\1", text))
    text = text.split(" ")[0]  # "1.11 py35_0": version and build
    if built := re.fullmatch(r"(={0,2})([^=<>!~|,]+)=([^=<>!~|,]*)", text):
        equal, version, build = built.groups()
        text = f"=={version}" if build.strip("*") and not version.endswith("*") else f"{equal}{version}"
    found = tuple(",".join(filter(None, map(_part, one.split(",")))) for one in text.split("|"))
    return () if "" in found else found


def _part(text: str) -> str:
    match = _PART.fullmatch(text)
    if match is None:
        return f"=={text}"
    operator, version = match[1] or "", match[2]
    bare = version.rstrip("*").rstrip(".")
    if not bare:
        return "" if version or not operator else operator
    if operator == "=" or (operator in ("", "==", "!=") and version.endswith("*")):
        return f"{'!=' if operator == '!=' else '=='}{bare}.*"
    if operator in ("", "==", "==="):
        return f"=={version}"
    return f"{operator}{bare}"
