"""What every backend keeps to."""

from __future__ import annotations

from dataclasses import replace

from iabench.models.base import Backend, Request
from iabench.models.engine import Engine
from iabench.prompts.templates import ask, prompt
from iabench.records import Completion, Message, Probe, Prompt, Round, Sampling

__all__ = ["BackendContract"]

_QUESTIONS = (
    "What is the capital of France?",
    "Who?",
    "In which city does the well-known and much-travelled Lomar Kesvin work at present?",
    "What is the capital of France?",
    "2 + 2 = ?",
    "¿Dónde está Zürich? 東京 🙂",
)


class BackendContract:
    """What every backend keeps to. Subclass it and say how to open yours."""

    max_new_tokens = 12

    def open(self) -> Backend:
        """Return the backend under test, freshly opened."""
        raise NotImplementedError

    def test_is_a_backend(self) -> None:
        """It has the whole protocol."""
        backend = self.open()
        assert isinstance(backend, Backend)
        assert backend.spec.backend
        assert backend.spec.name
        assert backend.limits.rows >= 1
        backend.close()

    def test_says_the_same_twice(self) -> None:
        """Greedy answers repeat, also after being opened again."""
        assert self._texts() == self._texts()

    def test_every_request_comes_back_once(self) -> None:
        """Each (position, index) comes once, with a finish, and an error exactly where it says."""
        backend = self.open()
        requests = [
            self._request(backend, replace(p, id=str(i))) for i, p in enumerate(self._prompts())
        ]
        came = list(backend.generate(requests[: backend.limits.rows]))
        wanted = [(at, 0) for at in range(len(requests[: backend.limits.rows]))]
        assert sorted((at, c.index) for at, c in came) == wanted
        for _, completion in came:
            assert completion.finish in ("stop", "length", "error")
            assert (completion.error is not None) == (completion.finish == "error")
            assert completion.text == completion.text.strip()
        backend.close()

    def test_batches_change_nothing(self) -> None:
        """The same text alone as among others."""
        assert self._texts(rows=1) == self._texts()

    def test_equal_prompts_are_asked_once(self) -> None:
        """Two probes with one question get one answer each, the same."""
        texts = self._texts()
        assert texts["contract/0"] == texts["contract/3"]

    def test_encodes_with_one_bos(self) -> None:
        """The rendered prompt holds ids, the same each time; None where nothing is rendered."""
        backend = self.open()
        messages = (Message(role="user", content="Hello"),)
        ids = backend.encode(messages)
        assert ids == backend.encode(messages)
        if ids is not None:
            assert len(ids) > 0
            assert len(ids) < 2 or ids[0] != ids[1]
        backend.close()

    def _prompts(self) -> tuple[Prompt, ...]:
        probes = [
            Probe(
                id=f"contract/{i}",
                question=q,
                expect="abstain",
                cluster=str(i),
                origin="contract@1",
            )
            for i, q in enumerate(_QUESTIONS)
        ]
        return tuple(prompt(p, ask(p), series="answer", turn=1) for p in probes)

    def _request(self, backend: Backend, one: Prompt) -> Request:
        return Request(
            digest=one.digest,
            series="answer",
            messages=one.messages,
            token_ids=backend.encode(one.messages),
            sampling=Sampling(max_new_tokens=self.max_new_tokens),
        )

    def _texts(self, rows: int | None = None) -> dict[str, str]:
        backend = self.open()
        asked = Round(
            series="answer",
            sampling=Sampling(max_new_tokens=self.max_new_tokens),
            prompts=self._prompts(),
        )
        done: list[Completion] = list(Engine(backend, rows=rows).complete(asked))
        backend.close()
        assert len(done) == len(_QUESTIONS)
        return {completion.probe_id: completion.text for completion in done}
