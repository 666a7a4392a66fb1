"""The wordings that decline an answer, as data: a rule has an id, a kind and a pattern.

Patterns read `Clause.text`: lower case, contractions written out, no punctuation. They hold no
unbounded gap, so that matching takes linear time. `{I}` is the speaker, `{ADV}` adverbs between
the words, `{START}` the beginning of the clause behind words that carry nothing. Earlier rules win
where two overlap, so the narrower kinds stand first.
"""

from __future__ import annotations

from iabench.grading.cues.cue import Cue, Form, Scope
from iabench.grading.cues.frames import ANSWERS_ASIDE, GUESS, NEGATED, REDIRECTS
from iabench.grading.cues.knowing import IGNORANCE, UNRECOGNISED
from iabench.grading.cues.open import OPEN
from iabench.grading.cues.refusing import CAPABILITY, CLARIFICATION, POLICY
from iabench.grading.cues.world import PREMISE, UNKNOWABLE

__all__ = [
    "ANSWERS_ASIDE",
    "DECLINES",
    "GUESS",
    "NEGATED",
    "OPEN",
    "REDIRECTS",
    "Cue",
    "Form",
    "Scope",
]

DECLINES: tuple[Cue, ...] = (
    *CAPABILITY, *POLICY, *PREMISE, *UNRECOGNISED, *UNKNOWABLE, *CLARIFICATION, *IGNORANCE
)  # fmt: skip
"""Every wording that declines, narrower kinds first."""
