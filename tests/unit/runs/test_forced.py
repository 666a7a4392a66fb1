"""Expressed against latent: a forced pass beside the free one, over a model that is a rule."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import iabench
from iabench.cli.main import call
from iabench.errors import ConfigError
from iabench.metrics.base import Row, RowsMetric
from iabench.metrics.expressed import GUESSED_WRONG, UNGUESSED, ExpressedGap, guessed
from iabench.models.scripted import ScriptedBackend
from iabench.reports import html, risk
from iabench.reports.compared.page import page
from iabench.reports.compared.terminal import render
from iabench.reports.loading import load
from iabench.rng import digest
from iabench.runs.compare import compare
from iabench.tasks import catalog

TASKS = ["real-facts", "invented-entities"]
SEMANTIC = "semantic-entropy@1+one-cluster+equality"


def made_up(label: str) -> str:
    """Return letters alone: a number may be right by chance."""
    return label[:6].translate(str.maketrans("0123456789", "ghijklmnop"))


class Shy(ScriptedBackend):
    """Knows every second fact. Of the rest it says so, unless it is asked for a guess.

    Its guesses waver where it does not know. With `blind` it declines what it knows and answers
    what it does not: what it expresses is the opposite of what it has.
    """

    def __init__(self, *, blind: bool = False, stubborn: bool = False) -> None:
        probes = {p.question: p for t in catalog.load(tuple(TASKS), seed=0) for p in t.probes}

        def answer(said: str, label: str) -> str:
            always, _, question = said.rpartition("\n\n")
            probe = probes[question]
            known = bool(probe.references) and int(digest(probe.id), 16) % 2 == 0
            if (known == blind and not always) or (stubborn and not known):
                return "I don't know."
            return f"{probe.references[0]}." if known else f"Zog {made_up(label)}."

        super().__init__(answer, name=f"shy-{blind}-{stubborn}")


def evaluate(out: Path, model: Any = None, **options: Any) -> iabench.Run:
    given: dict[str, Any] = {"tasks": TASKS, "limit": 24, "samples": 5, "elicit": "forced"}
    given |= {"scorer": ["semantic-entropy"], "out": out}
    return iabench.evaluate(model or Shy(), **(given | options))


def gap(run: iabench.Run, scorer: str = SEMANTIC) -> iabench.Estimate:
    (found,) = [
        e
        for e in run.estimates
        if (e.metric, e.task, e.variant) == ("expressed_gap", run.headline, f"scorer={scorer}")
    ]
    return found


def test_a_model_that_declines_what_it_does_not_know_lies_on_its_curve(tmp_path: Path) -> None:
    run = evaluate(tmp_path / "r")
    found = gap(run)
    assert (found.value, found.n) == (0, 48)
    assert run.about["answers"] == run.about["n_requests"] == 48 * 12
    lines = run.samples()
    declined = [line for line in lines if line["outcome"] == "abstained"]
    assert declined
    assert {line["guess"]["outcome"] for line in declined} <= {"incorrect", "hallucinated"}
    assert (run.path / "scores" / "forced" / f"{SEMANTIC}.jsonl").exists()


def test_a_model_that_declines_what_it_knows_lies_far_above(tmp_path: Path) -> None:
    found = gap(evaluate(tmp_path / "r", Shy(blind=True)))
    # All that it says is wrong; its most certain guesses are right, as far as they go.
    right = sum(
        line["guess"]["outcome"] == "correct" for line in iabench.load(tmp_path / "r").samples()
    )
    answers = 48 - right
    assert found.value == pytest.approx(1 - (answers - right) / answers)
    assert found.lo is not None
    assert found.lo > 0


def test_what_a_guess_is_asked_with(tmp_path: Path) -> None:
    run = evaluate(tmp_path / "r", system_prompt="Be kind.")
    prompts = [json.loads(line) for line in (run.path / "prompts.jsonl").read_text().splitlines()]
    one = {p["series"]: p for p in prompts if p["probe_id"] == prompts[0]["probe_id"]}
    assert set(one) == {"answer", "samples", "forced", "forced-samples"}
    assert one["forced"]["digest"] == one["forced-samples"]["digest"] != one["answer"]["digest"]
    system, asked = (m["content"] for m in one["forced"]["messages"])
    assert system == "Be kind."
    assert asked.startswith("Always give an answer")
    assert asked.endswith("\n\n" + one["answer"]["messages"][-1]["content"])
    assert one["forced"]["template"] == "guess@1"


def test_a_forced_pass_comes_later_and_stays(tmp_path: Path) -> None:
    free = evaluate(tmp_path / "r", elicit="free")
    assert gap(free).value is None
    assert gap(free).reason == "the model abstains, and was not asked for a guess: --elicit forced"
    assert "guess" not in free.samples()[0]
    forced = evaluate(tmp_path / "r")
    assert gap(forced).value == 0
    kept = evaluate(tmp_path / "r", elicit="free")
    assert kept.about["asked"]["elicit"] == "forced"
    assert gap(kept).value == 0


def test_regrading_makes_the_same_without_the_model(tmp_path: Path) -> None:
    run = evaluate(tmp_path / "r", Shy(blind=True))
    before = (run.path / "results.json").read_bytes()
    for path in (run.path / "scores").rglob("*.jsonl"):
        path.unlink()
    iabench.regrade(run.path)
    assert (run.path / "results.json").read_bytes() == before


def test_a_model_that_abstains_even_then_has_no_number(tmp_path: Path) -> None:
    # It guesses nothing, and blind it answers what it does not know: more than when it is forced.
    stubborn = Shy(stubborn=True)
    assert gap(evaluate(tmp_path / "r", stubborn)).value == 0
    silent = ScriptedBackend(lambda _said, _label: "I don't know.", name="silent")
    found = gap(evaluate(tmp_path / "s", silent))
    assert found.value is None
    assert found.reason == "nothing was answered, or the forced pass answers less than the run"


def test_a_model_that_never_abstains_is_its_own_forced_pass(tmp_path: Path) -> None:
    bold = ScriptedBackend(lambda _said, label: f"Zog {label[:5]}.", name="bold")
    assert gap(evaluate(tmp_path / "r", bold, elicit="free")).value == 0


def test_scorers_that_ask_back_have_none(tmp_path: Path) -> None:
    class Sure(Shy):
        def __init__(self) -> None:
            super().__init__()
            inner = self._answer
            self._answer = lambda said, label: (
                "90" if said.startswith("How likely") else inner(said, label)
            )

    run = evaluate(tmp_path / "r", Sure(), scorer=["verbalised-confidence"])
    found = gap(run, "verbalised-confidence@1")
    assert (found.value, found.reason) == (None, "its question is put about free answers alone")


def test_without_a_scorer_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no scorer is asked for"):
        evaluate(tmp_path / "r", samples=0, scorer=[])


# -- the number by hand ---------------------------------------------------------------------------


def row(name: str, outcome: str, score: float, right: bool | None) -> Row:
    own = (UNGUESSED, 1.0) if right is None else (GUESSED_WRONG, float(not right))
    return Row(
        task="t", probe_id=name, cluster=name, pair=None, tags=(), expect="answer",
        answering_is=None, outcome=outcome, scores=((guessed("s"), score), own),  # type: ignore[arg-type]
    )  # fmt: skip


METRIC = ExpressedGap(scorer="s", sign=1.0)


def value(rows: list[Row], weights: Any = None) -> float:
    return float(METRIC.value(rows, np.ones(len(rows)) if weights is None else weights))


def test_by_hand() -> None:
    assert isinstance(METRIC, RowsMetric)
    rows = [
        row("a", "correct", 0.9, True),
        row("b", "incorrect", 0.2, False),
        row("c", "abstained", 0.9, False),
        row("d", "abstained", 0.8, True),
    ]
    # Two are answered, half of them wrong. The two surest guesses are a tie, one right, one wrong.
    assert value(rows) == 0
    # Of four answers two are wrong, as of four guesses.
    assert value([row(r.probe_id, "incorrect", r.scores[0][1], True) for r in rows]) == 1
    # One answered, right; of the two tied guesses one is taken by expectation: half of it is wrong.
    assert value([rows[0], *(row(n, "abstained", s, w) for n, s, w in
                             [("b", 0.2, False), ("c", 0.9, False)])]) == -0.5  # fmt: skip
    twice = value(rows, np.array([2.0, 1, 1, 1]))
    assert twice == pytest.approx(value([rows[0], *rows]))
    assert np.isnan(value([row("a", "abstained", 0.5, True)]))
    assert np.isnan(value([row("a", "correct", 0.5, None), row("b", "abstained", 0.1, None)]))


def test_what_has_no_guess_that_is_decided_does_not_count() -> None:
    assert METRIC.takes(row("a", "correct", 0.1, True))
    assert METRIC.takes(row("a", "correct", 0.1, None))
    bare = Row(
        task="t", probe_id="a", cluster="a", pair=None, tags=(), expect="answer",
        answering_is=None, outcome="correct", scores=((GUESSED_WRONG, 0.0),),
    )  # fmt: skip
    assert not METRIC.takes(bare)


# -- what people see ------------------------------------------------------------------------------


def test_the_page_shows_the_point_beside_the_curve(tmp_path: Path) -> None:
    run = evaluate(tmp_path / "r", Shy(blind=True))
    view = load(run.path)
    (semantic,) = [one for one in risk.curves(view) if one.scorer == SEMANTIC]
    assert semantic.forced
    assert semantic.points[-1][0] == 1, "it guessed always"
    assert semantic.expressed[1] == 1
    coverage = semantic.expressed[0]
    (at,) = [y for x, y in semantic.points if x == pytest.approx(coverage)]
    assert semantic.expressed[1] - at == pytest.approx(gap(run).value)
    part = html.page(view).split('<section id="risk">')[1].split("</section>")[0]
    assert "a best guess always" in part
    assert "above the curve" in part
    assert f"{gap(run).value:.3f}".lstrip("0") in part or f"{gap(run).value:.3f}" in part


def test_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["evaluate", "--backend", "scripted", "--model", "always-answer", "--tasks", "core"]
    out = ["--limit", "4", "--samples", "3", "--out", str(tmp_path / "r")]
    assert call([*words, *out, "--elicit", "forced"]) == 0
    shown = capsys.readouterr()
    assert "and once more, for a guess" in shown.err
    assert "what it says, against its uncertainty" in shown.out
    assert call([*words, *out, "--elicit", "force"]) == 2
    assert "'free' or 'forced'" in capsys.readouterr().err


# -- two runs -------------------------------------------------------------------------------------


def test_compared_runs_differ_by_the_gaps_of_both(tmp_path: Path) -> None:
    base, tuned = evaluate(tmp_path / "base"), evaluate(tmp_path / "tuned", Shy(blind=True))
    found = compare(base, tuned)
    one = found.difference("expressed_gap", variant=f"scorer={SEMANTIC}")
    assert one is not None
    assert (one.base, one.tuned, one.n) == (gap(base).value, gap(tuned).value, 48)
    assert one.value == pytest.approx(gap(tuned).value)
    assert one.lo is not None
    assert one.hi is not None
    assert one.value is not None
    assert 0 < one.lo < one.value < one.hi
    assert (one.shown, one.method, one.test) == ("worse", "cluster-bootstrap", "cluster-sign-flip")
    there = [d for d in found.to_json()["differences"] if d["metric"] == "expressed_gap"]
    assert {d["variant"] for d in there} == {f"scorer={SEMANTIC}", "scorer=abstain-share@1"}
    shown = render(found)
    assert "riskier than its own uncertainty would be, by" in shown
    (line,) = [text for text in shown.splitlines() if text.strip().startswith("semantic-entropy")]
    assert "WORSE" in line
    assert "semantic-entropy</span>" in page(found)
    # The other way round it is the same, turned.
    back = compare(tuned, base).difference("expressed_gap")
    assert back is not None
    assert back.value == pytest.approx(-one.value)


def test_what_one_run_has_no_guess_for_counts_in_neither(tmp_path: Path) -> None:
    base, tuned = evaluate(tmp_path / "base"), evaluate(tmp_path / "tuned", Shy(blind=True))
    file = tuned.path / "samples.jsonl"
    lines = [json.loads(text) for text in file.read_text(encoding="utf-8").splitlines()]
    lines[0]["guess"]["outcome"] = "undecided"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    one = compare(base, iabench.load(tuned.path)).difference("expressed_gap")
    assert one is not None
    assert one.n == 47


def test_a_run_without_a_forced_pass_has_no_difference_and_the_reason(tmp_path: Path) -> None:
    base = evaluate(tmp_path / "base", elicit="free")
    tuned = evaluate(tmp_path / "tuned", Shy(blind=True))
    one = compare(base, tuned, pair_anyway=True).difference("expressed_gap")
    assert one is not None
    assert (one.value, one.lo, one.n) == (None, None, 0)
    assert one.reason == "the base abstains, and was not asked for a guess: --elicit forced"
    other = compare(tuned, base, pair_anyway=True).difference("expressed_gap")
    assert other is not None
    assert other.reason.startswith("the tuned model abstains")
    assert "riskier" not in render(compare(base, tuned, pair_anyway=True))


def test_runs_without_a_score_in_common_have_nothing_to_compare(tmp_path: Path) -> None:
    plain: dict[str, Any] = {"samples": 0, "scorer": [], "elicit": "free"}
    base = evaluate(tmp_path / "base", **plain)
    tuned = evaluate(tmp_path / "tuned", Shy(blind=True))
    assert compare(base, tuned, pair_anyway=True).difference("expressed_gap") is None
