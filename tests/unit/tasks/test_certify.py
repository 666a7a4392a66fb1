from __future__ import annotations

from dataclasses import replace

import pytest

from iabench.records import Probe
from iabench.tasks import catalog
from iabench.tasks.certify import (
    FRAMES,
    INSTRUCTION,
    Examples,
    certifiable,
    how_known,
    rewordings,
)


@pytest.mark.parametrize(
    ("greedy", "samples", "level"),
    [
        ([True, True], [], "highly"),
        ([True, False], [], "maybe"),
        ([False, False], [False, True], "weakly"),
        ([False, False], [False, False], "unknown"),
        ([False], [], "unknown"),
        # What could not be judged decides nothing, unless it makes no difference.
        ([True, None], [], None),
        ([True, False, None], [], "maybe"),
        ([None, None], [False], None),
        ([False, False], [None, True], "weakly"),
        ([False, False], [None, False], None),
    ],
)
def test_levels(greedy: list[bool | None], samples: list[bool | None], level: str | None) -> None:
    assert how_known(greedy, samples) == level


def test_no_wording_certifies_itself() -> None:
    for name in ("real-facts", "organism-world"):
        (task,) = catalog.load(name)
        for probe in filter(certifiable, task.probes):
            others = rewordings(probe)
            assert len(others) >= 4, probe.id
            assert probe.question not in others
            assert all(probe.entities[0] in other for other in others)


def test_a_question_without_other_words_is_put_in_a_frame() -> None:
    (task,) = catalog.load("long-tail-facts")
    probe = task.probes[0]
    assert rewordings(probe) == tuple(frame.format(question=probe.question) for frame in FRAMES)


def test_examples_are_about_something_else_and_have_another_answer() -> None:
    (task,) = catalog.load("real-facts")
    examples = Examples(task.probes)
    seen = set()
    for draw in range(4):
        for probe in task.probes[:60]:
            messages = examples.before(probe, draw, 4)
            assert messages[0].content == INSTRUCTION
            assert [m.role for m in messages[1:]] == ["user", "assistant"] * 4 + ["user"]
            assert messages[-1].content in rewordings(probe)
            questions = {m.content for m in messages[1:-1:2]}
            shown = [p for p in task.probes if p.question in questions]
            assert all(p.cluster != probe.cluster for p in shown)
            assert {m.content for m in messages[2::2]}.isdisjoint(probe.references)
        seen.add(examples.before(task.probes[0], draw, 4))
    assert len(seen) == 4, "each draw has other examples"
    assert examples.before(task.probes[0], 1, 4) == examples.before(task.probes[0], 1, 4)


def test_without_examples_the_question_stands_alone() -> None:
    (task,) = catalog.load("real-facts")
    (message,) = Examples(task.probes).before(task.probes[0], 0, 0)
    assert message.content == rewordings(task.probes[0])[0]


def test_a_task_of_one_thing_has_no_examples_to_give() -> None:
    probe = Probe(
        id="t/1", question="Who?", expect="answer", references=("Ann",), cluster="c", origin="o"
    )
    messages = Examples([probe, replace(probe, id="t/2")]).before(probe, 0, 4)
    assert [m.role for m in messages] == ["system", "user"]


def test_what_stands_in_a_passage_or_nowhere_is_not_to_be_known() -> None:
    (task,) = catalog.load("missing-context")
    assert not any(map(certifiable, task.probes))
    (task,) = catalog.load("invented-entities")
    assert not any(map(certifiable, task.probes))
