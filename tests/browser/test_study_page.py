"""The page of a study: every question with what all methods said, found by search and filters."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Watched

Watch = Callable[..., Watched]


def _said(page: Path) -> dict[str, dict[str, Any]]:
    """Return the lines of each method's cell, by method and id."""
    return {
        name: {
            one["id"]: one
            for one in map(
                json.loads,
                (page.parent / f"cells/{name}/0/asked/samples.jsonl").read_text().splitlines(),
            )
        }
        for name in ("base", "full", "seat")
    }


def test_questions_are_found_by_set_outcome_and_words(watch: Watch, asked_study_page: Path) -> None:
    said = _said(asked_study_page)
    seen = watch()
    page = seen.open(asked_study_page)
    assert seen.shown() == "120 answers"
    names = page.locator("#rows details").first.locator(".said b").all_text_contents()
    assert names == ["base", "full", "seat"]

    choice = page.locator("#by-t option", has_text="unknown same")
    page.locator("#by-t").select_option(choice.get_attribute("value"))
    unknown = {i for i, one in said["base"].items() if one["task"] == "study-unknown-same"}
    assert 0 < len(unknown) < 120
    expect(page.locator("#shown")).to_have_text(f"{len(unknown)} of 120 answers")

    # Models on which the methods part: the base declined, the plainly tuned one made it up.
    page.locator("#by-o0").select_option("r")
    page.locator("#by-o1").select_option("h")
    both = [
        i
        for i in unknown
        if said["base"][i]["outcome"] == "abstained"
        and said["full"][i]["outcome"] == "hallucinated"
    ]
    assert both
    expect(page.locator("#shown")).to_have_text(f"{len(both)} of 120 answers")
    for row in page.locator("#rows details").all()[:5]:
        kinds = [one.get_attribute("class") for one in row.locator(".said").all()]
        assert kinds[:2] == ["said r", "said h"]

    page.locator("#clear").click()
    question = said["base"][both[0]]["question"]
    page.locator("#q").fill(question.upper())
    expect(page.locator("#shown")).to_have_text(re.compile(r"^\d of 120 answers$"))
    row = page.locator("#rows details").first
    row.locator("summary").click()
    row.get_by_role("link", name="link to this answer").click()
    expect(page.locator("#shown")).to_have_text("1 of 120 answers")
    assert "#probe=" in page.url


def test_a_set_opens_its_questions(watch: Watch, asked_study_page: Path) -> None:
    page = watch().open(asked_study_page)
    page.locator("#sets").get_by_role("link", name="known same", exact=True).click()
    known = sum(
        one["task"] == "study-known-same" for one in _said(asked_study_page)["base"].values()
    )
    expect(page.locator("#shown")).to_have_text(f"{known} of 120 answers")


def test_a_study_without_its_cells_has_no_list_to_search(watch: Watch, study_page: Path) -> None:
    page = watch().open(study_page)
    assert page.locator("#answers").count() == 0
    expect(page.locator("#leaf-at")).to_have_text(re.compile("^1 of "))


_SIZES = """(where) => [...document.querySelectorAll(`${where} .chart svg text`)].map((one) => {
  const drawing = one.ownerSVGElement;
  const scale = drawing.getBoundingClientRect().width / drawing.viewBox.baseVal.width;
  return parseFloat(getComputedStyle(one).fontSize) * scale;
})"""


@pytest.mark.parametrize("kind", ["run_page", "compared_page", "several_page", "study_page"])
def test_letters_of_charts_are_read_on_a_phone(
    watch: Watch, kind: str, request: pytest.FixtureRequest
) -> None:
    page = watch(390).open(request.getfixturevalue(kind))
    letters = page.evaluate(_SIZES, "body")
    assert len(letters) > 10
    assert min(letters) >= 11
    assert page.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.parametrize("width", [390, 800, 1280])
def test_letters_of_small_panels_are_read_everywhere(
    watch: Watch, study_page: Path, width: int
) -> None:
    page = watch(width).open(study_page)
    letters = page.evaluate(_SIZES, "#drift")
    assert len(letters) > 50
    assert 11 <= min(letters) <= max(letters) < 19
    # Names of methods stand within their panel.
    over = page.evaluate(
        """() => [...document.querySelectorAll("#drift .chart")].filter((one) => {
          const edge = one.getBoundingClientRect().right + 1;
          return [...one.querySelectorAll("text")].some(
            (text) => text.getBoundingClientRect().right > edge);
        }).length"""
    )
    assert over == 0
