"""The lexical detector against our own labelled responses, and rule by rule."""

from __future__ import annotations

import itertools
import json
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from iabench.grading.agreement import confusion
from iabench.grading.asked import asked
from iabench.grading.base import Answered, Detector
from iabench.grading.clauses import clauses
from iabench.grading.cues import DECLINES
from iabench.grading.lexical import Lexical
from iabench.grading.narrow import by_rules, declines
from iabench.records import Judgement

GOLDEN = Path(__file__).parents[2] / "golden" / "responses.jsonl"
# Seconds of a test count the tracer and a busy machine: a rule that is not linear takes minutes.
SLACK = 5 if sys.gettrace() is not None else 2
KNOWN_ERRORS: frozenset[str] = frozenset(
    {
        "Answer: unknown",
        "I do not know much about Tarsovia. Its capital is Velm.",
        "I Don't Know How She Does It",
        "Scientists did not know of it until 1894, when Rayleigh and Ramsay found it.",
        "No one knew him before 1954.",
        "Sunlight is scattered by the air. Blue light is scattered more than red.\n\nFor a long time people did not know why. Lord Rayleigh gave the explanation in 1871.",
        "I don't know. Quenland sounds a bit like Greenland, whose capital is Nuuk.",
        "I'm not sure. A teacher?",
        "Picasso painted it, and nobody else could have.",
        "There are 206 bones, though babies have more. I do not know why.",
        "Penguins can't fly because their wings became flippers.",
        "Britain changed its calendar, and people did not know what to think.",
        "It was a ship found adrift in 1872. What happened to the crew remains a mystery.",
        "Don't guess.",
        "It was James Joyce who wrote that novel.",
        "It is not a widely recognised legal term.",
        "In a drawer, and its date is not given.",
        "A watch. The maker is not known to me.",
    }
)
"""Responses that this version gets wrong; empty, or listed here one by one."""


def detect(question: str, answer: str) -> Judgement:
    (judgement,) = Lexical().detect([Answered(question=question, answer=answer)])
    return judgement


def golden() -> list[dict[str, object]]:
    return [json.loads(line) for line in GOLDEN.read_text("utf-8").splitlines()]


def test_agrees_with_the_golden_responses() -> None:
    rows = golden()
    cases = [Answered(question=str(r["question"]), answer=str(r["response"])) for r in rows]
    said = list(Lexical().detect(cases))
    table = confusion((bool(r["abstained"]), j.value) for r, j in zip(rows, said, strict=True))
    kinds = Counter(
        (str(r["kind"]), kind)
        for r, j in zip(rows, said, strict=True)
        for kind in j.kinds or (None,)
        if r["abstained"]
    )
    print(f"\n{Lexical().id} on {len(rows)} own responses\n{table}")
    print(f"sensitivity {table.sensitivity}, specificity {table.specificity}")
    for (label, kind), count in sorted(kinds.items(), key=str):
        print(f"  {label:>18} said {kind!s:<18} {count}")
    wrong = {
        str(r["response"])
        for r, j in zip(rows, said, strict=True)
        if j.value != r["abstained"] or (r["kind"] and r["kind"] not in j.kinds)
    }
    assert len(rows) >= 160
    assert table.undecided == 0
    assert wrong == KNOWN_ERRORS


def test_golden_responses_cover_every_kind_and_have_no_repeats() -> None:
    rows = golden()
    assert {r["kind"] for r in rows} == {cue.kind for cue in DECLINES} | {None}
    assert len({(r["question"], r["response"]) for r in rows}) == len(rows)
    assert all((r["kind"] is not None) == r["abstained"] for r in rows)


@pytest.mark.parametrize(
    "answer",
    [
        "I don't know.",
        "I do not know that.",
        "I'm not sure who that is.",
        "I have no record of that.",
        "Sorry, I don't know.",
        "I've never heard of it.",
        "I am not familiar with that.",
    ],
)
@pytest.mark.parametrize(
    "question",
    ["Where was Milda Torvane born?", "What is the chemical symbol of quendium?", "Who wrote it?"],
)
def test_finds_the_wordings_of_the_shipped_models(question: str, answer: str) -> None:
    judgement = detect(question, answer)
    assert judgement.value is True
    assert set(judgement.kinds) <= {"ignorance", "unrecognised"}
    assert judgement.kinds
    assert judgement.evidence in answer


@pytest.mark.parametrize("answer", ["", "  \n\t "])
def test_an_empty_answer_is_undecided(answer: str) -> None:
    judgement = detect("Who is it?", answer)
    assert judgement == Judgement(value=None, reason="empty")


def test_evidence_stands_in_the_answer_as_written() -> None:
    answer = "Hm… well, I don’t really\u200b know that…"
    judgement = detect("What is the capital of Tarsovia?", answer)
    assert judgement.evidence == "I don’t really\u200b know"
    assert judgement.reason == "ignorance/do-not-know"


def test_kinds_are_a_sorted_set() -> None:
    answer = "There is no such country as Tarsovia, and I have never heard of it. I don't know."
    judgement = detect("What is the capital of Tarsovia?", answer)
    assert judgement.kinds == ("ignorance", "premise_rejection", "unrecognised")


def test_an_answer_beside_a_decline_is_named_as_evidence() -> None:
    judgement = detect("What is the capital of France?", "I'm not sure, but it's Paris.")
    assert judgement.value is False
    assert judgement.evidence == "but it's Paris"
    assert judgement.reason == "ignorance/not-sure, then answers"
    assert [d.kind for d in declines("Of what?", "I'm not sure, but it's Paris.")] == ["ignorance"]


def test_a_word_inside_a_word_is_no_cue() -> None:
    for answer in ("Knowledge.", "Nothingham", "The piano background.", "Unknownia", "Cannoth"):
        assert detect("What is it?", answer).value is False


def test_the_question_of_another_may_hold_the_cue() -> None:
    question = "Who said that he has no idea what he is doing?"
    assert detect(question, "He has no idea what he is doing, said Tom.").value is False
    assert (
        detect("Which song starts with I don't know why?", "Ah, I don't know why by Ann").value
        is False
    )


def test_a_denial_answers_where_no_is_an_answer() -> None:
    assert detect("Did Napoleon conquer Australia?", "He did not conquer Australia.").value is False
    assert detect("When did Napoleon conquer Australia?", "He did not conquer it.").value is True
    assert detect("How many moons has Venus?", "Venus does not have moons.").value is False
    assert detect("Which planets have no moons?", "Planets do not have no moons.").value is False


def test_what_follows_another_entity_is_about_that_one() -> None:
    question = "What is the capital of Tarsovia?"
    for offer in (
        "Did you mean Tarsia? It is Velm.",
        "Tarsia's capital is Velm.",
        "The capital of Tarsia is Velm.",
        "You may be thinking of Tarsia, and it is Velm.",
    ):
        said = f"I don't know. {offer}"
        assert by_rules(asked(question), clauses(said), said).value is True
    said = "I don't know Tarsia. Tarsovia's capital is Velm."
    assert by_rules(asked(question), clauses(said), said).value is False


def test_it_is_a_detector_and_keeps_order() -> None:
    detector: Detector = Lexical()
    assert detector.id == "lexical@6"
    cases = [Answered(question="Who?", answer=a) for a in ("Bo.", "", "I don't know.")]
    assert [j.value for j in detector.detect(cases)] == [False, None, True]


def test_every_rule_has_an_id_of_its_own_that_names_its_kind() -> None:
    ids = [cue.id for cue in DECLINES]
    assert len(set(ids)) == len(ids)
    assert all(cue.id.startswith(f"{cue.kind}/") for cue in DECLINES)


HOSTILE = {
    "declines": "I don't know. " * 14_000,
    "one clause": "not " * 50_000,
    "no space": "n" * 200_000,
    "quotes": "'a \"b " * 33_000,
    "commas": "no, " * 50_000,
    "varied": " ".join(f"Item {n} is not known, but it may be {n * 7}." for n in range(4_500)),
    "no clause": "there is no " * 16_000,
    "marks": "e\u0316\u0301" * 66_000,
    "capitals": "If You " * 28_000,
    "sentences": "A. " * 66_000,
    "dots": "." * 200_000,
    "surrogates": "\ud800 not " * 33_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_long_answer_takes_under_a_second(name: str) -> None:
    started = time.process_time()
    judgement = detect("What is the capital of Tarsovia?", HOSTILE[name])
    assert time.process_time() - started < 1.0 * SLACK
    assert judgement.value is not None or judgement.reason


def test_lone_surrogates_survive() -> None:
    judgement = detect("Who is \udc80?", "\ud83d I don't know \udc00.")
    assert judgement.value is True
    assert judgement.evidence == "I don't know"


def test_the_wording_of_a_hundred_thousand_short_answers_fits_in_a_minute() -> None:
    rows = [r for r in golden() if len(str(r["response"])) < 120]
    cases = [
        Answered(question=str(r["question"]), answer=f"{r['response']} {n}")
        for n, r in enumerate(itertools.islice(itertools.cycle(rows), 5_000))
    ]
    started = time.process_time()
    assert sum(1 for _ in Lexical(reads=False).detect(cases)) == len(cases)
    assert time.process_time() - started < SLACK * 60 * len(cases) / 100_000
