"""Names: purposes, spelling, distances, certificates."""

from __future__ import annotations

import hashlib

import pytest
from rapidfuzz.distance import Levenshtein

from iabench.rng import Dice
from iabench.worlds.names import PURPOSES, LetterModel, NameMaker, fold, purpose_of
from iabench.worlds.people import organism_world
from iabench.worlds.real import real_list, real_world

KINDS = real_world().kinds


def test_purpose_is_the_hash_of_type_and_name():
    digest = hashlib.sha256(b"7:country\x1f8:Valmeria").hexdigest()
    place = int(digest, 16) % 100
    expected = next(p for top, p in [(30, 0), (40, 1), (55, 2), (70, 3), (100, 4)] if place < top)
    assert purpose_of("country", "Valmeria") == PURPOSES[expected]


def test_purposes_have_their_shares():
    counts = dict.fromkeys(PURPOSES, 0)
    for n in range(20_000):
        counts[purpose_of("person", f"name {n}")] += 1
    shares = [counts[purpose] / 20_000 for purpose in PURPOSES]
    assert shares == pytest.approx([0.30, 0.10, 0.15, 0.15, 0.30], abs=0.015)


def test_fold_forgets_case_accents_and_marks():
    assert fold("São Tomé-et  Príncipe") == "sao tome et principe"
    assert fold("Absalom, Absalom!") == "absalom absalom"


@pytest.mark.parametrize("kind", KINDS)
def test_names_are_of_one_purpose_and_far_from_every_real_name(kind):
    namer = real_world().namers[kind]
    for seed in range(3):
        names = namer.draw("report", Dice(seed, "test", kind), 40)
        assert {purpose_of(kind, name) for name in names} == {"report"}
        assert len({fold(name) for name in names}) == 40
        for name in names:
            nearest = min(Levenshtein.distance(fold(name), fold(r)) for r in real_list(kind).names)
            assert nearest >= 2
            assert nearest >= len(fold(name)) / 4


def test_excluded_names_and_names_of_other_kinds_are_not_drawn():
    maker = real_world().namers["country"]
    first = maker.draw("report", Dice(0, "x"), 20)
    again = maker.draw("report", Dice(0, "x"), 20, exclude=set(first))
    assert not set(first) & set(again)
    every = {fold(name) for kind in KINDS for name in real_list(kind).names}
    assert not every & {fold(name) for name in (*first, *again)}


@pytest.mark.parametrize("kind", KINDS)
def test_twins_have_as_many_words_and_about_the_length(kind):
    world = real_world()
    for name in world.entities(kind)[:15]:
        twin = world.namers[kind].twin_of(name, "report", Dice(0, "t", name))
        assert len(twin.split()) == len(name.split())
        assert abs(len(twin) - len(name)) <= 2 * len(name.split())


def test_words_that_many_names_share_stay():
    real = ["New Alba", "New Corvia", "New Delmar", "Astoria", "Belmont", "Cordoba", "Delmenia"]
    maker = NameMaker("x", real)
    for seed in range(5):
        twin = maker.twin_of("New Alba", "report", Dice(seed, "x"))
        assert twin.startswith("New ")
        assert twin not in real


@pytest.mark.parametrize("kind", ["element", "moon"])
def test_the_smallest_lists_give_many_names(kind):
    # Capture and recapture: a lower bound, as frequent names are caught again oftener. Report
    # names are three tenths of all.
    maker = real_world().namers[kind]
    first = set(maker.draw("report", Dice(0, "pool-a"), 1_000))
    second = set(maker.draw("report", Dice(0, "pool-b"), 1_000))
    assert 1_000 * 1_000 / max(1, len(first & second)) / 0.3 >= 10_000


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_hundred_thousand_names_a_type(kind):
    # 30,000 of the three tenths that are report names.
    names = real_world().namers[kind].draw("report", Dice(0, "pool"), 30_000)
    assert len({fold(name) for name in names}) == 30_000


def test_the_certificate_names_the_lists_and_the_nearest_name():
    maker = NameMaker("moon", ["Europa", "Callisto"], lists=("two moons",))
    found = maker.certificate("Eurosta")
    assert (found.nearest, found.distance, found.lists) == ("Europa", 2, ("two moons",))
    assert found.name == "Eurosta"


def test_the_list_has_a_name_by_default():
    assert NameMaker("moon", ["Europa"]).lists == ("moon (1 names)",)


def test_a_grammar_that_is_exhausted_says_so(monkeypatch):
    monkeypatch.setattr("iabench.worlds.names._PATIENCE", 2_000)
    maker = NameMaker("moon", ["Ab", "Ba"])
    with pytest.raises(ValueError, match="moon"):
        maker.draw("report", Dice(0, "x"), 5)


def test_no_real_names_no_maker():
    with pytest.raises(ValueError, match="moon"):
        NameMaker("moon", [])
    with pytest.raises(ValueError, match="words"):
        LetterModel([])


def test_the_letter_model_spells_by_hand_computed_odds():
    # After "a": "b" twice, "c" once. Words begin with "a" always.
    model = LetterModel(["ab", "ab", "ac"], order=1)
    words = [model.word(Dice(seed, "w")) for seed in range(3_000)]
    assert set(words) == {"ab", "ac"}
    assert words.count("ab") / 3_000 == pytest.approx(2 / 3, abs=0.03)


def test_back_off_follows_witten_and_bell():
    # After "ba" only "x" (c = 1, t = 1); after "a" one "x" and three "y" (c = 4, t = 2). So "x"
    # follows "ba" with probability 1/2 + 1/2 * 1/4.
    model = LetterModel(["qbax", "cay", "day", "eay"], order=2)
    after = [model._letter("ba", Dice(seed, "w")) for seed in range(4_000)]
    assert after.count("x") / 4_000 == pytest.approx(0.625, abs=0.03)


def test_a_word_that_does_not_end_is_given_up():
    assert LetterModel(["aaaaaaaaaaaaaaaaaaaaaaaaa"], order=1).word(Dice(0, "x"), 2) in (
        "",
        "a",
        "aa",
    )


@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_world_draws_no_name_that_it_tells_of(purpose):
    world = organism_world()
    for kind in world.kinds:
        names = world.fresh(kind, purpose, Dice(5, "fresh"), 30)
        assert not set(names) & set(world.entities(kind))
        assert {purpose_of(kind, name) for name in names} == {purpose}
