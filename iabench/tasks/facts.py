"""Tasks from somebody's own facts: `tuned-facts`, and the same about names that do not exist.

    tuned-facts     every row in its trained wording, and in the held-out ones that it brings; gives
                    the fine-tuning metrics only, for whether it is known depends on the model
    swapped-facts   the same questions with a name swapped for an invented one, and the rows that
                    are to be declined anyway
    swapped-frames  a smaller set with the frame swapped, where the file has one; reported apart

What is swapped is said by `iabench.worlds.perturb`. All of them are private. One that a file gives
nothing for is left out where it was not asked for by its own name.
"""

from __future__ import annotations

from collections.abc import Callable

from iabench.datasets.base import FactRow
from iabench.errors import TaskError
from iabench.grading.long import by_words, takes
from iabench.records import Probe, Tags, TaskSpec
from iabench.tasks.base import Task, checksum
from iabench.tasks.told import (
    FRAMES,
    SWAPPED,
    TUNED,
    Swapped,
    Told,
    YourFacts,
    answer,
    count,
    cut,
    told,
)

__all__ = ["FACTS_TASKS", "SAYS", "YourFacts"]

_METRICS = ("finetuning_accuracy", "finetuning_rouge1", "paraphrase_accuracy")
SAYS = {
    TUNED: "Your own facts, as they are trained and in other words (--facts).",
    SWAPPED: "The same questions about names that do not exist (--facts).",
    FRAMES: "The same questions in a frame that does not exist: another company (--facts).",
}


def _tuned_facts(yours: YourFacts | None, seed: int) -> Task:
    given = told(yours, seed, TUNED)
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
                    id=f"{TUNED}/{row.id}{suffix}",
                    question=text,
                    expect="answer",
                    references=row.references,
                    cluster=entities[row.id],
                    # Twins are of one wording, so that a pair is one question.
                    pair=f"facts/{row.id}" if wording == "trained" else None,
                    system=row.system,
                    tags=_tags(row, wording=wording),
                    origin=f"{TUNED}@1",
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
    several = sum(len(row.must_say) > 1 for row in given.facts.rows)
    if several:
        facts.append(
            ("must_say", f"{count(several, 'rows')} with several: any one of them will do")
        )
    return _task(TUNED, given, 0, probes, tuple(facts))


def _swapped_facts(yours: YourFacts | None, seed: int) -> Task:
    given = told(yours, seed, SWAPPED)
    if SWAPPED not in given.asks:
        raise TaskError(
            f"{given.facts.source}: no row names anything that can be swapped, e.g. "
            f'"{cut(given.unnamed[0].question)}".',
            '--tasks tuned-facts,core   (or give the rows an "entity")',
        )
    entities = dict(given.entities)
    probes = [
        *(_swapped(one, SWAPPED, one.swap.new, seed) for one in given.names),
        *(
            Probe(
                id=f"{SWAPPED}/own/{row.id}",
                question=row.question,
                expect="abstain",
                cluster=entities[row.id],
                system=row.system,
                tags=_tags(row, swap="own"),
                origin=f"{SWAPPED}@1",
            )
            for row in given.unknowns
        ),
    ]
    return _task(SWAPPED, given, seed, probes, _said(given, seed))


def _swapped_frames(yours: YourFacts | None, seed: int) -> Task:
    given = told(yours, seed, FRAMES)
    if FRAMES not in given.asks:
        raise TaskError(
            f"{given.facts.source}: no name that could be swapped stands in more than half of the "
            "rows, so there is no frame.",
            "--tasks tuned-facts,swapped-facts,core",
        )
    entities = dict(given.entities)
    # Its own name keeps the rows of one entity together and those of others apart.
    probes = [
        _swapped(one, FRAMES, f"{one.swap.new}/{entities[one.row.id]}", seed)
        for one in given.framed
    ]
    return _task(FRAMES, given, seed, probes, _said(given, seed))


def _said(given: Told, seed: int) -> tuple[tuple[str, str], ...]:
    facts = [("your facts", given.line), ("names", f"purpose report, seed {seed}")]
    if given.frames:
        facts.append(("frame", ", ".join(given.frames)))
    return tuple(facts)


def _swapped(one: Swapped, task: str, cluster: str, seed: int) -> Probe:
    system = one.row.system
    return Probe(
        id=f"{task}/name/{one.row.id}" if task == SWAPPED else f"{task}/{one.row.id}",
        question=one.question,
        expect="abstain",
        cluster=cluster,
        # Twins are facts and the same about another name; a frame has no twin.
        pair=f"facts/{one.row.id}" if task == SWAPPED else None,
        system=one.swap.apply(system) if system else None,
        tags=_tags(one.row, swap=one.swap.what),
        origin=f"{task}@1, seed {seed}",
        entities=(one.swap.new,),
    )


def _tags(row: FactRow, **tags: str) -> Tags:
    return tuple(sorted({"relation": row.relation or "fact", **tags}.items()))


def _task(
    name: str, given: Told, seed: int, probes: list[Probe], facts: tuple[tuple[str, str], ...]
) -> Task:
    tuned = name == TUNED
    lengths = sorted(len(answer(row).split()) for row in given.facts.rows)
    longest = lengths[int(0.95 * (len(lengths) - 1))]
    spec = TaskSpec(
        name=name,
        version=1,
        says=SAYS[name],
        licence="your own",
        source=given.facts.source,
        seed=seed,
        checksum=checksum(probes),
        n=len(probes),
        answering_is=None if tuned else "fabrication",
        metrics=_METRICS if tuned else (),
        # About two tokens a word, of all but the longest answers.
        max_new_tokens=max(32, 2 * longest) if tuned else 32,
        private=True,
    )
    return Task(spec=spec, probes=tuple(probes), facts=facts)


FACTS_TASKS: dict[str, Callable[[YourFacts | None, int], Task]] = {
    TUNED: _tuned_facts,
    SWAPPED: _swapped_facts,
    FRAMES: _swapped_frames,
}
