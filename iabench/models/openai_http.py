"""Models behind a server that speaks OpenAI's chat completions: vLLM, Ollama, llama.cpp, clouds.

The server renders the messages with its own template. What it does not take (a seed, a stop
string, `max_tokens` by that name) is learned from its first refusal, left out from then on, and
said in the notes.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Sequence
from queue import SimpleQueue
from typing import Any

from iabench.errors import BackendError, ConfigError, ModelError, near_match
from iabench.models.base import Limits, NoLogprobsError, Request, failed
from iabench.models.endpoint import is_loopback, normal_url
from iabench.models.engine import TOO_LONG
from iabench.models.json_http import Failed, JsonClient, Patience, Unreachable
from iabench.models.openai_answers import completions
from iabench.models.openai_refusals import LEARNED, named, no_such_model, no_system, too_long
from iabench.prompts.chat import fold_system
from iabench.records import Completion, Message, ModelSpec, Probe, RunSpec, Sampling
from iabench.rng import digest

__all__ = ["OpenAIBackend", "open_backend"]

_CHAT, _MODELS = "chat/completions", "models"
# Rows of a batch: enough that the ends of batches, where requests run dry, are rare.
_ROWS = 4096
_NAMES_SHOWN = 12
_START = (
    "start it, e.g. vllm serve MODEL --port 8000   or: ollama serve, "
    "--base-url http://localhost:11434/v1"
)
_USUAL = "another --model, or the address that ends in /v1"


class OpenAIBackend:
    """A model behind a server; nothing is sent before `greet` or `generate`.

    Args:
        url: the server's base URL, in any spelling.
        model: its name at the server.
        key: sent to this server alone; None: from `OPENAI_API_KEY`, if that is set.
        concurrency: requests at once.
        chat_template_kwargs: passed on with every request, for servers that take them.
        patience: how long a request is tried.
    """

    def __init__(
        self,
        url: str,
        model: str,
        *,
        key: str | None = None,
        concurrency: int = 16,
        chat_template_kwargs: Sequence[tuple[str, str]] = (),
        patience: Patience | None = None,
    ) -> None:
        self.url = normal_url(url)
        self._model = model
        self._concurrency = concurrency
        self._kwargs = {name: _value(text) for name, text in chat_template_kwargs}
        self._client = JsonClient(
            self.url,
            key=_checked(os.environ.get("OPENAI_API_KEY", "") if key is None else key),
            connections=concurrency,
            patience=patience,
        )
        self._learned: set[str] = set()
        self._said: list[str] = []
        self._listed: tuple[str, ...] | None = None

    @property
    def spec(self) -> ModelSpec:
        """The name of the model and a digest of the server's address; weights nobody can know."""
        return ModelSpec(
            backend="openai",
            name=self._model,
            configuration=digest(self.url),
            chat_template_kwargs=tuple(sorted((k, json.dumps(v)) for k, v in self._kwargs.items())),
        )

    @property
    def limits(self) -> Limits:
        """Rows only: the server packs its own batches."""
        return Limits(rows=_ROWS)

    @property
    def notes(self) -> Sequence[str]:
        """What the server does not take, as far as it has said so."""
        return [*self._said, *(note for name, note in LEARNED.items() if name in self._learned)]

    def encode(self, messages: Sequence[Message]) -> tuple[int, ...] | None:
        """Return None: the server renders the messages."""
        return None

    def greet(self) -> None:
        """Make sure that the server is there and has the model.

        A name that the server does not list is wrong if the server is on this machine: some such
        servers answer to any name. It is tried with one word if it has a slash (some servers load
        what they are asked for), if the server lists nothing, or if it is a service.

        Raises:
            BackendError: nothing answers there, or what answers is no such server.
            ModelError: it has no such model, or does not take the key.
        """
        try:
            self._listed = self._list()
        except Unreachable as problem:
            if not problem.connected:
                raise BackendError(f"nothing answers at {self.url} ({problem}).", _START) from None
        if {self._model, f"{self._model}:latest"} & set(self._listed or ()):
            return
        if self._listed and "/" not in self._model and is_loopback(self.url):
            raise self._no_model()
        hello = Request(
            digest="hello",
            series="hello",
            messages=(Message(role="user", content="Hello"),),
            token_ids=None,
            sampling=Sampling(max_new_tokens=16),
        )
        try:
            self._post(hello, 0, 1, threading.Event(), tries=3)
        except Failed as problem:
            why = f"{self.url} does not answer as a chat server: {problem.reason}."
            raise BackendError(why, _USUAL) from None
        if self._listed:
            self._said.append(f"the server does not list {self._model}, but answers to that name")

    def generate(self, requests: Sequence[Request]) -> Iterator[tuple[int, Completion]]:
        """Ask `concurrency` requests at a time; yield completions as each comes.

        Raises:
            NoLogprobsError: they were asked for, and the server gives none.
            ModelError: the server does not take the key, or no longer has the model.
            BackendError: it takes no chat template options, and there are some.
        """
        left = sum(request.sampling.n for request in requests)
        jobs: _Jobs = SimpleQueue()
        done: SimpleQueue[tuple[int, Completion] | Exception] = SimpleQueue()
        for position, request in enumerate(requests):
            jobs.put((position, request, request.first, request.sampling.n))
        stop = threading.Event()
        # Not a pool of the standard library: it waits for its threads when Python ends, and a
        # person who has typed Ctrl-C would wait along.
        workers = [
            threading.Thread(target=self._work, args=(jobs, done, stop), daemon=True)
            for _ in range(min(self._concurrency, left))
        ]
        for worker in workers:
            worker.start()
        try:
            while left:
                item = done.get()
                if isinstance(item, Exception):
                    raise item
                left -= 1
                yield item
        finally:
            stop.set()
            for _ in workers:
                jobs.put(None)

    def close(self) -> None:
        """Let the connections go."""
        self._client.close()

    def _work(
        self,
        jobs: _Jobs,
        done: SimpleQueue[tuple[int, Completion] | Exception],
        stop: threading.Event,
    ) -> None:
        """Answer jobs until there are none; what cannot be one answer's fault goes to `done`."""
        while (job := jobs.get()) is not None and not stop.is_set():
            position, request, index, n = job
            try:
                said = self._post(request, index, n, stop)
            except Failed as problem:
                why = (
                    f"{TOO_LONG}: {problem.reason}"
                    if too_long(problem.status, problem.text)
                    else problem.reason
                )
                said = [failed(why, at) for at in range(index, index + n)]
            except Exception as problem:  # noqa: BLE001 - raised again where it can be caught
                done.put(problem)
                return
            for completion in said[:n]:
                done.put((position, completion))
            for at in range(index + len(said), index + n):
                jobs.put((position, request, at, 1))

    def _list(self) -> tuple[str, ...] | None:
        """Return the names that the server lists, or None where it has no such list."""
        reply = self._client.get(_MODELS)
        if reply.status == 401:
            raise self._no_entry(self._client.reason(reply.text))
        if 300 <= reply.status < 400:
            raise self._elsewhere(reply.headers.get("location", ""))
        return _ids(reply.text) if reply.status == 200 else None

    def _post(
        self,
        request: Request,
        index: int,
        n: int,
        stop: threading.Event,
        *,
        tries: int | None = None,
    ) -> list[Completion]:
        """Return between one and n completions of a request, from `index` on.

        Raises:
            Failed: this request, for good.
            IabenchError: every other request would fail like it.
        """

        def read(value: Any) -> list[Completion]:
            said = completions(value, request, index)
            if len(said) < n:
                self._learned.add("n")
            return said

        try:
            return self._client.post(
                _CHAT,
                lambda: self._body(request, index, n),
                read,
                learn=self._learn,
                stop=stop,
                label=(request.digest, request.series, index),
                tries=tries,
            )
        except Failed as problem:
            self._check(problem, request)
            raise

    def _body(self, request: Request, index: int, n: int) -> dict[str, Any]:
        sampling, learned = request.sampling, self._learned
        messages = fold_system(request.messages) if "system" in learned else request.messages
        length = "max_completion_tokens" if "max_tokens" in learned else "max_tokens"
        body: dict[str, Any] = {
            "model": self._model,
            "messages": [{"role": m.role, "content": m.content} for m in messages],
            length: sampling.max_new_tokens,
            "temperature": sampling.temperature,
            "seed": sampling.seed + index,
        }
        if sampling.temperature:
            body["top_p"] = sampling.top_p
        if sampling.stop:
            body["stop"] = list(sampling.stop[:4])
        if n > 1 and "n" not in learned:
            body["n"] = n
        if request.logprobs:
            body["logprobs"] = True
        if self._kwargs:
            body["chat_template_kwargs"] = self._kwargs
        return {name: value for name, value in body.items() if name not in learned}

    def _learn(self, sent: dict[str, Any], status: int, text: str) -> bool:
        """Take note of what the server refuses; return whether the next body will differ."""
        if sent["messages"][0]["role"] == "system" and no_system(text):
            self._learned.add("system")
            return True
        refused = LEARNED.keys() & sent.keys() & named(status, text)
        self._learned.update(refused)
        return bool(refused)

    def _check(self, problem: Failed, request: Request) -> None:
        """Raise what is not the fault of one request."""
        status, text = problem.status, problem.text
        refused = named(status, text)
        if problem.location:
            raise self._elsewhere(problem.location)
        if status == 401:
            raise self._no_entry(self._client.reason(text))
        if status == 402:
            raise BackendError(f"{self.url} wants to be paid: {problem.reason}.")
        if no_such_model(status, text):
            raise self._no_model()
        if status == 404:
            raise BackendError(f"{self.url}/{_CHAT}: {problem.reason}.", _USUAL)
        if self._kwargs and "chat_template_kwargs" in refused:
            raise BackendError(
                f"{self.url} takes no chat template options.", "without --chat-template-kwargs"
            )
        if request.logprobs and "logprobs" in refused:
            raise NoLogprobsError(request.series)

    def _no_model(self) -> ModelError:
        names = list(self._listed or ())
        if not names:
            return ModelError(f'the server at {self.url} has no "{self._model}".', "--model NAME")
        near = near_match(self._model, names)
        if near:
            names = [near, *(name for name in names if name != near)]
        more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
        return ModelError(
            f'the server has no "{self._model}". It has: {", ".join(names[:_NAMES_SHOWN])}{more}.',
            f"--model {names[0]}",
        )

    def _no_entry(self, said: str) -> ModelError:
        return ModelError(
            f"{self.url} does not let us in (HTTP 401{f': {said}' if said else ''}).",
            "export OPENAI_API_KEY=...",
        )

    def _elsewhere(self, location: str) -> BackendError:
        try:
            hint = f"--base-url {normal_url(location)}"
        except ConfigError:
            hint = "the address where it is"
        # Neither the key nor a question goes to a server that nobody has named.
        return BackendError(f"{self.url} sends us on to another address.", hint)


_Jobs = SimpleQueue[tuple[int, Request, int, int] | None]


def open_backend(spec: RunSpec, probes: Sequence[Probe]) -> OpenAIBackend:
    """Open `--backend openai`: the server of `spec.base_url`, found to be there.

    Raises:
        ConfigError: there is no server in the spec, or its address or the key is none.
        BackendError: nothing answers there.
        ModelError: it has no such model, or does not take the key.
    """
    if not spec.base_url:
        raise ConfigError("--backend openai needs a server.", "--base-url http://localhost:8000/v1")
    backend = OpenAIBackend(
        spec.base_url,
        spec.model,
        concurrency=spec.concurrency,
        chat_template_kwargs=spec.chat_template_kwargs,
    )
    try:
        backend.greet()
    except BaseException:
        backend.close()
        raise
    return backend


def _checked(key: str) -> str | None:
    key = key.strip()
    if not all(33 <= ord(letter) < 127 for letter in key):
        raise ConfigError("OPENAI_API_KEY holds what no key holds.", "set it again, on one line")
    return key or None


def _value(text: str) -> Any:
    """Return what `key=value` means: `false` is no text."""
    try:
        return json.loads(text.lower() if text in ("True", "False") else text)
    except ValueError:
        return text


def _ids(text: str) -> tuple[str, ...] | None:
    """Return the names in an answer of `/v1/models`, or None where it is no such list."""
    try:
        data = json.loads(text)["data"]
        return tuple(dict.fromkeys(str(model["id"]) for model in data))
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
