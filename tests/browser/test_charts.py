"""Charts come alive: as many marks as data, numbers on hover and by keys, no eval, no network."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Watched

Watch = Callable[..., Watched]

_POINTS = '.mark-symbol[aria-roledescription="symbol mark container"] path'


def _specs(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(page.locator("#charts").text_content() or "")
    return found


def _alive(page: Page, name: str) -> Any:
    place = page.locator(f"#{name}")
    place.scroll_into_view_if_needed()
    expect(page.locator(f"#{name}.live")).to_have_count(1, timeout=30_000)
    return place


def _points(spec: dict[str, Any]) -> int:
    """Return how many points a specification draws; layers may share the data above them."""
    return sum(
        len(layer.get("data", spec.get("data"))["values"])
        for layer in spec.get("layer", [spec])
        if layer["mark"]["type"] in ("circle", "point")
    )


@pytest.mark.parametrize("kind", ["run_page", "compared_page", "several_page", "study_page"])
def test_every_chart_has_the_marks_of_its_data(
    watch: Watch, kind: str, request: pytest.FixtureRequest
) -> None:
    # `watch` fails on a word on the console, a refusal of the policy, or a request.
    page = watch().open(request.getfixturevalue(kind))
    specs = _specs(page)
    assert len(specs) == page.locator("figure.chart").count() > 1
    for name, spec in specs.items():
        place = _alive(page, name)
        assert place.locator("svg").count() == 1, "the drawing gave way to the live chart"
        assert place.locator(_POINTS).count() == _points(spec) > 1, name


def test_what_a_point_says_is_what_the_files_say(watch: Watch, run_page: Path) -> None:
    page = watch().open(run_page)
    place = _alive(page, "chart-right")
    place.locator(_POINTS).first.hover()
    tip = page.locator("#vg-tooltip-element.visible")
    results = json.loads((run_page.parent / "results.json").read_text())
    one = next(
        e
        for e in results["estimates"]
        if (e["task"], e["metric"], e["slice"]) == ("real-facts", "accuracy", "all")
    )
    expect(tip).to_contain_text("real-facts")
    expect(tip).to_contain_text(f"{one['value']:.3f} [{one['lo']:.3f}, {one['hi']:.3f}]")
    expect(tip).to_contain_text(f"{one['n']:,}")
    page.keyboard.press("Escape")
    expect(tip).to_have_count(0)


def test_keys_walk_the_points_and_they_are_read_aloud(watch: Watch, run_page: Path) -> None:
    page = watch().open(run_page)
    place = _alive(page, "chart-plane")
    place.focus()
    page.keyboard.press("ArrowRight")
    said = place.locator("[aria-live=polite]")
    expect(said).to_contain_text("task: organism")
    first = said.text_content()
    page.keyboard.press("ArrowRight")
    expect(said).not_to_have_text(first or "")
    expect(page.locator("#vg-tooltip-element.visible")).to_have_count(1)
    page.keyboard.press("ArrowLeft")
    expect(said).to_have_text(first or "")


def test_charts_wear_the_theme(watch: Watch, run_page: Path) -> None:
    page = watch(color_scheme="light").open(run_page)
    place = _alive(page, "chart-plane")
    colour = "one => getComputedStyle(one).fill"
    point = place.locator(_POINTS).last
    light = point.evaluate(colour)
    page.locator("#theme").click()
    assert point.evaluate(colour) != light
    assert "1, 1, 1" not in light, "the place-holder is replaced"


def test_without_javascript_the_drawing_stands(watch: Watch, run_page: Path) -> None:
    seen = watch(java_script_enabled=False)
    seen.page.goto(run_page.as_uri())
    drawing = seen.page.locator("#chart-plane > svg[role=img]")
    assert drawing.is_visible()
    assert drawing.get_attribute("aria-label")
