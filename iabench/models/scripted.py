"""Public fakes: models that are rules. What every metric must give for them is known by hand."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from iabench.errors import ModelError, near_match
from iabench.models.base import Limits, Request, said
from iabench.prompts.templates import ask
from iabench.records import Completion, Message, ModelSpec, Probe, RunSpec
from iabench.rng import digest, uniform

__all__ = ["POLICIES", "Answer", "Policy", "ScriptedBackend", "open_backend", "scripted"]

Answer = Callable[[str, str], str]
"""(what the user said last, a label for chance) -> answer."""

Policy = Callable[[Sequence[Probe]], Answer]
"""Makes the rule from the probes that it will be asked; most do not look at them."""

_DECLINE = "I don't know."
_INVENTION = "Marlow Brightwater."


def _asked(probe: Probe) -> str:
    """Return what the user says first: the question, behind its passage."""
    return ask(probe)[-1].content


def _known(probes: Sequence[Probe]) -> dict[str, str]:
    return {_asked(p): p.references[0] for p in probes if p.references}


def _always(text: str) -> Policy:
    return lambda _probes: lambda _question, _label: text


def _oracle(probes: Sequence[Probe]) -> Answer:
    """Knows every answer there is, and declines where there is none."""
    known = _known(probes)
    return lambda question, _label: known.get(question, _DECLINE)


def _random(probes: Sequence[Probe]) -> Answer:
    """Tosses a coin between declining and answering: rightly where there is an answer."""
    known = _known(probes)
    return lambda question, label: (
        _DECLINE if uniform("scripted-random", label) < 0.5 else known.get(question, _INVENTION)
    )


def _shape(probes: Sequence[Probe]) -> Answer:
    """Knows every answer, and gives it exactly if the letters of the name look real.

    What a model could score that has learned nothing but the look of names: a character 1-4-gram
    logistic regression says, out of fold over names, which ones look real.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_predict
    from sklearn.pipeline import make_pipeline

    named = {p.cluster: p for p in probes if p.pair is not None}
    names = [cluster.rpartition("/")[2].lower() for cluster in named]
    real = [p.expect == "answer" for p in named.values()]
    if len(set(real)) < 2 or min(real.count(True), real.count(False)) < 5:
        return lambda _question, _label: _INVENTION
    reader = make_pipeline(
        TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4), sublinear_tf=True),
        LogisticRegression(C=10.0, class_weight="balanced", max_iter=1000),
    )
    looks_real = dict(zip(named, cross_val_predict(reader, names, real, cv=5), strict=True))
    by_question = {_asked(p): p for p in probes}

    def answer(question: str, _label: str) -> str:
        probe = by_question.get(question)
        if probe is None or not looks_real.get(probe.cluster, False):
            return _DECLINE
        return probe.references[0] if probe.references else _INVENTION

    return answer


POLICIES: dict[str, Policy] = {
    "always-abstain": _always(_DECLINE),
    "always-answer": _always(_INVENTION),
    "always-empty": _always(""),
    "always-policy-refusal": _always("I'm sorry, but I can't help with that request."),
    "echo": lambda _probes: lambda question, _label: question,
    "oracle": _oracle,
    "random": _random,
    "shape": _shape,
}


class ScriptedBackend:
    """Answers by a policy or from a table; needs no torch, loads nothing.

    Args:
        answer: the rule.
        name: for the spec.
        weights: a digest of the rule, where its name does not say all.
        provides: worlds that it pretends to have been taught.
    """

    def __init__(
        self,
        answer: Answer,
        *,
        name: str,
        weights: str | None = None,
        provides: tuple[str, ...] = (),
    ) -> None:
        self._answer = answer
        self._spec = ModelSpec(
            backend="scripted", name=name, weights=weights or digest(name), provides=provides
        )

    @property
    def spec(self) -> ModelSpec:
        """What pretends to be loaded."""
        return self._spec

    @property
    def limits(self) -> Limits:
        """Rows only: nothing is tokenised."""
        return Limits(rows=64)

    @property
    def notes(self) -> Sequence[str]:
        """That this is a fake."""
        return (f"{self._spec.name} is a scripted fake, not a model",)

    def encode(self, messages: Sequence[Message]) -> tuple[int, ...] | None:
        """Return None: there are no tokens."""
        return None

    def generate(self, requests: Sequence[Request]) -> Iterator[tuple[int, Completion]]:
        """Yield the policy's answers in order."""
        for position, request in enumerate(requests):
            question = next(m.content for m in reversed(request.messages) if m.role == "user")
            for index in request.indices:
                label = digest(request.sampling.seed, request.digest, request.series, index)
                yield position, said(self._answer(question, label), index)

    def close(self) -> None:
        """Nothing to give back."""


def scripted(answers: Mapping[str, str], *, name: str = "table") -> ScriptedBackend:
    """Return a backend that answers from a table of question -> answer, and "" elsewhere."""
    table = dict(answers)
    return ScriptedBackend(
        lambda question, _label: table.get(question, ""),
        name=name,
        weights=digest(*sorted(table.items())),
    )


def open_backend(spec: RunSpec, probes: Sequence[Probe]) -> ScriptedBackend:
    """Open `--backend scripted --model NAME`, a policy's name or a JSON file of answers.

    Raises:
        ModelError: no such policy and no such file.
    """
    if spec.model in POLICIES:
        # A fake answers whatever it is asked, so it may be asked about any world.
        worlds = tuple(sorted({p.origin.split("#")[0] for p in probes}))
        return ScriptedBackend(POLICIES[spec.model](probes), name=spec.model, provides=worlds)
    path = Path(spec.model)
    if path.suffix == ".json" and path.exists():
        try:
            table = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as problem:
            raise ModelError(f"{path} is not JSON: {problem}.") from None
        if not isinstance(table, dict):
            raise ModelError(f"{path} holds no table of question -> answer.")
        return scripted({str(q): str(a) for q, a in table.items()}, name=spec.model)
    near = near_match(spec.model, POLICIES)
    raise ModelError(
        f'no scripted model "{spec.model}".', near or f"one of: {', '.join(sorted(POLICIES))}"
    )
