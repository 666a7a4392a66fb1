from __future__ import annotations

import json
from pathlib import Path

import pytest

from iabench.errors import StoreError
from iabench.reports import judges
from iabench.reports.loading import load
from tests.unit.reports.judge_files import asked, judge, said
from tests.unit.reports.report_runs import Line


def others(lines: list[Line], *turned: str) -> dict[str, bool | None]:
    """Return the run's own verdicts, some of them turned around."""
    own = {line["request_id"]: said(line) for line in lines if said(line) is not None}
    return {key: (not value if key in turned else value) for key, value in own.items()}


def answers(lines: list[Line], n: int, value: bool = False) -> list[str]:
    return [line["request_id"] for line in lines if said(line) is value][:n]


def test_a_run_alone_claims_nothing_of_disagreement(tmp_path: Path) -> None:
    folder, lines = asked(tmp_path / "run")
    abstained, correct = load(folder).judged
    assert (abstained.used, correct.used) == (("lexical@2",), ("match@1",))
    assert (abstained.pairs, abstained.n_disputed, abstained.disputed) == ((), 0, ())
    (tally,) = abstained.tallies
    assert tally.used
    assert tally.yes == sum(said(line) is True for line in lines)
    assert tally.no == sum(said(line) is False for line in lines)
    assert tally.yes + tally.no + tally.undecided == sum(bool(line["verdicts"]) for line in lines)


def test_another_detector_is_held_against_the_first(tmp_path: Path) -> None:
    folder, lines = asked(tmp_path / "run")
    turned = answers(lines, 3) + answers(lines, 1, True)
    values = others(lines, *turned)
    values[answers(lines, 5)[-1]] = None
    judge(folder, "classifier@1", values, reason="p = 0.6", evidence="It")
    abstained, correct = load(folder).judged
    assert correct.pairs == ()
    (pair,) = abstained.pairs
    assert (pair.first, pair.second) == ("lexical@2", "classifier@1")
    assert (pair.counts.false_negative, pair.counts.false_positive) == (1, 3)
    assert (pair.differ, pair.undecided) == (4, 1)
    assert pair.counts.n + pair.undecided == len(values)
    assert abstained.n_compared == pair.counts.n
    assert abstained.disputed_keys == set(turned)
    assert [one.key for one in abstained.disputed] == sorted(turned, key=lambda k: int(k[1:]))
    first, second = abstained.disputed[0].verdicts
    assert (first.grader, second.grader) == ("lexical@2", "classifier@1")
    assert (second.reason, second.evidence) == ("p = 0.6", "It")
    assert not abstained.tallies[1].used


def test_verdicts_on_other_answers_and_other_questions_do_not_count(tmp_path: Path) -> None:
    folder, lines = asked(tmp_path / "run")
    (key,) = answers(lines, 1)
    judge(folder, "classifier@1", {"another-turn": True})
    judge(folder, "f1@1", {key: True}, about="correct")
    abstained, correct = load(folder).judged
    assert len(abstained.tallies) == 1
    assert [one.judge for one in correct.tallies] == ["match@1", "f1@1"]


def test_votes_are_verdicts_of_the_members(tmp_path: Path) -> None:
    folder, lines = asked(tmp_path / "run", detector="ensemble@1-abc")
    keys = answers(lines, 2)
    for line in lines:
        for verdict in line["verdicts"]:
            if verdict["about"] == "abstained":
                value = verdict["value"]
                other = True if line["request_id"] in keys else value
                verdict |= {
                    "grader": "ensemble@1-abc",
                    "votes": [["lexical@2", value], ["x@1", other]],
                }
                if value is not other:
                    verdict |= {"value": None, "reason": "no agreement"}
    (folder / "samples.jsonl").write_text("".join(json.dumps(one) + "\n" for one in lines))
    abstained = load(folder).judged[0]
    # A judge and its own member are no pair: that they agree is how it was made.
    (pair,) = abstained.pairs
    assert (pair.first, pair.second, pair.differ) == ("lexical@2", "x@1", 2)
    assert abstained.disputed_keys == set(keys)
    assert [one.value for one in abstained.disputed[0].verdicts] == [None, False, True]
    assert [one.votes_in for one in abstained.tallies] == ["", "ensemble@1-abc", "ensemble@1-abc"]
    # What a member says itself counts before its vote, and says why.
    judge(folder, "x@1", dict.fromkeys(keys, True), reason="p = 0.6")
    assert load(folder).judged[0].disputed[0].verdicts[2].reason == "p = 0.6"


def test_votes_of_one_judge_are_not_those_of_several(tmp_path: Path) -> None:
    folder, lines = asked(tmp_path / "run")
    one, two = answers(lines, 2)
    for line in lines:
        if line["request_id"] in (one, two):
            split = line["request_id"] == one
            line["verdicts"][0]["votes"] = [
                ["lexical@2", False],
                ["lexical@2", split],
                ["lexical@2", False],
            ]
    (folder / "samples.jsonl").write_text("".join(json.dumps(one) + "\n" for one in lines))
    abstained = load(folder).judged[0]
    assert (abstained.n_split, abstained.pairs, abstained.n_disputed) == (1, (), 0)


def test_many_disputes_are_listed_in_part_and_spread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judges, "LISTED", 4)
    folder, lines = asked(tmp_path / "run")
    turned = answers(lines, 40)
    judge(folder, "classifier@1", others(lines, *turned))
    abstained = load(folder).judged[0]
    assert abstained.n_disputed == 40
    assert [one.key for one in abstained.disputed] == [
        turned[0],
        turned[10],
        turned[20],
        turned[30],
    ]


def test_a_broken_verdict_names_its_line(tmp_path: Path) -> None:
    folder, lines = asked(tmp_path / "run")
    judge(folder, "classifier@1", dict.fromkeys(answers(lines, 1), True), kinds="x")
    with pytest.raises(StoreError, match=r"classifier@1\.jsonl, line 1"):
        load(folder)
