"""A notebook that was renamed keeps its runs, and every list, page and command says its name of now."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from front_case import Bench

from jupyter_bioml.config import destination
from jupyter_bioml.journal.renames import Renames
from jupyter_bioml.runs.query import Query
from jupyter_bioml.server.bench import ServerBench

Rename = Callable[[Renames], None]


def once(renames: Renames) -> None:
    renames.add("diagnosis.ipynb", "study/late ünï.ipynb")


def with_its_folder(renames: Renames) -> None:
    renames.add("diagnosis.ipynb", "old/late ünï.ipynb")
    renames.add("old", "study")


def there_and_back(renames: Renames) -> None:
    renames.add("diagnosis.ipynb", "x.ipynb")
    renames.add("x.ipynb", "diagnosis.ipynb")
    renames.add("diagnosis.ipynb", "study/late ünï.ipynb")


NOW = "study/late ünï.ipynb"


@pytest.mark.parametrize("rename", [once, with_its_folder, there_and_back])
def test_the_next_run_of_a_name_is_compared_with_the_one_before(bench: Bench, rename: Rename) -> None:
    journal, renames = bench.journal(), Renames(bench.project.home)
    journal.clock -= 100_000
    first = journal.run("gbm", {"auc": 0.5})
    rename(renames)
    journal.clock += 200_000
    second = journal.run("gbm", {"auc": 0.75}, notebook=NOW)
    shown = bench.json("show", second)
    assert (shown["previous"] or {}).get("record_id") == first
    assert {row["notebook"] for row in bench.json("runs", "--all")} == {NOW}
    server = ServerBench(bench.project, destination(bench.project))
    try:
        page = server.page(Query(notebook=NOW))
        assert [row.record_id for row in page.rows] == [second, first] and page.rows[0].notebook == NOW
        detail = server.run.detail(second)
        assert detail.previous is not None and detail.previous.record_id == first
        assert (detail.group.runs, detail.previous.notebook) == (2, NOW)
    finally:
        server.close()


def test_a_server_hears_of_it_while_it_answers(bench: Bench) -> None:
    journal = bench.journal()
    journal.clock -= 100_000
    run = journal.run("gbm", {"auc": 0.5})
    server = ServerBench(bench.project, destination(bench.project))
    try:
        assert server.row(run).notebook == "diagnosis.ipynb"
        Renames(bench.project.home).add("diagnosis.ipynb", NOW)
        assert server.row(run).notebook == NOW
        assert server.page(Query(text="late")).total == 1
    finally:
        server.close()


def test_another_notebook_that_takes_the_name_has_nothing_to_do_with_it(bench: Bench) -> None:
    journal = bench.journal()
    journal.clock -= 100_000
    journal.run("gbm", {"auc": 0.5})
    Renames(bench.project.home).add("diagnosis.ipynb", NOW)
    journal.clock += 200_000
    other = journal.run("gbm", {"auc": 0.75})
    assert bench.json("show", other)["previous"] is None


@pytest.mark.parametrize("mark", ["tag", "auto"])
def test_a_cell_without_a_name_is_compared_with_itself_wherever_it_stands(bench: Bench, mark: str) -> None:
    journal = bench.journal()
    first = journal.run(None, {"auc": 0.5}, cell_id="a", mark=mark, execution_count=4)
    journal.run(None, {"auc": 0.1}, cell_id="b", mark=mark, execution_count=5)
    again = journal.run(None, {"auc": 0.75}, cell_id="a", mark=mark, execution_count=6)
    other = journal.run(None, {"auc": 0.75}, cell_id="c", mark=mark, execution_count=6)
    assert bench.json("show", again)["previous"]["record_id"] == first
    assert bench.json("show", other)["previous"] is None
