"""A cell that asks a person: a gap of its run and of those after it, and nothing else is different."""

from __future__ import annotations

from collections.abc import Callable

from kernels import CellResult, Kernel

from jupyter_bioml.records.run import RunRecord

Start = Callable[..., Kernel]
Reader = Callable[[], list[RunRecord]]


def _answered(kernel: Kernel, source: str, *answers: str) -> CellResult:
    """A cell run by a front end whose user answers."""
    sent = kernel.send(source, {"tags": []}, allow_stdin=True)
    for answer in answers:
        kernel.client.get_stdin_msg(timeout=60)
        kernel.client.input(answer)
    return kernel.collect(sent)


def _asked(run: RunRecord) -> int:
    return len([gap for gap in run.gaps if gap.part == "input"])


def test_a_question_is_a_gap_of_its_run_and_of_those_after_it(start_kernel: Start, runs: Reader) -> None:
    kernel = start_kernel()
    kernel.run("%%experiment quiet\nnames = [input, print]\nx = 1.5 * 2")
    assert _answered(kernel, "%%experiment asks\nage = int(input('age? '))\nrisk = age / 10", "42").status == "ok"
    kernel.run("%%experiment after\nrisk = age / 20")
    kernel.close()
    assert [(run.name, _asked(run)) for run in runs()] == [("quiet", 0), ("asks", 1), ("after", 1)]
    assert not any("42" in gap.reason or "age?" in gap.reason for run in runs() for gap in run.gaps)


def test_passwords_and_debuggers_ask_too(start_kernel: Start, runs: Reader) -> None:
    kernel = start_kernel()
    _answered(kernel, "%%experiment password\nimport getpass\nx = len(getpass.getpass()) * 1.0", "abcd")
    kernel.close()
    kernel = start_kernel()
    _answered(kernel, "%%experiment debugger\nimport pdb\ny = 2.0\npdb.set_trace()\nz = 3", "c")
    kernel.close()
    kernel = start_kernel()
    kernel.run("1 / 0")
    _answered(kernel, "%%experiment mortem\n%debug", "q")
    kernel.close()
    assert {run.name: _asked(run) for run in runs()} == {"password": 1, "debugger": 1, "mortem": 1}


def test_the_kernel_is_as_before_when_tracking_is_off(start_kernel: Start) -> None:
    kernel = start_kernel(load=False)
    kernel.run("k = get_ipython().kernel\nbefore = k._input_request, dict(vars(k)).keys()")
    kernel.run("%load_ext jupyter_bioml")
    kernel.run("%unload_ext jupyter_bioml")
    assert kernel.run("print(before == (k._input_request, dict(vars(k)).keys()))").stdout == "True\n"
    kernel.run("%load_ext jupyter_bioml")
    ran = _answered(kernel, "input()", "\x04")
    assert "EOFError" in (ran.error or "")
    assert not [line for line in ran.traceback if "jupyter_bioml" in line], "no frame of ours"
