"""Responses from outside a run, judged as those of a run are: rows of anybody's file.

Rows are read, judged and given back a few at a time, so that a file of any length goes through a
little memory. A row that cannot be judged comes back undecided, with its line and what is wrong.
"""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from iabench import jsonl
from iabench.datasets.lines import Line, rows_of
from iabench.errors import ConfigError
from iabench.grading.base import FAILED, Answered, Detector, Grader, Referenced
from iabench.grading.degenerate import degenerate
from iabench.records import About, Judgement
from iabench.rng import digest

__all__ = [
    "Row",
    "drop_stale",
    "fault",
    "judged",
    "judgements",
    "key_of",
    "new_rows",
    "read_rows",
    "several",
    "verdicts_there",
]

Mark = tuple[str, str]
"""An id as `key_of` gives it, and the digest of what was judged."""

_AT_ONCE = 256
"""Rows that are read before the first of them is judged."""
_KEYS_NAMED = 8
_BEGINNING = b'{"detector":'
"""Of each line of verdicts: keys are sorted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a file."""

    number: int
    """Line of the file."""
    id: str | int
    """The row's own, or `line-12`."""
    case: Referenced | None
    """What is judged; None where the row does not hold it."""
    wrong: str = ""
    """Why it does not."""

    @property
    def of(self) -> str:
        """Return the digest of what is judged: a verdict holds for that and nothing else."""
        if self.case is None:
            return digest(self.wrong)
        return digest(self.case.question, self.case.answer, *self.case.references)

    @property
    def mark(self) -> Mark:
        """Return what a verdict on this row is found by."""
        return key_of(self.id), self.of


def judgements(
    judge: Detector | Grader, cases: Sequence[Referenced], about: About
) -> Iterator[Judgement]:
    """Yield one judgement a case, in order, as in a run: what is no response is not judged.

    A detector is not shown the references.

    Raises:
        ConfigError: a detector is asked whether something is correct, or a grader whether it
            abstains.
    """
    no_response = [degenerate(case.question, case.answer, cut=False) for case in cases]
    asked = [case for case, why in zip(cases, no_response, strict=True) if why is None]
    if about == "abstained" and isinstance(judge, Detector):
        made = judge.detect([Answered(question=c.question, answer=c.answer) for c in asked])
    elif about == "correct" and isinstance(judge, Grader):
        made = judge.grade(asked)
    else:
        is_detector = isinstance(judge, Detector)
        raise ConfigError(
            f"{judge.id} says whether a response {'abstains' if is_detector else 'is correct'}, "
            f"not whether it {'is correct' if is_detector else 'abstains'}.",
            "iabench detectors list",
        )
    for why in no_response:
        yield next(made) if why is None else Judgement(value=None, reason=f"degenerate: {why}")


def read_rows(file: BinaryIO, about: About, *, table: bool) -> Iterator[Row]:
    """Yield the rows of an open file: JSON lines, or a CSV where `table`.

    Each has `question` and `response`, `id` where it likes, and `references` where correctness is
    judged; whatever else is in it does not matter.
    """
    for line in rows_of(file, table=table, cells_as_they_stand=True):
        yield _row(line, about)


def judged(judge: Detector | Grader, rows: Iterable[Row], about: About) -> Iterator[dict[str, Any]]:
    """Yield one verdict a row, in order: id, value, kinds, evidence, reason, detector, votes."""
    left = iter(rows)
    while some := list(itertools.islice(left, _AT_ONCE)):
        made = judgements(judge, [row.case for row in some if row.case is not None], about)
        for row in some:
            wrong = f"line {row.number}: {row.wrong}"
            said = Judgement(value=None, reason=wrong) if row.case is None else next(made)
            yield {
                "id": row.id,
                "value": said.value,
                "kinds": list(said.kinds),
                "evidence": said.evidence,
                "reason": said.reason,
                "detector": judge.id,
                "of": row.of,
                **({"votes": [list(vote) for vote in said.votes]} if said.votes else {}),
            }


def fault(verdict: Mapping[str, Any]) -> bool:
    """Return whether a verdict is undecided because the judge could not be asked."""
    return verdict.get("value") is None and FAILED in str(verdict.get("reason", ""))


def verdicts_there(path: Path | None, detector: str) -> Counter[Mark]:
    """Return how many verdicts there are already by id and by what was judged.

    Those that a failed judge left undecided do not count: they are made again. A verdict of an
    earlier version does not say what was judged; its digest is "".

    Raises:
        ConfigError: it holds something else, or verdicts of another detector.
        StoreError: a line that is not the last is no JSON object.
    """
    found: Counter[Mark] = Counter()
    if path is None or not path.exists():
        return found
    # A torn last line will be cut off, so it must be one of ours, even where there is no other.
    with path.open("rb") as file:
        head = file.read(len(_BEGINNING))
    no_verdicts = ConfigError(f"{path} is there and holds no verdicts.", "another --out")
    if not _BEGINNING.startswith(head):
        raise no_verdicts
    for verdict in jsonl.read(path):
        if not {"id", "value", "detector"} <= verdict.keys():
            raise no_verdicts
        if verdict["detector"] != detector:
            raise ConfigError(
                f"{path} holds verdicts of {verdict['detector']}, not of {detector}.",
                "another --out, or --fresh",
            )
        found[_mark(verdict)] += not fault(verdict)
    return +found


def new_rows(rows: Iterable[Row], there: Counter[Mark], stand: Counter[Mark]) -> Iterator[Row]:
    """Yield the rows that have no verdict yet: none on their id, or one on another response.

    Args:
        rows: all.
        there: verdicts that stand already, by their marks; equal rows are told apart by number.
        stand: is filled with the marks of the verdicts that hold for these rows.
    """
    left = Counter(there)
    for row in rows:
        held = next((mark for mark in (row.mark, (row.mark[0], "")) if left[mark] > 0), None)
        if held is not None:
            left[held] -= 1
        stand[held or row.mark] += 1
        if held is None:
            yield row


def drop_stale(path: Path, stand: Counter[Mark]) -> int:
    """Drop the verdicts of a file that others have replaced, and return how many.

    Verdicts on ids that no row has any more are left alone.

    Args:
        path: of the verdicts.
        stand: how many hold, by their marks; of more than that the undecided go first, then the
            oldest.
    """
    ids = {own for own, _ in stand}
    too_many = Counter(mark for v in jsonl.read(path) if (mark := _mark(v))[0] in ids) - stand
    if not too_many:
        return 0
    n, faults = too_many.total(), Counter(_mark(v) for v in jsonl.read(path) if fault(v))
    faults &= too_many
    others = too_many - faults

    def kept() -> Iterator[dict[str, Any]]:
        for verdict in jsonl.read(path):
            gone = faults if fault(verdict) else others
            mark = _mark(verdict)
            if gone[mark] > 0:
                gone[mark] -= 1
            else:
                yield verdict

    jsonl.write(path, kept())
    return n


def _mark(verdict: Mapping[str, Any]) -> Mark:
    return key_of(verdict["id"]), str(verdict.get("of", ""))


def key_of(own: str | int) -> str:
    """Return an id as it is compared: as it stands in a file."""
    return jsonl.canonical(own)


def several(value: Any) -> list[str] | None:
    """Return the texts of a list, of a list as JSON text, or of text separated by `|`.

    None: it is nothing of that.
    """
    if isinstance(value, str):
        value = _listed(value) if value.lstrip().startswith("[") else value.split("|")
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        return None
    return [one.strip() for one in value if one.strip()]


def _listed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text.split("|")


def _row(line: Line, about: About) -> Row:
    own: str | int = f"line-{line.number}"
    if line.value is None:
        return Row(number=line.number, id=own, case=None, wrong=line.wrong)
    value = line.value.get("id")
    if value is not None and value != "":
        own = value if isinstance(value, str | int) else json.dumps(value)
    references = several(line.value.get("references"))
    wrong = _no_text(line.value, "question") or _no_text(line.value, "response")
    if not wrong and about == "correct" and not references:
        wrong = _lacks(line.value, "references")
        if references is None:
            wrong = '"references" is no list of texts.'
    if wrong:
        return Row(number=line.number, id=own, case=None, wrong=wrong)
    case = Referenced(
        question=line.value["question"],
        answer=line.value["response"],
        references=tuple(references or ()),
    )
    return Row(number=line.number, id=own, case=case)


def _no_text(row: Mapping[str, Any], key: str) -> str:
    if row.get(key) is None:
        return _lacks(row, key)
    return "" if isinstance(row[key], str) else f'"{key}" is no text.'


def _lacks(row: Mapping[str, Any], key: str) -> str:
    there = ", ".join(repr(str(name)) for name in list(row)[:_KEYS_NAMED])
    return f'"{key}" is missing among {there}.' if there else f'"{key}" is missing.'
