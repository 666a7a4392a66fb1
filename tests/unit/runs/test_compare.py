"""Comparisons of scripted runs: what is counted, what is said, what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import iabench
from iabench.errors import StatsError, StoreError
from iabench.runs.compare import compare
from iabench.runs.gates import Required, Worse
from iabench.runs.run import load


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Run a scripted policy once, by its name and options."""
    root = tmp_path_factory.mktemp("runs")
    made: dict[Any, Path] = {}

    def run(policy: str, tasks: str = "quick", **options: Any) -> Path:
        key = (policy, tasks, *sorted(options.items()))
        if key not in made:
            out = root / f"{policy}-{len(made)}"
            iabench.evaluate(policy, backend="scripted", tasks=tasks, out=out, **options)
            made[key] = out
        return made[key]

    return run


def test_what_became_of_every_answer(runs: Any) -> None:
    made_up = compare(runs("oracle"), runs("always-answer"))
    assert made_up.transitions == {
        "fictional-people": {"abstained>hallucinated": 40},
        "invented-entities": {"abstained>hallucinated": 40},
        "real-facts": {"correct>incorrect": 40},
    }
    assert made_up.counts == {"began": 80, "forgot": 40}
    assert (made_up.n_paired, made_up.n_undecided, made_up.warnings) == (120, 0, ())
    assert made_up["refusal_accuracy"].value == -1
    assert made_up["refusal_accuracy"].shown == "worse"
    assert [one.id for one in made_up.pairs] == [s["id"] for s in load(runs("oracle")).samples()]
    began = made_up.samples(change="began", task="invented-entities")
    assert len(began) == 40
    assert began[0]["base"]["outcome"] == "abstained"
    assert made_up.samples(outcome="incorrect")[0]["change"] == "forgot"


@pytest.mark.parametrize(
    ("base", "tuned", "kind", "says"),
    [
        ("oracle", "always-answer", "made-up", "100 % → 0 % on questions that it cannot know"),
        ("oracle", "shape", "made-up", "It says “I don't know” less often"),
        ("oracle", "always-abstain", "refuses", "declines 0 % → 100 %"),
        ("always-answer", "oracle", "gained", "0 % → 100 %"),
        ("oracle", "oracle", "kept", "80 pairs would show a drop of 0.10 or more"),
        ("oracle", "always-empty", "made-up", "it says nothing at all"),
    ],
)
def test_the_verdict(runs: Any, base: str, tuned: str, kind: str, says: str) -> None:
    verdict = compare(runs(base), runs(tuned)).verdict
    assert verdict.kind == kind
    assert says in verdict.text
    assert verdict.sign == ("✗" if verdict.bad else "✓")


def test_too_few_or_nothing_unknown_is_no_answer(runs: Any) -> None:
    few = compare(runs("oracle", limit=4), runs("oracle", limit=4)).verdict
    assert few.kind == "unclear"
    assert "8 pairs would show only a drop of" in few.text
    none = compare(runs("oracle", tasks="real-facts"), runs("oracle", tasks="real-facts")).verdict
    assert none.kind == "unclear"
    assert none.text.startswith("? Too few questions to tell: nothing here asks")


def test_relative_metrics_stand_beside(runs: Any) -> None:
    found = {
        e.metric: e.value
        for e in compare(runs("oracle"), runs("always-abstain")).relative
        if (e.task, e.slice) == ("quick", "all")
    }
    assert found["kept_abstention_rate"] == 1
    assert found["over_conservativeness"] == 1
    assert found["prudence"] is None
    theirs = compare(runs("oracle"), runs("always-abstain"), as_published=True)
    assert {e.value for e in theirs.relative if e.metric == "honesty" and e.value is not None} == {
        0.5
    }


def test_as_json(runs: Any) -> None:
    made = json.loads(json.dumps(compare(runs("oracle"), runs("always-answer")).to_json()))
    assert {
        "base", "tuned", "n_paired", "transitions", "differences", "verdict", "warnings",
    } <= made.keys()  # fmt: skip
    assert {
        "task", "metric", "slice", "base", "tuned", "value", "lo", "hi", "p", "p_adjusted", "n",
    } <= made["differences"][0].keys()  # fmt: skip
    assert made["transitions"]["real-facts"] == {"correct>incorrect": 40}


def test_in_a_notebook(runs: Any) -> None:
    made = compare(runs("oracle"), runs("always-answer"))
    assert "make things up" in made._repr_html_()
    frame = made.to_pandas()
    assert len(frame) == len(made.differences)
    assert "make things up" in repr(made)
    with pytest.raises(StatsError, match="no metric"):
        made["refusal_acuracy"]


def test_other_questions_are_not_paired(runs: Any) -> None:
    one, other = runs("oracle"), runs("oracle", seed=42)
    with pytest.raises(StoreError) as refused:
        compare(one, other)
    assert str(refused.value) == (
        f"not the same questions: seed 0 in {one}, seed 42 in {other}.\n"
        "try: --tasks real-facts (the part they share), or: "
        f"iabench evaluate -C {other}/run.json --seed 0"
    )
    part = compare(one, other, tasks="real-facts")
    assert list(part.transitions) == ["real-facts"]
    anyway = compare(one, other, pair_anyway=True)
    assert any("paired all the same: not the same questions" in w for w in anyway.warnings)
    assert any("asked in one run only" in w for w in anyway.warnings)


def test_other_sampling_template_and_judge_are_not_paired(runs: Any) -> None:
    one = runs("oracle")
    for options, says in (
        ({"max_new_tokens": 64}, "not the same sampling: 128 tokens in"),
        ({"system_prompt": "Be kind."}, "not the same template: no system prompt in"),
        ({"detector": "classifier"}, "not the same detector: lexical@6 in"),
    ):
        with pytest.raises(StoreError, match=says):
            compare(one, runs("oracle", **options))


def test_a_part_of_the_same_questions_is_paired(runs: Any) -> None:
    part = compare(runs("oracle"), runs("always-answer", tasks="quick", limit=10))
    assert part.n_paired == 30
    assert any("questions asked in one run only" in w for w in part.warnings)
    more = compare(runs("oracle"), runs("always-answer", tasks="real-facts", limit=10))
    assert (more.headline, more.n_paired) == ("real-facts", 10)
    assert any(w.startswith("asked in one run only, so left out") for w in more.warnings)


def test_nothing_in_common(runs: Any) -> None:
    with pytest.raises(StoreError, match="nothing in common: real-facts in"):
        compare(runs("oracle", tasks="real-facts"), runs("oracle", tasks="invented-entities"))
    with pytest.raises(StoreError, match='no task "real-fact" in') as refused:
        compare(runs("oracle"), runs("shape"), tasks=["real-fact"])
    assert refused.value.hint == "real-facts"


def test_one_pair_and_all_undecided(runs: Any) -> None:
    one = compare(
        runs("oracle", tasks="invented-entities", limit=1),
        runs("always-answer", tasks="invented-entities", limit=1),
    )
    assert one.verdict.kind == "unclear"
    assert one["refusal_accuracy"].value == -1


def test_gates_are_crossed_only_where_the_whole_interval_is_worse(runs: Any) -> None:
    lost = compare(runs("oracle"), runs("always-answer"))["refusal_accuracy"]
    same = compare(runs("oracle"), runs("oracle"))["refusal_accuracy"]
    gate = Worse(metric="refusal_accuracy", tolerance=0.05)
    assert gate.judge(lost)[0] == "crossed"
    assert Worse(metric="refusal_accuracy", tolerance=0.1).judge(same)[0] == "passed"
    state, line = gate.judge(same)
    assert state == "cannot tell"
    assert "cannot tell with 80 pairs" in line
    # Where lower is better, worse is up.
    over = compare(runs("oracle"), runs("always-abstain"))["over_refusal_rate"]
    assert Worse(metric="over_refusal_rate", tolerance=0.5).judge(over)[0] == "crossed"


def test_a_requirement_without_a_value_is_not_met(runs: Any) -> None:
    run = load(runs("oracle", tasks="real-facts"))
    required = Required(metric="refusal_accuracy", sign=">=", bound=0.5)
    assert required.judge(run["refusal_accuracy"])[0] == "crossed"
    assert Required(metric="accuracy", sign=">=", bound=1.0).judge(run["accuracy"])[0] == "passed"
