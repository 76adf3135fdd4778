"""Counting how far reproductions came: every class is a part of the one before, and unknown never counts."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from jupyter_bioml.reproduce.report.funnel import STAGES, funnel, stages_of
from jupyter_bioml.reproduce.verdict import CAUSES, VERDICTS


def document(verdict: str, cause: str | None = None, declared: bool | None = True) -> dict[str, Any]:
    return {"verdict": verdict, "cause": cause, "funnel": stages_of(verdict, cause, declared=declared)}


def test_counts_in_the_classes_of_the_article() -> None:
    found = funnel(
        [
            *[document("REPRODUCED")] * 3,
            document("WITHIN NOISE", "unseeded-randomness"),
            *[document("DIFFERENT", "data-changed")] * 2,
            document("COULD NOT RUN", "missing-package"),
            document("COULD NOT RUN", "environment-not-buildable"),
            document("COULD NOT RUN", "kernel-died"),
            document("REPRODUCED", declared=False),
            document("REPRODUCED", declared=None),
            document("COULD NOT RUN", None),
            document("NOT COMPARED"),
        ]
    )
    assert found.total == 13
    assert found.passed == {"declared": 11, "installable": 8, "runs": 7, "identical": 3}
    assert found.unknown == {"declared": 1, "installable": 2, "runs": 1, "identical": 2}
    assert found.causes["data-changed"] == 2 and next(iter(found.causes)) == "data-changed"
    lines = found.lines()
    assert lines[0].split() == ["reproductions", "13"]
    assert lines[1] == "declared dependencies  11   85 %  (1 not known)"
    assert lines[4] == "identical results       3   23 %  (2 not known)"
    assert "REPRODUCED 5 · WITHIN NOISE 1 · DIFFERENT 2 · COULD NOT RUN 4 · NOT COMPARED 1" in lines[5]
    assert json.loads(json.dumps(found.as_json()))["stages"][3] == {
        "stage": "identical",
        "name": "identical results",
        "passed": 3,
        "unknown": 2,
    }


def test_nothing_counted_and_documents_without_a_funnel() -> None:
    assert funnel([]).lines()[0].split() == ["reproductions", "0"]
    bare = funnel([{"verdict": "REPRODUCED", "cause": None}, {"nothing": 1}])
    assert bare.passed["declared"] == 0 and bare.unknown["declared"] == 2


def test_dependencies_are_declared_where_both_records_name_them() -> None:
    assert stages_of("REPRODUCED", None, declared=None, comparison={"unknown": []})["declared"] is True
    missing = {"unknown": ["environment: not recorded on both sides"]}
    assert stages_of("REPRODUCED", None, declared=None, comparison=missing)["declared"] is None


@given(
    st.lists(
        st.builds(
            document, st.sampled_from(VERDICTS), st.sampled_from([None, *CAUSES]), st.sampled_from([None, True, False])
        )
    )
)
def test_it_only_narrows(documents: list[dict[str, Any]]) -> None:
    found = funnel(documents)
    counts = [found.total, *(found.passed[stage] for stage in STAGES)]
    assert counts == sorted(counts, reverse=True)
    assert all(found.passed[stage] + found.unknown[stage] <= found.total for stage in STAGES)
