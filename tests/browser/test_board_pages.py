"""The pages of a board: sorted, filtered, by keys alone; a page a model and back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Watched

Watch = Callable[..., Watched]


def names(page: Page) -> list[str]:
    """Return the entries that are seen, in their order."""
    found: list[str] = page.evaluate(
        "[...document.querySelectorAll('#standings tbody tr')]"
        ".filter((row) => row.offsetParent || row.getClientRects().length).map((row) => row.id)"
    )
    return found


def test_what_has_no_rank_stands_last_and_says_why(watch: Watch, board_page: Path) -> None:
    page = watch().open(board_page)
    assert names(page)[0] == "oracle"
    assert names(page)[-1] == "always-answer"
    row = page.locator("#always-answer")
    expect(row).to_contain_text("undecided; up to 2")
    expect(row.locator(".rank")).to_have_text("–")
    expect(page.locator("#oracle .mark")).to_have_text("✓ verified")
    expect(page.locator("#random .mark")).to_have_text("not confirmed by a rerun")


def test_a_head_sorts_and_sorts_back(watch: Watch, board_page: Path) -> None:
    page = watch().open(board_page)
    before = names(page)
    head = page.get_by_role("button", name="right on what it should know")
    head.press("Enter")
    values = [
        float(text) for text in page.locator("#standings td:nth-child(6) .v").all_inner_texts()
    ]
    assert values == sorted(values, reverse=True)
    cell = page.locator("th[aria-sort]")
    expect(cell).to_have_attribute("aria-sort", "descending")
    head.press("Enter")
    values = [
        float(text) for text in page.locator("#standings td:nth-child(6) .v").all_inner_texts()
    ]
    assert values == sorted(values)
    head.press("Enter")
    assert names(page) == before
    expect(cell).to_have_count(0)


def test_filters_stand_in_the_address(watch: Watch, board_page: Path) -> None:
    seen = watch()
    page = seen.open(board_page)
    assert seen.shown() == "4 entries"
    page.locator("#q").fill("ALWAYS")
    assert sorted(names(page)) == ["always-abstain", "always-answer"]
    assert seen.shown() == "2 of 4 entries"
    page.locator("#s").select_option("verified")
    assert names(page) == []
    expect(page.locator("#nothing")).to_be_visible()
    address = page.url
    assert "q=ALWAYS" in address
    again = watch()
    again.page.goto(address)
    assert again.shown() == "0 of 4 entries"
    again.page.locator("#q").fill("")
    assert names(again.page) == ["oracle"]


@pytest.mark.parametrize("width", [1280, 390])
def test_a_model_has_a_page_and_the_page_leads_back(
    watch: Watch, board_page: Path, width: int
) -> None:
    page = watch(width).open(board_page)
    link = page.locator("#oracle a")
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/models/oracle.html")
    expect(page.locator("h1")).to_have_text("oracle")
    expect(page.locator("#verified")).to_contain_text("50 of 50 outcomes")
    expect(page.locator("#verified table")).to_contain_text("0.110")
    page.locator("header a").filter(has_text="A board").click()
    page.wait_for_url("**/index.html#oracle")
    expect(page.locator("#oracle")).to_be_in_viewport()


def test_without_scripts_the_table_is_whole(watch: Watch, board_page: Path) -> None:
    page = watch(java_script_enabled=False).page
    page.goto(board_page.as_uri())
    expect(page.locator("#standings tbody tr")).to_have_count(4)
    expect(page.locator("#q")).to_be_hidden()
