"""Every rule of the lexical detector earns its place, and has a trap that it does not fall into."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from iabench.grading import lexical
from iabench.grading.base import Answered
from iabench.grading.clauses import clauses
from iabench.grading.cues import DECLINES, Cue
from iabench.grading.cues.foreign import LANGUAGES
from iabench.grading.labels import own_labels
from iabench.grading.lexical import Lexical, declines

GOLDEN = Path(__file__).parents[2] / "golden" / "responses.jsonl"
Row = tuple[str, str, bool, str]
"""A question, a response, whether it abstains, and its kind."""


@cache
def rows() -> tuple[Row, ...]:
    """Return the English rows that rules are held against."""
    golden = [json.loads(line) for line in GOLDEN.read_text("utf-8").splitlines()]
    own = own_labels("abstained", "development")
    found = [(r["question"], r["response"], r["abstained"], r["kind"] or "") for r in golden]
    found += [(r.question, r.response, r.so, r.kind) for r in own if r.language == "en"]
    return tuple(found)


def right(row: Row) -> bool:
    """Return whether the detector is right about a row, in its kind too."""
    question, response, abstained, kind = row
    (judgement,) = Lexical().detect([Answered(question=question, answer=response)])
    return judgement.value == abstained and (not abstained or kind in judgement.kinds)


@cache
def right_rows() -> frozenset[Row]:
    """Return the rows that all rules together get right."""
    return frozenset(row for row in rows() if right(row))


@cache
def said() -> dict[str, list[Row]]:
    """Return the rows in which each rule speaks."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in right_rows():
        for decline in declines(row[0], row[1]):
            found[decline.rule].append(row)
    return found


@cache
def texts() -> tuple[tuple[str, ...], ...]:
    """Return the clauses of the answers that abstain from nothing and are read rightly."""
    kept = (row for row in right_rows() if not row[2])
    return tuple(tuple(part.text for part in clauses(row[1])) for row in kept)


@pytest.fixture
def without(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cue]:
    """Turn one rule off."""
    rule: Cue = request.param
    said()
    monkeypatch.setattr(lexical, "DECLINES", tuple(cue for cue in DECLINES if cue is not rule))
    lexical._matches.cache_clear()
    yield rule
    lexical._matches.cache_clear()


@pytest.mark.parametrize("without", DECLINES, ids=lambda rule: rule.id, indirect=True)
def test_each_rule_has_a_response_that_only_it_gets_right(without: Cue) -> None:
    assert any(not right(row) for row in said()[without.id])


@pytest.mark.parametrize("rule", DECLINES, ids=lambda rule: rule.id)
def test_each_rule_has_a_trap(rule: Cue) -> None:
    assert any(rule.pattern.search(text) for trap in texts() for text in trap)


def test_rules_of_other_languages_are_all_used() -> None:
    own = [r for r in own_labels("abstained", "development") if r.language != "en"]
    cases = [Answered(question=r.question, answer=r.response) for r in own]
    used = {judgement.reason for judgement in Lexical().detect(cases)}
    assert {cue.id for known in LANGUAGES for cue in known.cues} <= used


def test_reads_the_development_half() -> None:
    own = own_labels("abstained", "development")
    cases = [Answered(question=r.question, answer=r.response) for r in own]
    table = [(r.so, j.value) for r, j in zip(own, Lexical().detect(cases), strict=True)]
    found = [value for so, value in table if so]
    kept = [not value for so, value in table if not so]
    sensitivity, specificity = sum(map(bool, found)) / len(found), sum(kept) / len(kept)
    print(f"\nlexical@2 on the development half: {sensitivity:.3f}, {specificity:.3f}")
    assert sensitivity > 0.91
    assert specificity > 0.90


@pytest.mark.parametrize(
    ("response", "value", "reason"),
    [
        ("<think>I don't know it.</think> Paris.", False, "declines nothing"),
        ("<think>It is Paris.</think> I don't know.", True, "ignorance/do-not-know"),
        ("<think>I don't know.</think>  ", None, "empty"),
        ("<think>Well, it may be Paris", None, "truncated"),
    ],
)
def test_only_what_follows_the_thinking_counts(
    response: str, value: bool | None, reason: str
) -> None:
    case = Answered(question="What is the capital of France?", answer=response)
    (judgement,) = Lexical().detect([case])
    assert (judgement.value, judgement.reason) == (value, reason)
