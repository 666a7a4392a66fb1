"""What models, files and names may say, in a browser: nothing runs, nothing is asked for."""

from __future__ import annotations

import copy
import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import iabench
from iabench.reports import html
from iabench.reports.compared.write import write
from iabench.reports.compared.write import write_all as write_several
from iabench.reports.loading import load
from iabench.reports.shown import visible
from iabench.reports.study.write import write_all as write_study
from iabench.reports.write import write_all
from iabench.runs.compare import compare
from tests.browser.conftest import BOARD, Watched
from tests.unit.leaderboards.hostile import spoil
from tests.unit.reports.hostile_strings import HOSTILE
from tests.unit.reports.test_html import STRINGS, hostile_folder

Watch = Callable[..., Watched]

_OPEN = "for (const one of document.querySelectorAll('details')) one.open = true"
_PLACES = """() => [...document.querySelectorAll("*")]
  .filter((one) => ["SCRIPT", "STYLE", "META", "TITLE"].includes(one.tagName) === false)
  .flatMap((one) => [one.tagName, ...one.getAttributeNames()])"""


def _look(seen: Watched, path: Path) -> None:
    """Open everything that opens, hover and press, and say that nothing came of it."""
    page = seen.open(path)
    page.evaluate(_OPEN)
    page.wait_for_timeout(200)
    page.mouse.move(400, 300)
    page.keyboard.press("Tab")
    top = "document.documentElement"
    assert page.evaluate(f"{top}.getAttribute('data-pwned')") is None
    assert page.url.startswith(path.as_uri())
    found = set(page.evaluate(_PLACES))
    assert not {name for name in found if name.startswith("on")}
    assert not {"IMG", "IFRAME", "OBJECT", "EMBED", "BASE", "FORM", "LINK"} & found


def test_there_are_enough_cases() -> None:
    assert len(set(HOSTILE)) >= 40


def test_a_run_of_hostile_words(watch: Watch, tmp_path: Path) -> None:
    folder = hostile_folder(tmp_path / "run", STRINGS)
    path = folder / "report.html"
    path.write_text(html.page(load(folder)), encoding="utf-8")
    seen = watch()
    _look(seen, path)
    said = seen.page.locator("#rows q").all_text_contents()
    assert sorted(said) == sorted(
        visible(text)[:4000] + "…" * (len(visible(text)) > 4000) for text in STRINGS
    )
    for text in STRINGS[:3]:
        seen.page.locator("#q").fill(text[:60])
        seen.ready()


def test_were_escaping_to_fail_the_policy_would_hold(chromium: Any, tmp_path: Path) -> None:
    folder = hostile_folder(tmp_path / "run", STRINGS[:5])
    path = folder / "report.html"
    leak = "".join(text for text in STRINGS if "data-pwned" in text)
    path.write_text(html.page(load(folder)).replace("</main>", f"{leak}</main>"), encoding="utf-8")
    page = chromium.new_page()
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    page.goto(path.as_uri())
    page.wait_for_timeout(100)
    assert page.evaluate("document.documentElement.getAttribute('data-pwned')") is None
    assert {url.partition(":")[0] for url in asked} == {"file"}
    page.close()


def test_hostile_facts_and_models_through_evaluate_and_compare(
    watch: Watch, tmp_path: Path
) -> None:
    # Half a character is refused where it is read.
    texts = [
        text for text in STRINGS if len(text) < 1000 and not re.search("[\ud800-\udfff]", text)
    ]
    facts = tmp_path / "..evil <script>alert(1)<" / "facts.jsonl"
    facts.parent.mkdir()
    rows = [
        {"question": f"What is the warranty on the Falcon X{at}00 {text}?", "answer": text}
        for at, text in enumerate(texts)
    ]
    facts.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    said: Iterator[str] = iter(texts * 40)
    paths = [
        iabench.evaluate(
            model, facts=str(facts), tasks="finetune", limit=30, out=tmp_path / name
        ).path
        for name, model in (("a", lambda _: "I don't know."), ("b", lambda _: next(said)))
    ]
    about = json.loads((paths[1] / "run.json").read_text())
    about["asked"]["model"] = "../../</script><img src=x onerror=alert(1)>"
    (paths[1] / "run.json").write_text(json.dumps(about))
    for path in paths:
        write_all(path)
        _look(watch(), path / "report.html")
    page = tmp_path / "compared.html"
    write(compare(*paths), page)
    _look(watch(), page)
    write_several([compare(*paths)] * 2, [page, page], tmp_path / "all.html", [None, None])
    _look(watch(), tmp_path / "all.html")


@pytest.mark.parametrize("part", range(3))
def test_a_board_of_hostile_words(watch: Watch, board: Path, tmp_path: Path, part: int) -> None:
    folder = Path(shutil.copytree(board, tmp_path / "board"))
    spoil(folder, STRINGS[part::3], name="random")
    seen = watch()
    _look(seen, folder / "index.html")
    for head in seen.page.locator("#standings thead button").all():
        head.click()
    seen.page.locator("#q").fill(STRINGS[part][:60])
    seen.page.locator("#q").fill("")
    seen.page.locator("#random a").click()
    seen.page.wait_for_url("**/models/random.html")
    _look(seen, folder / "models/random.html")
    _look(watch(390, color_scheme="dark"), folder / "models/random.html")


def test_a_study_of_hostile_words(watch: Watch, tmp_path: Path) -> None:
    table = json.loads((BOARD / "study.json").read_text())
    texts = iter(STRINGS * 20)

    def spoil(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: spoil(one, name) for name, one in value.items()}
        if isinstance(value, list):
            return [spoil(one, key) for one in value]
        return next(texts) if isinstance(value, str) and key in _TEXTS else value

    wild = spoil(copy.deepcopy(table))
    assert next(texts) != STRINGS[0], "something was spoilt"
    (tmp_path / "study.json").write_text(json.dumps(wild))
    _look(watch(), write_study(tmp_path))


_TEXTS = ("says", "notes", "question", "about", "reason", "left_out", "models", "judged_by")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_themselves_are_quiet(
    watch: Watch,
    scheme: str,
    run_page: Path,
    compared_page: Path,
    study_page: Path,
    board_page: Path,
    board_model_page: Path,
) -> None:
    for path in (run_page, compared_page, study_page, board_page, board_model_page):
        _look(watch(390, color_scheme=scheme), path)
