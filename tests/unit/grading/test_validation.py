"""Error rates of detectors and graders, against numbers counted by hand and by other libraries."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, cohen_kappa_score, f1_score, precision_score

from iabench.errors import ConfigError
from iabench.grading.agreement import MEASURES, confusion, measured
from iabench.grading.base import Answered, Referenced
from iabench.grading.labels import Label
from iabench.grading.validation import validate
from iabench.records import Judgement


class Says:
    """A detector that says what it was told to say of each response."""

    id = "says@1"

    def __init__(self, said: dict[str, Judgement]) -> None:
        self.said = said
        self.seen: list[Answered] = []

    def detect(self, cases: Sequence[Answered]) -> Iterator[Judgement]:
        for case in cases:
            self.seen.append(case)
            yield self.said[case.answer]

    def close(self) -> None:
        pass


class Grades:
    id = "grades@1"

    def __init__(self) -> None:
        self.seen: list[Referenced] = []

    def grade(self, cases: Sequence[Referenced]) -> Iterator[Judgement]:
        for case in cases:
            self.seen.append(case)
            right = case.answer in case.references
            yield Judgement(value=right, reason="exact" if right else "not exact")

    def close(self) -> None:
        pass


def label(n, so=True, **more) -> Label:
    fields = {
        "id": f"l{n}", "about": "abstained", "question": f"Who is number {n}?", "family": f"f{n}",
        "response": f"response number {n}", "so": so, **more,
    }  # fmt: skip
    return Label(**fields)


def run(cases: Sequence[tuple[Label, bool | None]], **more):
    said = {x.response: Judgement(value=value, reason="why") for x, value in cases}
    return validate(Says(said), [x for x, _ in cases], **more)


Cases = list[tuple[Label, bool | None]]
YES: Cases = [(label(n), n < 8) for n in range(10)]
NO: Cases = [(label(n, so=False), n == 13) for n in range(10, 14)]


def test_numbers_counted_by_hand():
    found = run(YES + NO)
    values = {name: m.value for name, m in found.table.measures.items()}
    assert values == pytest.approx(
        {
            "sensitivity": 8 / 10,
            "specificity": 3 / 4,
            "balanced_accuracy": 0.775,
            "precision": 8 / 9,
            "f1": 16 / 19,
            # agreed 11/14, by chance (10*9 + 4*5) / 14^2
            "kappa": (11 / 14 - 110 / 196) / (1 - 110 / 196),
        }
    )
    assert {name: m.n for name, m in found.table.measures.items()} == {
        "sensitivity": 10, "specificity": 4, "balanced_accuracy": 14, "precision": 9, "f1": 14,
        "kappa": 14,
    }  # fmt: skip
    # Every family has one response, so this is Wilson's interval of 8 out of 10.
    sensitivity = found.table.measures["sensitivity"]
    assert (sensitivity.lo, sensitivity.hi) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    for m in found.table.measures.values():
        assert m.lo is not None
        assert m.hi is not None
        assert m.lo < m.value < m.hi <= 1
    assert [case.label.id for case in found.errors] == ["l8", "l9", "l13"]
    assert found.undecided == ()


def test_undecided_is_neither_right_nor_wrong():
    more: Cases = [(label(20), None), (label(21, so=False), None), (label(22, so=False), None)]
    plain, found = run(YES + NO), run(YES + NO + more)
    assert found.table.measures == plain.table.measures
    assert (found.table.n, found.table.n_undecided, found.table.confusion.undecided) == (17, 3, 3)
    assert found.table.bounds["sensitivity"] == pytest.approx((8 / 11, 9 / 11))
    assert found.table.bounds["specificity"] == pytest.approx((3 / 6, 5 / 6))
    assert found.table.bounds["precision"] == pytest.approx((8 / 11, 9 / 10))
    assert plain.table.bounds["f1"] == pytest.approx((16 / 19, 16 / 19))
    assert len(found.errors) == 3
    assert [case.label.id for case in found.undecided] == ["l20", "l21", "l22"]


def test_nothing_decided_gives_no_number():
    found = run([(label(1), None), (label(2, so=False), None)])
    assert all(m.value is m.lo is m.hi is None for m in found.table.measures.values())
    assert found.table.bounds["sensitivity"] == (0, 1)
    json.dumps(found.json(), allow_nan=False)


def test_one_class_alone_has_no_f1():
    found = run(YES)
    for name in ("specificity", "balanced_accuracy", "precision", "f1", "kappa"):
        assert found.table.measures[name].value is None
        assert found.table.bounds[name] is None
    assert found.table.measures["sensitivity"].value == 0.8


def test_responses_of_one_family_count_as_less():
    alike = [(label(n, family=f"f{n // 5}"), value) for n, (_, value) in enumerate(YES * 10)]
    alike = sorted(alike, key=lambda case: case[1] is True)
    together = [(label(n, family=f"f{n // 5}"), value) for n, (_, value) in enumerate(alike)]
    apart = [(label(n), value) for n, (_, value) in enumerate(alike)]
    wide, narrow = (run(cases).table.measures["sensitivity"] for cases in (together, apart))
    assert wide.value == narrow.value == 0.8
    assert wide.hi - wide.lo > 1.8 * (narrow.hi - narrow.lo)
    single = run([(label(n, family="f"), n < 8) for n in range(10)]).table.measures["sensitivity"]
    assert single.hi - single.lo > 0.7


def test_weights_count():
    cases = [(label(1, weight=3.0), True), (label(2), False), (label(3, so=False, weight=9), False)]
    found = run(cases)
    assert found.table.measures["sensitivity"].value == 0.75
    assert found.table.measures["f1"].value == pytest.approx(6 / 7)
    assert found.table.confusion.true_positive == 1

    # Scale means nothing, and unequal weights are worth less than equal ones.
    def width(weights):
        rows = [(label(n, weight=w), n % 5 != 0) for n, w in enumerate(weights)]
        m = run(rows).table.measures["sensitivity"]
        return m.hi - m.lo

    assert width([1] * 40) == pytest.approx(width([100] * 40))
    assert width([1, 20] * 20) > 1.2 * width([1] * 40)


def test_measures_are_those_of_scikit_learn():
    chance = np.random.default_rng(5)
    so, said = chance.random(200) < 0.4, chance.random(200) < 0.5
    weight = chance.random(200) + 0.1
    cases = [(label(n, so=bool(so[n]), weight=float(weight[n])), bool(said[n])) for n in range(200)]
    values = {name: m.value for name, m in run(cases).table.measures.items()}
    assert values["balanced_accuracy"] == pytest.approx(
        balanced_accuracy_score(so, said, sample_weight=weight)
    )
    assert values["precision"] == pytest.approx(precision_score(so, said, sample_weight=weight))
    assert values["f1"] == pytest.approx(f1_score(so, said, sample_weight=weight))
    assert values["kappa"] == pytest.approx(cohen_kappa_score(so, said, sample_weight=weight))
    plain = confusion(list(zip(so.tolist(), said.tolist(), strict=True)))
    assert plain.f1 == pytest.approx(f1_score(so, said))
    assert plain.kappa == pytest.approx(cohen_kappa_score(so, said))
    assert plain.precision == pytest.approx(precision_score(so, said))


def test_intervals_hold_the_truth_where_errors_are_few():
    chance = np.random.default_rng(11)
    families, size, found_rate, passed_rate, prior = 60, 5, 0.97, 0.98, 3.0
    shares = np.array([found_rate, 1 - passed_rate, passed_rate, 1 - found_rate]) / 2
    held = dict.fromkeys(("sensitivity", "balanced_accuracy", "f1", "kappa"), 0)
    draws = 200
    for _ in range(draws):
        cells = np.zeros((families, 4))
        for family in range(families):
            rate = (found_rate, passed_rate)[family % 2]
            right = chance.binomial(size, chance.beta(rate * prior, (1 - rate) * prior))
            cells[family, [0, 3] if family % 2 == 0 else [2, 1]] = right, size - right
        counts = cells.sum(0).astype(int)
        got = measured(cells, counts, cells.sum(0), 0.95)
        for name in held:
            m = got[name]
            assert m.lo is not None
            assert m.hi is not None
            held[name] += m.lo <= float(MEASURES[name](shares)) <= m.hi
    assert all(n / draws >= 0.915 for n in held.values()), held


def test_strata_stand_beside_the_whole():
    cases = [
        (label(1, kind="ignorance", language="en"), True),
        (label(2, kind="ignorance", language="de"), False),
        (label(3, so=False, kind="plain", language="en"), False),
        (label(4, so=False), True),
    ]
    strata = run(cases, by=("kind", "language")).strata
    assert {key: list(tables) for key, tables in strata.items()} == {
        "kind": ["", "ignorance", "plain"],
        "language": ["", "de", "en"],
    }
    assert strata["kind"]["ignorance"].measures["sensitivity"].value == 0.5
    assert strata["kind"]["plain"].measures["sensitivity"].value is None
    assert strata["language"]["en"].measures["balanced_accuracy"].value == 1
    with pytest.raises(ConfigError, match='labels have no "langauge"') as caught:
        run(cases, by=("langauge",))
    assert caught.value.hint == "--by language"


def test_admissions_are_judged_by_the_kinds_that_are_named():
    def said(value, *kinds):
        return Judgement(value=value, kinds=kinds, reason="why")

    labels = [
        label(1, kinds=("ignorance",)),
        label(2, kinds=("ignorance", "policy_refusal")),
        label(3, kinds=("policy_refusal",)),
        label(4, kinds=("capability_refusal",)),
        label(5, so=False),
        label(6, kinds=("unknowable",)),
    ]
    verdicts = [
        said(True, "unrecognised"),  # another of the four: an admission all the same
        said(True, "policy_refusal"),  # found to abstain, not to admit
        said(True, "ignorance"),  # no admission, said to be one
        said(False),
        said(False),
        said(None),
    ]
    judge = Says({x.response: y for x, y in zip(labels, verdicts, strict=True)})
    found = validate(judge, labels)
    assert found.admission is not None
    counts = found.admission.confusion
    assert (counts.true_positive, counts.false_negative) == (1, 1)
    assert (counts.true_negative, counts.false_positive) == (2, 1)
    assert found.admission.n_undecided == 1
    assert found.table.measures["sensitivity"].value == 3 / 4
    assert {kind: (m.value, m.n) for kind, m in found.kinds.items()} == {
        "capability_refusal": (0.0, 1),
        "ignorance": (0.0, 2),
        "policy_refusal": (0.5, 2),
        "unknowable": (None, 0),
    }
    assert run(YES).admission is None
    assert run(YES).kinds == {}


def test_what_is_no_response_is_not_judged():
    empty, loop = label(1, response=" "), label(2, response="na na na " * 40)
    judge = Says({"No.": Judgement(value=False)})
    found = validate(judge, [empty, label(3, so=False, response="No."), loop])
    assert [case.answer for case in judge.seen] == ["No."]
    assert [case.judgement.reason for case in found.undecided] == [
        "degenerate: empty", "degenerate: loop",
    ]  # fmt: skip
    assert found.table.n_undecided == 2


def test_judges_see_no_label():
    detector = Says({"No.": Judgement(value=False)})
    validate(detector, [label(1, response="No.", references=("x",), kinds=("ignorance",))])
    assert [type(case) for case in detector.seen] == [Answered]
    grader = Grades()
    pair = label(1, about="correct", response="Ann", references=("Ann",))
    validate(grader, [pair])
    assert grader.seen == [Referenced(question=pair.question, answer="Ann", references=("Ann",))]


def test_a_judge_is_asked_only_what_it_judges():
    pair = label(1, about="correct", references=("x",))
    with pytest.raises(ConfigError, match="says@1 says whether a response abstains, not whether"):
        validate(Says({}), [pair])
    with pytest.raises(ConfigError, match="grades@1 says whether a response is correct, not"):
        validate(Grades(), [label(1)])
    with pytest.raises(ConfigError, match="labels of two sorts"):
        validate(Grades(), [label(1), pair])
    with pytest.raises(ConfigError, match="there are no labels"):
        validate(Grades(), [])


@pytest.mark.parametrize(
    ("evidence", "span"),
    [
        ("I do not know", (6, 19)),
        ("i DO NOT  know", (6, 19)),
        ("a reply of the judge", None),
        ("", None),
    ],
)
def test_evidence_is_found_in_the_response(evidence, span):
    text = "Well, I do not know (sorry)."
    judge = Says({text: Judgement(value=False, reason="rule", evidence=evidence)})
    found = validate(judge, [label(1, response=text)])
    assert found.errors[0].span == span
    (error,) = found.json()["errors"]
    assert (error["start"], error["end"]) == (span or (None, None))
    assert (error["reason"], error["label"], error["verdict"]) == ("rule", True, False)


def test_json_has_the_promised_keys():
    votes = (("a@1", True), ("b@1", None))
    labels = [label(1, about="correct", response="Ann", references=("Bob",), kind="name")]

    class Votes(Grades):
        def grade(self, cases):
            yield from (Judgement(value=False, reason="r", votes=votes) for _ in cases)

    found = validate(Votes(), labels, name="mine.csv").json()
    assert list(found)[:6] == ["detector", "about", "level", "labels", "n", "n_undecided"]
    assert set(found) >= {
        "sensitivity", "specificity", "balanced_accuracy", "precision", "f1", "kappa", "strata",
        "errors", "admission",
    }  # fmt: skip
    assert set(found["sensitivity"]) == {"value", "lo", "hi", "n"}
    assert set(found["strata"]["kind"]["name"]) >= {"n", "n_undecided", "f1"}
    (error,) = found["errors"]
    assert error["references"] == ["Bob"]
    assert error["votes"] == [["a@1", True], ["b@1", None]]
    assert found["labels"] == {"name": "mine.csv", "digest": found["labels"]["digest"]}
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert not any(isinstance(x, float) and math.isnan(x) for x in found.values())
