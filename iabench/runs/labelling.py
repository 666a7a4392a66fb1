"""Labels of a run's own answers: a sample with known probabilities is drawn and read back.

Whoever labels sees question and answer in a drawn order; verdicts, expectations and what is sampled
how densely stay in the run folder (`labels/<digest>.json`). A tenth stands in the sheet twice, to
tell how far the labeller agrees with him- or herself.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from iabench import jsonl
from iabench.errors import ConfigError, StoreError
from iabench.metrics.corrected import Labelled, Said
from iabench.records import SCHEMA_VERSION, About, TaskSpec
from iabench.rng import Dice, digest
from iabench.runs.run import Run
from iabench.stats.sampling import allocate, systematic

__all__ = ["LABELS", "Sheet", "draw", "keys", "labelled", "labels_of"]

LABELS: Mapping[About, str] = {"abstained": "labels.jsonl", "correct": "labels-correct.jsonl"}
"""Where labels lie in a run folder, by what they are about."""
_TWICE = 0.1
_DISPUTED = 2.0
"""How much more an answer is worth drawing about which detectors disagree. At 3 intervals grow: the
large strata, which hardly hold an error, then have too few labels to show it."""
_WORDS = {True: "yes", False: "no", None: "undecided"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What is given to a person: cells by column, texts as the model wrote them."""

    about: About
    rows: tuple[Mapping[str, str], ...]
    n: int
    """Answers in it."""
    n_all: int
    """Answers that they were drawn from."""
    n_private: int
    """Rows whose question comes from somebody's own file."""
    n_strata: int
    key: Path
    """Which row is which."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns; those to fill in stand first, where no spreadsheet drops them."""
        return tuple(self.rows[0])


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class _Stratum:
    task: str
    expect: str
    verdict: str
    disputed: bool


def draw(run: Run, *, n: int, seed: int, about: About = "abstained") -> Sheet:
    """Return a sheet of answers to label, and keep its key in the run folder.

    Strata are task x expectation x verdict x whether detectors, or the votes of one, disagree. The
    same seed draws the same sheet, as long as the verdicts are the same.

    Args:
        run: a finished one.
        n: answers; all there are, if they are fewer. A tenth of them is asked about twice.
        seed: of the draw.
        about: `abstained`, or `correct`, where references are shown.

    Raises:
        ConfigError: there is nothing to label, or n is too small to draw from every stratum.
    """
    samples = dict(_candidates(run, about))
    strata: dict[_Stratum, list[str]] = {}
    for probe_id, stratum in _strata(run, samples, about):
        strata.setdefault(stratum, []).append(probe_id)
    if not strata:
        raise ConfigError(f"{run.path} holds no answer to label.", "iabench runs")
    order = sorted(strata)
    if n < len(order):
        raise ConfigError(
            f"--n {n} is too few for {len(order)} strata (task, expectation, verdict).",
            f"--n {max(200, 10 * len(order))}",
        )
    sizes = [len(strata[stratum]) for stratum in order]
    weights = [_DISPUTED if stratum.disputed else 1.0 for stratum in order]
    dice = Dice(seed, "label", about)
    drawn: list[str] = []
    counts = allocate(sizes, weights, n)
    for stratum, some in zip(order, counts, strict=True):
        ids = sorted(strata[stratum])
        clusters = [str(samples[one]["cluster"]) for one in ids]
        at = dice.at(stratum.task, stratum.expect, stratum.verdict, stratum.disputed)
        drawn += systematic(ids, clusters, some, at)
    again = dice.at("again").sample(drawn, round(_TWICE * len(drawn)))
    asked = dice.at("order").shuffled([(one, 0) for one in drawn] + [(one, 1) for one in again])
    # A letter first: a spreadsheet takes digits with an e among them for a number.
    rows = {
        "r" + digest(seed, about, samples[one]["request_id"], copy, size=10): one
        for one, copy in asked
    }
    key = {
        "schema_version": SCHEMA_VERSION,
        "about": about,
        "seed": seed,
        "detector": run.results["detector"],
        "grader": run.results["grader"],
        "strata": [
            {**jsonl.jsonable(stratum), "size": size, "drawn": some}
            for stratum, size, some in zip(order, sizes, counts, strict=True)
        ],
        "members": {one: at for at, stratum in enumerate(order) for one in sorted(strata[stratum])},
        "rows": rows,
        "order": list(rows),
    }
    path = run.path / "labels" / f"{digest(jsonl.canonical(key), size=8)}.json"
    jsonl.write_json(path, key)
    private = {task["name"] for task in run.results["tasks"] if task["private"]}
    has_context = any(samples[one]["context"] for one in drawn)
    return Sheet(
        about=about,
        rows=tuple(_cells(name, samples[one], about, has_context) for name, one in rows.items()),
        n=len(drawn),
        n_all=sum(sizes),
        n_private=sum(samples[one]["task"] in private for one in rows.values()),
        n_strata=len(order),
        key=path,
    )


def _candidates(run: Run, about: About) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what was answered at all, and about `correct` only what has references."""
    for sample in run.samples():
        if sample["outcome"] == "degenerate" or sample["finish"] == "error":
            continue
        if about == "abstained" or (sample["expect"] == "answer" and sample["references"]):
            yield str(sample["id"]), sample


def _strata(
    run: Run, samples: Mapping[str, dict[str, Any]], about: About
) -> Iterator[tuple[str, _Stratum]]:
    """Yield the stratum of every answer."""
    said: dict[str, set[bool]] = {}
    for path in sorted((run.path / "verdicts").glob("*.jsonl")):
        for line in jsonl.read(path):
            if line["about"] == about:
                votes = (line["value"], *(value for _, value in line.get("votes", ())))
                own = said.setdefault(line["request_id"], set())
                own.update(value for value in votes if value is not None)
    for probe_id, sample in samples.items():
        values = [v["value"] for v in sample["verdicts"] if v["about"] == "abstained"]
        verdict = _WORDS[values[0] if values else None]
        if about == "correct" and verdict == "no":
            verdict = str(sample["outcome"])
        yield (
            probe_id,
            _Stratum(
                task=str(sample["task"]),
                expect=str(sample["expect"]),
                verdict=verdict,
                disputed=len(said.get(str(sample["request_id"]), ())) > 1,
            ),
        )


def _cells(name: str, sample: Mapping[str, Any], about: About, has_context: bool) -> dict[str, str]:
    asked = [text for role, text in sample["turns"] if role == "user"]
    empty = (
        {"abstained": "", "kinds": ""} if about == "abstained" else {"abstained": "", "correct": ""}
    )
    context = {"context": sample["context"] or ""} if has_context else {}
    references = {"references": " | ".join(sample["references"])} if about == "correct" else {}
    return {
        "id": name,
        **empty,
        **context,
        "question": "\n".join(asked),
        **references,
        "response": sample["response"],
    }


# -- labels that were read back ----------------------------------------------------------------


def keys(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the keys of all sheets that were drawn from a run, by digest."""
    found = {}
    for path in sorted((folder / "labels").glob("*.json")):
        try:
            key = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            raise StoreError(f"{path} is not readable.", "draw the sheet again") from None
        found[path.stem] = key
    return found


def labels_of(folder: Path, about: About) -> list[dict[str, Any]]:
    """Return the labels that a run folder holds, none where there are none."""
    return list(jsonl.read(folder / LABELS[about]))


def labelled(
    folder: Path, about: About, specs: Mapping[str, TaskSpec], answers: Mapping[str, str]
) -> Labelled | None:
    """Return the labels of a run as metrics want them, or None where there are none.

    Args:
        folder: of the run.
        about: `abstained` or `correct`.
        specs: of the run's tasks by name.
        answers: request ids by probe; a label of another answer is left out.

    Raises:
        StoreError: the key of their sheet is gone.
    """
    lines = labels_of(folder, about)
    if not lines:
        return None
    key = keys(folder).get(lines[0]["sheet"])
    if key is None:
        raise StoreError(
            f"{folder / LABELS[about]} is of a sheet whose key labels/{lines[0]['sheet']}.json is "
            "gone.",
            f"iabench label {folder} --out sheet.csv",
        )
    said = {}
    for line in lines:
        probe_id = str(line["id"])
        if answers.get(probe_id) == line["request_id"]:
            said[probe_id] = _said(line, specs[probe_id.partition("/")[0]])
    return Labelled(strata=key["members"], said=said)


def _said(line: Mapping[str, Any], spec: TaskSpec) -> Said:
    if line["abstained"]:
        kinds = line.get("kinds", ())
        return Said(
            outcome="abstained",
            admitted=not set(kinds).isdisjoint(spec.accepts) if kinds else None,
        )
    if line["expect"] == "abstain":
        made_up = spec.answering_is == "fabrication"
        return Said(outcome="hallucinated" if made_up else "overreached", admitted=False)
    if not line.get("references", True):
        return Said(outcome="answered", admitted=False)
    return Said(outcome="correct" if line.get("correct") else "incorrect", admitted=False)
