"""compare(): two finished runs of the same questions, paired by probe.

    rows of both -> pairs -> transitions, differences, relative metrics -> verdict

Reads `results.json` and `samples.jsonl` of both folders and loads no model.
"""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iabench import jsonl
from iabench.errors import StatsError
from iabench.metrics.base import Row
from iabench.metrics.difference import FAMILY, differences
from iabench.metrics.installed import own_metrics
from iabench.metrics.joint import Paired, pair
from iabench.metrics.relative import relative_estimates
from iabench.metrics.transitions import Change, change, transitions
from iabench.records import (
    SCHEMA_VERSION,
    Difference,
    Estimate,
    Expect,
    Kind,
    Outcome,
    Tags,
    TaskSpec,
)
from iabench.rng import digest
from iabench.runs.latent import gaps
from iabench.runs.pairing import Shared, shared
from iabench.runs.results import scores
from iabench.runs.run import Run, load
from iabench.runs.verdict import Verdict, verdict

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Comparison", "Pair", "Said", "compare"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one model said to a probe, and what it counts as."""

    response: str
    outcome: Outcome
    kinds: tuple[Kind, ...] = ()
    """Of an abstention."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One probe with both answers."""

    id: str
    task: str
    question: str
    expect: Expect
    references: tuple[str, ...]
    tags: Tags
    base: Said
    tuned: Said

    @property
    def change(self) -> Change | None:
        """What became of it; None where one of the two is undecided."""
        if "undecided" in (self.base.outcome, self.tuned.outcome):
            return None
        return change(self.expect, self.base.outcome, self.tuned.outcome)


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two runs of the same questions."""

    base: Run
    tuned: Run
    shared: Shared
    pairs: tuple[Pair, ...]
    n_undecided: int
    """Pairs that are undecided in one or both."""
    transitions: Mapping[str, Mapping[str, int]]
    """By task: `abstained>hallucinated` -> how many."""
    differences: tuple[Difference, ...]
    relative: tuple[Estimate, ...]
    """Kept and new abstention, prudence, over-conservativeness, honesty, THS."""
    warnings: tuple[str, ...]
    pair_anyway: bool = False
    as_published: bool = False

    @property
    def names(self) -> tuple[str, str]:
        """The models as they were asked for; their folders where that is the same."""
        asked = [
            str(run.about.get("asked", {}).get("model", "")) for run in (self.base, self.tuned)
        ]
        if asked[0] == asked[1]:
            asked = [str(run.path) for run in (self.base, self.tuned)]
        return asked[0], asked[1]

    @property
    def headline(self) -> str:
        """The suite or task that it is about."""
        return self.shared.headline

    @property
    def n_paired(self) -> int:
        """Probes that are decided in both."""
        return len(self.pairs) - self.n_undecided

    @property
    def digest(self) -> str:
        """Six digits that are the same for the same two runs and tasks."""
        runs = [str(run.about.get("identity")) for run in (self.base, self.tuned)]
        return digest(*runs, *(pair.id for pair in self.pairs))[:6]

    @cached_property
    def verdict(self) -> Verdict:
        """What the numbers say, in words."""
        return verdict(self.differences, self.counts, self.headline, self.shared.tasks)

    @cached_property
    def counts(self) -> Mapping[Change, int]:
        """How many answers changed in which way."""
        return Counter(found for one in self.pairs if (found := one.change) is not None)

    def __getitem__(self, key: str | tuple[str, str]) -> Difference:
        """Return a difference by metric, or by (metric, task).

        Raises:
            StatsError: there is none.
        """
        metric, task = key if isinstance(key, tuple) else (key, self.headline)
        found = self.difference(metric, task)
        if found is None:
            there = sorted({d.metric for d in self.differences if d.task == task})
            raise StatsError(f'no metric "{metric}" of {task} here.', ", ".join(there))
        return found

    def difference(
        self,
        metric: str,
        task: str | None = None,
        part: str = "all",
        variant: str | None = None,
    ) -> Difference | None:
        """Return one difference (of the headline where no task is named), or None.

        Of a metric of scores it is that by the scorer that the base was asked for first, unless
        its variant is named.
        """
        wanted = (task or self.headline, metric, part)
        return next(
            (
                d
                for d in self.differences
                if (d.task, d.metric, d.slice) == wanted and variant in (None, d.variant)
            ),
            None,
        )

    def samples(self, **where: str) -> list[dict[str, Any]]:
        """Return pairs as dicts, e.g. `samples(change="began")` or `samples(task="real-facts")`.

        `outcome` means the tuned model's.
        """
        lines = ({**jsonl.jsonable(one), "change": one.change,
                  "outcome": one.tuned.outcome} for one in self.pairs)  # fmt: skip
        return [line for line in lines if all(line.get(k) == v for k, v in where.items())]

    def to_pandas(self) -> pd.DataFrame:
        """Return the differences as a data frame, one line each."""
        import pandas as pd

        return pd.DataFrame([jsonl.jsonable(d) for d in self.differences])

    def to_json(self) -> dict[str, Any]:
        """Return what `iabench compare --json` prints."""
        return {
            "schema_version": SCHEMA_VERSION,
            "base": {"model": self.names[0], "run": str(self.base.path)},
            "tuned": {"model": self.names[1], "run": str(self.tuned.path)},
            "headline": self.headline,
            "asked": {
                "tasks": list(self.shared.tasks),
                "pair_anyway": self.pair_anyway,
                "as_published": self.as_published,
            },
            "n_paired": self.n_paired,
            "n_undecided": self.n_undecided,
            "transitions": jsonl.jsonable(self.transitions),
            "differences": [jsonl.jsonable(d) for d in self.differences],
            "relative": [jsonl.jsonable(e) for e in self.relative],
            "verdict": self.verdict.text,
            "warnings": list(self.warnings),
        }

    def __repr__(self) -> str:
        return f"Comparison {self.names[0]} -> {self.names[1]}: {self.verdict.text}"

    def _repr_html_(self) -> str:
        head = "<tr><th>metric</th><th>base</th><th>tuned</th><th>difference</th><th>n</th></tr>"
        rows = "".join(
            f"<tr><td>{html.escape(d.metric)}</td><td>{_shown(d.base)}</td>"
            f"<td>{_shown(d.tuned)}</td><td>{_shown(d.value)} [{_shown(d.lo)}, {_shown(d.hi)}]"
            f"</td><td>{d.n}</td></tr>"
            for d in self.differences
            if (d.task, d.slice) == (self.headline, "all") and d.metric in FAMILY
        )
        says = html.escape(f"{self.names[0]} → {self.names[1]}: {self.verdict.text}")
        return f"<table><caption>{says}</caption>{head}{rows}</table>"


def compare(
    base: Run | str | Path,
    tuned: Run | str | Path,
    *,
    tasks: str | Sequence[str] | None = None,
    pair_anyway: bool = False,
    as_published: bool = False,
    seed: int | None = None,
) -> Comparison:
    """Return two finished runs, paired by probe.

    Args:
        base: a run or its folder.
        tuned: likewise.
        tasks: tasks or suites to compare; all that both asked, if left out.
        pair_anyway: pair runs that were asked or judged otherwise too; `warnings` says so.
        as_published: prudence and over-conservativeness with empty denominators as their authors
            give them.
        seed: of the resampling; the base's interval seed, if left out.

    Raises:
        StoreError: a run is not finished, or the two cannot be paired.
    """
    one, other = (run if isinstance(run, Run) else load(run) for run in (base, tuned))
    names = tasks.split(",") if isinstance(tasks, str) else tasks or ()
    common = shared(
        one, other, tasks=[name.strip() for name in names if name.strip()], pair_anyway=pair_anyway
    )
    pairs, paired, warnings = _paired(one, other, common)
    draw = one.about.get("asked", {}).get("interval_seed", 0) if seed is None else seed
    options: dict[str, Any] = {
        "suites": common.suites,
        "level": one.results.get("level", 0.95),
        "seed": draw,
        "defines": {name: spec.metrics for name, spec in common.tasks.items() if spec.metrics},
    }
    return Comparison(
        base=one,
        tuned=other,
        shared=common,
        pairs=tuple(pairs),
        n_undecided=paired.undecided,
        transitions=transitions(zip(paired.base, paired.tuned, strict=True)),
        differences=(
            *differences(
                paired, metrics=list(own_metrics().values()), headline=common.headline, **options
            ),
            *gaps(
                one,
                other,
                paired,
                suites=common.suites,
                headline=common.headline,
                level=options["level"],
                seed=draw,
            ),
        ),
        relative=tuple(relative_estimates(paired, as_published=as_published, **options)),
        warnings=(*common.warnings, *warnings, *_limited(one, other)),
        pair_anyway=pair_anyway,
        as_published=as_published,
    )


def _limited(*runs: Run) -> list[str]:
    """Return that only a part was asked, where that is so."""
    if all(run.results.get("limit") is None for run in runs):
        return []
    return ["limited: only a part of the questions was asked"]


def _paired(base: Run, tuned: Run, common: Shared) -> tuple[list[Pair], Paired, list[str]]:
    """Return the pairs, the same as rows, and what is to be said of what is left out."""
    one, other = (dict(_lines(run, common)) for run in (base, tuned))
    both = [key for key in one if key in other and one[key].question == other[key].question]
    warnings = []
    if left := len(one) + len(other) - 2 * len(both):
        warnings.append(f"{left:,} questions asked in one run only are left out")
    asked, both = len(both), [key for key in both if one[key].counts and other[key].counts]
    if left := asked - len(both):
        says = "did not abstain in the first turn of both runs"
        warnings.append(f"{left:,} questions whose answers {says} are left out")
    pairs = [
        Pair(
            id=key,
            task=one[key].row.task,
            question=one[key].question,
            expect=one[key].row.expect,
            references=one[key].references,
            tags=one[key].row.tags,
            base=one[key].said,
            tuned=other[key].said,
        )
        for key in both
    ]
    paired = pair([one[key].row for key in both], [other[key].row for key in both])
    share = paired.undecided / len(both) if both else 0.0
    if share > _NO_RANK:
        warnings.append(f"{share:.1%} of the pairs are undecided in one or both: no rank")
    return pairs, paired, warnings


_NO_RANK = 0.02


@dataclass(frozen=True, slots=True)
class _Line:
    """What is needed of a line of `samples.jsonl`."""

    row: Row
    question: str
    references: tuple[str, ...]
    said: Said
    counts: bool


def _lines(run: Run, common: Shared) -> Iterator[tuple[str, _Line]]:
    for line in jsonl.read(run.path / "samples.jsonl"):
        spec = common.tasks.get(line["task"])
        if spec is not None:
            row = _row(line, spec)
            references = tuple(line["references"])
            said = Said(
                response=line["response"] or "",
                outcome=row.outcome,
                kinds=tuple(line.get("kinds", ())),
            )
            yield (
                row.probe_id,
                _Line(row, line["question"], references, said, line.get("counts", True)),
            )


def _row(line: Mapping[str, Any], spec: TaskSpec) -> Row:
    failed = line["finish"] == "error"
    return Row(
        task=spec.name,
        probe_id=line["id"],
        cluster=line["cluster"],
        pair=line["pair"],
        tags=tuple((str(key), str(value)) for key, value in line["tags"]),
        expect=line["expect"],
        answering_is=spec.answering_is,
        outcome=line["outcome"],
        admitted=line["admitted"],
        separable=spec.shape_separable,
        scores=scores(
            spec,
            line["references"],
            None if failed else line["response"],
            neighbour=line.get("gave_neighbour"),
        ),
    )


def _shown(value: float | None) -> str:
    return "–" if value is None else f"{value:+.3f}"
