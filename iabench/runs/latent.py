"""Expressed against latent in two runs: is what a tuned model says nearer to what it has?

Each run's answers lie so far above the curve of its own forced pass (`iabench.metrics.expressed`).
The difference of the two gaps is over the probes that count in both runs, resampled together. Reads
the scores that the runs keep.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from iabench import jsonl
from iabench.metrics.base import Row
from iabench.metrics.difference import differences
from iabench.metrics.expressed import ExpressedGap
from iabench.metrics.joint import Paired
from iabench.records import Difference, Outcome, Score
from iabench.runs.rounds import FORCED
from iabench.runs.run import Run
from iabench.runs.scoring import Scored, expressed, sets_of, with_scores

__all__ = ["gaps"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """One run, as its folder holds it."""

    who: str
    found: Scored
    outcomes: Mapping[str, Outcome] | None
    """Of the forced pass, by probe; None: there is none, and it abstains."""

    def rows(self, rows: Sequence[Row], name: str) -> tuple[Row, ...]:
        """Return rows with their scores, as of one task."""
        held = self.outcomes or {}
        return tuple(
            replace(with_scores(row, self.found, held.get(row.probe_id)), task=name) for row in rows
        )


def gaps(
    base: Run,
    tuned: Run,
    paired: Paired,
    *,
    suites: Mapping[str, Sequence[str]],
    headline: str,
    level: float,
    seed: int,
) -> list[Difference]:
    """Return the differences of `expressed_gap` by each scorer that both runs have.

    Args:
        base: a run.
        tuned: another.
        paired: their rows.
        suites: names of tasks by name of the suite.
        headline: the suite or task whose lack is told too, with the reason.
        level: nominal coverage of the intervals.
        seed: of the resampling.
    """
    names = base.results.get("scorers", ()), tuned.results.get("scorers", ())
    both = [name for name in names[0] if name in names[1]]
    if not both:
        return []
    one, other = (
        _side(run, rows, who, both)
        for run, rows, who in (
            (base, paired.base, "the base"),
            (tuned, paired.tuned, "the tuned model"),
        )
    )
    made: list[Difference] = []
    for name, tasks in sets_of(paired.base, suites).items():
        at = [n for n, row in enumerate(paired.base) if row.task in tasks]
        left = one.rows([paired.base[n] for n in at], name)
        right = other.rows([paired.tuned[n] for n in at], name)
        for scorer in both:
            found = list(_of(scorer, one, other, left, right, level=level, seed=seed))
            made += [d for d in found if d.value is not None or name == headline]
    return made


def _of(
    scorer: str, one: _Side, other: _Side, left: Sequence[Row], right: Sequence[Row], **how: Any
) -> Iterator[Difference]:
    first = next(iter(one.found.scores[scorer].values()), None)
    if first is None:
        return
    metric, theirs = (
        expressed(
            scorer,
            first.higher_means,
            side.outcomes is not None,
            scorer in side.found.guesses,
            who=side.who,
        )
        for side in (one, other)
    )
    # What a run lacks is told, of whichever.
    metric = metric if metric.without != ExpressedGap.without else theirs
    both = [
        (mine, own) if metric.takes(mine) and metric.takes(own) else (_bare(mine), _bare(own))
        for mine, own in zip(left, right, strict=True)
    ]
    paired = Paired(
        base=tuple(mine for mine, _ in both),
        tuned=tuple(own for _, own in both),
        undecided=sum(mine.outcome == "undecided" for mine, _ in both),
    )
    yield from differences(paired, metrics=[metric], suites={}, headline="", **how)


def _bare(row: Row) -> Row:
    """Return a row without scores: what one run has no guess for counts in neither."""
    return replace(row, scores=())


def _side(run: Run, rows: Sequence[Row], who: str, scorers: Sequence[str]) -> _Side:
    scores = {name: _read(run, name) for name in scorers}
    wanted = {row.probe_id for row in rows}
    guesses = {
        line["id"]: line["guess"]["outcome"]
        for line in jsonl.read(run.path / "samples.jsonl")
        if "guess" in line and line["id"] in wanted
    }
    if guesses:
        forced = {name: made for name in scorers if (made := _read(run, f"{FORCED}/{name}"))}
        return _Side(who=who, found=_scored(scores, forced), outcomes=guesses)
    if any(row.outcome == "abstained" for row in rows):
        return _Side(who=who, found=_scored(scores, {}), outcomes=None)
    # It declined nothing, so the run is its own forced pass.
    own = {row.probe_id: row.outcome for row in rows}
    return _Side(who=who, found=_scored(scores, scores), outcomes=own)


def _scored(
    scores: Mapping[str, Mapping[str, Score]], guesses: Mapping[str, Mapping[str, Score]]
) -> Scored:
    return Scored(scores=scores, probabilities=frozenset(), guesses=guesses)


def _read(run: Run, name: str) -> dict[str, Score]:
    path = run.path / "scores" / f"{name}.jsonl"
    return {line["probe_id"]: Score(**line) for line in jsonl.read(path)}
