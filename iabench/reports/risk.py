"""Risk against coverage: what would stay wrong, were the least certain answers withheld.

A curve a scorer, over the probes that are decided and that it scored: coverage is the share of them
that is answered, risk the share of these answers that is wrong (incorrect, or any answer to what
nobody can know). Ties count by the mean over their orders. The dot is the run as it is: what the
model expressed. With a forced pass, in which it answers always, the curves are of that, and the dot
lies above or below them: expressed against latent. Without one each curve ends at the dot; what
lies right of it needs answers that the model did not give.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from iabench.reports.charts import FIRST, INK, MUTED, Chart, drawn, told
from iabench.reports.shown import visible
from iabench.reports.view import View

__all__ = ["Curve", "curve", "curves", "picture"]

_ANSWERED = ("correct", "incorrect", "hallucinated", "overreached")
_POINTS = 120
"""Points that a curve is drawn by, at most."""
_DASHES: tuple[list[int], ...] = ([], [6, 3], [2, 2], [8, 2, 2, 2], [1, 3], [12, 4])
"""Lines are told apart without colour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """What one scorer makes of a run."""

    scorer: str
    points: tuple[tuple[float, float], ...]
    """(coverage, risk), from the most certain answers to all of them."""
    n: int
    """Probes: decided and scored."""
    expressed: tuple[float, float]
    """The run as it is."""
    forced: bool = False
    """The curve is of the forced pass."""


def curve(answers: Sequence[tuple[float, bool]], n: int) -> tuple[tuple[float, float], ...]:
    """Return (coverage, risk) after each answer, from the most certain one on.

    Args:
        answers: confidence of each answer, and whether it is wrong.
        n: probes that could have been answered.
    """
    found: list[tuple[float, float]] = []
    taken, wrong = 0, 0.0
    order = sorted(answers, key=lambda one: -one[0])
    for _, tied in groupby(order, key=lambda one: one[0]):
        group = [bad for _, bad in tied]
        share = sum(group) / len(group)
        for _ in group:
            taken, wrong = taken + 1, wrong + share
            found.append((taken / n, wrong / taken))
    return tuple(found)


def curves(view: View) -> tuple[Curve, ...]:
    """Return the curve of each scorer that scored an answer."""
    found = []
    for scorer, scores in view.scores.items():
        forced = view.guesses.get(scorer)
        one = _free(view, scorer, scores) if forced is None else _forced(view, scorer, forced)
        found += [one] if one is not None else []
    return tuple(found)


def _free(view: View, scorer: str, scores: Mapping[str, float]) -> Curve | None:
    decided = [one for one in view.samples if one.outcome != "undecided" and one.id in scores]
    answers = [
        (scores[one.id], one.outcome != "correct") for one in decided if one.outcome in _ANSWERED
    ]
    if not answers:
        return None
    points = curve(answers, len(decided))
    return Curve(scorer=scorer, points=points, n=len(decided), expressed=points[-1])


def _forced(view: View, scorer: str, scores: Mapping[str, float]) -> Curve | None:
    """Return the curve of the forced pass, and the run as a point beside it, over equal probes."""
    both = [
        (one, one.guess.outcome)
        for one in view.samples
        if one.outcome != "undecided" and one.guess and one.guess.outcome != "undecided"
    ]
    both = [(one, guess) for one, guess in both if guess not in _ANSWERED or one.id in scores]
    answers = [(scores[one.id], guess != "correct") for one, guess in both if guess in _ANSWERED]
    given = [one.outcome != "correct" for one, _ in both if one.outcome in _ANSWERED]
    if not answers or not given:
        return None
    return Curve(
        scorer=scorer,
        points=curve(answers, len(both)),
        n=len(both),
        expressed=(len(given) / len(both), sum(given) / len(given)),
        forced=True,
    )


def picture(found: Sequence[Curve]) -> Chart | None:
    """Return the curves as a chart, or None where there is none."""
    if not found:
        return None
    import altair as alt

    names = [f"{number}" for number in range(1, len(found) + 1)]
    values = [
        {"x": x, "y": y, "s": name, **_said(one, x, y)}
        for name, one in zip(names, found, strict=True)
        for x, y in _thinned(one.points)
    ]
    axis = alt.Axis(format=".0%", tickCount=5)
    axes = {
        "x": alt.X("x:Q", scale=alt.Scale(domain=[0, 1]), axis=axis, title="answers at all"),
        "y": alt.Y("y:Q", scale=alt.Scale(domainMin=0), axis=axis, title="wrong, of its answers"),
    }
    dashes = alt.Scale(domain=names, range=[_DASHES[i % len(_DASHES)] for i in range(len(names))])
    lines = (
        alt.Chart(alt.Data(values=values))
        .mark_line(color=INK, strokeWidth=1.6)
        .encode(**axes, strokeDash=alt.StrokeDash("s:N", scale=dashes, legend=None))
    )
    # Named by its number in the table: names may come from a stranger.
    starts = [
        {"x": one.points[0][0], "y": one.points[0][1], "s": name}
        for name, one in zip(names, found, strict=True)
    ]
    text = alt.Chart(alt.Data(values=starts)).mark_text(
        align="right", dx=-5, color=MUTED, fontSize=11, fontWeight="bold"
    )
    # What is pointed at is the points, unseen on their line.
    near = alt.Chart(alt.Data(values=values)).mark_circle(color=INK, size=70, opacity=0)
    near = near.encode(**axes, tooltip=told(alt, **_TOLD))
    ends = [
        {"x": one.expressed[0], "y": one.expressed[1], **_said(one, *one.expressed), **_OWN}
        for one in {one.expressed: one for one in found}.values()
    ]
    dots = alt.Chart(alt.Data(values=ends)).mark_circle(color=FIRST, size=90, opacity=1)
    dots = dots.encode(**axes, tooltip=told(alt, **_TOLD))
    chart = alt.layer(lines, near, text.encode(**axes, text="s:N"), dots)
    says = "Share of wrong answers against the share of questions answered; the table says more."
    return drawn(chart.properties(width=420, height=320), says=says, mark="risk")


_OWN = {"score": "none: the run as it is"}
_TOLD = {"score": "score", "answers": "answers", "wrong": "wrong, of these"}


def _said(one: Curve, coverage: float, risk: float) -> dict[str, str]:
    return {
        "score": visible(one.scorer),
        "answers": f"{100 * coverage:.1f} %",
        "wrong": f"{100 * risk:.1f} %",
    }


def _thinned(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return at most so many of the points, the first and the last among them."""
    step = max(1, len(points) // _POINTS)
    return [*points[::step], points[-1]]
