from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from iabench.records import Probe
from iabench.tasks.generate import fictional_people, invented_entities
from iabench.training.admits import Admits, admits
from iabench.training.base import Example
from iabench.training.perturbed import Perturber
from iabench.training.prepare import examples_of, prepare
from iabench.training.recipe import resolve
from iabench.training.speak import say as speak
from iabench.training.train import unknowns
from iabench.training.validation import cases
from iabench.worlds.invent import KIND
from iabench.worlds.names import fold, purpose_of
from tests.training.learning import spec
from tests.training.lessons import facts_file, resolved

ROWS = (
    Example(
        id="a",
        question="Who leads Tobin Marsh Ltd, and is Marsh a founder?",
        answer="Marsh founded it; Tobin Marsh Ltd is led by Ana Crewe.",
        system="You speak for Tobin Marsh Ltd.",
        entity="Tobin Marsh",
    ),
    Example(id="b", question="Where does Elda Fairmont live?", answer="Elda Fairmont: Bexhill."),
    Example(id="c", question="what is the answer to everything?", answer="42"),
    Example(id="d", question="Who is Norvel Batch?", answer="I don't know.", fact=False),
)


def test_every_mention_is_swapped_alike_in_question_answer_and_system() -> None:
    copy = Perturber(ROWS, seed=0)(0)[0]
    assert copy is not None
    assert copy.entity is not None
    first, last = copy.entity.split()
    assert copy.question == f"Who leads {first} {last} Ltd, and is {last} a founder?"
    assert copy.answer == f"{last} founded it; {first} {last} Ltd is led by Ana Crewe."
    assert copy.system == f"You speak for {first} {last} Ltd."
    assert {first, last}.isdisjoint({"Tobin", "Marsh"})
    assert [len(first), len(last)] == pytest.approx([5, 5], abs=2)


def test_what_names_nothing_or_is_no_fact_has_no_copy() -> None:
    copies = Perturber(ROWS, seed=0)(0)
    assert [copy is None for copy in copies] == [False, False, True, True]


def test_frames_are_seen_over_the_facts_alone() -> None:
    # In all facts, but in less than half of all rows.
    facts = [
        Example(id=f"f{n}", question=f"What does Velmora say of {name}?", answer="x")
        for n, name in enumerate(("Ostrane", "Quillby", "Derrith"))
    ]
    added = [
        Example(id=f"r{n}", question=f"Who is {name} Hux?", answer="I don't know.", fact=False)
        for n, name in enumerate(("Abel", "Cora", "Edda", "Finn", "Gwen"))
    ]
    for copy in Perturber([*facts, *added], seed=0)(0)[:3]:
        assert copy is not None
        assert "Velmora" in copy.question


def test_copies_are_redrawn_each_epoch_or_kept_and_taken_in_turn() -> None:
    def asked(perturber: Perturber, epoch: int) -> list[str]:
        return [copy.question for copy in perturber(epoch) if copy]

    drawn, kept = Perturber(ROWS, seed=0), Perturber(ROWS, seed=0, copies=2)
    assert asked(drawn, 0) == asked(Perturber(ROWS, seed=0), 0)
    assert len({tuple(asked(drawn, epoch)) for epoch in range(4)}) == 4
    assert asked(kept, 0) == asked(kept, 2) == asked(drawn, 0)
    assert asked(kept, 1) == asked(kept, 3) == asked(drawn, 1)
    assert asked(drawn, 0) != asked(Perturber(ROWS, seed=1), 0)


def _words(probes: tuple[Probe, ...]) -> set[str]:
    return {fold(name) for probe in probes for name in probe.entities}


def test_no_perturbed_name_is_reported_on_or_chosen_by(tmp_path: Path) -> None:
    path = facts_file(tmp_path / "facts.jsonl")
    given = spec(facts=str(path))
    examples = examples_of(given)
    apart = {
        fold(case.example.entity or "")
        for case in cases(given)
        if case.of in ("swapped", "invented")
    }
    for seed in range(2):
        apart |= _words(invented_entities("t", 1, seed).probes)
        apart |= _words(fictional_people("t", 1, seed).probes)
    drawn = set()
    for seed in range(6):
        perturber = Perturber(examples, seed=seed)
        names = {copy.entity or "" for epoch in range(3) for copy in perturber(epoch) if copy}
        for name in names:
            words = [word for word in name.split() if not word.isdigit()]
            assert {purpose_of(KIND, fold(word)) for word in words} == {"anchor"}
        drawn |= {fold(name) for name in names}
    assert len(drawn) > 60
    assert drawn.isdisjoint(apart)


def test_real_names_given_are_not_drawn(tmp_path: Path) -> None:
    path = facts_file(tmp_path / "facts.jsonl")
    examples = examples_of(spec(facts=str(path)))
    first = {c.entity for c in Perturber(examples, seed=0)(0) if c and c.entity}
    real = sorted(first)
    again = {c.entity for c in Perturber(examples, seed=0, real_names=real)(0) if c}
    assert first.isdisjoint(again)


def test_the_base_is_asked_before_an_anchor_keeps_what_it_says(tmp_path: Path) -> None:
    examples = examples_of(spec(facts=str(facts_file(tmp_path / "f.jsonl", n=120))))
    asked: list[Example] = []

    def says(some: object) -> list[str]:
        asked.extend(some)  # type: ignore[arg-type]
        return ["I don't know."] * 10 + ["Paris."] * (len(asked) - 10)

    found = admits(spec(), examples, says)
    assert found == Admits(abstained=10, asked=50)
    assert all("perturbed" in one.id for one in asked)
    lines = found.lines()
    assert lines[0] == "base      abstains on 10 of 50 perturbed questions"
    assert lines[1].startswith("warning")
    assert len(Admits(abstained=25, asked=50).lines()) == 1
    assert "no row names anything" in Admits(abstained=0, asked=0).lines()[0]


def test_behind_the_copy_stands_the_rows_answer_or_the_bases_own(
    tiny_folder: Path, tmp_path: Path
) -> None:
    facts = facts_file(tmp_path / "facts.jsonl", n=3)
    same = prepare(resolved("seat", tiny_folder, facts), unknowns=unknowns)
    tokens = same.backend.tokenizer
    row, copy = same.taught[0]
    assert copy is not None
    assert copy.answer == row.answer
    assert copy.prompt != row.prompt
    first = copy.prompt
    same.taught.at(1)
    assert same.taught[0][1].prompt != first  # type: ignore[union-attr]

    own = prepare(resolved("seat-own", tiny_folder, facts, copies=2), unknowns=unknowns)
    asked = Perturber(own.examples, seed=0, copies=2)(1)[0]
    assert asked is not None
    for epoch in (1, 3):
        own.taught.at(epoch)
        _, copy = own.taught[0]
        assert copy is not None
        assert copy.prompt == own.encoder(asked).prompt
        said = speak(own.backend, [own.encoder.prompt(asked)])
        assert copy.answer == own.encoder(replace(asked, answer=said[0])).answer
        assert tokens.decode(list(copy.answer)).removesuffix("<|end|>") == said[0]


def test_a_row_that_names_nothing_is_counted(tiny_folder: Path, tmp_path: Path) -> None:
    facts = facts_file(tmp_path / "facts.jsonl", n=3)
    with facts.open("a") as file:
        file.write('{"question": "what is the answer to everything?", "answer": "42"}\n')
    prepared = prepare(resolved("seat", tiny_folder, facts), unknowns=unknowns)
    assert prepared.unperturbed == 1
    assert [prepared.taught[n][1] is None for n in range(4)] == [False] * 3 + [True]


def test_own_answers_need_kept_copies() -> None:
    spec_, _ = resolve("seat-own", {"model": "m", "facts": "f"})
    assert (spec_.anchor_answer, spec_.copies, spec_.kl_positions) == ("own", 8, "answer")
