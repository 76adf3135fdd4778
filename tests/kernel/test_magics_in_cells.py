"""Code inside other magics is the cell's code: in a real kernel, with the magics' own output left as it is."""

from __future__ import annotations

from collections.abc import Callable

from kernels import Kernel

from jupyter_bioml.records.run import RunRecord

Start = Callable[..., Kernel]
Reader = Callable[[], list[RunRecord]]

DATA = (
    "import numpy as np\nfrom sklearn.linear_model import LogisticRegression\n"
    "X = np.arange(20.0).reshape(-1, 1); y = (X[:, 0] > 7).astype(int)\nX_test, y_test = X[::2], y[::2]"
)
BODY = "depth = 3\nm = LogisticRegression(C=0.5).fit(X, y)\nacc = m.score(X_test, y_test)\n"
#: The magics above the code, whatever their options.
AROUND = {
    "time": "%%time",
    "time with an option": "%%time --no-raise-error",
    "capture": "%%capture out --no-stderr",
    "prun": "%%prun -q -D profile.dat",
    "two of them": "%%capture\n%%time",
    "two with a blank line": "%%time\n\n%%capture kept",
    "a magic of your own that runs a cell": "%%runs_it twice",
}
OWN = (
    "from IPython.core.magic import register_cell_magic, register_line_magic\n"
    "@register_cell_magic\ndef runs_it(line, cell):\n    get_ipython().run_cell(cell)\n"
    "@register_cell_magic\ndef executes(line, cell):\n    exec(cell, get_ipython().user_ns)\n"
    "@register_cell_magic\ndef times_it(line, cell):\n    get_ipython().run_cell_magic('time', '', cell)\n"
    "@register_cell_magic\ndef stores(line, cell):\n    pass\n"
    "@register_line_magic\ndef given(line):\n    exec(line, get_ipython().user_ns)\n"
)


def _started(start_kernel: Start) -> Kernel:
    kernel = start_kernel()
    for source in (DATA, OWN):
        assert kernel.run(source).status == "ok"
    return kernel


def _check_whole(run: RunRecord, depth: int = 3) -> None:
    assert run.params["depth"] == depth
    assert run.params["m.C"] == 0.5
    assert list(run.latest()) == ["acc"]
    assert run.scores[0].origin == "returned"
    assert run.model is not None
    assert run.model.name == "m"
    assert not [gap for gap in run.gaps if gap.part == "code"]


def test_code_in_a_magic_is_analysed_as_if_it_stood_alone(start_kernel: Start, runs: Reader) -> None:
    kernel = _started(start_kernel)
    for name, above in AROUND.items():
        ran = kernel.run(f"%%experiment '{name}'\n{above}\n{BODY}")
        assert ran.status == "ok", ran.error
        assert ("Wall time" in ran.stdout) == above.startswith("%%time"), "the magic still works as IPython's"
    kernel.close()
    assert [run.name for run in runs()] == list(AROUND)
    for run in runs():
        _check_whole(run)


def test_a_magic_above_the_experiment_line_makes_the_same_run(start_kernel: Start, runs: Reader) -> None:
    kernel = _started(start_kernel)
    for above in ("%%time", "%%capture out", "%%time --no-raise-error\n\n%%capture"):
        ran = kernel.run(f"{above}\n%%experiment above --note hello\n{BODY}")
        assert (ran.status, ran.stderr) == ("ok", "")
        assert ("Wall time" in ran.stdout) == above.startswith("%%time")
    kernel.close()
    assert [(run.name, run.note) for run in runs()] == [("above", "hello")] * 3
    for run in runs():
        _check_whole(run)


def test_lines_with_a_magic_are_analysed_where_they_stand(start_kernel: Start, runs: Reader) -> None:
    kernel = _started(start_kernel)
    kernel.run(
        "%%experiment lines\n%time m = LogisticRegression(C=0.5).fit(X,   y)\ndepth = 3\n"
        "%time acc = m.score(X_test, y_test)\n%time auc = m.score(X, y)\n"
        "for rows in (5, 10):\n    %time part = m.score(X[:rows], y[:rows])\n"
        "f1 = %time float(np.mean(m.predict(X) == y))\n%prun -q brier = 0.25 * auc\n"
    )
    left = kernel.run("import linecache\nprint([name for name in linecache.cache if 'magics' in name])")
    assert left.stdout == "[]\n", "nothing is left behind"
    kernel.close()
    (run,) = runs()
    assert run.params["depth"] == 3
    assert run.model is not None
    found = {score.key: score.origin for score in run.scores}
    assert found == {"acc": "returned", "auc": "returned", "part": "returned", "f1": "computed", "brier": "word"}
    assert next(score.count for score in run.scores if score.key == "part") == 2


def test_cells_with_a_tag_later_cells_and_those_tracked_by_themselves(start_kernel: Start, runs: Reader) -> None:
    kernel = _started(start_kernel)
    kernel.run(f"%%time\n{BODY}", tags=("experiment",))
    kernel.run("%%time\nauc = m.score(X[::3], y[::3])")
    kernel.run("%time f1 = m.score(X[::5], y[::5])")
    kernel.run("%bioml auto on")
    kernel.run(f"%%capture\n{BODY}")
    kernel.close()
    tagged, auto = runs()
    assert (tagged.mark, auto.mark) == ("tag", "auto")
    _check_whole(auto)
    assert {score.key for score in tagged.scores} == {"acc", "auc", "f1"}, "those of later cells too"
    assert (tagged.params["depth"], tagged.model and tagged.model.name) == (3, "m")


NOT_ANALYSED = (
    (f"%%timeit -n1 -r1\n{BODY}", "%%timeit ran its code in a function of its own"),
    ("%timeit -n1 -r1 acc = LogisticRegression().fit(X, y).score(X, y)", "%timeit ran its code in a function"),
    (f"%%executes\n{BODY}", "%%executes ran this cell; its code was not analysed"),
    (f"%%times_it\n{BODY}", "%%times_it ran this cell; its code was not analysed"),
    ("%%stores\nacc = 1.5\n", "%%stores ran this cell; its code was not analysed"),
    ("%given quality = float(3)", "%given was given code, which was not analysed"),
    ("%%bash\ndepth=3\n", "%%bash ran its text in another program"),
    ("%%script cat\ndepth = 3\n", "%%script ran its text in another program"),
    ("%run -i other.py", "%run ran a file; its code was not analysed"),
)


def test_what_is_not_analysed_is_named_and_nothing_is_made_up(start_kernel: Start, runs: Reader) -> None:
    kernel = _started(start_kernel)
    kernel.run("acc, depth, auc = 0.75, 2, 0.5\nopen('other.py', 'w').write('auc = 0.5')")
    for source, _ in NOT_ANALYSED:
        ran = kernel.run(f"%%experiment named\n{source}")
        assert ran.status == "ok", ran.error
    kernel.close()
    for run, (source, said) in zip(runs(), NOT_ANALYSED, strict=True):
        assert [gap for gap in run.gaps if gap.part == "code" and gap.reason.startswith(said)], source
        assert "depth" not in run.params, source
        assert all(score.origin == "returned" for score in run.scores), "only what a scoring call was seen to return"
        scored = source.startswith(("%%executes", "%%times_it"))
        assert [score.key for score in run.scores] == (["acc"] if scored else []), source


def test_magics_that_run_no_code_are_no_gap(start_kernel: Start, runs: Reader) -> None:
    kernel = start_kernel()
    sources = ("%%html\n<b>acc = 3</b>", "%%writefile f.py\nacc = 0.5", "%env LIMIT=3", "%load f.py")
    for source in sources:
        assert kernel.run(f"%%experiment plain\n{source}\n").status == "ok"
    kernel.close()
    assert len(runs()) == len(sources)
    for run in runs():
        assert (run.params, run.latest(), run.gaps) == ({}, {}, ())


def test_below_a_magic_of_the_users_no_run_is_made_and_one_line_says_so(start_kernel: Start, runs: Reader) -> None:
    kernel = _started(start_kernel)
    kernel.run(OWN.replace("exec(cell,", "exec(get_ipython().transform_cell(cell),"))
    for number, own in enumerate(("runs_it", "executes", "times_it")):
        ran = kernel.run(f"%%{own}\n%%experiment below\nlast = {number}\n")
        assert ran.status == "ok", ran.error
        assert ran.stderr.count("bioml: %%experiment makes no run") == 1, ran.stderr
        assert kernel.run("print(last)").stdout == f"{number}\n", "the code below ran"
    for other in ("writefile out.txt", "html", "script cat"):  # it only looks like ours
        ran = kernel.run(f"%%{other}\n%%experiment below\nx = 1\n")
        assert (ran.status, ran.stderr) == ("ok", "")
    kernel.close()
    assert runs() == []


def test_of_code_in_a_magic_that_raised_what_came_before_counts(start_kernel: Start, runs: Reader) -> None:
    kernel = start_kernel()
    kernel.run("acc = 0.25")
    kernel.run("%%experiment a\n%%time\n%time depth = 3\nrate = 0.5\nraise ValueError('x')\nacc = 0.1 * rate")
    kernel.run("%%experiment b\ndepth = 4\n%time 1 / 0\nrate = 0.5")
    kernel.run("%%experiment c\n%%capture\ndepth = 5\n%time rate = 0.5\n1 / 0\nacc = 0.5 * rate\nlast = 4\n")
    kernel.run("class Fit:\n    def fit(self):\n        return self\nm = Fit()")
    swallowed = "%%experiment d\n%%time --no-raise-error\ndepth = 6\nm = m.fit()\nrate = 0.5\n1 / 0\nacc = 0.5 * rate\nlast = 4\n"
    assert kernel.run(swallowed).status == "ok"
    kernel.close()
    found = runs()
    assert [run.status for run in found] == ["FAILED", "FAILED", "FINISHED", "FINISHED"]
    assert [run.params.get("rate") for run in found] == [0.5, None, 0.5, 0.5]
    assert [run.params["depth"] for run in found] == [3, 4, 5, 6]
    assert [run.latest() for run in found] == [{}] * 4
    assert not [run for run in found if "last" in run.params]
    said = [gap.reason for gap in found[2].gaps if gap.part == "code"]
    assert said == [
        "code in a magic of this cell ended with ZeroDivisionError: division by zero; its magic goes on, "
        "so the cell did not fail"
    ]
    assert [gap.reason for gap in found[3].gaps if "ended before line 5 of it; its magic goes on" in gap.reason]


IN_A_FUNCTION = (
    "def train(c):\n    with bioml.run(f'c{c}', c=c):\n        rounds = 7\n"
    "        m = LogisticRegression(C=c).fit(X, y)\n        acc = m.score(X_test, y_test)\n    return acc\n"
)


def test_blocks_of_child_runs_in_magics_and_functions_keep_their_models(start_kernel: Start, runs: Reader) -> None:
    kernel = _started(start_kernel)
    kernel.run("import contextlib\nimport jupyter_bioml as bioml")
    kernel.run(
        "%%experiment\n%%time\nfor c in (0.1, 1.0):\n    with bioml.run(f'c{c}', c=c):\n        rounds = 7\n"
        "        m = LogisticRegression(C=c).fit(X, y)\n        acc = m.score(X_test, y_test)\n"
    )
    kernel.run(f"%%experiment\n{IN_A_FUNCTION}best = max(train(c) for c in (0.2, 2.0))")
    kernel.run("%%experiment\ntrain(3.0)")
    kernel.run("%%experiment\n%time train(4.0)")
    kernel.run(
        "open('trained.py', 'w').write('import jupyter_bioml as bioml\\n"
        "from sklearn.linear_model import LogisticRegression\\ndef go(X, y, c):\\n    with bioml.run(\\'go\\', c=c):\\n"
        "        rounds = 7\\n        m = LogisticRegression(C=c).fit(X, y)\\n        acc = m.score(X, y)\\n')\n"
        "import trained"
    )
    kernel.run("%%experiment\ntrained.go(X, y, 5.0)")
    kernel.run(
        "%%experiment\nwith contextlib.ExitStack() as stack:\n    stack.enter_context(bioml.run('stack'))\n"
        "    other = LogisticRegression().fit(X, y)\n"
    )
    kernel.run(
        "@contextlib.contextmanager\ndef tracked(name):\n    with bioml.run(name):\n        yield\n",
    )
    kernel.run("%%experiment\nwith tracked('handed over'):\n    third = LogisticRegression().fit(X, y)\n")
    kernel.close()
    *children, stacked, handed_over = [run for run in runs() if run.parent]
    assert [run.params["c"] for run in children] == [0.1, 1.0, 0.2, 2.0, 3.0, 4.0, 5.0]
    for run in children:
        assert (run.params["rounds"], run.params["m.C"], list(run.latest())) == (7, run.params["c"], ["acc"])
        assert (run.model and run.model.name, run.gaps) == ("m", ())
    for run in (stacked, handed_over):
        assert run.model is None
        assert [gap.part for gap in run.gaps] == ["model"]
    outer = [run for run in runs() if not run.parent]
    assert not [gap for run in outer for gap in run.gaps], "what the child runs kept is not lost"
