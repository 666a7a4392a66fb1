"""The page of a comparison, taken apart: it holds every pair, and nothing of it acts."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

import iabench
from iabench.reports import explorer
from iabench.reports.compared import page as pages
from iabench.reports.compared import several
from iabench.reports.compared.answers import packed, together
from iabench.runs.compare import compare
from tests.unit.reports.hostile_strings import HOSTILE
from tests.unit.reports.pages import Parsed, answers


@pytest.fixture(scope="module")
def comparison(tmp_path_factory: pytest.TempPathFactory) -> Any:
    root = tmp_path_factory.mktemp("runs")
    paths = [
        iabench.evaluate(policy, backend="scripted", tasks="quick", out=root / policy).path
        for policy in ("oracle", "shape")
    ]
    return compare(*paths)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Two models of which the second says what it should not, by a name that is no better."""
    root = tmp_path_factory.mktemp("hostile")
    script = iter(HOSTILE * 20)
    paths = [
        iabench.evaluate(says, tasks="invented-entities", limit=80, out=root / name).path
        for name, says in (("a", lambda _: "I don't know."), ("b", lambda _: next(script)))
    ]
    about = json.loads((paths[1] / "run.json").read_text())
    about["asked"]["model"] = "</script><img src=x onerror=alert(1)>"
    (paths[1] / "run.json").write_text(json.dumps(about))
    return compare(*paths)


def test_the_first_screen_says_it(comparison: Any) -> None:
    text = Parsed(pages.page(comparison)).text
    for part in (
        "This tuning taught the model to make things up.",
        "80 questions that it cannot know",
        "began to make things up",
        "Difference, tuned − base",
        "no difference shown",
        "120 pairs, same questions, template, sampling, detector",
    ):
        assert part in text


def test_every_pair_is_in_it_with_what_became_of_it(
    comparison: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(explorer, "BLOCK", 50)
    held = packed(comparison)
    texts, details, index = answers(pages.page(comparison))
    assert (held.n, len(held.texts), len(details)) == (120, 3, 120)
    changes = held.facets[1].values
    by_id = {one.id: one for one in comparison.pairs}
    for (name, question, _, _, base, tuned), number in zip(texts, index["c"], strict=True):
        one = by_id.pop(name)
        assert (question, base, tuned) == (one.question, one.base.response, one.tuned.response)
        assert changes[number].code == one.change
    assert not by_id
    assert {value.code: value.n for value in changes if value.n} == comparison.counts


def test_the_same_comparison_is_the_same_bytes(comparison: Any) -> None:
    assert pages.page(comparison) == pages.page(comparison)


def test_only_its_own_script_may_run(comparison: Any) -> None:
    html = pages.page(comparison)
    script = html.rpartition("<script>")[2].partition("</script>")[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src &#39;sha256-{digest}&#39;" in html
    assert "unsafe-eval" not in html
    for word in ("innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval("):
        assert word not in script
    tags = Parsed(html).tags
    assert not [tag for tag, _ in tags if tag in ("img", "iframe", "object", "link", "base")]
    assert not [value for _, attrs in tags for value in attrs.values() if value and "://" in value]


def test_hostile_text_stays_in_its_place(hostile: Any, comparison: Any) -> None:
    parsed = Parsed(pages.page(hostile))
    # The same elements as a page of tame text, however many of them.
    tame = {tag for tag, _ in Parsed(pages.page(comparison)).tags}
    assert {tag for tag, _ in parsed.tags} <= tame
    assert not [name for _, attrs in parsed.tags for name in attrs if name.startswith("on")]
    said = "".join(row[5] for row in answers(pages.page(hostile))[0])
    assert "<script>" in said, "it is there as text"
    assert not re.search("[\x00-\x08\x0b-\x1f\u202e\u200b\u2066]", said)


def test_one_pair_and_no_pair_that_is_decided(tmp_path: Path) -> None:
    for name, says in (("a", "I don't know."), ("b", "It is Melk.")):
        iabench.evaluate(
            lambda _, says=says: says, tasks="invented-entities", limit=1, out=tmp_path / name
        )
    one = compare(tmp_path / "a", tmp_path / "b")
    assert "1 question" in Parsed(pages.page(one)).text
    path = tmp_path / "b" / "samples.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    path.write_text("".join(json.dumps({**s, "outcome": "undecided"}) + "\n" for s in lines))
    none = compare(tmp_path / "a", tmp_path / "b")
    assert (none.n_paired, none.verdict.kind) == (0, "unclear")
    assert "Too few questions to tell" in Parsed(pages.page(none)).text


@pytest.fixture(scope="module")
def three(comparison: Any, tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    path = tmp_path_factory.mktemp("third") / "run"
    answers_all = iabench.evaluate("always-answer", backend="scripted", tasks="quick", out=path)
    return [comparison, compare(comparison.base, answers_all.path)]


def test_all_models_stand_side_by_side(three: list[Any]) -> None:
    held = together(three)
    assert held.n == 120
    assert held.names == ("base", "shape", "always-answer")
    text = Parsed(several.page(three, ["a.html", "b.html"])).text
    for part in ("oracle → shape, always-answer", "One question, 3 models", "Side by side"):
        assert part in text
    for one in three:
        assert one.verdict.head in text
        refusal = one["refusal_accuracy", "invented-entities"]
        assert f"{refusal.tuned:.2f}" in text
    # Whether the outcomes are alike, for one who cannot open the page.
    alike = dict(
        zip(("alike", "differ", "undecided"), (v.n for v in held.facets[1].values), strict=True)
    )
    first, second = ({one.id: one for one in each.pairs} for each in three)
    same = sum(
        first[id_].base.outcome == first[id_].tuned.outcome == second[id_].tuned.outcome
        for id_ in first
    )
    assert alike == {"alike": same, "differ": 120 - same, "undecided": 0}


def test_what_a_model_lacks_is_a_dash(three: list[Any]) -> None:
    import dataclasses

    without = dataclasses.replace(three[1], differences=())
    rows = list(several.rows([three[0], without]))
    assert any(row.of and row.of[0] is not None and row.of[1] is None for row in rows)
    assert "–" in Parsed(several.page([three[0], without], ["a", "b"])).text


def test_hostile_text_stays_in_its_place_among_several(hostile: Any) -> None:
    page = several.page([hostile, hostile], ["a.html", "b.html"])
    assert not [tag for tag, _ in Parsed(page).tags if tag in ("img", "iframe", "link", "base")]
    assert page.count("<script>") == 1
