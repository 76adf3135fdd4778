"""The user's own ``mlflow`` calls in a tracked cell: one run, in the project's store, adopted by the publisher."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from kernels import Kernel

from jupyter_bioml.config import destination, find_project
from jupyter_bioml.publish.sending import publish

Start = Callable[..., Kernel]


def published(root: Path) -> list[Any]:
    project = find_project(root)
    report = publish(project, destination(project), wait=True, timeout=120)
    assert not report.waiting, report.waiting
    from mlflow import MlflowClient

    client = MlflowClient(destination(project).uri)
    return list(client.search_runs([one.experiment_id for one in client.search_experiments()]))


def test_the_users_run_and_ours_are_one(start_kernel: Start, project_dir: Path) -> None:
    kernel = start_kernel()
    ran = kernel.run(
        "%%experiment mine\nimport mlflow\ndepth = 3\nauc = depth / 4\nwith mlflow.start_run(run_name='theirs'):\n"
        "    mlflow.log_param('depth', 'three')\n    mlflow.log_metric('own', 1.5)\n"
        "uri = mlflow.get_tracking_uri()\n",
        timeout=120,
    )
    assert ran.status == "ok", ran.error
    assert kernel.run("print(uri)").stdout.strip() == f"sqlite:///{project_dir}/.bioml/mlflow.db"
    assert not (project_dir / "mlruns").exists()
    kernel.close()
    (run,) = published(project_dir)
    assert run.info.run_name == "theirs" and run.data.tags["bioml.name"] == "mine", "named twice: both are kept"
    assert run.data.params["depth"] == "three"
    assert run.data.params["bioml.depth"] == "3"
    assert run.data.metrics["own"] == 1.5
    assert run.data.metrics["auc"] == 0.75


def test_a_run_that_mlflow_named_by_itself_gets_the_cells_name(start_kernel: Start, project_dir: Path) -> None:
    kernel = start_kernel()
    ran = kernel.run("%%experiment mine\nimport mlflow\nmlflow.log_metric('own', 0.5); mlflow.end_run()", timeout=120)
    assert ran.status == "ok", ran.error
    ran = kernel.run(
        "import mlflow\nmlflow.log_metric('other', 1.5); mlflow.end_run()", tags=("experiment",), notebook="fit.ipynb"
    )
    assert ran.status == "ok", ran.error
    kernel.close()
    found = {run.info.run_name: run.data for run in published(project_dir)}
    assert set(found) == {"mine", "fit [3]"}
    assert "bioml.name" not in found["mine"].tags, "one name needs no second one"


#: Name of the run → its cell; each opens an MLflow run in another way.
OPENED = {
    "param": "mlflow.log_param('p', 1)",
    "params and a tag": "mlflow.log_params({'a': 1}); mlflow.set_tag('stage', 'x')",
    "artifact": "open('notes.txt', 'w').write('x'); mlflow.log_artifact('notes.txt')",
    "text": "mlflow.log_text('x', 'notes.txt')",
    "block": "with mlflow.start_run():\n    mlflow.log_metric('own', 0.5)",
    "nested": "with mlflow.start_run():\n    with mlflow.start_run(nested=True, run_name='inner'):\n        pass",
    "experiment": "mlflow.set_experiment('cohort')\nmlflow.log_metric('own', 0.5)",
    "autolog": "mlflow.sklearn.autolog(log_models=False, silent=True)\nm = LinearRegression().fit([[1.0], [2.0]], [1, 2])\n"
    "mlflow.sklearn.autolog(disable=True)",
    "timed": "%time mlflow.log_metric('own', 0.5)",
}


def test_however_the_users_code_opens_a_run_it_gets_the_cells_name(start_kernel: Start, project_dir: Path) -> None:
    kernel = start_kernel()
    kernel.run("import mlflow\nfrom sklearn.linear_model import LinearRegression", timeout=120)
    for name, source in OPENED.items():
        ran = kernel.run(f"%%experiment '{name}'\n{source}\nmlflow.end_run()", timeout=120)
        assert ran.status == "ok", (name, ran.error)
    kernel.run("%%experiment ours\nwith mlflow.start_run(run_name='theirs'):\n    mlflow.log_metric('own', 0.5)")
    kernel.run("%%experiment 'left open'\nmlflow.log_metric('own', 0.5)")
    kernel.close()
    found = [run.info.run_name for run in published(project_dir)]
    assert sorted(found) == sorted([*OPENED, "inner", "theirs", "left open"])


def test_a_store_the_user_chose_is_left_alone_and_linked(
    start_kernel: Start, project_dir: Path, tmp_path: Path
) -> None:
    other = f"sqlite:///{tmp_path}/other.db"
    kernel = start_kernel()
    ran = kernel.run(
        f"%%experiment mine\nimport mlflow\nmlflow.set_tracking_uri({other!r})\nmlflow.create_experiment('e', {str(tmp_path)!r})\n"
        "run = mlflow.start_run(experiment_id='1')\nmlflow.end_run()\ntheirs = run.info.run_id\n",
        timeout=120,
    )
    assert ran.status == "ok", ran.error
    theirs = kernel.run("print(theirs)").stdout.strip()
    kernel.close()
    (run,) = published(project_dir)
    assert run.info.run_id != theirs
    assert run.data.tags["bioml.mlflow_run"] == f"{other} {theirs}"


def test_a_uri_in_the_environment_stays(start_kernel: Start, tmp_path: Path) -> None:
    uri = f"sqlite:///{tmp_path}/mine.db"
    kernel = start_kernel(env={"MLFLOW_TRACKING_URI": uri})
    assert kernel.run("import mlflow; print(mlflow.get_tracking_uri())", timeout=60).stdout.strip() == uri
