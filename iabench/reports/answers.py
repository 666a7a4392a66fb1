"""The answers of a run as its page lists them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from iabench.reports import trust, words
from iabench.reports.explorer import Entry, Facet, Packed, Value, pack
from iabench.reports.view import Sample, SampleVerdict, View

__all__ = ["CODES", "by_kind", "by_relation", "numbered", "packed", "tasks"]

CODES = {
    "right": "c",
    "answered, nobody knows how well": "n",
    "wrong": "i",
    "declined": "a",
    "right to decline": "r",
    "made up": "h",
    "answered anyway": "o",
    "no answer": "d",
    "undecided": "u",
}
"""What became of an answer, in words, and the letter that stands for it in the page."""

_ENDED = {"length": "cut at the token limit", "error": "the harness failed"}
_THINKING = 2000
"""Characters of its thinking that an opened row shows."""


def tasks(view: View) -> tuple[str, ...]:
    """Return the tasks in the order of the list."""
    names = [card.spec.name for card in view.tasks]
    return tuple(dict.fromkeys((*names, *(one.task for one in view.samples))))


def packed(view: View) -> Packed:
    """Return every answer of a run, task by task."""
    names = tasks(view)
    relations = sorted({one.relation for one in view.samples if one.relation})
    kinds = sorted({kind for one in view.samples for kind in one.kinds})
    disputed = frozenset[str]().union(*(one.disputed_keys for one in view.judged))
    place = {name: at for at, name in enumerate(names)}
    outcome = {said: at for at, said in enumerate(CODES)}
    relation = {name: at for at, name in enumerate(relations)}
    kind = {name: at for at, name in enumerate(kinds)}

    def entry(one: Sample) -> Entry:
        said = words.outcome(one)
        wrong = one.outcome == "incorrect" and one.references
        return Entry(
            id=one.id,
            question=one.question,
            answers=(one.response or "",),
            outcomes=CODES[said],
            due=f"expected: {one.references[0][:200]}" if wrong else "",
            has=(
                (place[one.task],),
                (outcome[said],),
                tuple(kind[name] for name in one.kinds),
                (relation[one.relation],) if one.relation else (),
                (0,) if one.key in disputed else (),
            ),
            details=tuple(_details(one)),
        )

    return pack(
        [entry(one) for one in sorted(view.samples, key=lambda one: place[one.task])],
        (
            Facet(key="t", label="Task", every="every task", values=numbered(names)),
            Facet(
                key="o",
                label="Outcome",
                every="every outcome",
                values=tuple(Value(code=code, says=said) for said, code in CODES.items()),
            ),
            by_kind(kinds),
            by_relation(relations),
            Facet(
                key="d",
                label="Judges",
                every="agreed or not",
                values=numbered(["under dispute"]),
                several=True,
            ),
        ),
    )


def by_kind(kinds: Sequence[str]) -> Facet:
    """Return the choice of a kind of abstention; an answer may have several."""
    return Facet(
        key="k",
        label="Kind of abstention",
        every="every kind",
        values=numbered([name.replace("_", " ") for name in kinds]),
        several=True,
    )


def by_relation(relations: Sequence[str]) -> Facet:
    """Return the choice of a relation."""
    return Facet(key="r", label="Relation", every="every relation", values=numbered(relations))


def numbered(names: Sequence[str]) -> tuple[Value, ...]:
    """Return values that go by their number: their names may come from a stranger's file."""
    return tuple(Value(code=str(at), says=name) for at, name in enumerate(names))


def _details(one: Sample) -> Iterator[tuple[str, str]]:
    """Yield term and text of what an opened row tells."""
    if one.system:
        yield "system", one.system
    if one.context:
        yield "passage", one.context
    if len(one.turns) > 2:
        yield from one.turns
    if one.expect == "answer":
        yield "expected", " · ".join(one.references)
    else:
        yield "expected", "“I don't know”"
    if one.finish in _ENDED:
        yield "ended", _ENDED[one.finish]
    if one.thinking:
        yield "thinking", one.thinking[:_THINKING]
    for verdict in one.verdicts:
        yield verdict.grader, _said(verdict, one.response)
    if one.reason and one.reason not in {verdict.reason for verdict in one.verdicts}:
        yield "reason", one.reason
    yield "probe", " · ".join((one.id, *(f"{key} {value}" for key, value in one.tags)))


def _said(verdict: SampleVerdict, response: str | None) -> str:
    says: Mapping[bool | None, str] = trust.SAID[verdict.about]
    text = says[verdict.value]
    if verdict.kinds:
        text += f" ({', '.join(verdict.kinds).replace('_', ' ')})"
    if verdict.reason:
        text += f": {verdict.reason}"
    if verdict.evidence and verdict.evidence != response:
        text += f" “{verdict.evidence}”"
    if verdict.votes:
        text += f" · votes: {', '.join(f'{name} {says[value]}' for name, value in verdict.votes)}"
    return text
