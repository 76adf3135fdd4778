"""The list of runs: what is in it and when, filters, order, pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from front_case import SyntheticJournal
from server_case import Server

from jupyter_bioml.config import Project

Make = Callable[..., SyntheticJournal]


@pytest.fixture
def rows(server: Server, project: Project) -> Callable[..., list[dict[str, Any]]]:
    """Rows of the project."""

    def ask(**query: Any) -> list[dict[str, Any]]:
        found = server.json("/runs", path=f"{project.root.name}/diagnosis.ipynb", **query)
        return list(found["rows"])

    return ask


def names(rows: list[dict[str, Any]]) -> list[str]:
    return [row["name"] for row in rows]


def test_a_run_is_there_from_its_start_to_its_end(journal: Make, rows: Callable[..., list[dict[str, Any]]]) -> None:
    made = journal()
    assert rows() == []
    run = made.start("baseline", source="x = 1")
    (row,) = rows()
    assert (row["record_id"], row["state"], row["duration"], row["cell_id"]) == (run, "RUNNING", None, "c1")
    made.entry(t="log", run=run, m={"auc": 0.9}, step=1)
    assert rows()[0]["metrics"] == {"auc": 0.9}
    made.finish(run, metrics={"auc": 0.9}, params={"depth": 3, "kind": "forest", "rate": float("inf")})
    (row,) = rows()
    assert (row["state"], row["duration"], row["published"], row["run_id"]) == ("FINISHED", 3.2, False, None)
    assert row["params"]["depth"] == 3 and row["params"]["kind"] == "forest"
    assert row["data_changed"] is None and row["environment_changed"] is None, "not known is not the same as no"


def test_the_death_of_a_kernel_ends_its_run(
    server: Server, project: Project, journal: Make, rows: Callable[..., list[dict[str, Any]]]
) -> None:
    made = journal()
    made.start("baseline")
    assert rows()[0]["state"] == "RUNNING"
    made.entry(t="closed")
    made.die()
    assert rows()[0]["state"] == "KILLED"
