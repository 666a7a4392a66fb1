"""The model behind `judge`: opened with the first question to it, asked once about equal texts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from iabench.errors import ConfigError, IabenchError
from iabench.models.base import BACKENDS, Backend
from iabench.models.endpoint import normal_url, with_server
from iabench.models.engine import Engine
from iabench.models.locate import backend_of
from iabench.prompts.templates import prompt
from iabench.records import Completion, Message, Probe, Round, RunSpec, Sampling
from iabench.rng import digest

__all__ = ["Panel", "filled", "judge_spec", "template"]

_PROMPTS = Path(__file__).parent / "judge_prompts"
_MOST_TOKENS = 1024
"""Of a reply: five lines need eighty, a judge that reasons first needs the rest."""
_TEMPERATURE = 0.7
"""Of several votes; a single one is greedy."""


def template(name: str) -> str:
    """Return the text of a prompt, e.g. `abstained@1`."""
    return (_PROMPTS / f"{name}.md").read_text(encoding="utf-8")


def filled(text: str, **fields: str) -> str:
    """Return a prompt with its fields filled in, in one pass: what is filled in stays as it is."""
    return re.sub(r"\{(\w+)\}", lambda found: fields[found[1]], text)


def judge_spec(spec: RunSpec) -> RunSpec:
    """Return how the judge of a run is opened: as a model of its own, by `--judge`.

    Raises:
        ConfigError: the run names no judge, no number of votes, or no address of a server.
    """
    if not spec.judge:
        raise ConfigError(
            "the judge has no model.", "--judge ID_OR_FOLDER, or with --judge-url URL"
        )
    if spec.judge_votes < 1:
        raise ConfigError(f"--judge-votes {spec.judge_votes} decides nothing.", "--judge-votes 3")
    if spec.judge.startswith((".", "/", "~")) and not spec.judge_url:
        there = Path(spec.judge.partition("::")[0]).expanduser()
        if not there.exists():
            raise ConfigError(f"no judge {there}: no such folder.", "--judge ID_OR_FOLDER")
    url = spec.judge_url
    asked, _ = with_server(
        RunSpec(
            model=spec.judge,
            base_url=normal_url(url, option="--judge-url") if url else None,
            max_new_tokens=_MOST_TOKENS,
            sampling_seed=spec.sampling_seed,
            device=spec.device,
            batch_size=spec.batch_size,
            concurrency=spec.concurrency,
        )
    )
    return asked


class Panel:
    """Asks one model the same question once, or `--judge-votes` times.

    Args:
        spec: of the run that is judged.
        name: of the prompt.

    Raises:
        ConfigError: the run names no judge.
    """

    def __init__(self, spec: RunSpec, name: str) -> None:
        self._spec = judge_spec(spec)
        self._name = name
        self.votes = spec.judge_votes
        seed = (spec.sampling_seed,) if self.votes > 1 else ()
        self.id = "judge@1-" + digest(
            self._spec.model, self._spec.base_url or "", self.votes, template(name), *seed, size=6
        )
        """Says model, server, votes and the words of the prompt."""
        self.sends_to = self._spec.base_url
        """The server that reads what is judged; None: it stays on this machine."""
        self._backend: Backend | None = None

    def ask(self, questions: Sequence[str]) -> list[list[Completion]]:
        """Return the votes on each question, in order; equal questions are asked once.

        Raises:
            IabenchError: the judge cannot be opened, or fails for more than one question.
        """
        if not questions:
            return []
        if self._backend is None:
            self._backend = self._opened()
        voted: list[list[Completion]] = [[] for _ in questions]
        for completion in Engine(self._backend).complete(self._round(questions)):
            voted[int(completion.probe_id)].append(completion)
        return [sorted(votes, key=lambda vote: vote.index) for votes in voted]

    def close(self) -> None:
        """Let the model go."""
        if self._backend is not None:
            self._backend.close()
            self._backend = None

    def _opened(self) -> Backend:
        try:
            return BACKENDS.get(backend_of(self._spec))(self._spec, ())
        except IabenchError as problem:
            hint = problem.hint.replace("--model", "--judge")
            problem.hint = hint.replace("--base-url", "--judge-url")
            raise

    def _round(self, questions: Sequence[str]) -> Round:
        sampling = Sampling(
            max_new_tokens=_MOST_TOKENS,
            temperature=_TEMPERATURE if self.votes > 1 else 0.0,
            n=self.votes,
            seed=self._spec.sampling_seed,
        )
        prompts = tuple(
            prompt(
                Probe(id=str(at), question="", expect="answer", cluster=str(at), origin=self._name),
                (Message(role="user", content=question),),
                series="judge",
                turn=1,
                template=self._name,
            )
            for at, question in enumerate(questions)
        )
        return Round(series="judge", sampling=sampling, prompts=prompts)
