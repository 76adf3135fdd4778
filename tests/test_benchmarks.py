"""The benchmarks' own arithmetic and table; the times themselves are no tests."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from benchmarks import __main__ as program
from benchmarks import peers, report
from benchmarks.cells import in_turns, tracked_cell
from benchmarks.figures import Figure, Measurement, percentile
from benchmarks.headless import Turn, beside_papermill
from benchmarks.kernels import CellFailed, kernel, workplace


def test_kernels_take_turns_and_the_warm_up_does_not_count() -> None:
    asked: list[tuple[str, int]] = []

    def one(name: str):  # type: ignore[no-untyped-def]
        return lambda turn: asked.append((name, turn)) or float(turn)

    answers = in_turns([one("a"), one("b")], 2, warm_up=1)
    assert asked == [("a", 0), ("b", 0), ("b", 1), ("a", 1), ("a", 2), ("b", 2)]
    assert answers == [[1.0, 2.0], [1.0, 2.0]]


def test_percentile_is_the_smallest_value_that_so_many_do_not_exceed() -> None:
    assert [percentile([3, 1, 2, 4], share) for share in (0.25, 0.5, 0.95, 1)] == [1, 2, 4, 4]


def test_a_figure_passes_within_its_budget_and_what_was_not_measured_has_not_passed() -> None:
    assert Figure("x", "ms", 1.0, 1.0).passed is True
    assert Figure("x", "ms", 1.01, 1.0).passed is False
    assert Figure("x", "ms", None, 1.0).passed is False
    assert Figure("x", "ms", 5.0).passed is None


def test_the_tracked_cell_differs_each_time_and_has_three_parameters_and_three_metrics() -> None:
    assert tracked_cell(1) != tracked_cell(2)
    names: dict[str, float] = {}
    exec(tracked_cell(3), names)
    assert {"lr", "depth", "rounds", "auc", "f1", "loss"} <= names.keys()


def test_a_peer_that_is_not_installed_is_named_so_and_gets_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    absent = peers.Peer("Nobody", "no-such-distribution-anywhere", "import nobody", "", "", "", "")
    monkeypatch.setattr(peers, "PEERS", (absent,))
    assert peers.ask_each(lambda *_: 1.0) == {"Nobody": "not installed"}
    assert list(peers.installed()) == []


def test_a_real_kernel_answers_hands_over_values_and_its_folder_goes_with_it() -> None:
    with workplace() as folder, kernel(folder) as plain:
        assert plain.run("x = 21") > 0
        assert plain.until_idle > 0
        assert plain.result("print('noise', end='')\nbench_result([x * 2])") == [42]
        with pytest.raises(CellFailed, match="ZeroDivisionError"):
            plain.run("1 / 0")
    assert not folder.exists()


def test_a_notebook_is_told_beside_papermill_as_difference_and_ratio_of_medians() -> None:
    plain = [Turn(whole, whole, 9.0) for whole in (8.0, 10.0, 30.0)]
    ours = [Turn(20.0, ran, 12.0) for ran in (9.0, 11.0, 40.0)]
    figure = beside_papermill("x", plain, ours, 2.0, {"plain papermill": 10.0})
    assert (figure.ours, figure.passed, figure.peers) == (1.0, True, {"plain papermill": 10.0})
    assert figure.note == "11.0 s against 10.0 s, 1.10 ×; 12.0 s of processor time in all processes"


FIGURES = [
    Figure("blocked", "ms", 0.5, 1, {"B": 40.0, "A": 4.0, "C": "not installed"}, "how"),
    Figure("slower", "%", 1.25, 1),
]


def test_the_table_shows_budget_verdict_and_peers_from_quick_to_slow() -> None:
    lines = report.table(FIGURES).splitlines()
    assert [" ".join(line.split()) for line in lines] == [
        "blocked 0.50 ms ≤ 1.00 ms pass",
        "A 4.00 ms",
        "B 40.0 ms",
        "C not installed",
        "(how)",
        "slower +1.2 % ≤ 1.0 % MISS",
    ]


def test_the_page_keeps_its_text_and_names_no_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import platform

    page = tmp_path / "benchmarks.md"
    page.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n", encoding="utf-8")
    monkeypatch.setattr(report, "PAGE", page)
    report.write_page(FIGURES)
    text = page.read_text(encoding="utf-8")
    assert text.startswith("before\n") and text.endswith("\nafter\n") and "old" not in text
    assert "| blocked | 0.50 ms | ≤ 1.00 ms | pass | A 4.00 ms; B 40.0 ms; C not installed | how |" in text
    assert platform.node() not in text


def test_a_busy_machine_is_said_and_its_figures_are_not_written(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(report, "write_page", lambda figures: pytest.fail("written"))
    monkeypatch.setattr(program, "MEASUREMENTS", ())
    monkeypatch.setattr(sys, "argv", ["benchmarks", "--write-docs"])
    monkeypatch.setattr("os.getloadavg", lambda: (64.0, 0.0, 0.0))
    assert program.main() == 1
    assert "The machine is busy (load 64.0 on" in capsys.readouterr().out
    monkeypatch.setattr("os.getloadavg", lambda: (0.1, 0.0, 0.0))
    assert report.busy() is None


def test_the_command_prints_writes_json_and_its_exit_code_says_whether_budgets_were_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def breaks(quick: bool) -> list[Figure]:
        raise OSError("no kernel")

    good, bad, broken = (
        Measurement("good", "Good", lambda quick: FIGURES[:1]),
        Measurement("bad", "Bad", lambda quick: FIGURES[1:]),
        Measurement("broken", "Broken", breaks),
    )
    monkeypatch.setattr(program, "MEASUREMENTS", (good, bad, broken))
    file = tmp_path / "figures.json"
    monkeypatch.setattr(sys, "argv", ["benchmarks", "good", "--json", str(file)])
    assert program.main() == 0
    assert json.loads(file.read_text())["figures"][0]["passed"] is True
    monkeypatch.setattr(sys, "argv", ["benchmarks"])
    assert program.main() == 1
    assert "2 missed: slower; broken" in capsys.readouterr().out
    monkeypatch.setattr(sys, "argv", ["benchmarks", "nonsense"])
    with pytest.raises(SystemExit):
        program.main()
    assert "unknown: nonsense" in capsys.readouterr().err
