"""Public fakes: models that are rules. What every metric must give for them is known by hand."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from iabench.errors import ModelError, near_match
from iabench.models.base import Limits, Request
from iabench.records import Completion, Message, ModelSpec, Probe, RunSpec
from iabench.rng import digest, uniform

__all__ = ["POLICIES", "Policy", "ScriptedBackend", "open_backend", "scripted"]

Policy = Callable[[str, Mapping[str, Probe], str], str]
"""(question, probes by question, a label for chance) -> answer."""

_DECLINE = "I don't know."
_INVENTION = "Marlow Brightwater."


def _oracle(question: str, probes: Mapping[str, Probe], _: str) -> str:
    probe = probes.get(question)
    return probe.references[0] if probe and probe.references else _DECLINE


def _shape(question: str, probes: Mapping[str, Probe], label: str) -> str:
    """Answers exactly if the name looks real, i.e. where the question has a known side."""
    probe = probes.get(question)
    # The most that letters alone could do is to tell every invented name; a fake that sees the
    # expectation stands in for that.
    return _oracle(question, probes, label) if probe and probe.expect == "answer" else _DECLINE


def _random(question: str, probes: Mapping[str, Probe], label: str) -> str:
    return _DECLINE if uniform("scripted-random", label) < 0.5 else _oracle(question, probes, label)


POLICIES: dict[str, Policy] = {
    "always-abstain": lambda _q, _p, _l: _DECLINE,
    "always-answer": lambda _q, _p, _l: _INVENTION,
    "always-empty": lambda _q, _p, _l: "",
    "always-policy-refusal": lambda _q, _p, _l: "I'm sorry, but I can't help with that request.",
    "echo": lambda question, _p, _l: question,
    "oracle": _oracle,
    "random": _random,
    "shape": _shape,
}


class ScriptedBackend:
    """Answers by a policy or from a table; needs no torch, loads nothing.

    Args:
        policy: the rule.
        name: for the spec.
        probes: what a policy may look up; none for one that knows nothing.
        provides: worlds that it pretends to have been taught.
    """

    def __init__(
        self,
        policy: Policy,
        *,
        name: str,
        probes: Sequence[Probe] = (),
        provides: tuple[str, ...] = (),
    ) -> None:
        self._policy = policy
        self._probes = {probe.question: probe for probe in probes}
        self._spec = ModelSpec(
            backend="scripted", name=name, weights=digest(name), provides=provides
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
            for index in range(request.sampling.n):
                label = digest(request.sampling.seed, request.digest, request.series, index)
                yield position, said(self._policy(question, self._probes, label), index)

    def close(self) -> None:
        """Nothing to give back."""


def said(text: str, index: int = 0) -> Completion:
    """Return a completion that holds `text`, still without an address."""
    return Completion(
        request_id="",
        prompt_id="",
        probe_id="",
        series="",
        turn=0,
        index=index,
        text=text,
        finish="stop",
        n_generated=len(text.split()),
    )


def scripted(answers: Mapping[str, str], *, name: str = "table") -> ScriptedBackend:
    """Return a backend that answers from a table of question -> answer, and "" elsewhere."""
    table = dict(answers)
    return ScriptedBackend(lambda question, _p, _l: table.get(question, ""), name=name)


def open_backend(spec: RunSpec, probes: Sequence[Probe]) -> ScriptedBackend:
    """Open `--backend scripted --model NAME`, a policy's name or a JSON file of answers.

    Raises:
        ModelError: no such policy and no such file.
    """
    if spec.model in POLICIES:
        # A fake answers whatever it is asked, so it may be asked about any world.
        worlds = tuple(sorted({p.origin.split("#")[0] for p in probes}))
        return ScriptedBackend(
            POLICIES[spec.model], name=spec.model, probes=probes, provides=worlds
        )
    path = Path(spec.model)
    if path.suffix == ".json" and path.exists():
        table = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(table, dict):
            raise ModelError(f"{path} holds no table of question -> answer.")
        return scripted({str(q): str(a) for q, a in table.items()}, name=spec.model)
    near = near_match(spec.model, POLICIES)
    raise ModelError(
        f'no scripted model "{spec.model}".', near or f"one of: {', '.join(sorted(POLICIES))}"
    )
