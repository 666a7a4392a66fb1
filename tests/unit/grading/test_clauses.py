"""Answers taken apart."""

from __future__ import annotations

import pytest

from iabench.grading.clauses import clauses


@pytest.mark.parametrize(
    ("answer", "texts"),
    [
        ("", []),
        ("...", []),
        ("I don't know.", ["i do not know"]),
        ("I'm sorry, but I can't say", ["i am sorry", "but i can not say"]),
        ("It's Bo. She's here; he'd go!", ["it is bo", "she is here", "he would go"]),
        ("Bo's isnt im", ["bo's is not i am"]),
        ("J. R. R. Tolkien wrote it. Dr. Who", ["j r r tolkien wrote it", "dr who"]),
        ("It is vitamin K.", ["it is vitamin k"]),
        ("Well... maybe", ["well", "maybe"]),
        ("**Bo**\n- Al", ["bo", "al"]),
        ("I think so and it is Bo", ["i think so", "and it is bo"]),
        ('He said "I don\'t know"', ["he said quotation quotation quotation"]),
        ("He wrote 'I don't know' there", ["he wrote quotation quotation quotation there"]),
        ('"I don\'t know."', ["i do not know"]),
    ],
)
def test_texts(answer: str, texts: list[str]) -> None:
    assert [clause.text for clause in clauses(answer)] == texts


def test_sentences_are_numbered_and_questions_marked() -> None:
    found = clauses("Bo, or Al? It is Bo.")
    assert [(c.sentence, c.asks) for c in found] == [(0, True), (0, True), (1, False)]


def test_a_clause_without_end_is_cut() -> None:
    assert [len(c.tokens) for c in clauses("word " * 130)] == [60, 60, 10]


def test_words_are_quoted_as_they_stand() -> None:
    (clause,) = clauses("Well I can’t say")
    start = clause.text.index("can not")
    assert clause.text == "well i can not say"
    assert clause.quote(start, start + len("can not")) == "can’t"
    assert clause.quote(0, len(clause.text)) == "Well I can’t say"
    assert clause.raw_words == ["Well", "I", "can't", "say"]
