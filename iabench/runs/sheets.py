"""A labelled sheet, read back: every row checked, labels stored, agreement measured."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast, get_args

from iabench import jsonl
from iabench.datasets.lines import TABLES, lines
from iabench.errors import ConfigError, near_match
from iabench.grading.agreement import Confusion, confusion
from iabench.grading.base import Answered, Referenced
from iabench.grading.labels import Label
from iabench.grading.validation import Validation, validate
from iabench.records import About, Judgement, Kind
from iabench.runs.labelling import LABELS, keys
from iabench.runs.run import Run

__all__ = ["Filled", "read"]

_KINDS: tuple[Kind, ...] = get_args(Kind)
# As people type them, and as spreadsheets write their own TRUE and FALSE in some languages.
_TRUTH = {
    **dict.fromkeys(
        ("true", "yes", "y", "1", "wahr", "ja", "j", "vrai", "oui", "verdadero", "sí"), True
    ),
    **dict.fromkeys(("false", "no", "n", "0", "falsch", "nein", "faux", "non", "falso"), False),
}
_NAMED = 20
"""Bad rows that a message names; the rest is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What a sheet said."""

    about: About
    path: Path
    """Where the labels lie now."""
    n: int
    """Answers in the sheet."""
    n_labelled: int
    replaced: Path | None
    """Where other labels lie that were there before."""
    digest: str
    agreement: Validation | None
    """Of the run's detector (or grader) with the labels; None where it decided none of them."""
    twice: Confusion
    """First label against second, of answers that stood in the sheet twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mark:
    abstained: bool
    kinds: tuple[Kind, ...] = ()
    correct: bool | None = None


def read(run: Run, path: Path) -> Filled:
    """Take a filled-in sheet back: check it, keep its labels in the run folder, measure agreement.

    Labels that were there before are replaced; where they differ they are kept aside, numbered.

    Raises:
        ConfigError: the file cannot be read, is no sheet of this run, holds no label, or rows of it
            are wrong; each is named.
    """
    name, key, marks = _marks(run, path)
    about: About = key["about"]
    first: dict[str, _Mark] = {}
    pairs: list[tuple[bool, bool | None]] = []
    for row_id in key["order"]:
        mark, probe_id = marks.get(row_id), key["rows"][row_id]
        if mark is None:
            continue
        if probe_id in first:
            pairs.append((_so(first[probe_id], about), _so(mark, about)))
        else:
            first[probe_id] = mark
    if not first:
        raise ConfigError(f"{path} holds no label yet.", f'fill in its column "{about}": yes, no')
    kept = list(_lines(run, name, key, first))
    target = run.path / LABELS[about]
    replaced = _aside(target, kept)
    jsonl.write(target, kept)
    labels = [_label(line, about) for line in kept]
    return Filled(
        about=about,
        path=target,
        n=len(set(key["rows"].values())),
        n_labelled=len(kept),
        replaced=replaced,
        digest=jsonl.checksum(kept),
        agreement=_agreement(run, labels, about),
        twice=confusion(pairs),
    )


def _so(mark: _Mark, about: About) -> bool:
    return mark.abstained if about == "abstained" else bool(mark.correct)


# -- the sheet ---------------------------------------------------------------------------------


def _marks(run: Run, path: Path) -> tuple[str, dict[str, Any], dict[str, _Mark]]:
    """Return digest and key of a sheet, and what stands in it by row id.

    Raises:
        ConfigError: see `read`.
    """
    if path.suffix.lower() not in TABLES:
        raise ConfigError(f"{path} is no sheet: not a .csv.", "save it as CSV, UTF-8")
    known = keys(run.path)
    where = {row: name for name, key in known.items() for row in key["rows"]}
    wrong: list[tuple[str, str]] = []
    marks: dict[str, _Mark] = {}
    seen: dict[str, int] = {}
    sheets: set[str] = set()
    try:
        for line in lines(path, cells_as_they_stand=True):
            row = line.value
            try:
                if row is None:
                    raise _WrongError(line.wrong, line.hint)
                row_id = str(row.get("id", "")).strip()
                if row_id not in where:
                    raise _WrongError(
                        f'the id "{row_id}" is of no sheet of this run.', "leave ids as they are"
                    )
                if row_id in seen:
                    raise _WrongError(f"the same id as line {seen[row_id]}.", "remove one of them")
                seen[row_id] = line.number
                sheets.add(where[row_id])
                mark = _mark(row, known[where[row_id]]["about"])
            except _WrongError as problem:
                wrong.append((f"line {line.number}: {problem.says}", problem.hint))
                continue
            if mark is not None:
                marks[row_id] = mark
    except OSError as problem:
        raise ConfigError(f"cannot read {path}: {problem.strerror or problem}.") from None
    if wrong:
        raise _rows_are_wrong(path, wrong)
    if not sheets:
        raise ConfigError(f"{path} is empty.", f"iabench label {run.path} --out sheet.csv")
    if len(sheets) > 1:
        raise ConfigError(f"{path} holds rows of {len(sheets)} sheets.", "read one after the other")
    (name,) = sheets
    return name, known[name], marks


class _WrongError(Exception):
    def __init__(self, says: str, hint: str = "") -> None:
        super().__init__(says)
        self.says, self.hint = says, hint


def _rows_are_wrong(path: Path, wrong: Sequence[tuple[str, str]]) -> ConfigError:
    named = [f"{says} Try: {hint}" if hint else says for says, hint in wrong[1:_NAMED]]
    if len(wrong) > _NAMED:
        named.append(f"and {len(wrong) - _NAMED:,} more rows.")
    says, hint = wrong[0]
    return ConfigError("\n  ".join([f"{path}, {says}", *named]), hint)


def _mark(row: Mapping[str, str], about: About) -> _Mark | None:
    """Return what was filled in, or None where nothing was.

    Raises:
        _WrongError: it makes no sense.
    """
    abstained, kinds = _truth(row, "abstained"), _kinds(row)
    if about == "abstained":
        if kinds and not abstained:
            raise _WrongError(
                "it has kinds of abstention and does not abstain.", "empty kinds, or abstained: yes"
            )
        return None if abstained is None else _Mark(abstained=abstained, kinds=kinds)
    correct = _truth(row, "correct")
    if abstained and correct:
        raise _WrongError("it cannot abstain and be correct.", "one yes at most")
    if correct is None and not abstained:
        if abstained is False:
            raise _WrongError("it does not abstain: is it correct?", "correct: yes or no")
        return None
    return _Mark(abstained=bool(abstained), correct=bool(correct))


def _truth(row: Mapping[str, str], column: str) -> bool | None:
    if column not in row:
        raise _WrongError(f'the column "{column}" is gone.', "leave the columns as they are")
    text = row[column].strip()
    if not text:
        return None
    found = _TRUTH.get(text.casefold())
    if found is None:
        raise _WrongError(f'{column}: "{text}" is neither yes nor no.', "yes, no, or nothing")
    return found


def _kinds(row: Mapping[str, str]) -> tuple[Kind, ...]:
    found = set()
    for part in re.split(r"[|,;/+\n]", row.get("kinds", "")):
        if kind := re.sub(r"[\s-]+", "_", part.strip().casefold()):
            if kind not in _KINDS:
                near = near_match(kind, _KINDS) or ", ".join(_KINDS)
                raise _WrongError(f'"{part.strip()}" is no kind of abstention.', near)
            found.add(kind)
    return cast(tuple[Kind, ...], tuple(sorted(found)))


# -- the labels --------------------------------------------------------------------------------


def _lines(
    run: Run, sheet: str, key: Mapping[str, Any], marks: Mapping[str, _Mark]
) -> Iterator[dict[str, Any]]:
    """Yield a line an answer, in the form that `detectors validate --labels` reads as well."""
    strata, members = key["strata"], key["members"]
    filled = Counter(members[probe_id] for probe_id in marks)
    for sample in run.samples():
        mark = marks.get(sample["id"])
        if mark is None:
            continue
        at = members[sample["id"]]
        line = {
            "id": sample["id"],
            "request_id": sample["request_id"],
            "question": sample["question"],
            "response": sample["response"],
            "expect": sample["expect"],
            "abstained": mark.abstained,
            "family": sample["cluster"],
            "source": sample["task"],
            "sheet": sheet,
            "stratum": at,
            "inclusion": strata[at]["drawn"] / strata[at]["size"],
            # What was left empty is stood for by what was labelled in the same stratum.
            "weight": strata[at]["size"] / filled[at],
        }
        if key["about"] == "abstained":
            yield line | {"kinds": list(mark.kinds)}
        else:
            yield line | {"correct": mark.correct, "references": sample["references"]}


def _aside(target: Path, kept: Sequence[Mapping[str, Any]]) -> Path | None:
    """Move labels that say something else out of the way."""
    if not target.exists() or jsonl.checksum(jsonl.read(target)) == jsonl.checksum(kept):
        return None
    number = 1
    while (aside := target.parent / "labels" / f"{target.stem}-old{number}.jsonl").exists():
        number += 1
    target.rename(aside)
    return aside


def _label(line: Mapping[str, Any], about: About) -> Label:
    return Label(
        id=line["id"],
        about=about,
        question=line["question"],
        response=line["response"],
        so=bool(line[about]),
        kinds=tuple(line.get("kinds", ())),
        references=tuple(line.get("references", ())),
        family=line["family"],
        source=line["source"],
        weight=line["weight"],
    )


class _Replayed:
    """A detector or grader that says what was said in the run."""

    def __init__(self, judge: str, said: Mapping[tuple[str, str], Judgement]) -> None:
        self.id = judge
        self._said = said

    def close(self) -> None:
        """Hold nothing."""


class _Detector(_Replayed):
    def detect(self, cases: Sequence[Answered]) -> Iterator[Judgement]:
        return (self._said[case.question, case.answer] for case in cases)


class _Grader(_Replayed):
    def grade(self, cases: Sequence[Referenced]) -> Iterator[Judgement]:
        return (self._said[case.question, case.answer] for case in cases)


def _agreement(run: Run, labels: Sequence[Label], about: About) -> Validation | None:
    """Return how the verdicts that stand agree with labels of the same answers."""
    said = {}
    for sample in run.samples():
        for verdict in sample["verdicts"]:
            if verdict["about"] == about:
                said[sample["question"], sample["response"]] = Judgement(
                    value=verdict["value"],
                    kinds=tuple(verdict["kinds"]),
                    reason=verdict["reason"],
                    evidence=verdict["evidence"],
                )
    judged = [label for label in labels if (label.question, label.response) in said]
    if not judged:
        return None
    make: Callable[..., _Detector | _Grader] = _Detector if about == "abstained" else _Grader
    judge = run.results["detector" if about == "abstained" else "grader"]
    return validate(make(judge, said), judged, name="labels of the run")
