"""What a tracked cell leaves in the journal, in a real kernel, without a log call."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from kernels import Kernel

from jupyter_bioml.records.run import RunRecord

Start = Callable[..., Kernel]
Reader = Callable[[], list[RunRecord]]


def test_every_cell_run_is_journaled_and_only_marked_ones_are_runs(start_kernel: Start, cell_runs: Reader) -> None:
    kernel = start_kernel()
    kernel.run("x = 1", cell_id="a")
    kernel.run("%%experiment first\ny = x + 1", cell_id="b")
    kernel.run("z = y * 2", cell_id="c", tags=("experiment",))
    assert [(run.mark, run.code.cell_id) for run in cell_runs()] == [("cell", "a"), ("magic", "b"), ("tag", "c")]


def test_the_body_is_kept_without_our_line_and_the_cells_before_it_in_order(start_kernel: Start, runs: Reader) -> None:
    kernel = start_kernel()
    kernel.run("a = 1")
    kernel.run("b = 2")
    kernel.run("%%experiment gbm --note hello --tag k=v\nc = a + b\n")
    (run,) = runs()
    assert run.code.source == "c = a + b\n"
    assert run.code.magic == "%%experiment gbm --note hello --tag k=v"
    assert [cell.source for cell in run.before] == ["a = 1", "b = 2"]
    assert (run.name, run.note, run.tags) == ("gbm", "hello", {"k": "v"})
    assert run.code.execution_count == 4


def test_parameters_metrics_and_values(start_kernel: Start, runs: Reader) -> None:
    kernel = start_kernel()
    kernel.run("depth = 3\nunused = 4\nimport time")
    kernel.run("alpha = 0.5", tags=("parameters",))
    kernel.run(
        "%%experiment\nlr = 0.1\nt0 = time.time()\nauc = 0.9 * lr + depth\nok = auc > 0\nbad = float('nan')\n"
        "took = time.time() - t0\nfor i in range(3):\n    inner = i * 1.0\n"
    )
    (run,) = runs()
    assert run.params == {"alpha": 0.5, "depth": 3, "lr": 0.1}
    assert run.latest() == {"auc": 0.9 * 0.1 + 3}
    assert set(run.values) == {"timing.t0", "timing.took", "ok", "bad", "inner"}
    assert run.values["inner"] == 2.0, "the last one of the loop"
    assert 0 <= run.values["timing.took"] < 60
    assert run.values["ok"] is True
    assert run.values["bad"] != run.values["bad"]


def test_the_value_in_force_at_the_start_counts(start_kernel: Start, runs: Reader) -> None:
    kernel = start_kernel()
    kernel.run("n = 3")
    kernel.run("%%experiment\ntotal = n * 2.0\n")
    kernel.run("n = 5")
    kernel.run("%%experiment\ntotal = n * 2.0\n")
    assert [run.params["n"] for run in runs()] == [3, 5]


def test_a_cell_edited_and_run_again_records_its_new_parameters(start_kernel: Start, runs: Reader) -> None:
    kernel = start_kernel()
    for rate in (0.1, 0.2, 0.3):
        kernel.run(f"%%experiment\nrate = {rate}\nrounds = 10\nloss = rate / rounds\n")
    assert [run.params for run in runs()] == [{"rate": rate, "rounds": 10} for rate in (0.1, 0.2, 0.3)]
    kernel.run("alpha = 0.5", tags=("parameters", "experiment"))
    kernel.run("alpha = 0.7", tags=("parameters", "experiment"))
    assert [run.params["alpha"] for run in runs()[3:]] == [0.5, 0.7]


def test_papermills_injected_value_wins(start_kernel: Start, runs: Reader) -> None:
    kernel = start_kernel()
    kernel.run("lr = 0.1", tags=("parameters",))
    kernel.run("lr = 0.7", tags=("injected-parameters",))
    kernel.run("%%experiment\nloss = 1 / lr\n")
    assert runs()[0].params["lr"] == 0.7


def test_metrics_flag_fixes_what_is_compared(start_kernel: Start, runs: Reader) -> None:
    kernel = start_kernel()
    kernel.run(
        "%%experiment --metrics a,b --params k\nk = len('abc')\nfor i in [1.0, 2.0]:\n    b = i / 4\na = b + k\nc = a * 2"
    )
    (run,) = runs()
    assert run.compared == ("a", "b")
    assert run.latest() == {"a": 3.5, "b": 0.5}, "named, so metrics, also where a loop bound them"
    assert run.values == {"c": 7.0}
    assert run.params["k"] == 3


def test_logged_series_parameters_artifacts_and_predictions(
    start_kernel: Start, runs: Reader, project_dir: Path
) -> None:
    kernel = start_kernel()
    (project_dir / "note.txt").write_text("hello")
    ran = kernel.run(
        "%%experiment\nimport jupyter_bioml as bioml\nimport numpy as np\n"
        "for step in range(5):\n    bioml.log(loss=1 / (step + 1), acc=np.float32(step), step=step)\n"
        "bioml.log_params(batch=16)\nbioml.log_artifact('note.txt', 'notes')\n"
        "bioml.log_predictions([0, 1, 1], [0.1, 0.8, 0.4], key=['a', 'b', 'c'], split=['test'] * 3)\n"
        "mine = bioml.current_run().record_id\n"
    )
    assert ran.status == "ok", ran.error
    (run,) = runs()
    assert [(m.key, m.step, m.value) for m in run.metrics if m.key == "loss"] == [
        ("loss", step, 1 / (step + 1)) for step in range(5)
    ]
    assert [m.value for m in run.metrics if m.key == "acc"] == [0, 1, 2, 3, 4]
    assert run.params["batch"] == 16
    assert [artifact.path for artifact in run.artifacts] == ["notes/note.txt"]
    (table,) = run.predictions
    assert (table.rows, table.columns) == (3, ("key", "y_true", "y_pred", "split"))
    said = kernel.run("print(mine, bioml.current_run())").stdout.split()
    assert said == [run.record_id, "None"]


def test_outputs_in_order_with_figures_and_the_traceback(start_kernel: Start, runs: Reader) -> None:
    kernel = start_kernel()
    ran = kernel.run(
        "%%experiment\nimport sys\nfrom IPython.display import display, SVG\nprint('out')\nprint('err', file=sys.stderr)\n"
        "display(SVG('<svg xmlns=\"http://www.w3.org/2000/svg\"/>'))\n1/0\n"
    )
    assert ran.error == "ZeroDivisionError: division by zero"
    (run,) = runs()
    assert run.status == "FAILED"
    assert [output.kind for output in run.outputs] == ["stdout", "stderr", "display"]
    assert run.outputs[2].mime == "image/svg+xml"
    assert run.failure is not None
    assert "1/0" in run.failure.traceback
    assert "IPython" not in run.failure.traceback


def test_exits_and_interrupts(start_kernel: Start, runs: Reader) -> None:
    kernel = start_kernel()
    kernel.run("%%experiment zero\nimport sys\nsys.exit(0)")
    kernel.run("%%experiment three\nsys.exit(3)")
    identity = kernel.send("%%experiment loop\nprint('go', flush=True)\nimport time\nwhile True: time.sleep(0.01)")
    while kernel.client.get_iopub_msg(timeout=30)["msg_type"] != "stream":
        pass
    kernel.manager.interrupt_kernel()
    kernel.collect(identity)
    assert [(run.name, run.status) for run in runs()] == [("zero", "FINISHED"), ("three", "FAILED"), ("loop", "KILLED")]
    assert runs()[2].cause == "interrupted"


def test_project_modules_are_kept_with_their_content(start_kernel: Start, runs: Reader, project_dir: Path) -> None:
    (project_dir / "lab_tools.py").write_text("FACTOR = 2\n")
    kernel = start_kernel()
    kernel.run("import lab_tools, json")
    kernel.run("%%experiment\nvalue = lab_tools.FACTOR * 1.5")
    (run,) = runs()
    assert [module.path for module in run.modules] == ["lab_tools.py"]
    blob = run.modules[0].blob
    assert blob is not None
    assert (project_dir / ".bioml/blobs" / blob[:2] / blob[2:]).read_text() == "FACTOR = 2\n"


def test_generator_states_put_back_give_the_same_numbers(start_kernel: Start, runs: Reader) -> None:
    kernel = start_kernel()
    kernel.run("import random, numpy as np\nnp.random.rand()")
    kernel.run("%%experiment\na = random.random()\nb = float(np.random.rand())")
    (run,) = runs()
    assert set(run.states) == {"random", "numpy"}
    kernel.run(
        "from jupyter_bioml.capture.states import restore_state\nfrom pathlib import Path\n"
        f"for lib, blob in {run.states!r}.items():\n"
        "    restore_state(lib, (Path('.bioml/blobs') / blob[:2] / blob[2:]).read_bytes())\n"
    )
    assert kernel.run("print((a, b) == (random.random(), float(np.random.rand())))").stdout == "True\n"


def test_seed_flag_seeds_and_is_a_parameter(start_kernel: Start, runs: Reader) -> None:
    kernel = start_kernel()
    for _ in range(2):
        kernel.run("%%experiment --seed 5\nimport random\nimport numpy as np\na = random.random() + np.random.rand()")
    first, second = runs()
    assert first.params["seed.random"] == 5
    assert first.values["a"] == second.values["a"]


def test_join_makes_a_later_cell_part_of_the_run(start_kernel: Start, runs: Reader) -> None:
    kernel = start_kernel()
    kernel.run("%%experiment gbm\nx = 1.0 * 2")
    kernel.run("%%experiment --join gbm\nauc = x / 4")
    kernel.run("%%experiment --join nobody\nauc = x / 8")
    first, joined, stray = runs()
    assert joined.part_of == first.record_id
    assert stray.part_of is None
    assert "no finished run 'nobody'" in stray.gaps[0].reason


def test_child_runs_have_their_own_parameters_metrics_and_time(start_kernel: Start, runs: Reader) -> None:
    kernel = start_kernel()
    kernel.run(
        "%%experiment sweep\nimport jupyter_bioml as bioml\nfor depth in (2, 3):\n"
        "    with bioml.run(f'depth={depth}', depth=depth):\n        auc = depth / 4\n        bioml.log(loss=1 / depth, step=0)\n"
    )
    parent, *children = runs()
    assert [child.name for child in children] == ["depth=2", "depth=3"]
    assert all(child.parent == parent.record_id for child in children)
    assert [child.params["depth"] for child in children] == [2, 3]
    assert [child.latest() for child in children] == [{"auc": 0.5, "loss": 0.5}, {"auc": 0.75, "loss": 1 / 3}]
    assert parent.latest() == {}


def test_a_thread_logs_to_the_cell_that_started_it(start_kernel: Start, runs: Reader) -> None:
    kernel = start_kernel()
    kernel.run(
        "%%experiment one\nimport threading\nimport jupyter_bioml as bioml\ngo = threading.Event()\n"
        "def late():\n    bioml.log(early=1)\n    go.wait(30)\n    bioml.log(late=2)\n"
        "t = threading.Thread(target=late); t.start()\n"
    )
    kernel.run("%%experiment two\ngo.set(); t.join()")
    one, two = runs()
    assert one.latest() == {"early": 1.0, "late": 2.0}
    assert two.latest() == {}


def test_log_outside_a_run_attaches_to_the_session_and_never_fails(start_kernel: Start, cell_runs: Reader) -> None:
    kernel = start_kernel()
    ran = kernel.run(
        "import jupyter_bioml as bioml\nbioml.log(x=1, y='text', z=object())\nbioml.log_params(a=[1])\n"
        "bioml.log_artifact('/no/such/file')\nbioml.log_predictions([1], [2, 3])"
    )
    assert (ran.status, ran.stdout, ran.stderr) == ("ok", "", "")
    assert cell_runs()[0].latest() == {}


def test_notebook_path_comes_from_the_front_end(start_kernel: Start, runs: Reader, project_dir: Path) -> None:
    kernel = start_kernel(env={"JPY_SESSION_NAME": str(project_dir / "old.ipynb")})
    kernel.run("%%experiment a\nx = 1")
    kernel.run("%%experiment b\nx = 1", notebook=str(project_dir / "sub" / "new.ipynb"))
    first, second = runs()
    assert (first.code.notebook, first.code.path_source) == ("old.ipynb", "session-start")
    assert (second.code.notebook, second.code.path_source) == ("sub/new.ipynb", "front-end")


def test_the_card_says_the_difference_to_the_previous_run_of_the_name(start_kernel: Start) -> None:
    kernel = start_kernel()
    kernel.run("half = 0.5")
    kernel.run("%%experiment gbm\nauc = half + 0.25")
    card = kernel.run("%%experiment gbm\nauc = half + 0.375").displays[-1]
    assert set(card) == {"application/vnd.bioml.run+json", "text/html", "text/plain"}
    assert "auc 0.875" in card["text/plain"]
    assert "+0.125" in card["text/plain"]


def test_the_card_names_data_of_earlier_cells_and_the_run_a_cell_joined(start_kernel: Start, project_dir: Path) -> None:
    kernel = start_kernel()
    (project_dir / "cohort.csv").write_text("a,b\n1,2\n")
    kernel.run("text = open('cohort.csv').read()")
    first, joined, reads = (
        ran.displays[0]["text/plain"]
        for ran in (
            kernel.run("%%experiment gbm\nsize = len(text)"),
            kernel.run("%%experiment --join gbm\nmore = size * 2.0"),
            kernel.run("%%experiment\nagain = len(open('cohort.csv').read())"),
        )
    )
    assert "data of earlier cells: cohort.csv" in first and "part of" not in first
    assert "part of" in joined
    assert "data cohort.csv digest: hashing…" in reads


def test_a_model_is_serialised_with_an_example_of_its_input(
    start_kernel: Start, runs: Reader, project_dir: Path
) -> None:
    import cloudpickle
    import numpy

    kernel = start_kernel()
    ran = kernel.run(
        "%%experiment\nfrom sklearn.datasets import load_breast_cancer\nfrom sklearn.ensemble import RandomForestClassifier\n"
        "from sklearn.metrics import roc_auc_score\nX, y = load_breast_cancer(return_X_y=True)\n"
        "clf = RandomForestClassifier(n_estimators=5, random_state=0).fit(X, y)\n"
        "auc = roc_auc_score(y, clf.predict_proba(X)[:, 1])\n",
    )
    assert ran.status == "ok", ran.error
    kernel.run(
        "probe = clf.predict_proba(X)[:, 1].tolist()\nimport json\nopen('probe.json', 'w').write(json.dumps(probe))"
    )
    (run,) = runs()
    assert run.params["clf.n_estimators"] == 5
    assert run.latest()["auc"] > 0.9
    assert run.model is not None
    assert run.model.flavor == "sklearn"
    assert run.model.sample_source == "synthetic: 5 rows within the ranges of X (569 rows)"
    blob = run.model.blob or ""
    model = cloudpickle.loads((project_dir / ".bioml/blobs" / blob[:2] / blob[2:]).read_bytes())
    import json

    from sklearn.datasets import load_breast_cancer

    data, _ = load_breast_cancer(return_X_y=True)
    assert numpy.array_equal(model.predict_proba(data)[:, 1], json.loads((project_dir / "probe.json").read_text()))
    assert any(use.path and use.path.endswith("breast_cancer.csv") for use in run.data)


def test_fits_overwritten_in_a_loop_are_a_named_gap(start_kernel: Start, runs: Reader) -> None:
    kernel = start_kernel()
    kernel.run(
        "%%experiment\nfrom sklearn.linear_model import Ridge\nfor a in (1, 2, 3, 4):\n    clf = Ridge(alpha=a)\n"
        "    clf.fit([[0.0], [1.0]], [0, 1])\n"
    )
    assert any("3 earlier fits of clf not kept: use bioml.run" in gap.reason for gap in runs()[0].gaps)


def test_fits_in_child_runs_are_theirs_and_beginnings_are_no_parameters(start_kernel: Start, runs: Reader) -> None:
    kernel = start_kernel()
    kernel.run(
        "%%experiment all\nimport jupyter_bioml as bioml\nfrom sklearn.linear_model import Ridge\n"
        "alphas = (1, 2)\nscores = {}\ntotal = 0\n"
        "for a in alphas:\n    with bioml.run(f'alpha={a}', alpha=a):\n"
        "        clf = Ridge(alpha=a).fit([[0.0], [1.0]], [0, 1])\n        scores[a] = float(clf.coef_[0])\n"
        "        total += scores[a]\n"
    )
    kernel.run("%%experiment later\nhighest = max(scores.values()) + total")
    by_name = {run.name: run for run in runs()}
    assert [by_name[name].params["clf.alpha"] for name in ("alpha=1", "alpha=2")] == [1, 2]
    assert all(by_name[name].model is not None for name in ("alpha=1", "alpha=2"))
    assert by_name["all"].params == {"alphas": [1, 2]}
    assert (by_name["all"].model, by_name["all"].gaps) == (None, ())
    assert by_name["later"].params == {}


def test_a_cell_that_raises_has_only_what_it_bound_before(start_kernel: Start, runs: Reader) -> None:
    kernel = start_kernel()
    kernel.run(
        "from sklearn.linear_model import Ridge\nauc = 0.25 * len('abc')\nclf = Ridge().fit([[0.0], [1.0]], [0, 1])"
    )
    kernel.run(
        "%%experiment a --metrics auc --model clf\nloss = len('ab') / 4\nbad = 1 / 0\nauc = loss * 2\nclf = Ridge()\nclf.fit([[0.0], [2.0]], [0, 1])"
    )
    kernel.run("%%experiment b\nauc = (")
    first, second = runs()
    assert first.latest() == {"loss": 0.5}
    assert first.model is None
    assert second.latest() == {}
    assert (first.status, second.status) == ("FAILED", "FAILED")


def test_an_interrupted_cell_does_not_stop_the_tracking(start_kernel: Start, runs: Reader) -> None:
    kernel = start_kernel()
    for _ in range(2):
        identity = kernel.send(
            "%%experiment x\nprint('go', flush=True)\nimport asyncio\nwhile True: await asyncio.sleep(0.05)"
        )
        while kernel.client.get_iopub_msg(timeout=30)["msg_type"] != "stream":
            pass
        kernel.manager.interrupt_kernel()
        kernel.collect(identity)
    kernel.run("%%experiment y\nz = len('a') * 2.0")
    assert [run.status for run in runs()] == ["KILLED", "KILLED", "FINISHED"]
