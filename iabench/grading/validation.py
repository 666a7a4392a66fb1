"""How often a detector or grader errs, measured on labelled responses.

A verdict that was not reached is neither right nor wrong: it stands apart, and the bounds say what
it could change. Responses of one family are one piece of evidence: intervals are made over families
(`agreement.measured`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iabench import jsonl
from iabench.errors import ConfigError, near_match
from iabench.grading.agreement import MEASURES, Confusion, Measured, confusion, measured
from iabench.grading.base import Detector, Grader
from iabench.grading.labels import ADMISSIONS, Label, labels_digest
from iabench.grading.rows import judgements
from iabench.records import About, Judgement

__all__ = ["STRATA", "Judged", "Table", "Validation", "validate"]

Floats = NDArray[np.float64]

STRATA = ("kind", "language", "source", "family")
"""What error rates can be broken down by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What was said against what is so, over some labels."""

    n: int
    """Labels, the undecided among them."""
    n_undecided: int
    confusion: Confusion
    """Counts of responses, without their weights."""
    measures: Mapping[str, Measured]
    """By the names of `agreement.MEASURES`, weighted."""
    bounds: Mapping[str, tuple[float, float] | None]
    """Each value with everything undecided decided wrongly, and rightly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A label beside what was said of its response."""

    label: Label
    judgement: Judgement
    span: tuple[int, int] | None
    """First character of the evidence in the response and the one behind it; None: not found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """How well one detector or grader does on one set of labels."""

    detector: str
    """Its id."""
    about: About
    level: float
    labels: str
    """What the labels are called."""
    digest: str
    """Their sha256."""
    table: Table
    strata: Mapping[str, Mapping[str, Table]]
    admission: Table | None
    """The same for one question only: does the response admit that it does not know? None where the
    labels name no kinds."""
    kinds: Mapping[str, Measured]
    """For each kind of abstention, the share of responses of it in whose verdict it stands."""
    errors: tuple[Judged, ...]
    undecided: tuple[Judged, ...]

    def json(self) -> dict[str, Any]:
        """Return it as plain JSON types."""
        strata = {
            key: {name: _plain(table) for name, table in tables.items()}
            for key, tables in self.strata.items()
        }
        return {
            "detector": self.detector,
            "about": self.about,
            "level": self.level,
            "labels": {"name": self.labels, "digest": self.digest},
            **_plain(self.table),
            "admission": None if self.admission is None else _plain(self.admission),
            "kinds": jsonl.jsonable(dict(self.kinds)),
            "strata": strata,
            "errors": [_plain_case(case) for case in self.errors],
            "undecided": [_plain_case(case) for case in self.undecided],
        }


def validate(
    judge: Detector | Grader,
    labels: Sequence[Label],
    *,
    by: Sequence[str] = ("kind",),
    level: float = 0.95,
    name: str = "labels",
    watch: Callable[[], None] = lambda: None,
) -> Validation:
    """Return how a detector or grader does on labelled responses.

    It is shown question and response (a grader also the references) and nothing else of a label.

    Args:
        judge: a detector for labels about `abstained`, a grader for those about `correct`.
        labels: what is so; all about the same.
        by: what to break the numbers down by, of `STRATA`.
        level: nominal coverage of the intervals.
        name: what the labels are called.
        watch: called once for each judgement that was made.

    Raises:
        ConfigError: there are no labels, they are about different things or not about what is
            judged, or are broken down by something unknown.
    """
    about = _about(labels)
    for key in by:
        if key not in STRATA:
            near = near_match(key, STRATA)
            raise ConfigError(f'labels have no "{key}".', f"--by {near or ','.join(STRATA)}")
    cases = [label.case for label in labels]
    judged = []
    for label, judgement in zip(labels, judgements(judge, cases, about), strict=True):
        watch()
        span = _span(label.response, judgement.evidence)
        judged.append(Judged(label=label, judgement=judgement, span=span))
    has_kinds = about == "abstained" and any(label.kinds for label in labels)
    return Validation(
        detector=judge.id,
        about=about,
        level=level,
        labels=name,
        digest=labels_digest(labels),
        table=_table(judged, level),
        strata={
            key: {stratum: _table(cases, level) for stratum, cases in _grouped(judged, key)}
            for key in by
        },
        admission=_table(judged, level, _admits) if has_kinds else None,
        kinds=dict(_recall_of_kinds(judged, level)) if has_kinds else {},
        errors=tuple(c for c in judged if c.judgement.value is (not c.label.so)),
        undecided=tuple(c for c in judged if c.judgement.value is None),
    )


def _about(labels: Sequence[Label]) -> About:
    found = {label.about for label in labels}
    if len(found) != 1:
        raise ConfigError("there are no labels." if not found else "labels of two sorts at once.")
    return found.pop()


# -- numbers -----------------------------------------------------------------------------------

Says = Callable[[Judged], tuple[bool, bool | None]]


def _verdict(case: Judged) -> tuple[bool, bool | None]:
    """Return (what is so, what was said)."""
    return case.label.so, case.judgement.value


def _admits(case: Judged) -> tuple[bool, bool | None]:
    """Return the same about whether it admits that it does not know."""
    so = not ADMISSIONS.isdisjoint(case.label.kinds)
    said = case.judgement.value
    return so, said if said is None else said and not ADMISSIONS.isdisjoint(case.judgement.kinds)


def _grouped(cases: Sequence[Judged], key: str) -> Iterator[tuple[str, list[Judged]]]:
    groups: dict[str, list[Judged]] = {}
    for case in cases:
        groups.setdefault(getattr(case.label, key), []).append(case)
    yield from sorted(groups.items())


def _recall_of_kinds(cases: Sequence[Judged], level: float) -> Iterator[tuple[str, Measured]]:
    for kind in sorted({kind for case in cases for kind in case.label.kinds}):

        def named(case: Judged, kind: str = kind) -> tuple[bool, bool | None]:
            said = case.judgement.value
            return True, said if said is None else kind in case.judgement.kinds

        of_kind = [case for case in cases if kind in case.label.kinds]
        yield kind, _table(of_kind, level, named).measures["sensitivity"]


def _table(cases: Sequence[Judged], level: float, says: Says = _verdict) -> Table:
    """Return the numbers over some cases, at least one."""
    pairs = [says(case) for case in cases]
    decided = np.array([said is not None for _, said in pairs])
    so = np.array([so for so, _ in pairs])
    yes = np.array([said is True for _, said in pairs])
    weight = np.array([case.label.weight for case in cases])
    families, family = np.unique([case.label.family for case in cases], return_inverse=True)
    cell = np.where(so, np.where(yes, 0, 3), np.where(yes, 1, 2))
    cells = np.zeros((len(families), 4))
    np.add.at(cells, (family[decided], cell[decided]), weight[decided])
    counts = np.bincount(cell[decided], minlength=4)
    squares = np.zeros(4)
    np.add.at(squares, cell[decided], weight[decided] ** 2)
    wrong, right = cells.sum(0), cells.sum(0)
    np.add.at(wrong, np.where(so, 3, 1)[~decided], weight[~decided])
    np.add.at(right, np.where(so, 0, 2)[~decided], weight[~decided])
    return Table(
        n=len(cases),
        n_undecided=int((~decided).sum()),
        confusion=confusion(pairs),
        measures=measured(cells, counts, squares, level),
        bounds={
            name: _bounds(measure(wrong), measure(right)) for name, measure in MEASURES.items()
        },
    )


def _bounds(wrong: Floats, right: Floats) -> tuple[float, float] | None:
    if np.isnan(wrong) or np.isnan(right):
        return None
    return float(min(wrong, right)), float(max(wrong, right))


# -- what is shown -----------------------------------------------------------------------------


def _span(response: str, evidence: str) -> tuple[int, int] | None:
    """Return where evidence stands in a response; case and white space may differ."""
    words = evidence.split()
    if not words:
        return None
    at = response.find(evidence)
    if at >= 0:
        return at, at + len(evidence)
    found = re.search(r"\s+".join(map(re.escape, words)), response, re.IGNORECASE)
    return found.span() if found else None


def _plain(table: Table) -> dict[str, Any]:
    plain: dict[str, Any] = jsonl.jsonable(dict(table.measures))
    return {
        "n": table.n,
        "n_undecided": table.n_undecided,
        **plain,
        "confusion": jsonl.jsonable(table.confusion),
        "bounds": jsonl.jsonable(dict(table.bounds)),
    }


def _plain_case(case: Judged) -> dict[str, Any]:
    label, said = case.label, case.judgement
    start, end = case.span or (None, None)
    plain: dict[str, Any] = {
        "id": label.id,
        "question": label.question,
        "response": label.response,
        "label": label.so,
        "verdict": said.value,
        "label_kinds": list(label.kinds),
        "verdict_kinds": list(said.kinds),
        "reason": said.reason,
        "evidence": said.evidence,
        "start": start,
        "end": end,
        **{key: getattr(label, key) for key in STRATA},
    }
    if label.about == "correct":
        plain["references"] = list(label.references)
    if said.votes:
        plain["votes"] = jsonl.jsonable(said.votes)
    return plain
