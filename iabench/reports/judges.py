"""Who judged the answers of a run, and where judges disagree.

Beside the detector and grader that the numbers rest on, a run folder may hold the verdicts of
others (`regrade --detector X` leaves those before it in place), and a verdict may hold the votes of
those it was made of. Of what nobody else judged, nothing is said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path

from iabench import jsonl
from iabench.decode import decode
from iabench.errors import StoreError
from iabench.grading.agreement import Confusion, confusion
from iabench.records import About, Verdict
from iabench.reports.validated import Validated, by_labels, by_table

__all__ = ["LISTED", "Disputed", "Judged", "Pair", "Tally", "judged"]

LISTED = 100
"""Answers under dispute that a report lists; the others are counted."""

_OTHER: Mapping[About, About] = {"abstained": "correct", "correct": "abstained"}
_Book = dict[str, dict[str, bool | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What one judge said, over all answers that it judged."""

    judge: str
    used: bool
    """The numbers of the run rest on it."""
    votes_in: str
    """The judge of this run that it is a member of, or nothing."""
    yes: int
    no: int
    undecided: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two judges of the same answers."""

    first: str
    second: str
    counts: Confusion
    """Answers by what the first said (in place of what is so) and what the second said."""
    undecided: int
    """Answers that both judged and one of them left undecided."""

    @property
    def differ(self) -> int:
        """Answers that both decided, each otherwise."""
        return self.counts.false_positive + self.counts.false_negative


@dataclass(frozen=True, slots=True, kw_only=True)
class Disputed:
    """An answer of which judges say different things."""

    key: str
    verdicts: tuple[Verdict, ...]
    """What each said, the judge that counts first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """All that was said about one question: does it abstain, or is it correct?"""

    about: About
    used: tuple[str, ...]
    """Those that the numbers rest on, the run's own first; empty where nothing was judged."""
    tallies: tuple[Tally, ...] = ()
    validated: tuple[Validated, ...] = ()
    """How often the run's own judge errs: on the run's labels, and by a table."""
    pairs: tuple[Pair, ...] = ()
    n_compared: int = 0
    """Answers that at least two decided."""
    n_disputed: int = 0
    n_split: int = 0
    """Answers on which the votes of one judge, asked several times, were not all the same."""
    disputed: tuple[Disputed, ...] = ()
    """At most `LISTED` of them, spread over the run."""
    disputed_keys: frozenset[str] = field(default=frozenset(), repr=False)


def judged(
    folder: Path,
    about: About,
    own: str,
    verdicts: Mapping[str, Sequence[Verdict]],
    level: float,
) -> Judged:
    """Return what a run folder holds on one question.

    Args:
        folder: of the run.
        about: the question.
        own: id of the run's detector or grader.
        verdicts: those that the run's numbers rest on, by the request id of each graded answer.
        level: coverage of the intervals.

    Raises:
        StoreError: a file of verdicts, labels or error rates is broken.
    """
    mine = [one for some in verdicts.values() for one in some if one.about == about]
    used = sorted({one.grader for one in mine}, key=lambda name: (name != own, name))
    book, votes = _Book(), _Book()
    members: dict[str, set[str]] = {}
    n_split = 0
    for verdict in (*mine, *_others(folder, about, verdicts, used)):
        key, judge = verdict.request_id, verdict.grader
        book.setdefault(judge, {})[key] = verdict.value
        n_split += _is_split(verdict)
        for name, value in verdict.votes:
            if name != judge:
                members.setdefault(judge, set()).add(name)
                votes.setdefault(name, {})[key] = value
    for name, said in votes.items():
        # A member's own verdicts say the same, and more.
        book[name] = said | book.get(name, {})
    order = sorted(book, key=lambda name: (name not in used, name != own, name))
    values = {key: [book[name].get(key) for name in order] for key in verdicts}
    disputed = [key for key, said in values.items() if {True, False} <= set(said)]
    tables = (by_labels(folder, own, about, book.get(own, {}), level), by_table(folder, own, about))
    return Judged(
        about=about,
        used=tuple(used),
        tallies=tuple(_tally(name, used, members, book[name].values()) for name in order),
        validated=tuple(table for table in tables if table is not None),
        pairs=tuple(_pairs(order, book, members)),
        n_compared=sum(len(said) - said.count(None) > 1 for said in values.values()),
        n_disputed=len(disputed),
        n_split=n_split,
        disputed=tuple(_listed(folder, about, order, book, verdicts, _spread(disputed))),
        disputed_keys=frozenset(disputed),
    )


def _is_split(verdict: Verdict) -> bool:
    """Return whether a judge that was asked several times did not always say the same."""
    own = {value for name, value in verdict.votes if name == verdict.grader}
    return len(own) > 1


def _others(
    folder: Path, about: About, answers: Collection[str], used: Collection[str]
) -> Iterator[Verdict]:
    """Yield verdicts on graded answers by judges that the run's numbers do not rest on."""
    for path in sorted((folder / "verdicts").glob("*.jsonl")):
        for number, line in enumerate(jsonl.read(path), start=1):
            if line.get("request_id") not in answers or line.get("grader") in used:
                continue
            if line.get("about") == _OTHER[about]:
                continue
            known = {key: line[key] for key in Verdict.__dataclass_fields__ if key in line}
            yield decode(Verdict, known, where=f"{path}, line {number}", error=StoreError)


def _tally(
    judge: str,
    used: Collection[str],
    members: Mapping[str, set[str]],
    values: Iterable[bool | None],
) -> Tally:
    counts = Counter(values)
    return Tally(
        judge=judge,
        used=judge in used,
        votes_in=next((name for name in used if judge in members.get(name, ())), ""),
        yes=counts[True],
        no=counts[False],
        undecided=counts[None],
    )


def _pairs(order: Sequence[str], book: _Book, members: Mapping[str, set[str]]) -> Iterator[Pair]:
    """Yield all pairs that judged the same answers, but none of a judge and its own member."""
    for first, second in combinations(order, 2):
        if second in members.get(first, ()) or first in members.get(second, ()):
            continue
        both = [
            (book[first][key], value) for key, value in book[second].items() if key in book[first]
        ]
        decided = [(one, other) for one, other in both if one is not None]
        if both:
            counts = confusion(decided)
            undecided = counts.undecided + len(both) - len(decided)
            yield Pair(
                first=first,
                second=second,
                counts=replace(counts, undecided=0),
                undecided=undecided,
            )


def _spread(keys: Sequence[str]) -> list[str]:
    """Return at most `LISTED` keys at even distances."""
    n = min(len(keys), LISTED)
    return [keys[i * len(keys) // n] for i in range(n)]


def _listed(
    folder: Path,
    about: About,
    order: Sequence[str],
    book: _Book,
    verdicts: Mapping[str, Sequence[Verdict]],
    keys: Sequence[str],
) -> Iterator[Disputed]:
    """Yield what each judge said of some answers; of a member without verdicts, its vote."""
    wanted = {key: verdicts[key] for key in keys}
    own = [one for some in wanted.values() for one in some if one.about == about]
    others = _others(folder, about, wanted, {one.grader for one in own}) if wanted else ()
    found = {(one.request_id, one.grader): one for one in (*own, *others)}
    for key in keys:
        said = [found.get((key, name)) or _vote(key, about, name, book) for name in order]
        yield Disputed(key=key, verdicts=tuple(one for one in said if one is not None))


def _vote(key: str, about: About, judge: str, book: _Book) -> Verdict | None:
    if key not in book[judge]:
        return None
    return Verdict(request_id=key, grader=judge, about=about, value=book[judge][key])
