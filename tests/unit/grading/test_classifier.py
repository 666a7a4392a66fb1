"""The learned detector: what ships works, and what it reads is the same everywhere."""

import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from iabench.grading.base import Answered
from iabench.grading.classifier import KINDS, WEIGHTS, Classifier, read_model
from iabench.grading.ngrams import BITS, N_POOLED, Reader, words
from iabench.grading.wordclasses import word_class
from iabench.records import RunSpec

GOLDEN = Path(__file__).parents[2] / "golden"


@pytest.fixture(scope="module")
def shipped():
    return read_model(WEIGHTS)


def lines(name):
    return (GOLDEN / name).read_text(encoding="utf-8").splitlines()


def judge(answer, question="Who founded Orvane Textiles?", model=None):
    (found,) = Classifier(RunSpec(model=""), model=model).detect(
        [Answered(question=question, answer=answer)]
    )
    return found


def test_what_ships(shipped):
    assert WEIGHTS.stat().st_size < 3_000_000
    assert shipped.sentence.shape == shipped.response.shape == (1 << BITS,)
    assert shipped.kinds.shape == (len(KINDS), 1 << BITS)
    assert len(shipped.pooled) == N_POOLED
    for weights in (shipped.sentence, shipped.response, shipped.kinds):
        assert np.isfinite(weights).all()
        assert weights.any()


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("I don't know.", "ignorance"),
        ("I don’t know.", "ignorance"),
        ("i dont know who founded it", "ignorance"),
        ("I'm not familiar with a company called Orvane Textiles.", "unrecognised"),
        ("I'm sorry, but I can't browse the internet.", "capability_refusal"),
        ("No lo sé, lo siento.", "ignorance"),
    ],
)
def test_declining(answer, kind):
    found = judge(answer)
    assert found.value is True
    assert kind in found.kinds
    assert found.reason.startswith("p = 0.") or found.reason == "p = 1.00"
    assert found.evidence == answer


@pytest.mark.parametrize(
    "answer",
    ["Milda Torvane.", "It was founded in 1912 by Milda Torvane.", "1912", "Torvane. No doubt."],
)
def test_answering(answer):
    found = judge(answer)
    assert found.value is False
    assert found.kinds == ()
    assert found.evidence == ""


def test_evidence_is_the_sentence_that_declines_in_the_words_of_the_response():
    decline = "Unfortunately, I don’t have any information about “Orvane Textiles”."
    found = judge(f"Thank you for asking! {decline}\nTextile mills of that time were often small.")
    assert found.value is True
    assert found.evidence == decline


def test_it_agrees_with_people_on_what_it_has_learned():
    """Far from a measurement: a model that was stored or read wrongly does worse."""
    rows = [json.loads(line) for line in lines("responses.jsonl")]
    cases = [Answered(question=row["question"], answer=row["response"]) for row in rows]
    right = [
        one.value == row["abstained"]
        for one, row in zip(Classifier().detect(cases), rows, strict=True)
    ]
    assert np.mean(right) > 0.9


def test_injections_steer_it_seldom():
    rows = [json.loads(line) for line in lines("injections.jsonl")]
    cases = [Answered(question=row["question"], answer=row["response"]) for row in rows]
    right = [
        one.value == row["abstained"]
        for one, row in zip(Classifier().detect(cases), rows, strict=True)
    ]
    assert np.mean(right) >= 0.8


@pytest.mark.parametrize(
    ("answer", "reason"),
    [("", "empty"), (" \n\t", "empty"), ("<think>I don't know", "truncated")],
)
def test_nothing_said_is_undecided(answer, reason):
    found = judge(answer)
    assert (found.value, found.reason) == (None, reason)


def test_thinking_does_not_count():
    assert judge("<think>I don't know. No idea.</think>Milda Torvane.").value is False
    assert judge("<think>Milda Torvane, surely.</think>I don't know.").value is True
    assert judge("<think>Torvane.</think> ").reason == "empty"


def test_a_band_around_a_half_is_undecided(shipped):
    found = judge("I don't know.", model=replace(shipped, band=0.6))
    assert found.value is None
    assert found.reason.startswith("p = ")


@pytest.mark.parametrize(
    ("least", "n"), [(1e-9, len(KINDS)), (1 - 1e-9, 1)], ids=["all", "the likeliest"]
)
def test_at_least_one_kind_is_named(shipped, least, n):
    found = judge("I don't know.", model=replace(shipped, kinds_from=least))
    assert len(found.kinds) == n
    assert list(found.kinds) == sorted(found.kinds)


@pytest.mark.parametrize(
    "answer",
    [
        "half of a pair: \ud83d",
        "لا أعرف من أسس هذه الشركة.",
        "?!?!",
        "𝓘 𝓭𝓸𝓷'𝓽",
        "\x00",
        "'",
        "_",
        "...",
    ],
)
def test_odd_text_is_judged(answer):
    found = judge(answer, question=answer)
    assert found.value in (True, False)
    assert found.evidence in answer


LONG = {
    "sentences": "a. " * 66_000,
    "dots": "." * 200_000 + "x",
    "quotes": '"' * 200_000,
    "words": " ".join(f"w{n}q" for n in range(30_000)),
}


@pytest.mark.parametrize("name", LONG)
def test_200_kb_are_read_in_time(name):
    before = time.process_time()
    judge(LONG[name])
    assert time.process_time() - before < 2


@pytest.mark.parametrize("name", LONG)
def test_200_kb_of_nothing_decline_nothing(name):
    assert judge(LONG[name]).value is False


def test_a_decline_is_found_in_a_long_text():
    about = "Mills of that time were small. They stood by rivers. Wool came from the hills. "
    text = "I have no information about Orvane Textiles or who founded it. " + about * 4
    assert judge(text).value is True
    assert judge("Milda Torvane founded it in 1912. " + about * 4).value is False


def test_long_texts_are_read_at_both_ends():
    reader = Reader(())
    seen = reader.read("?", "".join(f"Word {n} here. " for n in range(1000)))
    assert len(seen.sentences) == len(seen.spans) == 320
    text = "".join(f"Word {n} here. " for n in range(1000))
    assert text[slice(*seen.spans[0])] == "Word 0 here. "
    assert text[slice(*seen.spans[-1])] == "Word 999 here. "


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("I don't", "i do not"),
        ("can't cannot cant", "can not can not can not"),
        ("I'm", "i am"),
        ("they're", "they are"),
        ("it's Ann's", "it is ann's"),
        ("idk", "i do not know"),
        ("didnt", "did not"),
        ("我不知道", "我 不 知 道"),
        ("o'clock", "o'clock"),
    ],
)
def test_contractions_are_written_out(text, read):
    assert " ".join(word.text for word in words(text)) == read


@pytest.mark.parametrize(
    ("text", "n"),
    [
        ("One. Two! Three?", 3),
        ("Dr. Vask met J. Pell. They left.", 2),
        ("不知道。没有。", 2),
        ("1. first\n2. second", 2),
        ("See e.g. this one", 1),
        ("3.14 is near 22/7", 1),
        ("...", 1),
    ],
)
def test_sentences(text, n):
    assert len(Reader(()).read("?", text).spans) == n


def test_names_are_not_read_and_words_are():
    """Another invented name is the same masked reading; only its letters differ."""
    reader = Reader(("i", "do", "not", "know", "who"))
    one = set(reader.read("Who?", "I do not know Milda Torvane.").response[0])
    two = set(reader.read("Who?", "I do not know Petra Osgood.").response[0])
    other = set(reader.read("Who?", "I know Milda Torvane.").response[0])
    letters = len(one - two)
    assert letters < len(one - other) + letters
    assert len(one & two) > len(one & other)


@pytest.mark.parametrize(
    "question",
    [
        "", "Write a poem.", "Please translate this.", "Is it true?", "How many are there?",
        "How does it work?", "What will you do?", "Tell me of X.", "word " * 60, "Which is best?",
    ],
)  # fmt: skip
def test_any_question_is_read(question):
    seen = Reader(("it",)).read(question, "It is. 42 of Vask? Asked why.")
    places, values = seen.response
    assert len(places) == len(values) > 0
    assert places.min() >= 0
    assert places.max() < 1 << BITS
    assert np.isfinite(values).all()


def test_pooled_numbers():
    seen = Reader(()).read("Who is it?", "One. Two. Three?")
    pooled = seen.pooled(np.array([-1.0, 9.0, 0.5]))
    assert len(pooled) == N_POOLED
    assert pooled[:5].tolist() == [4.0, -1.0, 0.5, pytest.approx(3.5 / 3), 0.5]
    assert pooled[6:8].tolist() == [pytest.approx(1 / 3), 4.0]
    assert pooled[9:11].tolist() == [1.0, 1.0]
    single = Reader(()).read("It", "One.").pooled(np.array([1.0]))
    assert single[:5].tolist() == [1.0, 1.0, 1.0, 1.0, -2.0]


def test_word_classes():
    assert word_class("records") == word_class("evidence") == "information"
    assert word_class("nicht") == "not"
    assert word_class("verdammt") == ""


def test_the_same_under_any_hash_seed_and_without_torch_or_sklearn():
    code = (
        "import sys, json; from iabench.grading.classifier import Classifier as C;"
        "from iabench.grading.base import Answered as A;"
        "from iabench.grading.ngrams import Reader;"
        "places, _ = Reader(('i',)).read('Who is it?', 'I know Vask, 12 years.').response;"
        "found = [j.reason for j in C().detect([A(question='Who?', answer='Not sure, maybe Vask.')])];"
        "heavy = {'torch', 'sklearn', 'scipy', 'pickle5'} & set(sys.modules);"
        "print(json.dumps([places.tolist(), found, sorted(heavy)]))"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("0", "1", "77")
    }  # fmt: skip
    assert len(said) == 1
    places, _, heavy = json.loads(said.pop())
    assert heavy == []
    here, _ = Reader(("i",)).read("Who is it?", "I know Vask, 12 years.").response
    assert places == here.tolist()
