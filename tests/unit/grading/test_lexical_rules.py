"""Every rule of the lexical detector earns its place, and has a trap that it does not fall into."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from iabench.grading import narrow, signals
from iabench.grading.asked import asked
from iabench.grading.base import Answered
from iabench.grading.clauses import clauses
from iabench.grading.cues import DECLINES, OPEN, Cue
from iabench.grading.cues.foreign import LANGUAGES
from iabench.grading.foreign import judge, language
from iabench.grading.labels import own_labels
from iabench.grading.lexical import Lexical
from iabench.grading.lexicon import shipped
from iabench.grading.narrow import by_rules, declines
from iabench.grading.signals import see

GOLDEN = Path(__file__).parents[2] / "golden" / "responses.jsonl"
WITNESSES = GOLDEN.with_name("wide_rules.jsonl")
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
    """Return whether the narrow rules are right about a row, in its kind too."""
    question, response, abstained, kind = row
    judgement = by_rules(asked(question), clauses(response), response)
    return judgement.value == abstained and (not abstained or kind in judgement.kinds)


def weighed(row: Row) -> bool:
    """Return whether the detector is right about a row by its wording."""
    (judgement,) = Lexical(reads=False).detect([Answered(question=row[0], answer=row[1])])
    return judgement.value == row[2]


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
    monkeypatch.setattr(narrow, "DECLINES", tuple(cue for cue in DECLINES if cue is not rule))
    forget()
    yield rule
    forget()


def forget() -> None:
    """Forget the rules that were kept, compiled or with what they matched."""
    narrow._searches.cache_clear()
    narrow._matches.cache_clear()


@pytest.mark.parametrize("without", DECLINES, ids=lambda rule: rule.id, indirect=True)
def test_each_rule_has_a_response_that_only_it_gets_right(without: Cue) -> None:
    assert any(not right(row) for row in said()[without.id])


@pytest.mark.parametrize("rule", DECLINES, ids=lambda rule: rule.id)
def test_each_rule_has_a_trap(rule: Cue) -> None:
    assert any(rule.pattern.search(text) for trap in texts() for text in trap)


@cache
def spoken() -> dict[str, list[Row]]:
    """Return the rows that the detector gets right, by the wide rules that speak in them."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in filter(weighed, rows()):
        parts = clauses(row[1])
        for rule in {one.rule for one in see(asked(row[0]), parts).found} if parts else ():
            found[rule].append(row)
    return found


@pytest.mark.parametrize("rule", OPEN, ids=lambda rule: rule.id)
def test_each_wide_rule_speaks_and_is_weighed(rule: Cue) -> None:
    assert any(row[2] for row in spoken()[rule.id])
    assert any(name.startswith(f"r:{rule.id}") for name in shipped().abstains)


@cache
def witnesses() -> dict[tuple[str, str], Row]:
    """Return rows by rule and purpose, drawn from the labels that rules were held against."""
    told = [json.loads(line) for line in WITNESSES.read_text("utf-8").splitlines()]
    return {
        (row["rule"], row["purpose"]): (row["question"], row["response"], row["abstained"], "")
        for row in told
    }


@pytest.mark.parametrize("rule", OPEN, ids=lambda rule: rule.id)
def test_a_wide_rule_has_a_response_that_only_it_gets_right(
    rule: Cue, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = witnesses()[rule.id, "only"]
    assert weighed(row)
    monkeypatch.setattr(signals, "OPEN", tuple(other for other in OPEN if other is not rule))
    signals._matches.cache_clear()
    alone = not weighed(row)
    signals._matches.cache_clear()
    assert alone


@pytest.mark.parametrize("rule", OPEN, ids=lambda rule: rule.id)
def test_a_wide_rule_speaks_in_a_trap_that_it_does_not_fall_into(rule: Cue) -> None:
    row = witnesses()[rule.id, "trap"]
    assert not row[2]
    assert rule.id in {one.rule for one in see(asked(row[0]), clauses(row[1])).found}
    assert weighed(row)


def test_rules_of_other_languages_are_all_used() -> None:
    own = [r for r in own_labels("abstained", "development") if r.language != "en"]
    spoken = ((language(r.question, r.response), r) for r in own)
    used = {judge(known, r.question, r.response).reason for known, r in spoken if known}
    assert {cue.id for known in LANGUAGES for cue in known.cues} <= used


def test_reads_the_development_half() -> None:
    own = own_labels("abstained", "development")
    cases = [Answered(question=r.question, answer=r.response) for r in own]
    table = [(r.so, j.value) for r, j in zip(own, Lexical().detect(cases), strict=True)]
    found = [value for so, value in table if so]
    kept = [not value for so, value in table if not so]
    sensitivity, specificity = sum(map(bool, found)) / len(found), sum(kept) / len(kept)
    print(f"\n{Lexical().id} on the development half: {sensitivity:.3f}, {specificity:.3f}")
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
