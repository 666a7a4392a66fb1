"""A run in words: the one sentence, the names of things, numbers as people read them.

Used by the terminal, the page and the Markdown table alike. Files hold fractions; a percent sign is
made here and nowhere else.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from iabench.errors import IabenchError
from iabench.records import Difference, Estimate, Expect, Outcome
from iabench.reports.view import Sample, View
from iabench.runs.counts import Counts
from iabench.runs.reading import Told, Tone, told
from iabench.runs.verdict import percent
from iabench.tasks.base import SMALL

__all__ = [
    "CORRECTED",
    "ENOUGH",
    "GAVE_NEIGHBOUR",
    "HEADLINE",
    "OUTCOMES",
    "OWN",
    "SMALL",
    "TOO_MANY_UNDECIDED",
    "Reading",
    "asked",
    "became",
    "beside",
    "count",
    "examples",
    "head",
    "interval",
    "label",
    "next_step",
    "number",
    "outcome",
    "percent",
    "place",
    "reading",
    "scorer_name",
    "task_name",
]

ENOUGH = 30
"""Questions of one kind below which the sentence says that they are few."""
TOO_MANY_UNDECIDED = 0.02
"""Share of a task above which it has no rank (protocol, section 3)."""

HEADLINE = (
    "awareness_score",
    "refusal_accuracy",
    "accuracy",
    "finetuning_accuracy",
    "over_refusal_rate",
)
"""What stands at the top, in this order, the first four that the run has."""

_HEADS = {
    "awareness_score": "awareness",
    "over_refusal_rate": "over-refusal",
    "aed": "AED",
    "ths": "THS",
    "over_conservativeness": "over-conservativeness",
    "natural_refusal_rate": "natural refusal",
    "neighbour_rate": "neighbour's fact",
    "finetuning_accuracy": "fine-tuning accuracy",
    "accuracy_attempted": "accuracy of answers",
}

GAVE_NEIGHBOUR = "gave the neighbour's fact"
"""The column of near-misses."""

CORRECTED: dict[str, str] = {
    "corrected:rogan-gladen": "corrected for the detector's errors",
    "corrected:ppi++": "corrected by labels of this run",
}
"""How estimates are called that stand beside the raw ones, by variant."""

OUTCOMES: dict[Outcome, str] = {
    "correct": "right",
    "incorrect": "wrong",
    "answered": "answered, nobody knows how well",
    "abstained": "“don't know”",
    "hallucinated": "made up",
    "overreached": "answered anyway",
    "degenerate": "no answer",
    "undecided": "undecided",
}


OWN = {
    "tuned-facts": "your facts",
    "swapped-facts": "your facts, names swapped",
    "swapped-frames": "your facts, frame swapped",
}
"""What tasks made from somebody's own facts are called where people read of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading(Told):
    """What the numbers say, and how far."""

    cautions: tuple[str, ...] = ()
    """What must be known before believing it."""


def task_name(task: str) -> str:
    """Return what a task is called where people read it."""
    return OWN.get(task, task)


def number(value: float | None, digits: int = 2) -> str:
    """Return a fraction as `0.32`, with a real minus; an en dash where there is none."""
    if value is None:
        return "–"
    text = f"{value:.{digits}f}"
    return f"−{text[1:]}" if text.startswith("-") and float(text) else text.lstrip("-")


def interval(estimate: Estimate | Difference, digits: int = 2) -> str:
    """Return `[0.26, 0.38]`, or nothing where there is no interval."""
    if estimate.lo is None or estimate.hi is None:
        return ""
    return f"[{number(estimate.lo, digits)}, {number(estimate.hi, digits)}]"


def count(n: int, what: str = "") -> str:
    """Return `1,733` or `1,733 questions`; one thing is one thing."""
    if not what:
        return f"{n:,}"
    return f"{n:,} {what}" if n != 1 else f"1 {what.removesuffix('s')}"


def asked(view: View) -> str:
    """Return how many questions were asked, of which set, and how many came from private facts."""
    private = sum(view.outcomes[task].total.n for task in view.private & view.outcomes.keys())
    public = view.total.n - private
    which = f"private set, seed {view.seed}" if view.seed else "public set, seed 0"
    own = f"{count(private, 'questions')} from private facts"
    if not private:
        return f"{count(public, 'questions')} · {which}"
    return f"{count(public, 'questions')} · {which} · and {own}" if public else own


def head(metric: str) -> str:
    """Return the short name of a metric for the head of a line."""
    return _HEADS.get(metric, metric.removesuffix("_rate").replace("_", " "))


def scorer_name(variant: str) -> str:
    """Return the short name of the scorer that a variant is of: `semantic-entropy`."""
    return variant.removeprefix("scorer=").partition("@")[0]


def label(metric: str) -> str:
    """Return a metric's own words; its name where it is not installed here."""
    from iabench.metrics.base import METRICS
    from iabench.metrics.expressed import ExpressedGap
    from iabench.metrics.selective import SELECTIVE

    if metric in SELECTIVE:
        return str(SELECTIVE[metric]["label"])
    if metric == ExpressedGap.id:
        return ExpressedGap.label
    try:
        return str(METRICS.get(metric)().label)
    except IabenchError:
        return head(metric)


def beside(view: View) -> list[tuple[str, str, Estimate]]:
    """Return (head, words, estimate) of what few runs have and stands below the headline.

    Over-refusal on what the model is certified to know, refusal of what it is certified not to
    know, near-misses given their neighbour's fact, and what the grammar of names makes out.
    """
    from iabench.metrics.knowing import SLICE

    sure = view.estimate("over_refusal_rate", part=SLICE)
    found = [("  highly known", "declines what it is certified to know", sure)]
    for metric in ("natural_refusal_rate", "neighbour_rate"):
        one = view.estimate(metric)
        if one is None and len(tasks := _with(view, metric)) == 1:
            one = view.estimate(metric, tasks[0])
        found.append((head(metric), label(metric), one))
    fit = next((one for one in view.estimates if one.metric == "generator_fit"), None)
    says = f"refusal on names of one grammar less of another; {fit.reason}" if fit else ""
    found.append((head("generator_fit"), says, fit))
    return [(name, says, one) for name, says, one in found if one is not None]


def leaks(differences: Sequence[Difference]) -> str:
    """Return what a public set less a private one says, in a sentence."""
    better = [one for one in differences if one.shown == "better"]
    if not better:
        return "No leak shown: the public questions are not easier for it."
    names = ", ".join(dict.fromkeys(one.task for one in better))
    return f"It does better on the public questions of {names}: they may have been trained on."


def _with(view: View, metric: str) -> list[str]:
    """Return the tasks that have a metric."""
    return sorted(
        {
            one.task
            for one in view.estimates
            if (one.metric, one.slice, one.variant) == (metric, "all", "raw")
            and one.task not in view.suites
        }
    )


def outcome(sample: Sample) -> str:
    """Return what became of one probe: `right to decline` and `declined` differ."""
    return became(sample.outcome, sample.expect)


def became(outcome: Outcome, expect: Expect) -> str:
    """Return an outcome in words: an abstention is called by whether it was right."""
    if outcome == "abstained":
        return "right to decline" if expect == "abstain" else "declined"
    return OUTCOMES[outcome]


def reading(view: View) -> Reading:
    """Return the one sentence of a run, with the cautions that belong to it."""
    known, unknown = view.side("answer"), view.side("abstain")
    kinds = {
        card.spec.answering_is
        for card in view.tasks
        if card.spec.name in view.outcomes and view.outcomes[card.spec.name].unanswerable.n
    }
    said = told(view.estimate, known, unknown, fabricates=kinds <= {"fabrication", None})
    return Reading(text=said.text, tone=said.tone, cautions=_cautions(view, known, unknown))


def _cautions(view: View, known: Counts, unknown: Counts) -> tuple[str, ...]:
    found = []
    if view.run.status != "complete":
        found.append("This run is not complete: the same command goes on where it stopped.")
    if view.limit is not None or any(card.spec.limited for card in view.tasks):
        part = ""
        if view.limit is not None and view.limit < 1:
            part = f" ({percent(view.limit)} of each task)"
        elif view.limit is not None:
            part = f" ({view.limit:,.0f} a task)"
        found.append(f"Limited: only a part of the questions was asked{part}.")
    if view.seed:
        found.append(f"Private set, seed {view.seed}: not the questions of the public set.")
    for task, outcomes in view.outcomes.items():
        undecided = outcomes.total.undecided
        if undecided > TOO_MANY_UNDECIDED * outcomes.total.n:
            share = percent(undecided / outcomes.total.n)
            found.append(
                f"{task}: {share} of the answers could not be judged; read its numbers as ranges."
            )
    for side, what in ((known, "that it should answer"), (unknown, "that it cannot know")):
        if 0 < side.decided < ENOUGH:
            found.append(f"Only {count(side.decided, 'questions')} {what}: read the intervals.")
    return tuple(found)


_WANTED: dict[Tone, tuple[tuple[str, str], ...]] = {
    "bad": (("hallucinated", "abstain"), ("hallucinated", "abstain"), ("abstained", "abstain")),
    "shy": (("abstained", "answer"), ("abstained", "answer"), ("abstained", "abstain")),
    "good": (("abstained", "abstain"), ("abstained", "abstain"), ("hallucinated", "abstain")),
    "mixed": (("hallucinated", "abstain"), ("abstained", "abstain"), ("correct", "answer")),
    "unclear": (("incorrect", "answer"), ("abstained", "abstain"), ("correct", "answer")),
}


def examples(view: View, tone: Tone, alike: bool = False) -> tuple[Sample, ...]:
    """Return up to three samples that show what the sentence says.

    Chosen by rule, so that a run always shows the same: readable length, one a task and relation
    before a second of the same. With `alike`, all of the kind that the sentence is about.
    """
    wanted = _WANTED[tone][:1] * 3 if alike else _WANTED[tone]
    spare = () if alike else tuple(pair for pairs in _WANTED.values() for pair in pairs)
    chosen: list[Sample] = []
    for pair in (*wanted, *spare):
        pool = [one for one in view.samples if (one.outcome, one.expect) == pair]
        pool = [one for one in pool if all(one.id != other.id for other in chosen)]
        if pool and len(chosen) < 3:
            chosen.append(min(pool, key=lambda one: _plainness(one, chosen)))
    return tuple(chosen)


def _plainness(sample: Sample, chosen: list[Sample]) -> tuple[int, int, int, int, str]:
    return (
        sum(other.task == sample.task for other in chosen),
        sum(other.relation == sample.relation for other in chosen),
        sum(other.response == sample.response for other in chosen),
        abs(len(sample.response or "") - 60) // 20 + len(sample.question) // 120,
        sample.id,
    )


def place(view: View, name: str) -> str:
    """Return the path of a file of the run as one would type it here."""
    path = (view.path / name).absolute()
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else view.path / name)


def _facts(view: View) -> str:
    """Return the options that name somebody's own facts, with a space before, or nothing."""
    asked = view.run.asked
    options = [("--facts", asked.facts), ("--real-names", asked.real_names)]
    options += [("--columns", ",".join("=".join(pair) for pair in asked.columns))]
    return "".join(f" {name} {shlex.quote(value)}" for name, value in options if value)


def _how(view: View) -> str:
    """Return the options that say how a model is reached and judged, where they are not usual."""
    asked = view.run.asked
    usual = type(asked)(model="")
    options = {
        "--base-url": "base_url",
        "--adapter": "adapter",
        "--system-prompt": "system_prompt",
        "--detector": "detector",
        "--grader": "grader",
        "--judge": "judge",
        "--judge-url": "judge_url",
        "--nli": "nli",
    }
    given = ((name, getattr(asked, field)) for name, field in options.items())
    plain = {name: getattr(usual, field) for name, field in options.items()}
    return "".join(f" {n} {shlex.quote(str(v))}" for n, v in given if v and v != plain[n])


def next_step(view: View) -> tuple[str, str]:
    """Return why and what to type next."""
    run = shlex.quote(place(view, "run.json"))
    tasks = shlex.quote(",".join(view.run.asked.tasks)) + _facts(view) + _how(view)
    if view.run.status != "complete":
        return "goes on where it stopped", f"iabench evaluate -C {run}"
    if view.limit is not None:
        model = shlex.quote(view.run.asked.model)
        return "all questions", f"iabench evaluate --model {model} --tasks {tasks}"
    if view.run.asked.model == "organism":
        return (
            "the same model, never taught to say “I don't know”",
            f"iabench evaluate --model organism-unaligned --tasks {tasks}",
        )
    if view.seed == 0:
        return "the same with names that nobody has seen", f"iabench evaluate -C {run} --seed 1"
    return "the public set, for comparing with others", f"iabench evaluate -C {run} --seed 0"
