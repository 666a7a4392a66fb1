"""The page of a run: what it shows is what its files hold, and what is clicked opens."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from tests.browser.conftest import Watched

Watch = Callable[..., Watched]

_ESTIMATES = """() => [...document.querySelectorAll("#estimates .estimates tbody tr")].map(
  (row) => [...row.cells].map((cell) => cell.textContent.trim()))"""


def _lines(page: Path) -> list[dict[str, Any]]:
    text = (page.parent / "samples.jsonl").read_text()
    return [json.loads(line) for line in text.splitlines()]


def test_numbers_on_the_page_are_those_of_results_json(watch: Watch, run_page: Path) -> None:
    page = watch().open(run_page)
    results = json.loads((run_page.parent / "results.json").read_text())
    wanted = Counter(
        (
            f"{one['task']} {'' if one['slice'] == 'all' else one['slice'].replace('=', ' ')}".strip(),
            round(one["value"], 3),
            round(one["lo"], 3),
            round(one["hi"], 3),
            one["n"],
            one["n_undecided"],
        )
        for one in results["estimates"]
        if one["value"] is not None
    )
    seen: Counter[tuple[object, ...]] = Counter()
    for name, value, _, ends, n, undecided, _ in page.evaluate(_ESTIMATES):
        low, high = ends.strip("[]").replace("−", "-").split(", ")
        figures = (float(value.replace("−", "-")), float(low), float(high))
        seen[name, *figures, int(n.replace(",", "")), int(undecided)] += 1
    assert seen == wanted
    counts = Counter(line["outcome"] for line in _lines(run_page))
    total = page.locator("#outcomes tr.first td.num").all_inner_texts()
    assert [int(cell.replace(",", "")) for cell in total] == [
        *(counts[name] for name in ("correct", "incorrect", "abstained", "hallucinated", "degenerate", "undecided")),
        sum(counts.values()),
    ]  # fmt: skip


def test_search_and_filters_find_what_the_files_hold(watch: Watch, run_page: Path) -> None:
    seen = watch()
    page = seen.open(run_page)
    lines = _lines(run_page)
    assert seen.shown() == "1,060 answers"
    assert page.locator("#rows details").count() == 100
    page.locator("#more").click()
    expect(page.locator("#rows details")).to_have_count(200)
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"

    made_up = [line for line in lines if line["outcome"] == "hallucinated"]
    page.locator("#by-o").select_option(label=f"made up ({len(made_up)})")
    expect(page.locator("#shown")).to_have_text(f"{len(made_up)} of 1,060 answers")
    page.locator("#by-r").select_option(index=1)
    relation = page.locator("#by-r option:checked").inner_text().split()[0]
    some = [line for line in made_up if ["relation", relation] in line["tags"]]
    expect(page.locator("#shown")).to_have_text(f"{len(some)} of 1,060 answers")
    asked = set(page.locator("#rows .question").all_text_contents())
    assert asked <= {line["question"] for line in some}
    assert "o=h" in page.url

    # The address is the view: another reader sees the same.
    other = watch()
    other.open(run_page, page.url[page.url.index("#") :])
    assert other.shown() == f"{len(some)} of 1,060 answers"

    page.locator("#clear").click()
    expect(page.locator("#shown")).to_have_text("1,060 answers")
    word = made_up[0]["entities"][0].lower()
    page.locator("#q").fill(word)
    found = [line for line in lines if word in f"{line['question']}\n{line['response']}".lower()]
    expect(page.locator("#shown")).to_have_text(f"{len(found)} of 1,060 answers")
    page.locator("#q").fill("nobody said this")
    expect(page.locator("#nothing")).to_be_visible()


def test_kinds_and_the_order(watch: Watch, run_page: Path) -> None:
    page = watch().open(run_page)
    n = sum("unrecognised" in line["kinds"] for line in _lines(run_page))
    page.locator("#by-k").select_option(label=f"unrecognised ({n})")
    expect(page.locator("#shown")).to_have_text(f"{n} of 1,060 answers")
    page.locator("#clear").click()
    page.locator("#s").select_option("long")
    longest = max(len(line["response"]) for line in _lines(run_page))
    first = page.locator("#rows details q").first
    expect(first).to_have_text(
        next(x["response"] for x in _lines(run_page) if len(x["response"]) == longest)
    )


def test_a_bar_opens_its_questions_and_a_row_what_was_said_of_it(
    watch: Watch, run_page: Path
) -> None:
    seen = watch()
    page = seen.open(run_page)
    page.get_by_role("link", name="invented-entities").click()
    expect(page.locator("#shown")).to_have_text("308 of 1,060 answers")
    row = page.locator("#rows details").first
    row.locator("summary").click()
    sample = next(line for line in _lines(run_page) if line["task"] == "invented-entities")
    expect(row.locator("dl")).to_contain_text(sample["id"])
    expect(row.locator("dl")).to_contain_text("lexical@2")
    row.get_by_role("link", name="link to this answer").click()
    expect(page.locator("#shown")).to_have_text("1 of 1,060 answers")
    assert page.url.endswith("#probe=invented-entities%2F0000")

    other = watch()
    shared = other.open(run_page, "#probe=organism-world%2F0239")
    assert other.shown() == "1 of 1,060 answers"
    expect(shared.locator("#rows details[open] dl")).to_contain_text("organism-world/0239")
    other.open(run_page, "#probe=nobody")
    assert other.page.locator("#nothing").is_visible()


def test_the_theme_is_the_readers(watch: Watch, run_page: Path) -> None:
    page = watch(color_scheme="light").open(run_page)
    colour = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(colour)
    page.locator("#theme").click()
    dark = page.evaluate(colour)
    assert dark != light
    page.reload()
    assert page.evaluate(colour) == dark
    page.locator("#theme").click()
    assert page.evaluate(colour) == light


def test_without_javascript_the_numbers_stand_and_the_list_says_where_it_is(
    watch: Watch, run_page: Path
) -> None:
    seen = watch(java_script_enabled=False)
    seen.page.goto(run_page.as_uri())
    assert seen.page.locator("noscript").inner_text().startswith("The list needs JavaScript")
    assert not seen.page.locator("#theme").is_visible()
    assert seen.page.locator(".tile .value").count() == 5
