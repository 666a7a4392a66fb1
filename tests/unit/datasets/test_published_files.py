"""Published datasets, on the real files where they are at hand.

They are looked for in `IABENCH_REAL_DATA`, or in `shared/data` beside the repository; without them
these tests are skipped. No text of them is kept here: only numbers.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from iabench.datasets.readers import sentences
from iabench.datasets.source import read_facts
from iabench.tasks import catalog

BESIDE = Path(__file__).resolve().parents[4] / "shared" / "data"
ROOT = Path(os.environ.get("IABENCH_REAL_DATA") or BESIDE)
# Counts are of what can be asked: a reference that lexical@6 reads as an abstention leaves its row out.
SPLITS = {
    "triviaqa": (149, "answer"),
    "nq-open": (3604, "answer"),
    "nq-open:efficientqa": (None, "answer"),
    "popqa": (998, "answer"),
    "simpleqa": (299, "answer"),
    "selfaware:answerable": (2322, "answer"),
    "selfaware:unanswerable": (1032, "abstain"),
    "falseqa:false-premise": (150, "abstain"),
    "falseqa:true-premise": (146, "answer"),
    "coconot:false-presuppositions": (83, "abstain"),
    "coconot:unanswerable": (321, "abstain"),
    "coconot:contrast": (148, "answer"),
    "coconot:contrast-other": (231, "answer"),
    "coconot:noncompliance": (597, "abstain"),
    "tofu:full": (3999, "abstain"),
    "tofu:forget10": (400, "abstain"),
    "tofu:retain": (400, "abstain"),
    "tofu:real-authors": (100, "answer"),
    "tofu:world-facts": (117, "answer"),
    "pistol:sample-1": (400, "abstain"),
    "pistol:sample-2": (400, "abstain"),
    "pistol:factual": (217, "answer"),
    "kuq:known": (3, "answer"),
    "kuq:unknown": (2, "abstain"),
    "freshqa:false-premise": (120, "abstain"),
    "freshqa:never-changing": (38, "answer"),
    "entity-questions": (1440, "answer"),
    "pubmedqa": (299, "answer"),
    "unknownbench:nec": (90, "abstain"),
    "unknownbench:nec-answerable": (90, "answer"),
    "unknownbench:refunq": (60, "abstain"),
    "unknownbench:refunq-answerable": (60, "answer"),
    "unknownbench:falseqa": (60, "abstain"),
}


@pytest.fixture(autouse=True)
def _there():
    if not ROOT.is_dir():
        pytest.skip("the published files are not at hand (IABENCH_REAL_DATA)")


@pytest.mark.parametrize("name", SPLITS)
def test_a_split_is_read_as_it_was_published(name):
    (task,) = catalog.load(name, data_dir=str(ROOT))
    n, expect = SPLITS[name]
    assert {probe.expect for probe in task.probes} == {expect}
    assert n is None or task.spec.n == n
    bare = name.startswith("coconot:contrast") or name.endswith("nec-answerable")
    for probe in task.probes:
        assert bool(probe.references) == (expect == "answer" and not bare), probe.id
        assert '""' not in probe.question
        assert all(any(map(str.isalnum, text)) for text in probe.references[1:]), probe.id


def test_an_author_of_tofu_is_a_cluster_of_twenty():
    (task,) = catalog.load("tofu:forget10", data_dir=str(ROOT))
    sizes = [sum(p.cluster == c for p in task.probes) for c in {p.cluster for p in task.probes}]
    assert sizes == [20] * 20


def test_tofu_and_pistol_are_facts_too():
    tofu = read_facts("tofu:forget10", data_dir=str(ROOT))
    assert (len(tofu.rows), sum(len(row.paraphrases) for row in tofu.rows)) == (400, 400)
    assert len(read_facts("tofu:full", data_dir=str(ROOT)).conflicts) == 1
    assert len(read_facts("pistol:sample-1", data_dir=str(ROOT)).rows) == 400


def test_the_refusals_of_tofu():
    said = sentences("tofu", "idontknow", str(ROOT))
    assert len(said) == 100
    assert not any(text.startswith("{") for text in said)
