"""The report as text: worst first, every name harmless."""

from __future__ import annotations

from jupyter_bioml.environments.check import FAILED, NOT_BUILT, PASSED, EnvironmentCheck, Trial, first_failing
from jupyter_bioml.environments.culprit import Culprit
from jupyter_bioml.environments.differences import MISSING, VERSION, PackageDifference
from jupyter_bioml.environments.imports import ImportReport
from jupyter_bioml.environments.prepare import LATEST, LOCKED, Prepared
from jupyter_bioml.headless.results import CellFailure, NotebookResult
from jupyter_bioml.pages.environment import checks_page, prepared_page

CHANGED = (PackageDifference("assay", "1.0", "2.0", VERSION),)


def made(kind: str) -> Prepared:
    return Prepared("/cache/bin/python", kind, "0" * 64, CHANGED if kind == LATEST else (), ("a note",))


def failing(culprit: Culprit | None = None) -> Trial:
    failure = CellFailure(2, "c3", "assay.scale(1)", "AttributeError", "no \x1b[2Jscale", "Traceback\nAttributeError")
    result = NotebookResult("/p/b.ipynb", "failed", failure=failure)
    return Trial(LATEST, FAILED, made(LATEST), result, suspected=("assay",), culprit=culprit)


def checked(name: str, *trials: Trial) -> EnvironmentCheck:
    imports = ImportReport({"assay": ("assay",)}, undeclared=("assay",), files=("requirements.txt",))
    differences = (PackageDifference("numpy", "1", None, MISSING),)
    return EnvironmentCheck(f"/p/{name}.ipynb", "run 1234abcd", "f" * 64, imports, differences, trials)


PASSING = Trial(LOCKED, PASSED, made(LOCKED))


def text(*found: EnvironmentCheck) -> str:
    return "\n".join(checks_page(found, 100))


def test_the_first_failing_notebook_and_cell_and_the_package_are_named() -> None:
    good = checked("a", PASSING, Trial(LATEST, PASSED, made(LATEST)))
    bad = checked("b", PASSING, failing(Culprit("assay", "1.5", "2.0", 3)))
    page = text(good, bad, checked("c", failing()))
    assert first_failing([good, bad], LATEST) == (bad, bad.trials[1]) and first_failing([good, bad], LOCKED) is None
    assert "✓ locked: all 2 pass" in page
    last = page.splitlines()[-1]
    assert last.startswith("✗ latest: the first to fail is ") and "b.ipynb: fails first in cell 3" in last
    assert "assay 1.0 → 2.0" in page and "found by bisection: assay: passes with 1.5, fails with 2.0" in page
    assert "suspected: assay (proof: --latest --bisect)" in page
    assert "numpy 1 is not installed" in page and "imported, but not declared: assay" in page
    assert "\x1b" not in page


def test_what_was_not_built_says_why_and_is_no_pass() -> None:
    trial = Trial(LOCKED, NOT_BUILT, problem="ghost 3 cannot be restored: …\n  more", package="ghost")
    found = checked("a", trial)
    assert found.exit_code == 1 and not found.passed
    assert "⊘ locked: it cannot be built: ghost 3 cannot be restored" in text(found)
    assert found.as_json()["trials"][0]["package"] == "ghost"


def test_a_built_environment_is_its_python() -> None:
    assert list(prepared_page(made(LOCKED), 80)) == ["✓ /cache/bin/python", "⚠ a note"]
