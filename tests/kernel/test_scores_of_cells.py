"""Scores of a real kernel's cells: whose they are, what is kept of a cell without a mark, and what is never disturbed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from kernels import Kernel

from jupyter_bioml.records.run import RunRecord

Start = Callable[..., Kernel]
Reader = Callable[[], list[RunRecord]]
DATA = (
    "from sklearn.datasets import load_wine\nfrom sklearn.metrics import accuracy_score, f1_score\n"
    "from sklearn.naive_bayes import GaussianNB\nX, y = load_wine(return_X_y=True)"
)


def told(run: RunRecord) -> dict[str, tuple[str, bool]]:
    return {score.key: (score.origin, score.cell is not None) for score in run.scores}


def test_a_printed_and_a_displayed_score_are_metrics(start_kernel: Start, runs: Reader) -> None:
    kernel = start_kernel()
    kernel.run(DATA)
    kernel.run(
        "%%experiment target\nclf = GaussianNB().fit(X[::2], y[::2])\nprint('accuracy', clf.score(X[1::2], y[1::2]))"
    )
    kernel.run(
        "%%experiment shown\nclf = GaussianNB(var_smoothing=0.1).fit(X[::2], y[::2])\nclf.score(X[1::2], y[1::2])"
    )
    printed, shown = runs()
    assert told(printed) == {"accuracy": ("returned", False)} and printed.latest()["accuracy"] > 0.9
    assert told(shown) == {"score.y": ("returned", False)}


def test_a_later_cells_scores_belong_to_the_run_of_the_model(start_kernel: Start, cell_runs: Reader) -> None:
    kernel = start_kernel()
    kernel.run(DATA)
    kernel.run("%%experiment one\none = GaussianNB().fit(X, y)")
    kernel.run("%%experiment two\ntwo = GaussianNB(var_smoothing=1.0).fit(X, y)")
    kernel.run("acc = accuracy_score(y, two.predict(X))\nprint('patient 17 has rows', 3)\nprint('F1:', 0.5)")
    _, one, two, later = cell_runs()
    assert told(one) == {}
    assert told(two)["acc"] == ("returned", True) and told(two)["f1"] == ("printed", True)
    assert {score.cell for score in two.scores} == {later.record_id}
    assert two.outputs == () and later.outputs == (), "of the later cell only label and number are kept"


def test_a_model_that_was_fitted_again_is_not_the_runs_any_more(start_kernel: Start, runs: Reader) -> None:
    kernel = start_kernel()
    kernel.run(DATA)
    kernel.run("%%experiment one\nclf = GaussianNB().fit(X, y)")
    kernel.run("clf.fit(X[:60], y[:60])\nacc = accuracy_score(y, clf.predict(X))")
    assert told(runs()[0]) == {}


def test_scores_of_a_model_from_a_file_are_a_named_gap(start_kernel: Start, runs: Reader) -> None:
    kernel = start_kernel()
    kernel.run(DATA + "\nimport pickle")
    kernel.run("%%experiment one\nclf = GaussianNB().fit(X, y)")
    kernel.run("loaded = pickle.loads(pickle.dumps(clf))")
    kernel.run("acc = accuracy_score(y, loaded.predict(X))")
    (run,) = runs()
    assert told(run) == {}
    (gap,) = run.gaps
    assert gap.part == "scores" and "accuracy of GaussianNB, which no cell of this session fitted" in gap.reason


def test_an_expression_without_a_name_is_a_score_of_its_models_run(start_kernel: Start, cell_runs: Reader) -> None:
    kernel = start_kernel()
    kernel.run(DATA + "\nimport numpy as np")
    kernel.run("%%experiment one\none = GaussianNB().fit(X, y)\ny_hat = one.predict(X)")
    kernel.run("%%experiment two\ntwo = GaussianNB(var_smoothing=1.0).fit(X, y)")
    kernel.run("np.mean(y == y_hat)")
    kernel.run("print((y != two.predict(X)).mean())")
    kernel.run("(y == y_hat).mean();")  # nothing is shown
    _, one, two, *_ = cell_runs()
    assert told(one) == {"accuracy.y": ("computed", True)}
    assert told(two) == {"error_rate.y": ("computed", True)}
    assert not one.gaps and not two.gaps


def test_a_number_that_two_prints_could_have_made_is_a_named_gap(start_kernel: Start, runs: Reader) -> None:
    kernel = start_kernel()
    kernel.run(DATA + "\nimport numpy as np\ndef show():\n    print(0.5)")
    kernel.run("%%experiment one\nclf = GaussianNB().fit(X, y)")
    kernel.run("show()\nprint(np.mean(y == clf.predict(X)))")
    (run,) = runs()
    assert told(run) == {}
    (gap,) = run.gaps
    assert gap.part == "scores" and "prints accuracy.y without a label" in gap.reason


WRITTEN = (
    ("import joblib", "joblib.dump(clf, 'nb.joblib')", "loaded = joblib.load('nb.joblib')"),
    (
        "import pickle",
        "with open('nb.pkl', 'wb') as f:\n    pickle.dump({'model': clf, 'classes': 3}, f)",
        "with open('nb.pkl', 'rb') as f:\n    bundle = pickle.load(f)\nloaded = bundle['model']",
    ),
)


@pytest.mark.parametrize(("imports", "write", "load"), WRITTEN)
@pytest.mark.parametrize("later", [False, True], ids=["by the run", "by a later cell"])
def test_a_model_from_a_file_that_was_written_with_a_run_is_that_runs(
    imports: str, write: str, load: str, later: bool, start_kernel: Start, runs: Reader
) -> None:
    kernel = start_kernel()
    kernel.run(f"{DATA}\n{imports}")
    fit = "%%experiment one\nclf = GaussianNB().fit(X, y)"
    for cell in (fit, write) if later else (f"{fit}\n{write}",):
        kernel.run(cell)
    kernel.run("%%experiment two\nother = GaussianNB(var_smoothing=1.0).fit(X, y)")
    kernel.run(f"del clf\n{load}")
    kernel.run("acc = accuracy_score(y, loaded.predict(X))")
    kernel.run(f"%%experiment three\n{load}\nf1 = f1_score(y, loaded.predict(X), average='macro')")
    one, two, three = runs()
    assert told(one) == {"acc": ("returned", True)} and not one.gaps
    assert told(two) == {}
    (score,) = three.scores
    assert (score.key, score.of) == ("f1", one.record_id)


def test_a_file_from_elsewhere_is_not_taken_for_the_one_beside_it(start_kernel: Start, runs: Reader) -> None:
    kernel = start_kernel()
    kernel.run(DATA + "\nimport joblib\njoblib.dump(GaussianNB(var_smoothing=1.0).fit(X, y), 'other.joblib')")
    kernel.run("%%experiment one\nclf = GaussianNB().fit(X, y)\njoblib.dump(clf, 'nb.joblib')")
    kernel.run("path = 'nb.joblib'\nown = joblib.load(path)\nother = joblib.load('other.joblib')")
    kernel.run("acc = accuracy_score(y, own.predict(X))")
    kernel.run("f1 = f1_score(y, other.predict(X), average='macro')")
    (run,) = runs()
    assert told(run) == {"acc": ("returned", True)}
    (gap,) = run.gaps
    assert gap.part == "scores" and "which no cell of this session fitted" in gap.reason


def test_a_file_that_was_written_again_is_nobodys_model(start_kernel: Start, runs: Reader) -> None:
    kernel = start_kernel()
    kernel.run(DATA + "\nimport joblib, os")
    kernel.run("%%experiment one\nclf = GaussianNB().fit(X, y)\njoblib.dump(clf, 'nb.joblib')")
    kernel.run(
        "%%writefile other.py\nimport joblib\njoblib.dump(joblib.load('nb.joblib').set_params(var_smoothing=1.0), 'nb.joblib')"
    )
    kernel.run("import subprocess, sys\nsubprocess.run([sys.executable, 'other.py'], check=True)")
    kernel.run("loaded = joblib.load('nb.joblib')\nacc = accuracy_score(y, loaded.predict(X))")
    (run,) = runs()
    assert told(run) == {}
    assert [gap.part for gap in run.gaps] == ["scores"]


def test_child_runs_have_their_own_scores(start_kernel: Start, runs: Reader) -> None:
    kernel = start_kernel()
    kernel.run(DATA + "\nimport jupyter_bioml as bioml")
    kernel.run(
        "%%experiment all\nfor s in (0.1, 1.0):\n    with bioml.run(f's={s}'):\n"
        "        clf = GaussianNB(var_smoothing=s).fit(X, y)\n        acc = clf.score(X, y)\n        size = len(X) * 2\n"
    )
    parent, *children = runs()
    assert [told(child) for child in children] == [{"acc": ("returned", False)}] * 2
    assert [child.values["size"] for child in children] == [356, 356]
    assert told(parent) == {}


def test_a_secret_in_a_label_is_masked(start_kernel: Start, runs: Reader) -> None:
    kernel = start_kernel()
    kernel.run("%%experiment a\nprint('token=ghp_0123456789abcdefghijABCDEFGHIJ012345 accuracy: 0.93')")
    (run,) = runs()
    assert "ghp_0123456789" not in repr(run)


def test_nothing_is_observed_while_tracking_is_off(start_kernel: Start, runs: Reader) -> None:
    kernel = start_kernel()
    kernel.run(DATA)
    kernel.run("%%experiment one\nclf = GaussianNB().fit(X, y)")
    kernel.run("%bioml off")
    kernel.run("acc = accuracy_score(y, clf.predict(X))")
    kernel.run("%bioml on")
    kernel.run("f1 = f1_score(y, clf.predict(X), average='macro')")
    assert told(runs()[0]) == {"f1": ("returned", True)}


def test_what_goes_wrong_with_scores_is_a_gap_and_changes_no_cell(start_kernel: Start, runs: Reader) -> None:
    kernel = start_kernel()
    kernel.run("import jupyter_bioml.capture.results.collect as c\nc.collect = None")
    ran = kernel.run("%%experiment a\nacc = 0.5 + 0.25\nprint(acc)")
    assert (ran.status, ran.stdout, ran.stderr) == ("ok", "0.75\n", "")
    (run,) = runs()
    assert [gap.part for gap in run.gaps] == ["scores"]
