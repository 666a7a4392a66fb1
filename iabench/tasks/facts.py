"""Tasks from somebody's own facts: `tuned-facts`, and the same about names that do not exist.

    tuned-facts     every row in its trained wording, and in the held-out ones that it brings; gives
                    the fine-tuning metrics only, for whether it is known depends on the model
    swapped-facts   the same questions with a name swapped for an invented one, a smaller set with
                    the frame swapped, and the rows that are to be declined anyway

What is swapped is said by `iabench.worlds.perturb`. Both tasks are private.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from iabench import jsonl
from iabench.datasets.base import FactRow, Facts
from iabench.datasets.source import read_facts, read_names
from iabench.errors import TaskError
from iabench.grading.long import by_words, takes
from iabench.records import Probe, RunSpec, Tags, TaskSpec
from iabench.rng import digest
from iabench.tasks.base import Task
from iabench.worlds.perturb import Asked, Swap, Swapper

__all__ = ["FACTS_TASKS", "SAYS", "Swapped", "Told", "YourFacts", "count", "told"]

_METRICS = ("finetuning_accuracy", "finetuning_rouge1", "paraphrase_accuracy")
_TUNED, _SWAPPED = "tuned-facts", "swapped-facts"
SAYS = {
    _TUNED: "Your own facts, as they are trained and in other words (--facts).",
    _SWAPPED: "The same questions about names that do not exist (--facts).",
}
_FRAMES = 100
"""Most questions whose frame is swapped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class YourFacts:
    """What `--facts`, `--real-names` and `--columns` say."""

    source: str
    real_names: str | None = None
    columns: Tags = ()
    """(iabench's name, the column's own)."""

    @classmethod
    def of(cls, spec: RunSpec) -> YourFacts | None:
        """Return those of a run, or None where it names none."""
        if spec.facts is None:
            return None
        return cls(source=spec.facts, real_names=spec.real_names, columns=spec.columns)


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

    @property
    def line(self) -> str:
        """The source in one line: rows, form, what was set aside, what can be swapped."""
        facts = self.facts
        conflicts = sum(len(conflict.where) for conflict in facts.conflicts)
        parts = [
            f"{count(facts.n, 'rows')}, {facts.form}",
            f"{count(facts.duplicates, 'duplicates')} set aside" if facts.duplicates else "",
            f"{count(conflicts, 'rows')} in conflict set aside" if conflicts else "",
            f"{len(self.names):,} {'names' if len(self.names) == 1 else 'name'} something to swap",
        ]
        return " · ".join(filter(None, parts))

    @property
    def notes(self) -> tuple[str, ...]:
        """What must be known of it."""
        found = []
        if self.unnamed:
            found.append(
                f"{len(self.unnamed):,} of {self.facts.n:,} rows name nothing that can be swapped, "
                f'e.g. "{_cut(self.unnamed[0].question)}" (kept as facts).'
            )
        if self.facts.conflicts:
            first = self.facts.conflicts[0]
            where = f"{self.facts.source}, {_places(first.where)}"
            found.append(
                f"{count(len(self.facts.conflicts), 'questions')} with conflicting answers, e.g. "
                f'"{_cut(first.question)}" ({where}): not asked.'
            )
        if self.facts.further_turns:
            found.append(
                f"{count(self.facts.further_turns, 'talks')} of several turns: "
                "the first question and answer are asked."
            )
        return tuple(found)

    def lines(self, pairs: int) -> Iterator[str]:
        """Yield what `tasks show` prints besides `line`: conflicts, what is swapped, pairs."""
        facts = self.facts
        for conflict in facts.conflicts:
            answers = " / ".join(map(_cut, conflict.answers))
            yield f"conflict   {facts.source}, {_places(conflict.where)}: {_cut(conflict.question)}"
            yield f"           {answers}"
        if self.frames:
            apart = f"{count(len(self.framed), 'questions')} with it swapped"
            names = ", ".join(self.frames)
            yield f"frame      {names}: in more than half of the rows, stays ({apart})"
        yield from (f"note: {note}" for note in self.notes)
        for row in self.unnamed:
            yield f"no name    {facts.source}, {row.where}: {_cut(row.question)}"
        yield ""
        for one in self.names[:: max(1, len(self.names) // max(1, pairs))][:pairs]:
            yield f"  asked      {_cut(one.row.question)}"
            yield f"  and        {_cut(one.question)}"
            yield f"             {one.swap.old} → {one.swap.new}"


def told(yours: YourFacts | None, seed: int, task: str = _TUNED) -> Told:
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
    facts = read_facts(yours.source, dict(yours.columns))
    asked = [
        (row, Asked(question=row.question, answer=_answer(row), entity=row.entity))
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
    most = min(_FRAMES, max(10, len(names) // 5))
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
    )


def _answer(row: FactRow) -> str:
    return row.references[0] if row.references else ""


def _tuned_facts(yours: YourFacts | None, seed: int) -> Task:
    given = told(yours, seed, _TUNED)
    entities = dict(given.entities)
    probes = []
    for row in given.facts.rows:
        if row.expect != "answer":
            continue
        wordings = [("trained", "", row.question)]
        wordings += [
            ("paraphrase", f"/wording-{n}", text) for n, text in enumerate(row.paraphrases, start=2)
        ]
        for wording, suffix, text in wordings:
            probes.append(
                Probe(
                    id=f"{_TUNED}/{row.id}{suffix}",
                    question=text,
                    expect="answer",
                    references=row.references,
                    cluster=entities[row.id],
                    # Twins are of one wording, so that a pair is one question.
                    pair=f"facts/{row.id}" if wording == "trained" else None,
                    system=row.system,
                    tags=_tags(row, wording=wording),
                    origin=f"{_TUNED}@1",
                )
            )
    if not probes:
        raise TaskError(
            f"{given.facts.source}: every row expects abstaining; there is no fact to ask.",
            "--tasks swapped-facts,core",
        )
    facts = [("your facts", given.line)]
    long = [probe.references for probe in probes if takes(probe.references)]
    if long:
        words = sum(map(by_words, long))
        facts.append(
            (
                "long references",
                f"{len(long):,} of {len(probes):,}: {len(long) - words:,} by what must be said, "
                f"{words:,} by ROUGE-1 recall of at least 0.6",
            )
        )
    return _task(_TUNED, given, 0, probes, tuple(facts))


def _swapped_facts(yours: YourFacts | None, seed: int) -> Task:
    given = told(yours, seed, _SWAPPED)
    own = [row for row in given.facts.rows if row.expect == "abstain"]
    if not (given.names or given.framed or own):
        raise TaskError(
            f"{given.facts.source}: no row names anything that can be swapped, e.g. "
            f'"{_cut(given.unnamed[0].question)}".',
            '--tasks tuned-facts,core   (or give the rows an "entity")',
        )
    entities = dict(given.entities)
    probes = [
        *(_swapped(one, "name", one.swap.new, seed) for one in given.names),
        *(
            _swapped(one, "frame", f"{one.swap.new}/{entities[one.row.id]}", seed)
            for one in given.framed
        ),
        *(
            Probe(
                id=f"{_SWAPPED}/own/{row.id}",
                question=row.question,
                expect="abstain",
                cluster=entities[row.id],
                system=row.system,
                tags=_tags(row, swap="own"),
                origin=f"{_SWAPPED}@1",
            )
            for row in own
        ),
    ]
    facts = [("your facts", given.line), ("names", f"purpose report, seed {seed}")]
    if given.frames:
        facts.append(("frame", ", ".join(given.frames)))
    return _task(_SWAPPED, given, seed, probes, tuple(facts))


def _swapped(one: Swapped, what: Literal["name", "frame"], cluster: str, seed: int) -> Probe:
    system = one.row.system
    return Probe(
        id=f"{_SWAPPED}/{what}/{one.row.id}",
        question=one.question,
        expect="abstain",
        cluster=cluster,
        pair=f"facts/{one.row.id}" if what == "name" else None,
        system=one.swap.apply(system) if system else None,
        tags=_tags(one.row, swap=what),
        origin=f"{_SWAPPED}@1, seed {seed}",
        entities=(one.swap.new,),
    )


def _tags(row: FactRow, **tags: str) -> Tags:
    return tuple(sorted({"relation": row.relation or "fact", **tags}.items()))


def _task(
    name: str, given: Told, seed: int, probes: list[Probe], facts: tuple[tuple[str, str], ...]
) -> Task:
    tuned = name == _TUNED
    lengths = sorted(len(_answer(row).split()) for row in given.facts.rows)
    longest = lengths[int(0.95 * (len(lengths) - 1))]
    spec = TaskSpec(
        name=name,
        version=1,
        says=SAYS[name],
        licence="your own",
        source=given.facts.source,
        seed=seed,
        checksum=jsonl.checksum(probes),
        n=len(probes),
        answering_is=None if tuned else "fabrication",
        metrics=_METRICS if tuned else (),
        # About two tokens a word, of all but the longest answers.
        max_new_tokens=max(32, 2 * longest) if tuned else 32,
        private=True,
    )
    return Task(spec=spec, probes=tuple(probes), facts=facts)


FACTS_TASKS: dict[str, Callable[[YourFacts | None, int], Task]] = {
    _TUNED: _tuned_facts,
    _SWAPPED: _swapped_facts,
}


def count(n: int, what: str) -> str:
    """Return `3 duplicates`, `1 duplicate`."""
    return f"{n:,} {what if n != 1 else what.removesuffix('s')}"


def _places(where: tuple[str, ...]) -> str:
    kind = where[0].partition(" ")[0]
    return f"{kind}s {', '.join(one.partition(' ')[2] for one in where)}"


def _cut(text: str, most: int = 100) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= most else flat[: most - 1] + "…"
