"""The page of a comparison: ribbons open their questions, tables sort, numbers are the files'."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import Watched

Watch = Callable[..., Watched]


def test_numbers_are_those_of_its_json(watch: Watch, compared_page: Path) -> None:
    page = watch().open(compared_page)
    made = json.loads(compared_page.with_suffix(".json").read_text())
    assert made["verdict"].startswith("✗ This tuning taught the model to make things up")
    assert (
        page.locator(".verdict").inner_text() == "✗This tuning taught the model to make things up."
    )
    rows = page.evaluate(
        """() => [...document.querySelectorAll("#all tbody tr")].map(
          (row) => [...row.cells].map((cell) => cell.textContent.trim().replaceAll("−", "-")))"""
    )
    seen = sorted(
        (row[0], float(row[1]), float(row[2]), float(row[3]), int(row[8])) for row in rows
    )
    wanted = sorted(
        (
            f"{d['task']} {'' if d['slice'] == 'all' else d['slice'].replace('=', ' ')}".strip(),
            round(d["base"], 3),
            round(d["tuned"], 3),
            round(d["value"], 2),
            d["n"],
        )
        for d in made["differences"]
        if d["value"] is not None
    )
    assert [row[0] for row in seen] == [row[0] for row in wanted]
    for ours, theirs in zip(seen, wanted, strict=True):
        assert all(abs(a - b) < 0.0051 for a, b in zip(ours[1:], theirs[1:], strict=True))


def test_a_change_opens_its_questions_one_after_the_other(
    watch: Watch, compared_page: Path
) -> None:
    page = watch().open(compared_page)
    began = page.get_by_role("link", name="began to make things up")
    n = int(began.locator("b").inner_text())
    expect(page.locator("#at")).to_have_text(f"1 of {n}")
    first = page.locator("#question").inner_text()
    page.locator("#next").click()
    expect(page.locator("#at")).to_have_text(f"2 of {n}")
    assert page.locator("#question").inner_text() != first
    address = page.url
    page.get_by_role("link", name="still right").click()
    expect(page.locator("#change")).to_have_text("still right")

    other = watch().open(compared_page, address[address.index("#") :])
    expect(other.locator("#change")).to_have_text("began to make things up")
    expect(other.locator("#at")).to_have_text(f"1 of {n}")


def test_every_question_stands_side_by_side(watch: Watch, compared_page: Path) -> None:
    seen = watch()
    page = seen.open(compared_page)
    assert seen.shown() == "120 answers"
    assert page.locator("#rows details").first.locator(".said b").all_text_contents() == [
        "base",
        "tuned",
    ]
    page.locator("#by-c").select_option("began")
    n = json.loads(compared_page.with_suffix(".json").read_text())["transitions"]
    began = sum(
        one.get("abstained>hallucinated", 0) + one.get("abstained>overreached", 0)
        for one in n.values()
    )
    expect(page.locator("#shown")).to_have_text(f"{began} of 120 answers")
    row = page.locator("#rows details").first
    row.locator("summary").click()
    row.get_by_role("link", name="link to this answer").click()
    expect(page.locator("#shown")).to_have_text("1 of 120 answers")
    assert "#probe=" in page.url


def test_tables_sort(watch: Watch, compared_page: Path) -> None:
    page = watch().open(compared_page)
    table = page.locator("#all table").first
    asked = table.locator("tbody th").all_inner_texts()

    def column() -> list[float]:
        cells = table.locator("tbody tr td:nth-child(4)").all_inner_texts()
        return [float(cell.replace("−", "-")) for cell in cells]

    button = table.get_by_role("button", name="difference")
    button.click()
    assert column() == sorted(column(), reverse=True)
    assert table.locator("th[aria-sort=descending]").inner_text() == "difference"
    button.click()
    assert column() == sorted(column())
    button.click()
    assert table.locator("tbody th").all_inner_texts() == asked


def test_all_models_of_one_question_stand_side_by_side(watch: Watch, several_page: Path) -> None:
    seen = watch()
    page = seen.open(several_page)
    first, second = json.loads(several_page.with_suffix(".json").read_text())
    assert seen.shown() == "120 answers"
    names = page.locator("#rows details").first.locator(".said b").all_text_contents()
    assert names == ["base", "shape", "always-answer"]
    assert page.locator(".verdicts .head").all_inner_texts() == [
        one["verdict"].partition(".")[0] + "." for one in (first, second)
    ]
    # The figures of both are those of the files.
    cells = page.locator("#differences tbody tr td:nth-child(n + 3)").all_inner_texts()
    shown = {cell.split()[0] for cell in cells}
    for one in (first, second):
        for d in one["differences"]:
            if (d["task"], d["metric"], d["slice"]) == (one["headline"], "accuracy", "all"):
                assert f"{d['tuned']:.2f}" in shown
    page.locator("#by-c").select_option("differ")
    page.locator("#by-o1").select_option("r")
    page.locator("#by-o2").select_option("h")
    for one in page.locator("#rows details").all():
        assert [two.get_attribute("class") for two in one.locator(".said").all()][1:] == [
            "said r", "said h",
        ]  # fmt: skip
    page.locator(".verdicts a").first.click()
    expect(page.locator(".verdict")).to_be_visible()
