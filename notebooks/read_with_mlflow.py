"""Read a run, and use its model, with nothing but plain MLflow, without importing this package.

    python notebooks/read_with_mlflow.py TRACKING_URI RUN_ID [MODEL_URI]

Prints one JSON document: what the run was made from and what it found. With a model URI the model is loaded,
and its predictions on the rows of the stored hold-out predictions are compared with the stored ones, bit for bit.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
from mlflow.tracking import MlflowClient


def read_run(client: MlflowClient, run_id: str) -> dict[str, Any]:
    """Everything about a run that a stranger needs."""
    run = client.get_run(run_id)
    folder = Path(client.download_artifacts(run_id, "bioml"))
    values = folder / "values.json"
    lock = [line for line in (folder / "requirements.lock").read_text().splitlines() if "==" in line]
    return {
        "name": run.info.run_name,
        "status": run.info.status,
        "seconds": (run.info.end_time - run.info.start_time) / 1000,
        "parameters": dict(run.data.params),
        "metrics": {key: value for key, value in run.data.metrics.items() if not key.startswith("system/")},
        "values": json.loads(values.read_text()) if values.exists() else {},
        "readings": {key: value for key, value in run.data.metrics.items() if key.startswith("system/")},
        "tags": {key: value for key, value in run.data.tags.items() if key != "mlflow.log-model.history"},
        "data": [
            {
                "name": used.dataset.name,
                "digest": used.dataset.digest,
                "profile": json.loads(used.dataset.profile or "{}"),
            }
            for used in run.inputs.dataset_inputs
        ],
        "lock": lock,
        "cell": (folder / "cell.py").read_text(),
        "files": sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()),
        "record": json.loads((folder / "record.json").read_text()),
    }


def stored_predictions(client: MlflowClient, run_id: str) -> pd.DataFrame:
    """The hold-out predictions kept with the run: columns key, y_true, y_pred."""
    (file,) = Path(client.download_artifacts(run_id, "bioml/predictions")).iterdir()
    return pd.read_parquet(file) if file.suffix == ".parquet" else pd.read_csv(file, float_precision="round_trip")


def features_of(rows: pd.Index, columns: list[str]) -> pd.DataFrame:
    """The measurements of some rows, from the file that the notebook read."""
    import sklearn

    file = Path(sklearn.__file__).parent / "datasets" / "data" / "breast_cancer.csv"
    return pd.read_csv(file, skiprows=1, header=None).iloc[rows, : len(columns)].set_axis(columns, axis="columns")


def check_model(client: MlflowClient, run_id: str, model_uri: str) -> dict[str, Any]:
    """Load the model and predict the held-out samples again."""
    model = mlflow.sklearn.load_model(model_uri)
    stored = stored_predictions(client, run_id)
    again = model.predict_proba(features_of(pd.Index(stored["key"]), list(model.feature_names_in_)))[:, 1]
    return {
        "class": f"{type(model).__module__}.{type(model).__qualname__}",
        "inputs": len(mlflow.models.get_model_info(model_uri).signature.inputs),
        "rows": len(stored),
        "equal": int((again == stored["y_pred"].to_numpy()).sum()),
    }


def main(arguments: list[str]) -> int:
    uri, run_id, *rest = arguments
    mlflow.set_tracking_uri(uri)
    client = MlflowClient()
    found = read_run(client, run_id)
    if rest:
        found["model"] = check_model(client, run_id, rest[0])
    json.dump(found, sys.stdout, indent=1)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
