"""Values as published files hold them."""

from __future__ import annotations

import pytest

from iabench.datasets.cells import cell, good_answers, opened, texts, unquoted


def test_lists_in_strings_are_read_as_json_or_as_python_writes_them():
    assert texts('["politician", "polit."]') == ("politician", "polit.")
    assert texts("['He isn\\'t one', \"It's none\"]") == ("He isn't one", "It's none")
    assert texts([["a", "b"], ["a"]]) == ("a", "b")


@pytest.mark.parametrize("text", ["[sic] it is", "[1, 2", "{", "__import__('os').getcwd()"])
def test_what_is_no_literal_stays_text(text):
    assert opened(text) == text


def test_nothing_is_evaluated():
    assert opened("[__import__('os').getcwd()]") == "[__import__('os').getcwd()]"
    deep = "[" * 5000 + "]" * 5000
    assert opened(deep) == deep


def test_columns_are_alternatives_and_may_be_nested():
    flat = {"gold_answer": "Tequila", "aliases": ["Reposado"]}
    nested = {"answer": {"value": "Tequila", "aliases": ["Reposado"]}}
    for row in (flat, nested):
        assert cell(row, ("gold_answer", "answer.value")) == "Tequila"
        assert cell(row, ("aliases", "answer.aliases")) == ["Reposado"]
    assert cell({"metadata": "{'topic': 'Art'}"}, ("metadata.topic",)) == "Art"
    assert cell({"answers": {"text": []}}, ("answers.text",)) is None
    assert cell({"a.b": "own"}, ("a.b",)) == "own"


@pytest.mark.parametrize(
    ("published", "asked"),
    [
        ('"What cola was ""all the sugar""?"', 'What cola was "all the sugar"?'),
        ('Who wrote "" Star Wars""?', 'Who wrote "Star Wars"?'),
        ('"Heroes" by whom?', '"Heroes" by whom?'),
        ('"A" or "B"', '"A" or "B"'),
        ("Plain?", "Plain?"),
    ],
)
def test_quotes_that_a_csv_left_are_taken_off(published, asked):
    assert unquoted(published) == asked


def test_odd_aliases_are_left_out_and_the_canonical_answer_stays():
    said = [
        "%22Gene%22 Hackman",
        "🐉",
        "List of actors",
        "Gene (disambiguation)",
        "Hackman",
        "film",
    ]
    kept = good_answers("Who is in the film?", said)
    assert kept == ('"Gene" Hackman', "Hackman")
    assert good_answers("Is 3 more than 2?", ["3"]) == ("3",)


def test_of_poor_aliases_the_common_one_stands_first_and_extensions_go():
    said = ["24 hour chair", "four legged chair", "chair", "chair toss", "kubbestol"]
    assert good_answers("A ladder-back is what?", said, poor=True) == ("chair", "kubbestol")
    # Lists that people curated keep the longer name: a response may say all of it.
    assert good_answers("Who?", ["Andy", "Andy Dwyer"]) == ("Andy", "Andy Dwyer")
