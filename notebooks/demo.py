"""``make demo``: the flagship notebook from a tracked cell to a registered model, with the public commands only.

Runs the notebook headlessly, runs it again, compares the two, makes the first run again in a fresh kernel, registers
its model, and reads all of it back with plain MLflow. Ends with a summary; exit code 1 if anything did not hold.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOK = Path("notebooks/01-breast-cancer-diagnosis.ipynb")
RUN_NAME = "gbm"
MODEL = "breast-cancer-diagnosis"
OUTPUT = ROOT / ".demo"


#: MLflow with this package made unimportable, as on a machine that never had it.
WITHOUT_US = (
    "import runpy, sys; sys.modules['jupyter_bioml'] = None; sys.argv = sys.argv[1:]; "
    "runpy.run_path(sys.argv[0], run_name='__main__')"
)


class Failed(Exception):
    """Something did not hold: what, and what was seen."""


def environment() -> dict[str, str]:
    """The caller's, without settings that would send the demo's runs anywhere but into this folder."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("BIOML_", "MLFLOW_", "JPY_"))}
    return {**kept, "MLFLOW_DISABLE_TELEMETRY": "true", "DVC_NO_ANALYTICS": "1", "PYTHONWARNINGS": "ignore"}


def run(command: list[str], spelled: str) -> str:
    """Run a command in the project; returns its stdout.

    :raises Failed: with what it wrote, when it does not end well.
    """
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-25:])
        raise Failed(f"{spelled}\nended with exit code {done.returncode}:\n{said}")
    return done.stdout


def call(program: str, *words: str) -> str:
    """Run one of the two command-line programs, as this environment has it."""
    module = {"bioml": "jupyter_bioml.cli", "papermill": "papermill"}[program]
    return run([sys.executable, "-m", module, *words], shlex.join([program, *words]))


def bioml(*words: str) -> Any:
    """The answer of one of our commands."""
    return json.loads(call("bioml", *words, "--json"))


def require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Failed(otherwise)


class Steps:
    """Prints the numbered lines while the demo goes on."""

    def __init__(self) -> None:
        self.number = 0
        self.began = 0.0

    def begin(self, title: str, command: str) -> None:
        self.number += 1
        self.began = time.monotonic()
        print(f" {self.number}  {title:<34} {command}", flush=True)

    def end(self, outcome: str) -> None:
        print(f"    ✓ {outcome}   ({time.monotonic() - self.began:.1f} s)\n", flush=True)


# -- the steps -------------------------------------------------------------------------------------


def newest(since: float) -> dict[str, Any]:
    """The run of this demo's name that started after ``since``, with all of it in MLflow."""
    call("bioml", "publish", "--wait")
    rows = [row for row in bioml("runs") if row["name"] == RUN_NAME and (row["started"] or 0) >= since]
    require(len(rows) == 1, f"One run {RUN_NAME!r} was expected, {len(rows)} were found.")
    row: dict[str, Any] = rows[0]
    require(
        row["state"] == "FINISHED" and bool(row["run_id"]), f"The run is {row['state']}, MLflow run {row['run_id']}."
    )
    return row


def run_notebook(steps: Steps) -> dict[str, Any]:
    steps.begin("run the notebook, tracked", f"bioml run {NOTEBOOK}")
    since = time.time()
    call("bioml", "run", str(NOTEBOOK), "--output-dir", str(OUTPUT / "first"))
    row = newest(since)
    steps.end(f"run {row['record_id'][:8]}: {metrics_text(row['metrics'])}")
    return row


def run_again(steps: Steps) -> dict[str, Any]:
    steps.begin("rerun it with papermill", f"papermill --engine bioml {NOTEBOOK} …")
    since = time.time()
    (OUTPUT / "second").mkdir(parents=True, exist_ok=True)
    output = OUTPUT / "second" / NOTEBOOK.name
    call("papermill", "--engine", "bioml", "--no-progress-bar", str(NOTEBOOK), str(output))
    row = newest(since)
    steps.end(f"run {row['record_id'][:8]}: {metrics_text(row['metrics'])}")
    return row


def compare(steps: Steps, first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    steps.begin("compare the two", f"bioml compare {first['record_id'][:8]} {second['record_id'][:8]}")
    found: dict[str, Any] = bioml("compare", first["record_id"], second["record_id"])
    different = [pair["key"] for pair in found["metrics"] if pair["relation"] != "identical"]
    require(bool(found["metrics"]) and not different, f"The second run differs in: {', '.join(different) or 'none'}.")
    changed = [item["name"] for item in found["differences"] if item["part"] in ("params", "data", "values", "status")]
    require(not changed, f"Between the two runs these changed: {', '.join(changed)}.")
    same = ", ".join(
        f"{count} {part}" for part, count in found["same"].items() if part in ("metrics", "params", "data")
    )
    steps.end(f"identical: {same}")
    return found


def reproduce(steps: Steps, first: dict[str, Any]) -> dict[str, Any]:
    steps.begin("reproduce the first one", f"bioml reproduce {first['record_id'][:8]}")
    found: dict[str, Any] = bioml("reproduce", first["record_id"])
    require(found["verdict"] == "REPRODUCED", f"{found['verdict']}: {found['sentence']}")
    call("bioml", "publish", "--wait")
    steps.end(found["sentence"])
    return found


def register(steps: Steps, first: dict[str, Any]) -> dict[str, Any]:
    steps.begin("register its model", f"bioml register {first['record_id'][:8]} {MODEL} --alias champion")
    made: dict[str, Any] = bioml(
        "register", first["record_id"], MODEL, "--alias", "champion", "--tag", "cohort=wisconsin"
    )
    require(made["run_id"] == first["run_id"], f"Version {made['version']} is linked to run {made['run_id']}.")
    steps.end(f"{MODEL} version {made['version']}, linked to run {made['record_id'][:8]}")
    return made


def load_back(steps: Steps, first: dict[str, Any], made: dict[str, Any], uri: str) -> dict[str, Any]:
    steps.begin("read it all with plain MLflow", f"mlflow.sklearn.load_model({made['uri']!r})")
    words = (str(ROOT / "notebooks" / "read_with_mlflow.py"), uri, first["run_id"], made["uri"])
    command = [sys.executable, "-c", WITHOUT_US, *words]
    found: dict[str, Any] = json.loads(run(command, "python read_with_mlflow.py …"))
    model = found["model"]
    require(
        model["rows"] > 0 and model["equal"] == model["rows"],
        f"{model['equal']} of {model['rows']} predictions are equal.",
    )
    other = [key for key, value in shown(first["metrics"]).items() if found["metrics"].get(key) != value]
    require(not other, f"MLflow has different values of {', '.join(other)}.")
    steps.end(f"{model['equal']} of {model['rows']} held-out predictions equal, bit for bit")
    return found


# -- the summary -----------------------------------------------------------------------------------


def shown(metrics: dict[str, float]) -> dict[str, float]:
    """What the notebook found, without what its running took."""
    return {key: value for key, value in metrics.items() if not key.startswith(("timing.", "system/"))}


def metrics_text(metrics: dict[str, float]) -> str:
    return "   ".join(f"{key} {value:.4g}" for key, value in shown(metrics).items())


def summary(first: dict[str, Any], read: dict[str, Any], made: dict[str, Any], verdict: str, uri: str) -> list[str]:
    """The run as a stranger finds it in MLflow."""
    tags, record, model = read["tags"], read["record"], read["model"]
    versions = dict(line.split(" ")[0].split("==", 1) for line in read["lock"])
    git = f"git {tags['mlflow.source.git.commit'][:8]}" if "mlflow.source.git.commit" in tags else "no git repository"
    resources = record.get("resources", {})
    facts = [
        ("run", f"{read['name']}, {read['status'].lower()}, {first['record_id']}"),
        ("in MLflow", first["run_id"]),
        ("notebook", f"{tags['bioml.notebook']}, cell {tags['bioml.cell_id']}, {git}"),
        ("metrics", metrics_text(read["metrics"])),
        ("parameters", parameters_text(read["parameters"])),
        *(("data", data_text(item)) for item in read["data"]),
        ("environment", f"{len(versions)} packages locked; {some_versions(versions)}"),
        ("time", f"{record['duration']:.2f} s, {resources.get('cpu_seconds', 0):.2f} s of CPU"),
        ("peak memory", memory_text(resources)),
        ("verdict", verdict),
        ("model", f"{made['name']} version {made['version']}, alias {', '.join(made['aliases'])}"),
        ("", f"{model['class'].rsplit('.', 1)[1]} of {model['inputs']} inputs, stored as {made['format']}"),
        ("files", ", ".join(dict.fromkeys(name.split("/")[0] + "/" * ("/" in name) for name in read["files"]))),
    ]
    lines = [f"   {name:<13}{text}" for name, text in facts]
    return [*lines, "", *next_steps(first, uri)]


def parameters_text(parameters: dict[str, str]) -> str:
    """The notebook's own by name, the estimator's as a count."""
    own = {key: value for key, value in sorted(parameters.items()) if "." not in key}
    text = "   ".join(f"{key} {value}" for key, value in own.items())
    return f"{text}   + {len(parameters) - len(own)} of the estimator"


def some_versions(versions: dict[str, str]) -> str:
    return ", ".join(f"{name} {versions[name]}" for name in ("scikit-learn", "numpy", "pandas") if name in versions)


def data_text(item: dict[str, Any]) -> str:
    """``breast_cancer.csv   36ef9087…   119,913 bytes, read by an earlier cell``."""
    profile = item["profile"]
    remarks = [
        f"{profile['size']:,} bytes" if "size" in profile else "",
        f"{profile['rows']} rows × {profile['columns']} columns" if "rows" in profile else "",
        "read by an earlier cell" if profile.get("inherited") else "",
    ]
    name = item["name"].rsplit("/", 1)[-1]
    digest = item["digest"].rsplit(":", 1)[-1]
    return f"{name:<20}{digest[:8]}…   {', '.join(filter(None, remarks))}"


def memory_text(resources: dict[str, Any]) -> str:
    if resources.get("peak_rss") is None:
        return "not read"
    how = (
        "the kernel's high-water mark" if resources.get("peak_source") == "ru_maxrss" else "the largest of the readings"
    )
    return f"{resources['peak_rss'] / 1e6:.0f} MB, {how}"


def next_steps(first: dict[str, Any], uri: str) -> list[str]:
    """Where to click next, with commands that work as they stand."""
    inside = Path(sys.executable).is_relative_to(ROOT)
    tools = f"{Path(sys.executable).parent.relative_to(ROOT)}/" if inside else ""
    here = uri.replace(str(ROOT), "$PWD")
    steps = [
        (f"{tools}bioml show {first['record_id'][:8]}", "the run in full"),
        (f"{tools}mlflow ui --backend-store-uri {here}", "then open http://127.0.0.1:5000"),
        (f"{OUTPUT.name}/first/{NOTEBOOK.name}", "the executed notebook"),
        ("make lab", "the notebooks in JupyterLab"),
    ]
    width = max(len(command) for command, _ in steps)
    return [" Where to go next", *(f"   {command:<{width}}   {what}" for command, what in steps)]


def main() -> int:
    print(f"\n jupyter_bioml: from a cell to a reproduced model\n {ROOT}\n", flush=True)
    if os.environ.get("MLFLOW_TRACKING_URI"):
        print(" MLFLOW_TRACKING_URI is set; the demo leaves that server alone and uses this folder's own database.\n")
    steps = Steps()
    try:
        first = run_notebook(steps)
        second = run_again(steps)
        compare(steps, first, second)
        again = reproduce(steps, first)
        made = register(steps, first)
        uri = bioml("status")["destination"]
        read = load_back(steps, first, made, uri)
        print("\n".join(summary(first, read, made, again["sentence"], uri)), flush=True)
    except Failed as failure:
        print(
            f"    ✗ {failure}\n\n The demo did not hold. What ran until here is kept in {ROOT / '.bioml'}.", flush=True
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
