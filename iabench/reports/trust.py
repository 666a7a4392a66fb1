"""How far the verdicts of a run can be trusted, in words.

For the terminal, the page and the Markdown table: who judged, how often that one errs, what it
means for the numbers, and where others say something else.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from iabench.grading.agreement import Measured
from iabench.records import About, Estimate
from iabench.reports import words
from iabench.reports.judges import Judged
from iabench.reports.shown import visible
from iabench.reports.validated import Validated
from iabench.reports.view import View

__all__ = [
    "FINDS",
    "NOUNS",
    "SAID",
    "Correction",
    "Meaning",
    "corrections",
    "disagreement",
    "errors",
    "lines",
    "marked",
    "meaning",
    "share",
    "whose",
]

NOUNS: Mapping[About, str] = {"abstained": "detector", "correct": "grader"}
SAID: Mapping[About, Mapping[bool | None, str]] = {
    "abstained": {True: "declines", False: "answers", None: "undecided"},
    "correct": {True: "right", False: "wrong", None: "undecided"},
}
FINDS: Mapping[About, tuple[str, str, str, str]] = {
    "abstained": ("finds", "abstentions", "clears", "answers"),
    "correct": ("accepts", "right answers", "rejects", "wrong ones"),
}
"""What sensitivity and specificity are of: verb and object of each."""

_AROUND = 120
"""Characters shown on each side of the words that decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What errors mean for the numbers."""

    text: str
    caveat: str = ""
    command: str = ""
    """What would tell more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A rate beside what it becomes."""

    raw: Estimate
    corrected: Estimate


def share(measured: Measured) -> str:
    """Return a share as `74 %`, or a dash."""
    return "–" if measured.value is None else words.percent(measured.value)


def whose(table: Validated) -> str:
    """Return where error rates come from."""
    labels = words.count(table.n, "labels" if table.whose != "run" else "answers")
    said = {
        "published": f"{labels}, iabench's own test half",
        "own": f"{labels}, {table.labels}: a table given to this run",
        "run": f"{labels} of this run that a person labelled, weighed for how they were drawn",
    }[table.whose]
    return said + (f"; {table.n_undecided:,} left undecided" if table.n_undecided else "")


def errors(table: Validated) -> str:
    """Return `finds 74 % of abstentions, clears 86 % of answers (1,049 labels)`.

    Shares are of what is decided, so what is left open is told with them.
    """
    finds, these, clears, those = FINDS[table.about]
    found = f"{finds} {share(table.sensitivity)} of {these}"
    passed = f"{clears} {share(table.specificity)} of {those}"
    labels = f"{table.n:,} labels" + (" of this run" if table.whose == "run" else "")
    labels += f", {table.n_undecided:,} left open" if table.n_undecided else ""
    return f"{found}, {passed} ({labels})"


def lines(view: View) -> Iterator[tuple[str, str]]:
    """Yield (head, text): who judged with its errors, and who says otherwise of how much."""
    for judged in view.judged:
        if judged.about == "abstained" and view.detector:
            first, *more = judged.validated or (None,)
            said = errors(first) if first else "how often it errs is not known"
            yield "detector", f"{view.detector}: {said}"
            for table in more:
                yield "", f"{view.detector}: {errors(table)}" if table else ""
        if text := disagreement(judged, verb=""):
            yield "disagree", text


def disagreement(judged: Judged, verb: str = "differ ") -> str:
    """Return `A and B differ on 12 of 2,772 answers (kappa 0.98)`; nothing where none do."""
    if not judged.n_disputed:
        return ""
    pairs = [pair for pair in judged.pairs if pair.differ]
    on = f"on {judged.n_disputed:,} of {words.count(judged.n_compared, 'answers')}"
    if len(pairs) == 1 and len(judged.pairs) == 1:
        (pair,) = pairs
        kappa = pair.counts.kappa
        beyond = "" if kappa is None else f" (kappa {words.number(kappa)})"
        return f"{pair.first} and {pair.second} {verb}{on}{beyond}"
    return f"{len(judged.tallies)} {NOUNS[judged.about]}s {verb}{on}"


def meaning(view: View) -> Meaning:
    """Return what the errors of the detector mean for the numbers at the top."""
    judged = next((one for one in view.judged if one.about == "abstained"), None)
    label = f"iabench label {shlex.quote(str(view.path))} --out sheet.csv"
    if judged is None or not judged.validated:
        return Meaning(
            text=f"How often {view.detector} errs is not known, so how much of the numbers above "
            "is its errors is open.",
            caveat="A sample of these very answers, labelled by a person, would tell:",
            command=label,
        )
    table = judged.validated[0]
    found, passed = table.sensitivity, table.specificity
    if found.value is None or passed.value is None:
        return Meaning(text="Its errors are known by half: the labels hold one sort of response.")
    on = "answers of this run" if table.whose == "run" else "labelled responses"
    text = (
        f"Of 100 {on} that decline, {view.detector} overlooks {_in_100(found.value)}; of 100 that "
        f"answer, it takes {_in_100(passed.value)} for declining"
    )
    raw = view.estimate("refusal_accuracy")
    if raw is None or raw.value is None:
        return Meaning(text=f"{text}.")
    text += _effect(view, raw.value, found.value, passed.value)
    if table.whose != "run" and _beyond(raw.value, found, passed):
        return Meaning(
            text=text,
            caveat=f"But no mixture of the labelled responses shows {words.percent(raw.value)}: "
            "this model's answers are easier to judge, or otherwise unlike them. A sample of them, "
            "labelled by a person, would tell how often the detector errs here:",
            command=label,
        )
    return Meaning(text=text)


def _in_100(right: float) -> str:
    """Return how many of a hundred are not right; none only where it is none."""
    wrong = 100 * (1 - right)
    if not wrong:
        return "none"
    return "fewer than 1" if wrong < 0.5 else f"{wrong:.0f}"


def _effect(view: View, raw: float, found: float, passed: float) -> str:
    """Return the end of the sentence: the rate at the top corrected, or what it could be at all."""
    for one in corrections(view):
        better = one.corrected
        if better.metric == "refusal_accuracy" and better.value is not None:
            ends = ""
            if better.lo is not None and better.hi is not None:
                ends = f" ({100 * better.lo:.0f} to {100 * better.hi:.0f})"
            before, after = words.percent(raw), words.percent(better.value)
            still, instead = ("still ", "") if before == after else ("", f", not {before}")
            return (
                f". Corrected for that, it {still}says “I don't know” to {after}{ends} of what it "
                f"cannot know{instead}."
            )
    return (
        f". By these rates a model that always declined would show {words.percent(found)}, one "
        f"that never did {words.percent(1 - passed)}; this one shows {words.percent(raw)}."
    )


def _beyond(raw: float, found: Measured, passed: Measured) -> bool:
    """Return whether a rate lies outside of what sensitivity and specificity allow."""
    most = found.value if found.hi is None else found.hi
    least = passed.value if passed.hi is None else passed.hi
    assert most is not None
    assert least is not None
    return raw > most or raw < 1 - least


def corrections(view: View) -> list[Correction]:
    """Return the rates at the top beside their corrected values, those without a value too."""
    found = []
    for metric in words.HEADLINE:
        raw = view.estimate(metric)
        for variant in reversed(words.CORRECTED):
            corrected = view.estimate(metric, variant=variant)
            if raw is not None and corrected is not None:
                found.append(Correction(raw=raw, corrected=corrected))
    return found


def marked(response: str, evidence: str) -> list[tuple[str, bool]]:
    """Return the response near the evidence in parts, (text, it decided), hidden signs by name.

    Nothing where the evidence is not in it, or is all of it.
    """
    at = response.find(evidence) if evidence.strip() else -1
    if at < 0 or evidence.strip() == response.strip():
        return []
    end = at + len(evidence)
    before, after = response[max(0, at - _AROUND) : at], response[end : end + _AROUND]
    if at > _AROUND:
        before = f"…{before}"
    if len(response) > end + _AROUND:
        after = f"{after}…"
    inside = evidence if len(evidence) <= 4 * _AROUND else f"{evidence[: 4 * _AROUND]}…"
    parts = [(before, False), (inside, True), (after, False)]
    return [(visible(text), mark) for text, mark in parts if text]
