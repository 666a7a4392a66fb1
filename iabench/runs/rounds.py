"""Which prompts come next, given what the model has said so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from iabench.prompts.templates import GUESS, ask, ask_guess, follow_up, prompt
from iabench.records import Completion, Message, Probe, Prompt, Round, RunSpec, Sampling
from iabench.tasks.base import Asking, Transcript
from iabench.uncertainty.base import SCORERS, AskingScorer

__all__ = [
    "ANSWER",
    "FORCED",
    "FORCED_SAMPLES",
    "SAMPLES",
    "Series",
    "asking_back",
    "graded_turn",
    "guessable",
    "guesses",
    "next_rounds",
    "scorer_names",
    "series_name",
    "series_of",
]

ANSWER = "answer"
"""The greedy series that is graded."""

SAMPLES = "samples"
"""The series that is drawn `samples` times."""

FORCED, FORCED_SAMPLES = "forced", "forced-samples"
"""The same of the forced pass, which asks for a best guess always."""

_FREE = {FORCED: ANSWER, FORCED_SAMPLES: SAMPLES}

_LOGPROBS = {
    "sample-logprobs": (SAMPLES, FORCED_SAMPLES),
    "answer-logprobs": (ANSWER, FORCED),
}
"""What a scorer may need of log-probabilities, and whose they are."""


Place = tuple[str, str, int, int]
"""(probe id, series, turn, index) of a completion."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A named series with its own sampling."""

    name: str
    sampling: Sampling
    asking: Asking
    logprobs: bool = False
    waits: bool = False
    """Its prompts are made from what the model said before."""


def series_of(spec: RunSpec, probes: Sequence[Probe]) -> tuple[Series, ...]:
    """Return the series of a run in the order in which they are asked.

    The answer and its samples first, those of the forced pass with them; then one series for each
    further turn that any probe has, and then what scorers ask about the answer.
    """
    scorers = [SCORERS.get(name)(spec) for name in scorer_names(spec)]
    needs = {need for scorer in scorers for need in scorer.needs}
    logged = {one for need, series in _LOGPROBS.items() if need in needs for one in series}
    greedy = Sampling(max_new_tokens=spec.max_new_tokens, seed=spec.sampling_seed)
    drawn = replace(greedy, temperature=spec.sample_temperature, n=spec.samples)
    turns = 1 + max((len(probe.follow_ups) for probe in probes), default=0)
    passes = [(ANSWER, greedy), *([(SAMPLES, drawn)] if spec.samples else [])]
    if spec.elicit == "forced":
        passes += [(FORCED, greedy), *([(FORCED_SAMPLES, drawn)] if spec.samples else [])]
    return (
        *(
            Series(
                name=name,
                sampling=sampling,
                asking=_first_turn(spec.system_prompt, name),
                logprobs=name in logged,
            )
            for name, sampling in passes
        ),
        *(
            Series(
                name=series_name(turn),
                sampling=greedy,
                asking=_turn(turn, spec.system_prompt),
                waits=True,
            )
            for turn in range(2, turns + 1)
        ),
        *(
            Series(
                name=scorer.series,
                sampling=scorer.sampling,
                asking=_about(scorer, spec),
                logprobs="asked-logprobs" in scorer.needs,
                waits=True,
            )
            for scorer in scorers
            if isinstance(scorer, AskingScorer)
        ),
    )


def scorer_names(spec: RunSpec) -> tuple[str, ...]:
    """Return the scorers of a run: as asked for, and what abstains whenever there are samples."""
    asked = spec.scorer or (("semantic-entropy",) if spec.samples > 1 else ())
    return tuple(dict.fromkeys((*asked, *(["abstain-share"] if spec.samples > 1 else []))))


def asking_back(spec: RunSpec) -> tuple[str, ...]:
    """Return the scorers of a run that put a question of their own about each answer."""
    named = {name: SCORERS.get(name)(spec) for name in scorer_names(spec)}
    return tuple(name for name, scorer in named.items() if isinstance(scorer, AskingScorer))


def next_rounds(
    series: Sequence[Series], probes: Sequence[Probe], said: Transcript
) -> tuple[Round, ...]:
    """Return the rounds to be asked next, whole; none when all has been said.

    Series that wait for nothing are asked together, as they put the same prompts. A round holds the
    prompts that were answered before a restart too: batches are planned from the whole of it.
    """
    at_once = [one for one in series if not one.waits]
    for some in (at_once, *([one] for one in series if one.waits)):
        rounds = [
            Round(
                series=one.name,
                sampling=one.sampling,
                prompts=tuple(one.asking(probes, said)),
                logprobs=one.logprobs,
            )
            for one in some
        ]
        if any(
            (p.probe_id, one.series, p.turn, index) not in said
            for one in rounds
            for p in one.prompts
            for index in range(one.sampling.n)
        ):
            return tuple(rounds)
    return ()


def graded_turn(probe: Probe) -> tuple[str, int]:
    """Return the (series, turn) whose answer decides a probe's outcome: the last one."""
    turn = 1 + len(probe.follow_ups)
    return series_name(turn), turn


def series_name(turn: int) -> str:
    """Return the greedy series that a turn is asked in: `answer`, `turn-2`, `turn-3`, ..."""
    return ANSWER if turn == 1 else f"turn-{turn}"


def guessable(probes: Sequence[Probe]) -> list[Probe]:
    """Return the probes that the forced pass asks: those whose first answer decides."""
    return [probe for probe in probes if not probe.follow_ups]


def guesses(said: Mapping[Place, Completion]) -> dict[Place, Completion]:
    """Return the forced pass alone, its series named like those of the free one."""
    return {
        (probe, _FREE[series], turn, index): replace(completion, series=_FREE[series])
        for (probe, series, turn, index), completion in said.items()
        if series in _FREE
    }


def _first_turn(system: str | None, series: str) -> Asking:
    def asking(probes: Sequence[Probe], said: Transcript) -> Iterable[Prompt]:
        if series in _FREE:
            return [
                prompt(p, ask_guess(p, system), series=series, turn=1, template=GUESS)
                for p in guessable(probes)
            ]
        return [prompt(p, ask(p, system), series=series, turn=1) for p in probes]

    return asking


def _about(scorer: AskingScorer, spec: RunSpec) -> Asking:
    """Ask what a scorer wants to know of each first answer that came."""

    def asking(probes: Sequence[Probe], said: Transcript) -> Iterable[Prompt]:
        for probe in probes:
            answer = said.get((probe.id, ANSWER, 1, 0))
            if answer is not None and answer.finish != "error":
                drawn = (said.get((probe.id, SAMPLES, 1, index)) for index in range(spec.samples))
                messages = scorer.messages(
                    ask(probe, spec.system_prompt),
                    answer.text,
                    [one.text for one in drawn if one is not None and one.finish != "error"],
                )
                yield prompt(
                    probe, messages, series=scorer.series, turn=1, template=scorer.template
                )

    return asking


def _turn(turn: int, system: str | None) -> Asking:
    def asking(probes: Sequence[Probe], said: Transcript) -> Iterable[Prompt]:
        for probe in probes:
            if len(probe.follow_ups) >= turn - 1:
                messages = _talk(probe, turn, system, said)
                if messages is not None:
                    yield prompt(probe, messages, series=series_name(turn), turn=turn)

    return asking


def _talk(
    probe: Probe, turn: int, system: str | None, said: Transcript
) -> tuple[Message, ...] | None:
    """Return the messages of a later turn, or None where an earlier one could not be answered."""
    messages = ask(probe, system)
    for before in range(1, turn):
        answer = said.get((probe.id, series_name(before), before, 0))
        if answer is None or answer.finish == "error":
            return None
        messages = follow_up(messages, answer.text, probe.follow_ups[before - 1])
    return messages
