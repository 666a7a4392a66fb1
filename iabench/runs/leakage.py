"""Whether a model knows the public questions, or the generator that made them.

    item_leakage    a metric on the public set, less the same on a private one: what was trained on
                    the public questions does better there
    generator_fit   refusal on the names of one grammar, less refusal on those of another

Both are differences of independent samples; see `iabench.stats.mover`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from iabench import jsonl
from iabench.decode import decode, read_document
from iabench.errors import StoreError
from iabench.records import SCHEMA_VERSION, Difference, Estimate
from iabench.runs.run import Run
from iabench.stats.mover import Ends, detectable, difference

__all__ = ["LEAKAGE", "METRICS", "generator_fit", "item_leakage", "read", "write"]

LEAKAGE = "leakage.json"

METRICS = ("refusal_accuracy", "admission_rate")
"""Metrics of questions about invented names alone: real ones are the same under every seed."""

_FIRST, _SECOND = "invented-entities", "invented-otherwise"


def item_leakage(public: Run, private: Run) -> list[Difference]:
    """Return public less private for every task that draws, and for the suites that hold one.

    Args:
        public: a finished run of one seed.
        private: a finished run of the same model, asked the same tasks of another seed.

    Raises:
        StoreError: they asked other tasks, in another way, or drew nothing anew.
    """
    drawn = _drawn(public, private)
    suites = [name for name, members in public.results["suites"].items() if drawn & set(members)]
    there = {(e.task, e.metric): e for e in private.estimates if _whole(e)}
    found = []
    for one in public.estimates:
        other = there.get((one.task, one.metric))
        if other is None or one.metric not in METRICS or not _whole(one):
            continue
        if one.task in drawn or one.task in suites:
            found.append(_difference(one, other, "item_leakage"))
    return sorted(found, key=lambda d: (d.task, METRICS.index(d.metric)))


def generator_fit(estimates: Sequence[Estimate]) -> list[Estimate]:
    """Return the refusal on names of the first grammar less that on names of the second."""
    found = {e.task: e for e in estimates if _whole(e) and e.metric == "refusal_accuracy"}
    if not {_FIRST, _SECOND} <= found.keys():
        return []
    gap = _difference(found[_FIRST], found[_SECOND], "generator_fit")
    least = "" if gap.detectable is None else f"a gap of {gap.detectable:.2f} would have shown"
    return [
        Estimate(
            task=_SECOND,
            metric="generator_fit",
            value=gap.value,
            lo=gap.lo,
            hi=gap.hi,
            level=gap.level,
            method=gap.method,
            n=gap.n,
            n_undecided=gap.n_undecided,
            bounds=None,
            higher_is_better=False,
            reason=gap.reason or least,
        )
    ]


def write(public: Run, found: Sequence[tuple[Run, Sequence[Difference]]]) -> Path:
    """Write what was found beside the public run; return the file."""
    path = public.path / LEAKAGE
    document: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "item_leakage": [
            {
                "public_seed": public.results["seed"],
                "private_seed": private.results["seed"],
                "private_run": str(private.path),
                "differences": [jsonl.jsonable(one) for one in differences],
            }
            for private, differences in found
        ],
        "generator_fit": [
            jsonl.jsonable(e)
            for run in (public, *(private for private, _ in found))
            for e in run.estimates
            if e.metric == "generator_fit"
        ],
    }
    jsonl.write_json(path, document)
    return path


def read(folder: Path) -> list[tuple[int, list[Difference]]]:
    """Return (private seed, differences) of what was written beside a public run; or nothing.

    Raises:
        StoreError: the file is broken.
    """
    path = folder / LEAKAGE
    if not path.is_file():
        return []
    found = []
    for pair in read_document(path).get("item_leakage") or []:
        rows = pair["differences"]
        differences = [decode(Difference, row, where=str(path), error=StoreError) for row in rows]
        found.append((int(pair["private_seed"]), differences))
    return found


def _drawn(public: Run, private: Run) -> set[str]:
    """Return the tasks whose questions differ by seed.

    Raises:
        StoreError: the runs cannot be held against each other.
    """
    one, other = ({t["name"]: t for t in run.results["tasks"]} for run in (public, private))
    if one.keys() != other.keys():
        left = ", ".join(sorted(one.keys() ^ other.keys()))
        raise StoreError(f"not the same tasks in {public.path} and {private.path}: {left}.")
    for judge in ("detector", "grader"):
        if public.results[judge] != private.results[judge]:
            raise StoreError(
                f"not the same {judge} in {public.path} and {private.path}.",
                f"iabench regrade {private.path} --{judge} {public.results[judge].split('@')[0]}",
            )
    drawn = {name for name in one if one[name]["checksum"] != other[name]["checksum"]}
    if not drawn:
        names = ", ".join(sorted(one))
        raise StoreError(
            f"{names}: the same questions under seed {public.results['seed']} and "
            f"{private.results['seed']}, so there is no leakage to see.",
            "--tasks core",
        )
    return drawn


def _whole(estimate: Estimate) -> bool:
    return (estimate.slice, estimate.variant) == ("all", "raw")


def _ends(estimate: Estimate) -> Ends | None:
    if estimate.value is None or estimate.lo is None or estimate.hi is None:
        return None
    return estimate.value, estimate.lo, estimate.hi


def _difference(one: Estimate, other: Estimate, what: str) -> Difference:
    """Return `one` less `other`; `tuned` holds the first, `base` what is taken off."""
    ends = _ends(one), _ends(other)
    value = lo = hi = least = None
    if one.value is not None and other.value is not None:
        value = one.value - other.value
    if ends[0] is not None and ends[1] is not None:
        lo, hi = difference(ends[0], ends[1])
        least = detectable(ends[0], ends[1], one.level)
    why = next((e.reason for e in (one, other) if _ends(e) is None), "")
    return Difference(
        task=one.task,
        metric=one.metric if what == "item_leakage" else what,
        base=other.value,
        tuned=one.value,
        value=None if value is None else round(value, 12),
        lo=lo,
        hi=hi,
        level=one.level,
        method="mover",
        p=None,
        p_adjusted=None,
        test="none",
        detectable=least,
        n=one.n + other.n,
        n_undecided=one.n_undecided + other.n_undecided,
        higher_is_better=one.higher_is_better,
        reason=why,
    )
