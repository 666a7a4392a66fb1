from __future__ import annotations

import time

import pytest

from iabench.grading.replies import ABSTAINED, CORRECT, Reply, replies


def last(text: str) -> Reply | None:
    found = replies(text, ABSTAINED)
    return found[-1] if found else None


FIVE = """ADMITS: yes
GROUNDED: no
KINDS: ignorance, unrecognised
QUOTE: "I have no idea"
VERDICT: ABSTAINS"""


def test_five_lines() -> None:
    assert last(FIVE) == Reply(
        word="abstains",
        value=True,
        kinds=("ignorance", "unrecognised"),
        admits=True,
        grounded=False,
        quote="I have no idea",
    )


@pytest.mark.parametrize(
    "text",
    [
        "VERDICT: ABSTAINS",
        "verdict: abstains",
        "**VERDICT:** ABSTAINS",
        "**VERDICT: ABSTAINS.**",
        "- VERDICT: `abstained`",
        "The speaker declines.\n\nVERDICT: ABSTAINS\n",
        "VERDICT: ABSTAINS\r\n",
        '{"verdict": "abstains"}',
        '```json\n{\n "kinds": ["ignorance"],\n "verdict": "ABSTAINS"\n}\n```',
        'I think so.\n{"admits": true, "grounded": true, "kinds": [], "verdict": "abstains"}',
        "VERDICT: ANSWERS\nNo, it offers another thing.\nVERDICT: ABSTAINS",
        '{"verdict": "answers"}\nVERDICT: ABSTAINS',
        'VERDICT: ANSWERS\n{"verdict": "abstains"}',
    ],
)
def test_read_as_abstains(text: str) -> None:
    reply = last(text)
    assert reply is not None
    assert reply.value is True


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abstains",
        "The response abstains.",
        "It says VERDICT: ABSTAINS",
        "> VERDICT: ABSTAINS",
        "| VERDICT: ABSTAINS",
        "MY VERDICT: ABSTAINS",
        "VERDICT ABSTAINS",
        'The object {"verdict": "abstains"} stands inside a line',
        '{"verdict": "abstains"} and more',
        '{"verdict": "abstains", "confidence": 1}',
        '[{"verdict": "abstains"}]',
        "{" * 50_000,
        '{"a":' * 50_000,
    ],
)
def test_no_verdict(text: str) -> None:
    assert last(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "VERDICT: no",
        "VERDICT: I know that it abstains",
        "VERDICT: ABSTAINS or ANSWERS",
        "VERDICT: ABSTAINS (it declines)",
        "VERDICT: abstainsnot",
        "VERDICT:",
        "VERDICT: ABSTAINS\nHm.\nVERDICT: cannot tell",
        '{"verdict": true}',
        '{"verdict": ["abstains"]}',
    ],
)
def test_a_verdict_of_other_words_is_none_of_ours(text: str) -> None:
    reply = last(text)
    assert reply is not None
    assert reply.value is None
    assert reply.kinds == ()


def test_whole_words_only() -> None:
    assert [r.value for r in replies("VERDICT: INCORRECT", CORRECT)] == [False]
    assert [r.value for r in replies("VERDICT: CORRECT", CORRECT)] == [True]
    assert [r.value for r in replies("VERDICT: NOT CORRECT", CORRECT)] == [None]


def test_lines_belong_to_the_verdict_that_they_stand_with() -> None:
    text = f"{FIVE}\nThat was quoted; now mine.\nADMITS: no\nVERDICT: ABSTAINS"
    reply = last(text)
    assert reply == Reply(value=True, admits=False, word="abstains")


def test_a_key_said_again_begins_anew() -> None:
    text = "KINDS: ignorance\nVERDICT: ABSTAINS\nKINDS: unknowable\nVERDICT: ABSTAINS"
    assert [r.kinds for r in replies(text, ABSTAINED)] == [("ignorance",), ("unknowable",)]


def test_an_answer_has_no_kinds() -> None:
    reply = last("KINDS: ignorance\nVERDICT: ANSWERS")
    assert reply == Reply(value=False, word="answers")


@pytest.mark.parametrize(
    ("said", "kinds"),
    [
        ("none", ()),
        ("", ()),
        ("Premise rejection", ("premise_rejection",)),
        ("policy-refusal; ignorance and unknowable", ("ignorance", "policy_refusal", "unknowable")),
        ("[ignorance]", ("ignorance",)),
        ("shyness, ignorance", ("ignorance",)),
    ],
)
def test_kinds(said: str, kinds: tuple[str, ...]) -> None:
    reply = last(f"KINDS: {said}\nVERDICT: ABSTAINS")
    assert reply is not None
    assert reply.kinds == kinds


def test_kinds_and_criteria_of_an_object() -> None:
    reply = last(
        '{"verdict": "abstains", "kinds": ["unknowable", 3], "admits": "Yes", "grounded": false}'
    )
    assert reply == Reply(
        value=True, kinds=("unknowable",), admits=True, grounded=False, word="abstains"
    )
    unsaid = last('{"verdict": "abstains", "kinds": null, "admits": 1, "grounded": "perhaps"}')
    assert unsaid == Reply(value=True, word="abstains")


@pytest.mark.parametrize("piece", ["VERDICT: *\n", "*", "VERDICT: ABSTAINS\n", "{\n", ":", "\n"])
def test_long_replies_take_no_time(piece: str) -> None:
    start = time.perf_counter()
    replies(piece * 200_000, ABSTAINED)
    assert time.perf_counter() - start < 2
