"""The commands' frame: start-up, usage errors, one JSON document whatever happens, colour."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from front_case import Bench

from jupyter_bioml.cli.main import VERBS
from jupyter_bioml.notebooks.parameters import guessed

HEAVY = {"mlflow", "papermill", "nbformat", "dvc", "torch", "sklearn", "pandas", "numpy", "pyarrow", "ipywidgets",
         "psutil", "pynvml", "IPython", "jupyter_client", "sqlalchemy"}  # fmt: skip


def python(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=folder, check=False)


def test_help_names_every_verb_and_imports_nothing_heavy(project_dir: Path) -> None:
    done = python(
        "import sys\nfrom jupyter_bioml.cli.main import main\n"
        "for verb in ([], ['run'], ['reproduce'], ['register'], ['publish'], ['doctor']):\n"
        "    main([*verb, '--help'])\n"
        "main(['runs'])\nmain(['status'])\n"
        f"print(sorted(set(sys.modules) & {HEAVY}), file=sys.stderr)",
        project_dir,
    )
    assert done.stderr == "[]\n", "no verb's help, and no list of an empty project, costs an import"
    for verb in VERBS:
        assert f"  {verb} " in done.stdout


def test_every_verb_takes_json(bench: Bench) -> None:
    for verb in VERBS:
        _, out, _ = bench.run(verb, "--help")
        actions = re.findall(r"^  (\w+) ", out.partition("Commands:\n")[2], re.MULTILINE)
        for action in actions:
            assert "--json" in bench.run(verb, action, "--help")[1], (verb, action)
        assert actions or "--json" in out, verb


def test_both_scripts_are_installed(project_dir: Path) -> None:
    for script in ("jupyter-bioml", "bioml"):
        command = Path(sys.executable).with_name(script)
        done = subprocess.run([command, "runs", "--json"], capture_output=True, text=True, cwd=project_dir, check=False)
        assert (done.returncode, json.loads(done.stdout)) == (0, [])
    done = subprocess.run(
        [Path(sys.executable).with_name("jupyter"), "bioml", "--version"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0 and "jupyter-bioml, version" in done.stdout, done.stderr


@pytest.mark.parametrize(
    "arguments",
    [["shw"], ["show"], ["runs", "--limit", "x"], ["compare", "a"], ["run"], ["register", "a", "b", "--tag", "x"], []],
)
def test_usage_errors_are_exit_code_2_and_json_too(bench: Bench, arguments: list[str]) -> None:
    document = bench.json(*arguments, code=2)
    assert document["code"] == "usage" and document["message"] and document["next"]
    code, out, err = bench.run(*arguments)
    assert code == 2 and (not arguments or (out == "" and err.startswith("error: ")))


def test_json_after_a_double_dash_is_an_argument(bench: Bench) -> None:
    code, out, err = bench.run("show", "--", "--json")
    assert code == 1 and out == "" and "not a run id" in err


def test_one_document_whatever_else_writes_to_stdout(project_dir: Path) -> None:
    """A library's print, a child process and C code that write to stdout end on stderr."""
    done = python(
        "import os, sys\nfrom jupyter_bioml import workbench\nfrom jupyter_bioml.cli.main import main\n"
        "class Noisy(workbench.Workbench):\n"
        "    def models(self):\n"
        "        print('from python')\n        os.system('echo from a child')\n        os.write(1, b'from C\\n')\n"
        "        return super().models()\n"
        "workbench.Workbench = Noisy\nsys.exit(main(['models', '--json']))",
        project_dir,
    )
    assert done.returncode == 0 and json.loads(done.stdout) == []
    assert {"from python", "from a child", "from C"} <= set(done.stderr.splitlines())


def test_our_own_failure_is_json_with_the_traceback_on_stderr(project_dir: Path) -> None:
    done = python(
        "import sys\nfrom jupyter_bioml import workbench\nfrom jupyter_bioml.cli.main import main\n"
        "class Broken(workbench.Workbench):\n    def models(self):\n        raise RuntimeError('boom')\n"
        "workbench.Workbench = Broken\nsys.exit(main(['models', '--json']))",
        project_dir,
    )
    document = json.loads(done.stdout)
    assert done.returncode == 1 and document["code"] == "error" and "boom" in document["message"]
    assert "Traceback" in done.stderr


def test_a_reader_that_leaves_is_no_crash(bench: Bench) -> None:
    journal = bench.journal()
    for number in range(400):
        journal.run(f"a run with quite a long name, number {number}")
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "jupyter_bioml.cli", "runs", "--limit", "400"]
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write)
    assert "Traceback" not in done.stderr and "BrokenPipe" not in done.stderr


def test_a_terminal_without_unicode_shows_escapes_instead_of_failing(bench: Bench) -> None:
    bench.journal().run("naïve – 日本")
    env = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    command = [sys.executable, "-m", "jupyter_bioml.cli", "runs"]
    done = subprocess.run(command, capture_output=True, env=env, check=False)
    assert done.returncode == 0 and "naïve \\u2013 \\u65e5\\u672c".encode("latin-1") in done.stdout


def colours(env: dict[str, str]) -> bytes:
    """What ``runs`` writes to a terminal."""
    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "jupyter_bioml.cli", "runs"]
    done = subprocess.run(command, stdout=follower, stderr=follower, env={**os.environ, **env}, check=False)
    os.close(follower)
    assert done.returncode == 0
    with open(leader, "rb", closefd=True, buffering=0) as terminal:
        return terminal.read(65536)


def test_colour_only_on_a_terminal_and_never_alone(bench: Bench) -> None:
    bench.journal().run("depth3")
    with_colour, without = colours({}), colours({"NO_COLOR": "1"})
    assert b"\x1b[32m" in with_colour and "● finished".encode() in without and b"\x1b" not in without
    _, out, _ = bench.run("runs")
    assert "\x1b" not in out


def test_parameters_are_read_as_papermill_reads_them() -> None:
    from papermill.cli import _resolve_type

    for text in ("1", "-3", "0.1", "1e-3", "True", "False", "None", "true", "text", "1_000", "", "01", "nan", "[1]"):
        ours, theirs = guessed(text), _resolve_type(text)
        assert (type(ours), repr(ours)) == (type(theirs), repr(theirs)), text
