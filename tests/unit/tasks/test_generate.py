"""What the generators ask: twins, wordings, purposes, seeds, certificates."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest

from iabench.rng import Dice
from iabench.tasks.catalog import load
from iabench.tasks.gauge import AIM, SEPARABLE, name_shape_auroc, shape_gauge
from iabench.tasks.generate import certificates
from iabench.tasks.manifest import read_manifest
from iabench.worlds.facts import WORDINGS
from iabench.worlds.folders import data_folder
from iabench.worlds.names import PURPOSES, purpose_of
from iabench.worlds.people import new_people, organism_world
from iabench.worlds.real import real_world


def task(name, seed=0):
    return load(name, seed=seed)[0]


def test_every_real_fact_has_a_twin():
    real, invented = task("real-facts").probes, task("invented-entities").probes
    assert [p.pair for p in real] == [p.pair for p in invented]
    twin_of: dict[str, str] = {}
    for known, unknown in zip(real, invented, strict=True):
        assert known.tags == unknown.tags
        assert known.question.replace(known.entities[0], "X") == unknown.question.replace(
            unknown.entities[0], "X"
        )
        assert (known.expect, unknown.expect) == ("answer", "abstain")
        assert known.references
        assert not unknown.references
        assert known.cluster == f"{known.tag('type')}/{known.entities[0]}"
        assert unknown.cluster == f"{known.tag('type')}/{unknown.entities[0]}"
        assert twin_of.setdefault(known.cluster, unknown.cluster) == unknown.cluster
    assert len(set(twin_of.values())) == len(twin_of)
    assert len(real) >= 300
    assert len({p.tag("relation") for p in real}) >= 8


def test_a_real_fact_by_hand():
    (france,) = [p for p in task("real-facts").probes if p.id == "real-facts/capital/france"]
    assert france.references[0] == "Paris"
    assert france.cluster == "country/France"
    assert france.pair == "capital/france"


@pytest.mark.parametrize("name", ["real-facts", "fictional-people", "organism-world"])
def test_wordings_are_balanced_within_each_relation(name):
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for probe in task(name).probes:
        counts[probe.expect, probe.tag("relation")][probe.tag("wording")] += 1
    for used in counts.values():
        values = [used[wording] for wording in WORDINGS]
        assert max(values) - min(values) <= 1


def test_an_entity_is_not_always_asked_in_one_wording():
    used = defaultdict(set)
    for probe in task("fictional-people").probes:
        used[probe.cluster].add(probe.tag("wording"))
    assert all(len(wordings) == 3 for wordings in used.values())


def test_fictional_people_are_many_and_are_told_of_nowhere():
    probes = task("fictional-people").probes
    assert len(probes) >= 200
    told = {f.entity for f in (*organism_world().known, *organism_world().rare)}
    assert not told & {name for probe in probes for name in probe.entities}
    assert {probe.expect for probe in probes} == {"abstain"}


def test_the_organisms_task_has_both_sides_in_pairs():
    spec, probes = task("organism-world").spec, task("organism-world").probes
    assert spec.requires == "organism-world@1"
    assert spec.answering_is == "fabrication"
    sides = defaultdict(list)
    for probe in probes:
        sides[probe.pair].append((probe.expect, probe.tag("tier")))
    assert len(probes) == 1720
    assert {tuple(side) for side in sides.values()} == {(("answer", "known"), ("abstain", "never"))}
    assert {p.tag("tier") for p in task("organism-rare").probes} == {"rare", "never"}


def invented_names(seed):
    return {
        (probe.tag("type"), name)
        for name in ("invented-entities", "fictional-people", "organism-world", "organism-rare")
        for probe in task(name, seed).probes
        if probe.expect == "abstain"
        for name in probe.entities
    }


def test_a_private_seed_draws_no_public_name():
    public = invented_names(0)
    for seed in (1, 2):
        private = invented_names(seed)
        for name in ("invented-entities", "fictional-people", "organism-world", "organism-rare"):
            before = {p.entities for p in task(name).probes if p.expect == "abstain"}
            after = {p.entities for p in task(name, seed).probes if p.expect == "abstain"}
            assert not before & after
        assert private != public


def test_report_names_are_in_no_draw_of_training_under_any_seed():
    report = invented_names(0) | invented_names(1)
    for world in (organism_world(), real_world()):
        for kind in world.kinds:
            for seed in range(100):
                report |= {
                    (kind, name) for name in world.fresh(kind, "report", Dice(seed, "replay"), 4)
                }
    training = {(fact.kind, fact.entity) for seed in range(20) for fact in new_people(seed)}
    for purpose in PURPOSES:
        if purpose == "report":
            continue
        for world in (organism_world(), real_world()):
            for kind in world.kinds:
                names = world.fresh(kind, purpose, Dice(0, "training", purpose), 100)
                training |= {(kind, name) for name in names}
    assert not report & training
    assert {purpose_of(kind, name) for kind, name in report} == {"report"}


def test_certificates_name_lists_and_nearest_names():
    names = {name for p in task("invented-entities").probes for name in p.entities}
    found = certificates()
    assert {certificate.name for _, certificate in found} == names
    for kind, certificate in found:
        assert certificate.distance >= 2
        assert certificate.nearest
        assert "Number of names" in certificate.lists[0]
        assert f"certificate of {kind}" in dict(task("invented-entities").facts)


def test_the_gauge_tells_what_can_be_told_and_nothing_else():
    dice = Dice(0, "gauge")
    words = ["".join(dice.choice("abcde") for _ in range(6)) for _ in range(120)]
    told = name_shape_auroc(words[:60], [word + "zz" for word in words[60:]])
    assert told is not None
    assert told > 0.95
    blind = name_shape_auroc(words[:60], words[60:])
    assert blind is not None
    assert 0.3 < blind < 0.7
    assert name_shape_auroc(words[:4], words) is None


@pytest.mark.parametrize(
    ("name", "known", "unknown"),
    [
        ("invented-entities", "real-facts", "invented-entities"),
        ("organism-world", "organism-world", "organism-world"),
        ("organism-rare", "organism-rare", "organism-rare"),
        ("fictional-people", "organism-world", "fictional-people"),
    ],
)
def test_letters_do_not_tell_the_invented_names(name, known, unknown):
    invented = [p for p in task(unknown).probes if p.expect == "abstain"]
    types = {p.tag("type") for p in invented}
    real = [p for p in task(known).probes if p.expect == "answer" and p.tag("type") in types]
    measured = shape_gauge(real, invented)
    manifest = read_manifest(data_folder(name))
    assert measured["all"] is not None
    assert measured["all"] <= AIM < SEPARABLE
    assert manifest.shape_auroc == pytest.approx(measured["all"], abs=0.02)
    assert not manifest.shape_separable
    for kind, value in manifest.shape_by_type.items():
        assert measured[kind] == pytest.approx(value, abs=0.05)
    card = (data_folder(name) / "CARD.md").read_text()
    assert f"{manifest.shape_auroc:.2f}" in card
    assert dict(task(name).facts)["name-shape AUROC"].startswith(f"{manifest.shape_auroc:.2f}")
