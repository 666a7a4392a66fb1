from __future__ import annotations

from iabench.models.engine import Engine, request_id
from iabench.models.scripted import scripted
from iabench.records import Probe, RunSpec
from iabench.runs.rounds import graded_turn, next_rounds, series_of
from iabench.runs.store import Said


def probe(name: str, *follow_ups: str) -> Probe:
    return Probe(
        id=f"t/{name}", question=f"Who is {name}?", expect="abstain", cluster=name, origin="t@1",
        follow_ups=follow_ups,
    )  # fmt: skip


PROBES = [probe("Ann"), probe("Bob", "Are you sure?"), probe("Cy", "Really?", "Once more: who?")]
TABLE = {
    "Who is Ann?": "I don't know.",
    "Who is Bob?": "A painter.",
    "Who is Cy?": "No idea.",
    "Are you sure?": "Yes.",
    "Really?": "Hm.",
    "Once more: who?": "A cat.",
}


def say_all(rounds: int = 99) -> Said:
    spec = RunSpec(model="m", system_prompt="Be brief.")
    series = series_of(spec, PROBES)
    said: Said = {}
    engine = Engine(scripted(TABLE))
    while rounds and (asked := next_rounds(series, PROBES, said)):
        for c in engine.complete(*asked):
            said[c.probe_id, c.series, c.turn, c.index] = c
        rounds -= 1
    return said


def test_turns_come_in_order_and_hold_the_whole_talk() -> None:
    spec = RunSpec(model="m", system_prompt="Be brief.")
    series = series_of(spec, PROBES)
    assert [s.name for s in series] == ["answer", "turn-2", "turn-3"]
    said = say_all(1)
    (second,) = next_rounds(series, PROBES, said)
    assert second.series == "turn-2"
    assert [p.probe_id for p in second.prompts] == ["t/Bob", "t/Cy"]
    assert [(m.role, m.content) for m in second.prompts[0].messages] == [
        ("system", "Be brief."),
        ("user", "Who is Bob?"),
        ("assistant", "A painter."),
        ("user", "Are you sure?"),
    ]
    everything = say_all()
    assert next_rounds(series, PROBES, everything) == ()
    assert len(everything) == 6
    assert everything["t/Cy", "turn-3", 3, 0].text == "A cat."


def test_a_round_is_whole_even_where_part_of_it_is_done() -> None:
    series = series_of(RunSpec(model="m"), PROBES)
    said = say_all(1)
    part = {k: v for k, v in said.items() if k[0] == "t/Ann"}
    (again,) = next_rounds(series, PROBES, part)
    assert len(again.prompts) == 3


def test_a_turn_that_failed_is_not_asked_further() -> None:
    from dataclasses import replace

    series = series_of(RunSpec(model="m"), PROBES)
    said = say_all(1)
    key = ("t/Bob", "answer", 1, 0)
    said[key] = replace(said[key], finish="error", error="gone")
    (second,) = next_rounds(series, PROBES, said)
    assert [p.probe_id for p in second.prompts] == ["t/Cy"]


def test_the_last_turn_is_graded() -> None:
    assert graded_turn(PROBES[0]) == ("answer", 1)
    assert graded_turn(PROBES[2]) == ("turn-3", 3)


def test_request_ids_know_everything_that_changes_an_answer() -> None:
    from dataclasses import replace

    series = series_of(RunSpec(model="m"), PROBES)
    (asked,) = next_rounds(series, PROBES, {})
    one, two = asked.prompts[:2]
    greedy = asked.sampling
    ids = {
        request_id(one, greedy, 0),
        request_id(two, greedy, 0),
        request_id(one, greedy, 1),
        request_id(one, replace(greedy, max_new_tokens=4), 0),
        request_id(one, replace(greedy, temperature=1.0), 0),
        request_id(one, replace(greedy, temperature=1.0, seed=3), 0),
        request_id(one, replace(greedy, stop=("x",)), 0),
        request_id(replace(one, digest="other"), greedy, 0),
    }
    assert len(ids) == 8
    # A seed changes nothing where nothing is drawn, and more samples keep the ones there are.
    assert request_id(one, replace(greedy, seed=9), 0) == request_id(one, greedy, 0)
    assert request_id(one, replace(greedy, n=5), 0) == request_id(one, greedy, 0)
