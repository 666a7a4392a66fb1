"""What nobody can know yet: questions about days and years after a date given to the task.

Only what happens every year, or on every day, is asked, so that a question takes nothing for
granted but that its time has come. Templates are in `tasks/future-events/questions.toml`; each is
asked five times, of other years, and of other places, prizes, ... where it has some.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import date
from typing import Literal

from iabench.decode import decode, read_document
from iabench.errors import TaskError
from iabench.records import Probe
from iabench.rng import Dice
from iabench.worlds.facts import slug
from iabench.worlds.folders import data_folder

__all__ = ["future_probes"]

N_YEARS = 15
"""Years after the date that are asked about."""
_TIMES = 5
"""Questions of one template."""
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Template:
    domain: str
    relation: str
    asks: str
    when: Literal["year", "day"]
    what: tuple[str, ...] = ("",)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Questions:
    template: tuple[_Template, ...]


def future_probes(task: str, origin: str, seed: int, after: date) -> tuple[Probe, ...]:
    """Return five questions of each template, no two of them about the same event.

    Args:
        task: its name, for the ids.
        origin: of the probes.
        seed: 0 is the public set; a template asks of no year of the public set under another.
        after: the years that begin after this day are asked about.
    """
    first = after.year + 1
    probes = []
    for place, template in enumerate(_questions()):
        dice = Dice(seed, "future-events", place)
        what = dice.shuffled(template.what)
        for nth, offset in enumerate(_offsets(place, seed)):
            when, thing = str(first + offset), what[nth % len(what)]
            if template.when == "day":
                # Every month has a day up to the 28th.
                when = f"{1 + dice.below(28)} {dice.choice(_MONTHS)} {when}"
            question = template.asks.format(when=when, what=thing)
            tags = {"domain": template.domain, "relation": template.relation, "when": template.when}
            probes.append(
                Probe(
                    id=f"{task}/{slug(question.rstrip('?'))}",
                    question=question,
                    expect="abstain",
                    cluster=f"event/{question}",
                    tags=tuple(sorted(tags.items())),
                    origin=origin,
                )
            )
    return tuple(probes)


def _offsets(place: int, seed: int) -> list[int]:
    """Return the years that a template is asked of, counted from the first."""
    public = _offsets(place, 0) if seed else []
    years = [year for year in range(N_YEARS) if year not in public]
    return Dice(seed, "future-events", place, "years").sample(years, _TIMES)


@functools.cache
def _questions() -> tuple[_Template, ...]:
    path = data_folder("future-events", "questions.toml")
    return decode(_Questions, read_document(path), where=str(path), error=TaskError).template
