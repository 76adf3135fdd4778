"""Taint as a pure function of what ran and of the notebook now."""

from __future__ import annotations

from typing import Any

import nbformat

from jupyter_bioml.notebooks.injection import injected
from jupyter_bioml.records.run import Code, PriorCell, RunRecord
from jupyter_bioml.records.taint import DELETED, EDITED, NONE, OUT_OF_ORDER, taint_of


def record(*ran: tuple[str | None, str], first: int = 2, **code: Any) -> RunRecord:
    """A run whose session ran these (cell id, source); the last one is its own."""
    before = tuple(
        PriorCell(str(number), number, source, cell, first + number) for number, (cell, source) in enumerate(ran[:-1])
    )
    cell, source = ran[-1]
    own = Code(source, cell, "n.ipynb", execution_count=first + len(before), **code)
    return RunRecord("r", "s", len(ran), "magic", "FINISHED", 1.0, own, before=before)


def notebook(**cells: str) -> dict[str, Any]:
    made = [{"cell_type": "code", "id": key, "source": text.splitlines(keepends=True)} for key, text in cells.items()]
    return {"cells": [{"cell_type": "markdown", "source": "# no id"}, *made]}


def test_a_notebook_run_from_the_top_has_none() -> None:
    found = taint_of(record(("a", "x = 1"), ("b", "y = 2\n")), notebook(a="x = 1", b="%%experiment fit\r\ny = 2  "))
    assert found.level == NONE and found.signs == () and found.unknown == ()
    assert taint_of(record(("a", "x = 1"), first=1), notebook(a="x = 1", later="z = 3")).level == NONE


def test_the_experiment_line_below_another_magic_is_no_edit() -> None:
    ran = record(("a", "x = 1"), ("b", "%%time\ny = 2\n"))
    assert taint_of(ran, notebook(a="x = 1", b="%%time\n\n%%experiment fit\ny = 2")).level == NONE
    assert taint_of(ran, notebook(a="x = 1", b="%%experiment fit\n%%time\ny = 2")).level == NONE
    assert taint_of(ran, notebook(a="x = 1", b="%%experiment fit\ny = 2")).level == EDITED


def test_running_a_cell_twice_in_place_is_none() -> None:
    assert taint_of(record(("a", "x"), ("b", "y"), ("b", "y")), notebook(a="x", b="y")).level == NONE


def test_each_sign() -> None:
    after = taint_of(record(("b", "y"), ("a", "x")), notebook(a="x", b="y"))
    assert after.level == OUT_OF_ORDER and after.signs[0].cell_id == "a" and after.signs[0].execution_count == 3
    rewritten = taint_of(record(("a", "x = 1"), ("a", "x = 2"), ("b", "y")), notebook(a="x = 2", b="y"))
    assert rewritten.level == EDITED and "another text in the same session" in rewritten.signs[0].text
    since = taint_of(record(("a", "x"), ("b", "y")), notebook(a="x + 1", b="y"))
    assert since.level == EDITED and since.signs[0].cell_id == "a"
    gone = taint_of(record(("a", "x"), ("b", "y")), notebook(b="y + 1"))
    assert gone.level == DELETED and {sign.level for sign in gone.signs} == {DELETED, EDITED}


def test_what_could_not_be_looked_at_is_said() -> None:
    assert "not there" in taint_of(record(("a", "x")), None).unknown[0]
    old = {"cells": [{"cell_type": "code", "source": "x"}]}
    assert taint_of(record(("a", "x")), old).unknown
    assert "executions 2 to 4" in taint_of(record(("a", "x"), first=5), notebook(a="x")).unknown[0]
    assert any("without an id" in text for text in taint_of(record((None, "x"), ("a", "y")), notebook(a="y")).unknown)
    rewritten = taint_of(record(("a", "x = 1"), ("a", "x = 2")), None)
    assert rewritten.level == EDITED and rewritten.unknown, "what the session alone shows counts without the notebook"


def test_secrets_are_masked_in_a_record_and_that_is_no_edit() -> None:
    secret = 'password = "hunter2hunter2"'
    from jupyter_bioml.redact import redact

    assert redact(secret) != secret
    assert taint_of(record(("a", redact(secret))), notebook(a=secret)).level == NONE


def test_the_cell_that_papermill_injects_is_in_no_notebook() -> None:
    made = record(("a", "x"), ("b", "y"))
    injected = PriorCell("p", 0, "alpha = 1", "injected", 1, tags=("injected-parameters",))
    made = RunRecord("r", "s", 3, "magic", "FINISHED", 1.0, made.code, before=(injected, *made.before))
    assert taint_of(made, notebook(a="x", b="y")).level == NONE


def test_a_parameter_set_for_a_run_is_no_edit() -> None:
    source = "lr = 0.1\ndepth: int = 3"
    document = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source, id="a")])
    injected(document, {"lr": 0.01, "depth": 5}, {})
    ran = document["cells"][0]["source"]
    assert ran == "lr = 0.01  # bioml: lr was 0.1\ndepth: int = 5  # bioml: depth was 3"
    assert taint_of(record(("a", ran), ("b", "y")), notebook(a=source, b="y")).level == NONE
    assert taint_of(record(("a", ran), ("b", "y")), notebook(a="rate = 0.1\ndepth: int = 3", b="y")).level == EDITED
    assert taint_of(record(("a", ran), ("b", "y")), notebook(a=source + "\nz = 1", b="y")).level == EDITED


def test_hostile_notebooks() -> None:
    for cells in ([1, None], {"a": 1}, [{"cell_type": "code", "id": 5, "source": "x"}], "x"):
        assert taint_of(record(("a", "x")), {"cells": cells}).level in (NONE, DELETED)
