"""`abstentions`: replay of the base's own abstentions.

Source: the experience-replay baseline of SEAT (arXiv 2506.14387, third version), ratio 1.0. What
the paper replays is not known; here it is what the base itself says, greedily, to questions about
names of purpose `anchor`, kept where the detector reads it as an abstention. So the replayed text
is the base's own, and none of its names stands in validation or report.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from iabench.errors import TrainingError
from iabench.grading.base import Answered
from iabench.grading.lexical import Lexical
from iabench.training.base import Example, Sources

__all__ = ["abstentions"]

_ASKED_FOR_EACH = 2
"""Questions asked for each abstention wanted: not every answer is one."""


def abstentions(sources: Sources) -> Iterable[Example]:
    """Return `ratio` times as many abstentions as there are facts.

    Raises:
        TrainingError: the base does not abstain often enough for there to be anything to replay.
    """
    wanted = round(sources.spec.ratio * len(sources.facts))
    asked = sources.unknowns(_ASKED_FOR_EACH * wanted)
    answers = sources.say(asked)
    cases = [Answered(question=e.question, answer=a) for e, a in zip(asked, answers, strict=True)]
    verdicts = Lexical().detect(cases)
    kept = [
        replace(example, answer=answer, fact=False)
        for example, answer, verdict in zip(asked, answers, verdicts, strict=True)
        if verdict.value
    ]
    if not kept:
        raise TrainingError(
            f"the base abstained on none of {len(asked):,} questions about invented names: there "
            "is nothing to replay.",
            "--rows idk (teaches a fixed phrase)",
        )
    # A base that abstains seldom is replayed more often than once.
    return [replace(kept[n % len(kept)], id=f"replay/{n}") for n in range(wanted)]
