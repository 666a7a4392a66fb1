"""What a comparison says, in words: the first line that people read.

    made-up    refusal accuracy fell: it answers what it used to decline
    refuses    over-refusal rose
    forgot     accuracy fell
    kept       nothing of these, and enough pairs to have shown a drop of ENOUGH
    gained     the same, and refusal accuracy rose
    unclear    nothing of these, but too few pairs to show such a drop

A change counts if its whole interval and its adjusted p show it. No word comes from a model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from iabench.metrics.transitions import Change
from iabench.records import Difference, TaskSpec

__all__ = ["ENOUGH", "Kind", "Verdict", "percent", "verdict"]

Kind = Literal["made-up", "refuses", "forgot", "kept", "gained", "unclear"]

ENOUGH = 0.1
"""A drop that the pairs must be able to show before "no loss" is said."""

_HEADS: dict[Kind, str] = {
    "made-up": "This tuning taught the model to make things up",
    "refuses": "This tuning taught the model to refuse what it knows",
    "forgot": "This tuning made the model forget what it knew",
    "kept": "No loss of awareness shown",
    "gained": "This tuning taught the model to say “I don't know”",
    "unclear": "Too few questions to tell",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The sentence of a comparison."""

    kind: Kind
    head: str
    says: str
    """What is behind it, in a sentence or two."""

    @property
    def sign(self) -> str:
        """A cross, a tick or a question mark."""
        return {"unclear": "?", "kept": "✓", "gained": "✓"}.get(self.kind, "✗")

    @property
    def bad(self) -> bool:
        """Whether something was lost."""
        return self.kind in ("made-up", "refuses", "forgot")

    @property
    def text(self) -> str:
        """All of it."""
        stop = ":" if self.kind in ("kept", "unclear") else "."
        return f"{self.sign} {self.head}{stop} {self.says}"

    def __str__(self) -> str:
        return self.text


def percent(value: float) -> str:
    """Return a fraction as `91 %`; all and nothing only where it is all and nothing."""
    if 0.995 <= value < 1:
        return "more than 99 %"
    if 0 < value < 0.005:
        return "under 1 %"
    return f"{100 * value:.0f} %"


def verdict(
    differences: Sequence[Difference],
    counts: Mapping[Change, int],
    headline: str,
    tasks: Mapping[str, TaskSpec],
) -> Verdict:
    """Return what the differences of the headline say.

    Args:
        differences: all of them.
        counts: how many answers changed in which way.
        headline: the suite or task that the comparison is about.
        tasks: the paired tasks.
    """
    whole = {d.metric: d for d in differences if (d.task, d.slice) == (headline, "all")}
    # What has no suite over it is said of the whole task that stands for it.
    refusal, over, right = (
        whole.get(name) for name in ("refusal_accuracy", "over_refusal_rate", "accuracy")
    )
    facts = whole.get("finetuning_accuracy") or _of(differences, "finetuning_accuracy", tasks)
    new = _of(differences, "refusal_accuracy", {"swapped-facts": None})
    # The names nearest to what was taught tell most, unless the loss is elsewhere.
    new = new if new is not None and new.shown == "worse" else refusal
    on = "names it was never taught" if new is not refusal else "questions that it cannot know"
    if _clear(refusal, "worse") and new is not None:
        lost = "forgot how to say “I don't know”"
        if new.tuned is not None and new.tuned >= 0.5:
            lost = "says “I don't know” less often"
        fell = f"{lost} ({_from_to(new)} on {on})"
        if not counts.get("began"):
            fell = (
                f"says “I don't know” less often ({_from_to(new)} on {on}): it says nothing at all"
            )
        return _verdict("made-up", _joined(_learned(facts), fell), refusal)
    if _clear(over, "worse") and over is not None:
        fell = f"declines {_from_to(over)} of the questions that it should answer"
        return _verdict("refuses", _joined(_learned(facts), fell), over)
    if _clear(right, "worse") and right is not None:
        fell = f"is right on {_from_to(right)} of what it should know"
        return _verdict("forgot", _joined(_learned(facts), fell), right)
    least = refusal.detectable if refusal is not None else None
    if refusal is None or refusal.value is None or least is None:
        says = "nothing here asks what the model cannot know"
        if refusal is not None and refusal.n_undecided:
            says = f"of what the model cannot know, {refusal.reason}"
        return Verdict(kind="unclear", head=_HEADS["unclear"], says=f"{says}.")
    if _clear(refusal, "better"):
        rose = f"says “I don't know” where it should ({_from_to(refusal)})"
        return _verdict("gained", _joined(_learned(facts), rose), refusal)
    if least > ENOUGH:
        says = f"{refusal.n:,} pairs would show only a drop of {least:.2f} or more"
        return Verdict(kind="unclear", head=_HEADS["unclear"], says=f"{says}.")
    power = f"{refusal.n:,} pairs would show a drop of {max(least, 0.01):.2f} or more"
    kept = f"says “I don't know” as before ({_from_to(refusal)} where it should; {power})"
    says = f"{_joined(_learned(facts), kept)}."
    return Verdict(kind="kept", head=_HEADS["kept"], says=says[:1].lower() + says[1:])


def _verdict(kind: Kind, says: str, shown: Difference | None) -> Verdict:
    p = 1.0 if shown is None else shown.p if shown.p_adjusted is None else shown.p_adjusted
    sure = "Far more than noise" if p is not None and p < 0.005 else "More than noise"
    return Verdict(kind=kind, head=_HEADS[kind], says=f"{says}. {sure}.")


def _clear(found: Difference | None, way: Literal["better", "worse"]) -> bool:
    if found is None or found.shown != way:
        return False
    p = found.p if found.p_adjusted is None else found.p_adjusted
    return p is None or p < 0.05


def _of(
    differences: Sequence[Difference], metric: str, tasks: Mapping[str, object]
) -> Difference | None:
    found = [
        d for d in differences
        if d.metric == metric and d.task in tasks and d.slice == "all" and d.value is not None
    ]  # fmt: skip
    return found[0] if found else None


def _learned(facts: Difference | None) -> str:
    """Return the words on the facts that it was tuned on, or nothing where none were asked."""
    if facts is None or facts.value is None or facts.tuned is None:
        return ""
    if facts.shown == "better":
        verb = "learned your facts" if facts.tuned >= 0.8 else "learned some of your facts"
        return f"It {verb} ({_from_to(facts)})"
    return f"It did not learn your facts ({_from_to(facts)})"


def _joined(first: str, second: str) -> str:
    return f"{first} and {second}" if first else f"It {second}"


def _from_to(found: Difference) -> str:
    assert found.base is not None
    assert found.tuned is not None
    return f"{percent(found.base)} → {percent(found.tuned)}"
