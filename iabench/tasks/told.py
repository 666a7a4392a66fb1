"""A file of somebody's own facts, and what can be asked of it, before any task is made of it."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from iabench.datasets.base import FactRow, Facts
from iabench.datasets.source import read_facts, read_names
from iabench.errors import TaskError
from iabench.records import RunSpec, Tags
from iabench.rng import digest
from iabench.worlds.perturb import Asked, Swap, Swapper

__all__ = [
    "FRAMES",
    "SWAPPED",
    "TUNED",
    "Swapped",
    "Told",
    "YourFacts",
    "answer",
    "count",
    "cut",
    "told",
]

TUNED, SWAPPED, FRAMES = "tuned-facts", "swapped-facts", "swapped-frames"
_MOST_FRAMED = 100
"""Most questions whose frame is swapped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class YourFacts:
    """What `--facts`, `--real-names` and `--columns` say."""

    source: str
    data_dir: str | None = None
    """Folder with the files of published datasets."""
    real_names: str | None = None
    columns: Tags = ()
    """(iabench's name, the column's own)."""

    @classmethod
    def of(cls, spec: RunSpec) -> YourFacts | None:
        """Return those of a run, or None where it names none."""
        if spec.facts is None:
            return None
        return cls(
            source=spec.facts,
            data_dir=spec.data_dir,
            real_names=spec.real_names,
            columns=spec.columns,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Swapped:
    """One row with a name swapped."""

    row: FactRow
    swap: Swap

    @property
    def question(self) -> str:
        """The question about what does not exist."""
        return self.swap.apply(self.row.question)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A file of facts, and what can be asked of it."""

    facts: Facts
    frames: tuple[str, ...]
    entities: tuple[tuple[str, str], ...]
    """(row's id, what it is about)."""
    names: tuple[Swapped, ...]
    framed: tuple[Swapped, ...]
    unnamed: tuple[FactRow, ...]
    """Rows that name nothing that can be swapped."""
    nouns_large: bool = False
    """All nouns of the file are written large, so that its capitals say less."""

    @property
    def unknowns(self) -> tuple[FactRow, ...]:
        """Rows that are to be declined as they are."""
        return tuple(row for row in self.facts.rows if row.expect == "abstain")

    @property
    def asks(self) -> tuple[str, ...]:
        """Tasks that the file gives something for."""
        given = {
            TUNED: len(self.unknowns) < len(self.facts.rows),
            SWAPPED: bool(self.names or self.unknowns),
            FRAMES: bool(self.framed),
        }
        return tuple(task for task, some in given.items() if some)

    @property
    def line(self) -> str:
        """The source in one line: rows, form, what was set aside, what can be swapped."""
        facts = self.facts
        parts = [
            f"{count(facts.n, 'rows')}, {facts.form}",
            f"{count(facts.duplicates, 'duplicates')} set aside" if facts.duplicates else "",
            f"{count(facts.in_conflict, 'rows')} in conflict set aside" if facts.conflicts else "",
            f"{count(facts.repeated, 'paraphrases')} set aside: asked already"
            if facts.repeated
            else "",
            f"{len(self.names):,} {'names' if len(self.names) == 1 else 'name'} something to swap",
        ]
        return " · ".join(filter(None, parts))

    @property
    def notes(self) -> tuple[str, ...]:
        """What must be known of it."""
        found = []
        if TUNED not in self.asks:
            found.append("every row expects abstaining: there is no fact to ask.")
        if SWAPPED not in self.asks:
            found.append("no row names anything that can be swapped: swapped-facts is left out.")
        if self.unnamed:
            found.append(
                f"{len(self.unnamed):,} of {self.facts.n:,} rows name nothing that can be swapped, "
                f'e.g. "{cut(self.unnamed[0].question)}" (kept as facts).'
            )
        if self.facts.conflicts:
            first = self.facts.conflicts[0]
            where = f"{self.facts.source}, {first.places}"
            found.append(
                f"{count(len(self.facts.conflicts), 'questions')} with conflicting answers, e.g. "
                f'"{cut(first.question)}" ({where}): not asked.'
            )
        if self.facts.left_out:
            found.append(f"left out: columns {', '.join(self.facts.left_out)}.")
        if self.facts.further_turns:
            found.append(
                f"{count(self.facts.further_turns, 'talks')} of several turns: "
                "the first question and answer are asked."
            )
        return tuple(found)

    def lines(self, pairs: int, task: str = SWAPPED) -> Iterator[str]:
        """Yield what `tasks show` prints besides `line`: rows set aside, swaps, pairs."""
        facts = self.facts
        yield from (f"duplicate  {facts.source}: {cut(question)}" for question in facts.doubled)
        for conflict in facts.conflicts:
            answers = " / ".join(map(cut, conflict.answers))
            yield f"conflict   {facts.source}, {conflict.places}: {cut(conflict.question)}"
            yield f"           {answers}"
        if self.frames:
            apart = f"{count(len(self.framed), 'questions')} with it swapped"
            names = ", ".join(self.frames)
            yield f"frame      {names}: in more than half of the rows, stays ({apart}: {FRAMES})"
        if self.nouns_large:
            yield (
                "nouns      are written large here: a word alone is no name if it stands behind an "
                'article anywhere; "entity" says it for sure'
            )
        yield from (f"note: {note}" for note in self.notes)
        for row in self.unnamed:
            yield f"no name    {facts.source}, {row.where}: {cut(row.question)}"
        yield ""
        swapped = self.framed if task == FRAMES else self.names
        for one in swapped[:: max(1, len(swapped) // max(1, pairs))][:pairs]:
            yield f"  asked      {cut(one.row.question)}"
            yield f"  and        {cut(one.question)}"
            yield f"             {one.swap.old} → {one.swap.new}"


def told(yours: YourFacts | None, seed: int, task: str = TUNED) -> Told:
    """Return the facts of a source with what is swapped in them.

    Args:
        yours: where they are.
        seed: of the invented names.
        task: what asks, for the message.

    Raises:
        IabenchError: none are given, or they cannot be read.
    """
    if yours is None:
        raise TaskError(f"{task} asks facts of your own, and none are given.", "--facts FILE")
    # A file may be changed between two calls of one process.
    stamps = tuple(
        (path.stat().st_mtime_ns, path.stat().st_size)
        for path in map(Path, filter(None, (yours.source, yours.real_names)))
        if path.is_file()
    )
    return _told(yours, seed, stamps)


@functools.lru_cache(maxsize=4)
def _told(yours: YourFacts, seed: int, stamps: tuple[tuple[int, int], ...]) -> Told:
    facts = read_facts(yours.source, dict(yours.columns), yours.data_dir)
    asked = [
        (row, Asked(question=row.question, answer=answer(row), entity=row.entity))
        for row in facts.rows
    ]
    real = read_names(yours.real_names) if yours.real_names else ()
    swapper = Swapper([one for _, one in asked], real_names=real, seed=seed)
    names, unnamed, entities = [], [], []
    for row, one in asked:
        entities.append((row.id, swapper.name(one) or row.id))
        if row.expect == "answer":
            swap = swapper.swap(one)
            if swap is None:
                unnamed.append(row)
            else:
                names.append(Swapped(row=row, swap=swap))
    framed: list[Swapped] = []
    most = min(_MOST_FRAMED, max(10, len(names) // 5))
    for row, one in sorted(asked, key=lambda pair: digest("frame", pair[0].id)):
        if row.expect == "answer" and len(framed) < most and (swap := swapper.swap_frame(one)):
            framed.append(Swapped(row=row, swap=swap))
    return Told(
        facts=facts,
        frames=swapper.frames,
        entities=tuple(entities),
        names=tuple(names),
        framed=tuple(framed),
        unnamed=tuple(unnamed),
        nouns_large=swapper.nouns_large,
    )


def answer(row: FactRow) -> str:
    """Return the full answer of a row, empty where there is none."""
    return row.references[0] if row.references else ""


def count(n: int, what: str) -> str:
    """Return `3 duplicates`, `1 duplicate`."""
    return f"{n:,} {what if n != 1 else what.removesuffix('s')}"


def cut(text: str, most: int = 100) -> str:
    """Return a text on one line, with an ellipsis where it is longer."""
    flat = " ".join(text.split())
    return flat if len(flat) <= most else flat[: most - 1] + "…"
