"""Studies by name: `iabench study --preset NAME` is the published one, whole."""

from __future__ import annotations

import json
from dataclasses import dataclass

from iabench.errors import UnknownNameError, near_match
from iabench.studies.spec import Method, methods_of

__all__ = ["PRESETS", "StudyPreset", "named_study"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyPreset:
    """What a named study asks for; whatever is typed goes before it."""

    name: str
    says: str
    model: str
    methods: tuple[Method, ...]
    seeds: int = 3
    against: str | None = None


def _se_tuning() -> StudyPreset:
    by_nli = Method(
        name="se-tuning-nli",
        source="preset",
        preset="se-tuning",
        settings=(("entailment", json.dumps("nli")), ("nli", json.dumps("organism"))),
        says="the same, samples clustered by an NLI model in place of normalised equality",
    )
    return StudyPreset(
        name="se-tuning",
        says="tuning by uncertainty: R-Tuning, R-Tuning-U, SE-tuning by equality and by NLI",
        model="organism-unaligned",
        methods=(*methods_of(("r-tuning", "r-tuning-u", "se-tuning")), by_nli),
        against="se-tuning",
    )


PRESETS = {"se-tuning": _se_tuning}


def named_study(name: str) -> StudyPreset:
    """Return a study by name.

    Raises:
        UnknownNameError: there is none of that name.
    """
    if name not in PRESETS:
        near = near_match(name, PRESETS) or f"one of: {', '.join(PRESETS)}"
        raise UnknownNameError(f'no study "{name}".', near)
    return PRESETS[name]()
