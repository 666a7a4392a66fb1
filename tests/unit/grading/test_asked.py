"""Questions, and clauses held against them."""

from __future__ import annotations

import pytest

from iabench.grading.asked import asked, stem
from iabench.grading.clauses import clauses


@pytest.mark.parametrize(
    ("question", "wants", "entity", "relation"),
    [
        ("What is the capital of France?", "name", {"france"}, {"capital"}),
        ("Who wrote The Copper Orchard?", "name", {"copper", "orchard"}, {"write"}),
        ("When was Milda Torvane born?", "number", {"milda", "torvan"}, {"birth"}),
        ("How many moons has Mars?", "number", {"mars"}, {"many", "moon"}),
        ("Who is Milda Torvane?", "any", {"milda", "torvan"}, set()),
        ("what colour is snow?", "any", set(), {"colour", "snow"}),
    ],
)
def test_what_is_asked(question: str, wants: str, entity: set[str], relation: set[str]) -> None:
    found = asked(question)
    assert found.wants == wants
    assert {stem(w) for w in entity} == found.entity
    assert {stem(w) for w in relation} == found.relation
    assert found.words == found.entity | found.relation


@pytest.mark.parametrize(
    ("question", "clause", "answers"),
    [
        ("What is the capital of France?", "It is Paris", True),
        ("What is the capital of France?", "Paris", True),
        ("What is the capital of France?", "The capital of France is", False),
        ("What is the capital of France?", "It is a difficult question", False),
        ("What is the capital of France?", "The capital of Spain is Madrid", False),
        ("What is the capital of France?", "Spain's capital is Madrid", False),
        ("What is the capital of France?", "you could check a map of Paris", False),
        ("When did it sink?", "it sank in April", False),
        ("When did it sink?", "it sank in 1912", True),
        ("What is the atomic number of hydrogen?", "It is one", True),
        ("In which country is Turin?", "Italy", True),
        ("In which country is Busan?", "The city lies in South Korea", True),
        ("What is the capital of Grenada?", "St. George's", True),
        ("Who wrote The Copper Orchard?", "Chekhov wrote The Cherry Orchard", False),
        ("Who wrote The Copper Orchard?", "Helen Marsh wrote The Copper Orchard", True),
        ("Who is Milda Torvane?", "Milda Torvane is a painter", True),
        ("What is the currency of Belvaria?", "Bulgaria uses the lev in trade", False),
        ("What currency is used in Belvaria?", "Bulgaria uses the lev", False),
        ("Who wrote Dune?", "whose author is Bo", False),
    ],
)
def test_whether_a_clause_answers(question: str, clause: str, answers: bool) -> None:
    (part,) = clauses(clause)
    assert asked(question).answered_by(part, elsewhere=False, capitals=True) is answers


def test_after_another_entity_only_the_name_brings_it_back() -> None:
    about = asked("What is the capital of France?")
    (pronoun,) = clauses("It is Paris")
    (named,) = clauses("The capital of France is Paris")
    assert not about.answered_by(pronoun, elsewhere=True, capitals=True)
    assert about.answered_by(named, elsewhere=True, capitals=True)


def test_names_need_capitals_only_where_the_answer_writes_them() -> None:
    about = asked("What is the capital of France?")
    (part,) = clauses("it is paris")
    assert about.answered_by(part, elsewhere=False, capitals=False)
    assert not about.answered_by(part, elsewhere=False, capitals=True)


@pytest.mark.parametrize(
    ("question", "clause", "rejects"),
    [
        ("When did Napoleon conquer Australia?", "Napoleon never conquered Australia", True),
        ("When did Napoleon conquer Australia?", "he never did", True),
        ("When did Napoleon conquer Australia?", "I did not conquer Australia", False),
        ("When did Napoleon conquer Australia?", "Cook did not conquer Australia", False),
        ("Did Napoleon conquer Australia?", "Napoleon never conquered Australia", False),
        ("Which woman first walked on Mars?", "no woman has walked there", True),
        ("Which city was never conquered?", "the city was never conquered", False),
        ("How many legs have fish?", "fish do not have legs", False),
    ],
)
def test_whether_a_clause_denies_the_question(question: str, clause: str, rejects: bool) -> None:
    (part,) = clauses(clause)
    assert asked(question).rejected_by(part) is rejects
