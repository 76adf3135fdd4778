"""The Python lines that load a registered version, or what a run kept, in any kernel, tracked or not."""

from __future__ import annotations

import json
import os
from pathlib import PurePath

from ..config import Destination, without_credentials

#: Suffix of a data file → the library that reads it, and its function.
_READERS = {
    ".csv": ("pandas", "read_csv(file)"),
    ".tsv": ("pandas", 'read_csv(file, sep="\\t")'),
    ".parquet": ("pandas", "read_parquet(file)"),
    ".feather": ("pandas", "read_feather(file)"),
    ".xlsx": ("pandas", "read_excel(file)"),
    ".npy": ("numpy", "load(file)"),
    ".npz": ("numpy", "load(file)"),
}


def load_code(uri: str, target: Destination) -> str:
    """Python that loads a model by its URI, such as ``models:/NAME/VERSION``, from the server at ``target``.

    A kernel knows where the registry is only while it is tracked, or by ``MLFLOW_TRACKING_URI``. So the code says it,
    except where the variable has a password in it: that stays in the variable.
    """
    return "\n".join(["import mlflow", "", *_opened(target), f"model = mlflow.pyfunc.load_model({json.dumps(uri)})"])


def predictions_code(run_id: str, path: str, target: Destination) -> str:
    """Python that loads predictions that a run kept.

    :param path: of the file among the run's artifacts.
    """
    read = "read_parquet(file)" if path.endswith(".parquet") else "read_csv(file)"
    where = f"run_id={json.dumps(run_id)}, artifact_path={json.dumps(path)}"
    return "\n".join(
        [
            "import mlflow",
            "import pandas",
            "",
            *_opened(target),
            f"file = mlflow.artifacts.download_artifacts({where})",
            f"predictions = pandas.{read}",
        ]
    )


def data_code(path: str, digest: str | None) -> str:
    """Python that reads a data file as it is now, and says so if it is not what the run read.

    :param path: absolute.
    :param digest: MD5 of what the run read; None: not known, then nothing is checked.
    """
    library, read = _READERS.get(PurePath(path).suffix.lower(), ("", "file.read_bytes()"))
    imports = ["import pathlib", *([f"import {library}"] if library else [])]
    lines = [f"file = pathlib.Path({json.dumps(path)})"]
    if digest is not None:
        imports.insert(0, "import hashlib")
        lines.append(f"if hashlib.md5(file.read_bytes()).hexdigest() != {json.dumps(digest)}:")
        lines.append('    print(file, "is not as it was when the run read it")')
    return "\n".join([*imports, "", *lines, f"data = {library}.{read}" if library else f"data = {read}"])


def _opened(target: Destination) -> list[str]:
    given = os.environ.get("MLFLOW_TRACKING_URI", "")
    return [f"mlflow.set_tracking_uri({json.dumps(target.uri)})"] if without_credentials(given) == given else []
