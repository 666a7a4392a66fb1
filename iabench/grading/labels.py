"""Labelled responses: what a person said of each, read from anybody's file or from our own.

A file is JSON lines or CSV with `question`, `response` and either `abstained`, or `correct` with
`references`. `docs/labelling.md` says how our own were made; they come in two halves, and whoever
writes rules looks at the development half alone.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast, get_args

from iabench import jsonl
from iabench.datasets.lines import Line, lines
from iabench.errors import ConfigError, near_match
from iabench.grading.base import Referenced
from iabench.grading.rows import several
from iabench.records import About, Kind

__all__ = ["ADMISSIONS", "FOLDER", "Half", "Label", "labels_digest", "own_labels", "read_labels"]

Half = Literal["development", "test"]

ADMISSIONS: frozenset[Kind] = frozenset(
    ("ignorance", "premise_rejection", "unknowable", "unrecognised")
)
"""An abstention that holds one of these kinds admits that it does not know."""
FOLDER = Path(__file__).parent / "labelled"
SUFFIXES = (".jsonl", ".ndjson", ".csv", ".tsv")
_FILES = {"abstained": ("abstention-{}-en", "abstention-{}-other"), "correct": ("correctness-{}",)}
_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_NAMED = 20
"""Bad rows, and ways to be bad, that a message names; the rest is counted."""
_ROW = '{"question": "...", "response": "...", "abstained": true}'


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One response to one question, and what a person said of it."""

    id: str
    about: About
    question: str
    response: str
    so: bool
    """It abstains; or, about `correct`, it is right."""
    kinds: tuple[Kind, ...] = ()
    """Kinds of abstention, sorted."""
    references: tuple[str, ...] = ()
    kind: str = ""
    """The stratum that error rates are broken down by."""
    family: str
    """What responses of one template or idea share: the unit of resampling."""
    language: str = ""
    source: str = ""
    weight: float = 1.0
    """How many responses it stands for, as the inverse of a sampling probability."""

    @property
    def case(self) -> Referenced:
        """What a detector or a grader sees of it."""
        return Referenced(question=self.question, answer=self.response, references=self.references)


def read_labels(path: Path, about: About | None = None) -> list[Label]:
    """Return the labels in a file of JSON lines or CSV; columns that are not known do not matter.

    A row without `id` is called by its line, one without `family` belongs to its question.

    Args:
        path: the file.
        about: which label is taken where rows have both; None: the one that the first row has.

    Raises:
        ConfigError: the file cannot be read or is empty, or rows of it are wrong; each is named.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise ConfigError(
            f"{path}: labels are not read from {path.suffix or 'a file without suffix'}.",
            "a .jsonl or .csv file",
        )
    labels: list[Label] = []
    wrong: list[tuple[int, _WrongError]] = []
    seen: dict[str, int] = {}
    try:
        for line in lines(path, cells_as_they_stand=True):
            try:
                label = _label(line, about)
                if label.id in seen:
                    raise _WrongError(
                        f"the id {label.id!r} is that of line {seen[label.id]} too.",
                        "give each row its own",
                    )
            except _WrongError as problem:
                wrong.append((line.number, problem))
                continue
            about, seen[label.id] = label.about, line.number
            labels.append(label)
    except OSError as problem:
        raise ConfigError(f"cannot read {path}: {problem.strerror or problem}.") from None
    if wrong:
        raise _rows_are_wrong(path, wrong)
    if not labels:
        raise ConfigError(f"{path} is empty: there is no row in it.", _ROW)
    return labels


def own_labels(about: About, half: Half) -> list[Label]:
    """Return iabench's own labelled responses: what detectors are measured on, or written by."""
    stems = [stem.format(half) for stem in _FILES[about]]
    paths = [path for stem in stems for path in sorted(FOLDER.glob(f"{stem}*.jsonl"))]
    return [label for path in paths for label in read_labels(path, about)]


def labels_digest(labels: Sequence[Label]) -> str:
    """Return the sha256 of labels, order and all."""
    return jsonl.checksum(labels)


class _WrongError(Exception):
    def __init__(self, says: str, hint: str = "") -> None:
        super().__init__(says)
        self.says, self.hint = says, hint


def _rows_are_wrong(path: Path, wrong: list[tuple[int, _WrongError]]) -> ConfigError:
    """Return one error for all wrong rows; those that are wrong alike are named together."""
    alike: dict[tuple[str, str], list[int]] = {}
    for number, problem in wrong:
        alike.setdefault((problem.says, problem.hint), []).append(number)
    said = []
    for (says, hint), numbers in itertools.islice(alike.items(), _NAMED):
        more = f" and {len(numbers) - _NAMED:,} more" if len(numbers) > _NAMED else ""
        lines = f"line{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers[:_NAMED]))}"
        said.append((f"{lines}{more}: {says}", hint))
    first, hint = said[0]
    rest = [f"{says} Try: {hint}" if hint else says for says, hint in said[1:]]
    if len(alike) > _NAMED:
        rest.append(f"and {len(alike) - _NAMED:,} other things are wrong.")
    return ConfigError("\n  ".join([f"{path}, {first}", *rest]), hint)


def _label(line: Line, about: About | None) -> Label:
    """Return the label of a row.

    Raises:
        _WrongError: there is none in it.
    """
    if line.value is None:
        raise _WrongError(line.wrong, line.hint)
    row = line.value
    question, response = _text(row, "question"), _text(row, "response")
    if "abstained" not in row and "correct" not in row:
        raise _WrongError('neither "abstained" nor "correct" is there: what is so?', _ROW)
    about = about or ("abstained" if "abstained" in row else "correct")
    other: About = "correct" if about == "abstained" else "abstained"
    if about not in row and other in row:
        raise _WrongError(
            f'it says whether the response is "{other}", not "{about}".', f'"{about}": true'
        )
    so = _truth(row, about)
    kinds = _kinds(row)
    if kinds and about == "abstained" and not so:
        raise _WrongError("it has kinds of abstention and does not abstain.", '"kinds": []')
    references = tuple(_several(row, "references"))
    if about == "correct" and not references:
        raise _WrongError('"references" are missing: what is right?', '"references": ["Paris"]')
    return Label(
        id=_word(row, "id") or f"line-{line.number}",
        about=about,
        question=question,
        response=response,
        so=so,
        kinds=kinds,
        references=references,
        kind=_word(row, "kind"),
        family=_word(row, "family") or question,
        language=_word(row, "language"),
        source=_word(row, "source"),
        weight=_weight(row),
    )


def _text(row: Mapping[str, Any], key: str) -> str:
    value = row.get(key)
    if value is None:
        near = near_match(key, row)
        raise _WrongError(f'"{key}" is missing.', f'"{key}" for "{near}"' if near else _ROW)
    if not isinstance(value, str):
        raise _WrongError(f'"{key}" is no text.', f'"{key}": "..."')
    return value


def _word(row: Mapping[str, Any], key: str) -> str:
    value = row.get(key)
    return "" if value is None else str(value).strip()


def _truth(row: Mapping[str, Any], key: About) -> bool:
    value = row.get(key)
    if value is None or value == "":
        raise _WrongError(f'"{key}" is missing: what is so?', f'"{key}": true')
    found = _TRUTH.get(str(value).strip().casefold())
    if found is None:
        raise _WrongError(f'"{key}" is neither true nor false: {value!r}.', "true, false")
    return found


def _kinds(row: Mapping[str, Any]) -> tuple[Kind, ...]:
    known = get_args(Kind)
    found = set(_several(row, "kinds"))
    for kind in sorted(found - set(known)):
        raise _WrongError(
            f"{kind!r} is no kind of abstention.", near_match(kind, known) or ", ".join(known)
        )
    return cast(tuple[Kind, ...], tuple(sorted(found)))


def _several(row: Mapping[str, Any], key: str) -> list[str]:
    found = several(row.get(key))
    if found is None:
        raise _WrongError(f'"{key}" is no list of texts.', f'"{key}": ["...", "..."]')
    return found


def _weight(row: Mapping[str, Any]) -> float:
    value = row.get("weight")
    if value is None or value == "":
        return 1.0
    try:
        weight = float(value)
    except (TypeError, ValueError):
        weight = math.nan
    if not (0 < weight < math.inf):
        raise _WrongError(f'"weight" is no number above 0: {value!r}.', '"weight": 1')
    return weight
