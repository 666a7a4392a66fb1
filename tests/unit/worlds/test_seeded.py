"""Seeded worlds: facts, links, wordings, passages, purposes, names."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

import pytest

from iabench.errors import TaskError
from iabench.grading.base import Answered
from iabench.grading.lexical import Lexical
from iabench.rng import Dice
from iabench.worlds import seeded
from iabench.worlds.authors import Authors
from iabench.worlds.contracts import Contracts
from iabench.worlds.names import fold, purpose_of
from iabench.worlds.places import Places
from iabench.worlds.products import Products
from iabench.worlds.seeded import date_text
from tests.benchmarks.worlds import WORLDS, measured

N = 83
every_world = pytest.mark.parametrize("name", WORLDS)


def facts_by_relation(world):
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for fact in world.facts:
        found[fact.relation][fact.entity] = fact.answer
    return found


@every_world
def test_the_same_seed_is_the_same_world_in_any_order(name):
    world = WORLDS[name]
    there = list(world(N).facts)
    back = world(N)
    kinds = [(kind, index) for kind in back.kinds for index in range(back.size(kind))]
    again = {(k, i): back.facts_of(k, i) for k, i in reversed(kinds)}
    assert [fact for key in kinds for fact in again[key]] == there
    assert list(world(N, seed=1).facts) != there


@every_world
@pytest.mark.parametrize("purpose", ["new", "report"])
def test_a_private_seed_shares_no_name_with_the_public_one(name, purpose):
    def entities(seed):
        world = WORLDS[name](10 * N, seed=seed, purpose=purpose)
        return {world.entity(kind, n) for kind in world.main for n in range(world.size(kind))}

    public = entities(0)
    for seed in (1, 2):
        assert not public & entities(seed)


def test_hash_seeds_change_nothing():
    code = (
        "import json; from iabench.rng import digest\n"
        "from iabench.worlds.splits import SPLITS, Lesson\n"
        "from tests.unit.worlds.test_seeded import N, WORLDS\n"
        "made = {n: digest(*w(N).facts, *[w(N).near(w.main[0], 3, 'report', w(N).dice(1))])"
        " for n, w in WORLDS.items()}\n"
        "made |= {f'{n} {s}': digest(*Lesson(w(N), n_train=9).examples(s))"
        " for n, w in WORLDS.items() for s in SPLITS}\n"
        "print(json.dumps(made))"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed},
            cwd=Path(__file__).parents[3],
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in ("1", "2")
    ]
    one, two = (json.loads(process.communicate()[0]) for process in started)
    assert one == two
    assert len(set(one.values())) == len(one) == 4 + 4 * 5


@every_world
def test_facts_have_ids_one_answer_each_and_nothing_that_reads_as_declining(name):
    facts = list(WORLDS[name](N).facts)
    assert len({fact.id for fact in facts}) == len(facts)
    assert len({(fact.kind, fact.relation, fact.entity) for fact in facts}) == len(facts)
    assert {fact.tier for fact in facts} == {"new"}
    world = WORLDS[name](N)
    asked = [
        Answered(question=world.relation(f.relation).ask(f.entity), answer=f.answer)
        for f in facts[::7]
    ]
    assert not [said for said in Lexical().detect(asked) if said.value]


@pytest.mark.parametrize(
    ("name", "most"), [("authors", 20), ("contracts", 20), ("places", 14), ("products", 16)]
)
def test_a_main_entity_has_about_that_many_facts(name, most):
    world = WORLDS[name](N)
    for kind in world.main:
        counts = [len(world.facts_of(kind, index)) for index in range(world.size(kind))]
        # The first and the last of a circle or line lack a link, as do those at the end of a world.
        assert most - 3 <= min(counts) <= max(counts) <= most
        assert len(world.relations_of(kind)) == most


@every_world
def test_a_fact_is_asked_in_three_ways_and_told_in_its_passage(name):
    world = WORLDS[name](N)
    for kind in world.kinds:
        for index in range(0, world.size(kind), 11):
            passage = world.passage(kind, index)
            for fact in world.facts_of(kind, index):
                relation = world.relation(fact.relation)
                questions = {fold(relation.ask(fact.entity, nth)) for nth in range(3)}
                assert len(questions) == 3
                assert all(fold(fact.entity) in question for question in questions)
                assert fact.answer in passage
                assert fact.entity in passage
                assert not re.search(r"[{}]", passage)


@every_world
def test_a_passage_of_some_relations_tells_no_other(name):
    world = WORLDS[name](N)
    kind = world.main[0]
    facts = world.facts_of(kind, 5)
    only = world.passage(kind, 5, {facts[-1].relation})
    assert only.count(". ") == 0
    assert facts[-1].answer in only


@every_world
def test_wordings_and_sentences_are_their_relations_own(name):
    world = WORLDS[name](N)
    for kind in world.kinds:
        told = [t for t in world.told.values() if t.type == kind]
        every = [wording for t in told for wording in t.wordings]
        assert len(set(every)) == len(every)
        for one in told:
            assert one.says.count("{subject}") == one.says.count("{answer}") == 1
            assert all(wording.count("{subject}") == 1 for wording in one.wordings)
            assert all(wording.endswith("?") for wording in one.wordings)


@every_world
@pytest.mark.parametrize("purpose", ["new", "validation", "report"])
def test_names_are_of_the_purpose_and_each_of_one_entity(name, purpose):
    world = WORLDS[name](N, purpose=purpose)
    for kind in {*world.kinds} - {"sales-contract", "employment-contract"}:
        names = [world.entity(kind, index) for index in range(world.size(kind))]
        assert len({fold(entity) for entity in names}) == len(names)
        assert {purpose_of(kind, entity) for entity in names} == {purpose}
    other = WORLDS[name](N)
    if purpose != "new":
        told = {fact.entity for fact in world.facts}
        assert not told & {fact.entity for fact in other.facts}
        assert [f.entity for f in other.sibling(purpose).facts] == [f.entity for f in world.facts]


@every_world
def test_what_leads_there_leads_back(name):
    world = WORLDS[name](N)
    found = facts_by_relation(world)
    pairs = 0
    for told in world.told.values():
        if told.inverse is not None:
            assert world.told[told.inverse].inverse == told.name
            for entity, answer in found[told.name].items():
                assert found[told.inverse][answer] == entity
                assert answer != entity
                pairs += 1
    assert pairs > N / 3


@every_world
def test_links_lead_to_entities_of_the_world(name):
    world = WORLDS[name](N)
    kinds = {
        "teacher": "author",
        "first-book": "book",
        "publisher": "publisher",
        "seller": "company",
        "seller-signatory": "person",
        "employed-party": "person",
        "region": "region",
        "capital": "town",
        "maker": "maker",
        "designer": "person",
    }
    found = facts_by_relation(world)
    checked = 0
    for relation, kind in kinds.items():
        if relation in found:
            names = {world.entity(kind, index) for index in range(world.size(kind))}
            assert set(found[relation].values()) <= names
            checked += 1
    assert checked >= 2


def test_an_authors_life_is_in_order():
    found = facts_by_relation(Authors(N))
    for author, born in found["birth-date"].items():
        year = int(born[-4:])
        first, award = int(found["first-book-year"][author]), int(found["award-year"][author])
        books = [found[r][author] for r in ("first-book", "best-known-book", "latest-book")]
        years = [int(found["book-year"][book]) for book in books]
        assert year + 20 < first == years[0] < years[1] < years[2] <= year + 60
        assert first < award <= years[2]
        assert {found["book-author"][book] for book in books} == {author}
        assert {found["book-publisher"][book] for book in books} == {found["publisher"][author]}
        if author in found["teacher"]:
            assert int(found["birth-date"][found["teacher"][author]][-4:]) < year
    assert len(found["teacher"]) > N / 2


def test_a_contract_joins_its_parties_and_its_sums_agree():
    world = Contracts(N)
    found = facts_by_relation(world)
    joined = set()
    for contract, seller in found["seller"].items():
        buyer = found["buyer"][contract]
        assert contract == f"{seller} and {buyer}"
        joined.add(frozenset((seller, buyer)))
        assert found["seller-signatory"][contract] == found["director"][seller]
        assert found["buyer-signatory"][contract] == found["director"][buyer]
        quantity, price, total = (
            int(found[r][contract].split()[0]) for r in ("quantity", "unit-price", "total-price")
        )
        assert quantity * price == total
    assert len(joined) == N // 2
    for contract, person in found["employed-party"].items():
        company = found["employing-party"][contract]
        assert contract == f"{company} and {person}"
        assert found["employer"][person] == company
        assert found["employment-signatory"][contract] == found["director"][company]
    assert len(found["employer"]) == N // 2
    with pytest.raises(ValueError, match="20 entities or more"):
        Contracts(19)
    assert len({f.entity for f in Contracts(20).facts if f.relation == "seller"}) == 10


def test_a_line_of_products_has_one_maker_and_comes_in_order():
    found = facts_by_relation(Products(N))
    for old, new in found["successor"].items():
        assert found["maker"][old] == found["maker"][new]
        assert found["category"][old] == found["category"][new]
        assert int(found["launch-year"][old]) < int(found["launch-year"][new])
    assert len(found["successor"]) == N - 1 - N // 5


def test_a_capital_is_a_town_of_its_region():
    found = facts_by_relation(Places(N))
    assert len(found["capital"]) == 9
    for region, capital in found["capital"].items():
        assert found["region"][capital] == region


def test_names_that_do_not_reach_are_refused():
    with pytest.raises(ValueError, match="entities need more"):
        Authors(200_000)


def test_dates_have_a_day_a_month_and_the_year():
    dates = {date_text(Dice(n), 1951) for n in range(300)}
    assert all(re.fullmatch(r"([1-9]|1\d|2[0-8]) [A-Z][a-z]+ 1951", date) for date in dates)
    assert len(dates) > 150


@pytest.mark.parametrize("more", ['lists = "trade"\nnames = "x"', ""])
def test_a_relation_has_one_source_of_answers(more, tmp_path, monkeypatch):
    text = f"""
world = "x@1"
names = []
[[relation]]
name = "r"
type = "t"
noun = "n"
says = "{{subject}} {{answer}}"
wordings = ["a", "b", "c"]
{more}
"""
    (tmp_path / "odd.toml").write_text(text)
    monkeypatch.setattr(seeded, "data_folder", lambda *parts: tmp_path / parts[-1])
    with pytest.raises(TaskError, match='odd.toml: relation "r" must have one source'):
        seeded._document("odd")


def test_a_larger_world_costs_in_proportion():
    def seconds(n):
        start = time.process_time()
        assert sum(1 for _ in Places(n).facts) > 16 * n
        return time.process_time() - start

    seconds(100)
    small, large = seconds(500), seconds(10_000)
    assert large < 20 * small * 4


@pytest.mark.slow
@every_world
def test_a_hundred_thousand_entities(name):
    world = WORLDS[name](100_000)
    for kind in {*world.kinds} - {"sales-contract", "employment-contract"}:
        names = {fold(world.entity(kind, index)) for index in range(world.size(kind))}
        assert len(names) == world.size(kind)
    _, _, facts, _, seconds, megabytes = measured(name, 100_000, False)
    assert facts >= 1_000_000
    assert seconds < 60
    assert megabytes < 1_000
