"""WCAG 2.2 AA as axe checks it, no sideways scrolling on a phone, and keys alone are enough."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import Watched

Watch = Callable[..., Watched]

_LISTS = ("small_page", "compared_page", "several_page", "asked_study_page")
_ASKED = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}


@pytest.mark.parametrize(
    "kind",
    [
        "small_page", "compared_page", "several_page", "study_page", "asked_study_page",
        "board_page", "board_model_page",
    ],
)  # fmt: skip
def test_axe_finds_nothing(watch: Watch, kind: str, request: pytest.FixtureRequest) -> None:
    path: Path = request.getfixturevalue(kind)
    for width, scheme in ((1280, "light"), (390, "dark")):
        seen = watch(width, 844, color_scheme=scheme)
        # A few rows of the list stand for all.
        page = seen.open(path, "#answers?t=0&r=0" if kind in _LISTS else "")
        if page.locator("#rows details").count():
            page.locator("#rows summary").first.click()
            page.locator("#rows dl").first.wait_for()
        for chart in page.locator("figure.chart").all():
            chart.scroll_into_view_if_needed()
        # The numbers of charts are seen too, where they say some.
        expect(page.locator("figure.chart:not(.live)")).to_have_count(0, timeout=30_000)
        found = Axe().run(page, options=_ASKED).response
        problems = [
            (one["id"], one["help"], [node["html"][:160] for node in one["nodes"][:4]])
            for one in found["violations"]
        ]
        assert problems == [], f"{width} px, {scheme}"
        assert len(found["passes"]) > 15
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_keys_alone_reach_and_open_an_answer(watch: Watch, run_page: Path) -> None:
    page = watch().open(run_page)
    page.locator("#clear").evaluate(
        "one => one.previousElementSibling.previousElementSibling.focus()"
    )
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    page.keyboard.press("Enter")
    page.locator("#rows details[open] dl").wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "link to this answer"
