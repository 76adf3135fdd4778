"""Pages have addresses that can be shared, also below a base URL."""

from __future__ import annotations

from playwright.sync_api import expect

from .conftest import BASE_URL
from .lab import TOKEN, LabPage
from .study import Study


def test_the_copied_address_opens_the_page_of_the_run_and_of_the_comparison(tab: LabPage, study: Study) -> None:
    page = tab.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab.open(study.notebook)
    shown = tab.open_run(tab.line("broken"))
    shown.get_by_role("button", name="Copy link").click()
    expect(shown.get_by_text("Copied", exact=True)).to_be_visible()
    address = page.evaluate("() => navigator.clipboard.readText()")
    assert address.startswith(f"{tab.lab.url}lab?") and BASE_URL in address
    assert f"bioml-run={study.broken['record_id']}" in address

    tab.goto(address)
    expect(shown.get_by_role("heading", level=1)).to_have_text("broken")
    expect(page.get_by_role("tab", name="broken")).to_be_visible()
    assert "bioml" not in page.url

    ids = ",".join(row["record_id"] for row in (study.first, study.second))
    tab.goto(f"{tab.lab.url}lab/tree/{study.notebook}?bioml-compare={ids}&bioml-path={study.notebook}")
    expect(shown.get_by_role("heading", level=1)).to_have_text("Comparison of 2 runs")


def test_an_address_of_a_run_that_is_gone_says_so(tab: LabPage, study: Study) -> None:
    tab.goto(f"{tab.lab.url}lab?reset&token={TOKEN}&bioml-run={'0' * 32}&bioml-path={study.notebook}")
    problem = tab.document().get_by_role("alert")
    expect(problem).to_contain_text("0" * 32)
    expect(problem.get_by_role("button", name="Try again")).to_be_visible()
