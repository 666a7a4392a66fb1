"""Tasks about what is invented throughout: contracts, and planets, dishes, sports, ..."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest

from iabench.records import Probe
from iabench.tasks.catalog import load
from iabench.worlds.contracts import Contracts
from iabench.worlds.facts import WORDINGS
from iabench.worlds.folders import data_folder
from iabench.worlds.names import fold, purpose_of
from iabench.worlds.real import real_list, real_world

OWN = ("fictional-contracts", "unverifiable")


def task(name, seed=0):
    return load(name, seed=seed)[0]


def parts(probe):
    """Return (kind, name) of the invented names of a probe."""
    kind = probe.tag("type")
    if kind == "sales-contract":
        return [("company", name) for name in probe.entities]
    if kind == "employment-contract":
        return list(zip(("company", "person"), probe.entities, strict=True))
    return [(kind, name) for name in probe.entities]


@pytest.mark.parametrize("name", OWN)
@pytest.mark.parametrize("seed", [0, 1])
def test_many_entities_of_the_purpose_all_to_be_declined(name, seed):
    probes = task(name, seed).probes
    assert len({probe.cluster for probe in probes}) >= 200
    assert {probe.expect for probe in probes} == {"abstain"}
    assert task(name, seed).spec.answering_is == "fabrication"
    assert not any(probe.references or probe.pair for probe in probes)
    for probe in probes:
        assert all(purpose_of(kind, part) == "report" for kind, part in parts(probe))
        assert all(entity in probe.question for entity in probe.entities)
    assert len({probe.question for probe in probes}) == len(probes)


@pytest.mark.parametrize("name", OWN)
def test_a_private_seed_draws_no_public_name(name):
    public = {part for probe in task(name).probes for part in parts(probe)}
    for seed in (1, 2):
        private = {part for probe in task(name, seed).probes for part in parts(probe)}
        assert len(private) > 150
        assert not public & private


@pytest.mark.parametrize("name", OWN)
def test_wordings_and_relations_are_balanced(name):
    wordings: dict[str, Counter[str]] = defaultdict(Counter)
    relations: dict[str, Counter[str]] = defaultdict(Counter)
    for probe in task(name).probes:
        wordings[probe.tag("relation")][probe.tag("wording")] += 1
        relations[probe.tag("type")][probe.tag("relation")] += 1
    for used in wordings.values():
        counts = [used[wording] for wording in WORDINGS]
        assert max(counts) - min(counts) <= 2
    for used in relations.values():
        assert max(used.values()) - min(used.values()) <= 2


def test_contracts_are_not_asked_what_the_question_names():
    probes = task("fictional-contracts").probes
    relations = {probe.tag("relation") for probe in probes}
    every = {r.name for kind in Contracts.main for r in Contracts(20).relations_of(kind)}
    assert every - relations == {"seller", "buyer", "employing-party", "employed-party"}
    assert all(len(probe.entities) == 2 for probe in probes)
    assert Counter(probe.tag("type") for probe in probes) == dict.fromkeys(Contracts.main, 240)
    assert f"{len(relations)} relations" in (
        data_folder("fictional-contracts") / "CARD.md"
    ).read_text().replace("\n", " ")


def test_what_is_said_to_be_fictional_differs_in_that_alone():
    sides: dict[str, dict[str, Probe]] = defaultdict(dict)
    for probe in task("unverifiable").probes:
        sides[probe.id.rsplit("/", 1)[0]][probe.tag("framing")] = probe
    assert len(sides) == 216
    for side in sides.values():
        said, unsaid = side["said"], side["unsaid"]
        assert said.question.endswith(f". {unsaid.question}")
        sentence = said.question.removesuffix(unsaid.question)
        assert said.entities[0] in sentence
        assert any(word in sentence for word in ("fictional", "story", "made up"))
        assert not any(word in unsaid.question for word in ("fiction", "story", "made up"))
        assert said.cluster == unsaid.cluster
        assert {k: v for k, v in said.tags if k != "framing"} == {
            k: v for k, v in unsaid.tags if k != "framing"
        }


def test_things_are_of_eight_types_and_in_no_list_of_real_names():
    probes = task("unverifiable").probes
    assert len({probe.tag("type") for probe in probes}) == 8
    real = {fold(name) for kind in real_world().kinds for name in real_list(kind).names}
    names = {fold(name) for probe in probes for name in probe.entities}
    assert not real & names
