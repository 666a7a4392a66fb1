"""A server on 127.0.0.1 that speaks OpenAI's chat completions, and misbehaves to order.

    with FakeServer(lambda messages: "It is Paris.") as server:
        server.next(refuses(429, retry_after="1"), cuts())
        ...  # asks server.url as "fake-model"
    assert server.times["What is the capital of France?"] == 3

What it can (`n`, log-probabilities, names of parameters) is set when it is made. A *move* is what
it does with one chat request; `next` orders moves for the coming requests, `always` one for all.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

__all__ = [
    "FakeServer",
    "Move",
    "Reply",
    "cuts",
    "refuses",
    "says",
    "sends",
    "truncates",
    "waits",
]

Body = dict[str, Any]
Answer = Callable[[list[dict[str, str]]], "str | dict[str, Any]"]
"""Messages -> what the model says: text, or a whole message (`content`, `reasoning_content`)."""


@dataclass(frozen=True)
class Reply:
    """What goes over the wire. `body` is sent as JSON unless it is text."""

    status: int = 200
    body: Any = ""
    headers: dict[str, str] = field(default_factory=dict)
    cut_at: int | None = None
    """Bytes of the body after which the connection is cut, though all were announced."""


Move = Callable[[Body], "Reply | None"]
"""One chat request's body -> the reply; None: the ordinary one."""


def refuses(status: int, message: str = "no", *, retry_after: str | None = None) -> Move:
    """An error in OpenAI's form."""
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    return lambda _: Reply(status, {"error": {"message": message, "code": None}}, headers)


def sends(body: Any, status: int = 200, **headers: str) -> Move:
    """Anything at all: wrong JSON, HTML, an empty object."""
    return lambda _: Reply(status, body, {k.replace("_", "-"): v for k, v in headers.items()})


def says(message: dict[str, Any], **choice: Any) -> Move:
    """One choice with this message."""
    whole = {"index": 0, "message": message, "finish_reason": "stop", **choice}
    return lambda _: Reply(200, {"choices": [whole]})


def cuts() -> Move:
    """The connection ends before anything is said."""
    return lambda _: Reply(cut_at=-1)


def truncates(body: str = '{"choices": [{"message": {"content": "It is') -> Move:
    """The connection ends in the middle of the answer."""
    return lambda _: Reply(200, body + " " * 100, {}, cut_at=len(body))


def waits(seconds: float) -> Move:
    """The ordinary reply, later."""

    def move(_: Body) -> None:
        time.sleep(seconds)

    return move


class FakeServer:
    """The server; a context manager.

    Args:
        answer: what its model says.
        models: what `/v1/models` lists, and the only names that it answers to; None: there is no
            such page, and any name will do.
        n: whether it gives several answers a request; else it gives one and says nothing.
        logprobs: whether it gives log-probabilities; else it leaves them out and says nothing.
        takes_no: parameters that it refuses by name.
        key: wants this key.
        context: most characters of all messages together.
        latency: seconds before each answer.
    """

    def __init__(
        self,
        answer: Answer = lambda messages: f"You said: {messages[-1]['content']}",
        *,
        models: Iterable[str] | None = ("fake-model",),
        n: bool = True,
        logprobs: bool = True,
        takes_no: Iterable[str] = (),
        key: str | None = None,
        context: int | None = None,
        latency: float = 0.0,
    ) -> None:
        self.answer = answer
        self.models = None if models is None else tuple(models)
        self.n, self.logprobs, self.takes_no = n, logprobs, frozenset(takes_no)
        self.key, self.context, self.latency = key, context, latency
        self.asked: list[Body] = []
        """Bodies of all chat requests."""
        self.headers: list[dict[str, str]] = []
        """Headers of all requests, with small letters."""
        self.paths: list[str] = []
        self.times: Counter[str] = Counter()
        """How often each question (the last message) was asked."""
        self.most_at_once = 0
        self.always: Move | None = None
        self._at_once = 0
        self._moves: deque[Move] = deque()
        self._lock = threading.Lock()
        self._server: ThreadingHTTPServer | None = None

    @property
    def port(self) -> int:
        assert self._server is not None, "not started"
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def next(self, *moves: Move) -> None:
        """Order moves for the coming chat requests, one each."""
        self._moves.extend(moves)

    def start(self, port: int = 0) -> Self:
        fake = self

        class Handler(_Handler):
            server_of = fake

        self._server = _Server(("127.0.0.1", port), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def reply(self, method: str, path: str, headers: dict[str, str], body: Body) -> Reply:
        """Return what a request gets."""
        with self._lock:
            self.headers.append(headers)
            self.paths.append(path)
        if self.key is not None and headers.get("authorization") != f"Bearer {self.key}":
            return _error(401, "Incorrect API key provided: " + headers.get("authorization", ""))
        if method == "GET" and path == "/v1/models" and self.models is not None:
            return Reply(200, {"object": "list", "data": [{"id": name} for name in self.models]})
        if method == "POST" and path == "/v1/chat/completions":
            return self._chat(body)
        return _error(404, "Not Found")

    def _chat(self, body: Body) -> Reply:
        with self._lock:
            self.asked.append(body)
            self.times[body["messages"][-1]["content"]] += 1
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
            move = self._moves.popleft() if self._moves else self.always
        try:
            time.sleep(self.latency)
            moved = move(body) if move else None
            return moved or self._refusal(body) or self._answer(body)
        finally:
            with self._lock:
                self._at_once -= 1

    def _refusal(self, body: Body) -> Reply | None:
        if self.models is not None and body["model"] not in self.models:
            return _error(404, f"The model `{body['model']}` does not exist.")
        for name in sorted(self.takes_no & body.keys()):
            other = " Use 'max_completion_tokens' instead." if name == "max_tokens" else ""
            return _error(400, f"Unsupported parameter: '{name}' is not supported.{other}", name)
        if "system" in self.takes_no and body["messages"][0]["role"] == "system":
            return _error(400, "System role not supported")
        if self.context and sum(len(m["content"]) for m in body["messages"]) > self.context:
            return _error(400, f"This model's maximum context length is {self.context} tokens.")
        return None

    def _answer(self, body: Body) -> Reply:
        said = self.answer(body["messages"])
        message = {"role": "assistant", **({"content": said} if isinstance(said, str) else said)}
        words = str(message.get("content") or "").split()
        most = body.get("max_tokens") or body.get("max_completion_tokens") or 10**9
        choice: dict[str, Any] = {"message": message, "finish_reason": "stop"}
        if len(words) > most:
            choice["message"] = {**message, "content": " ".join(words[:most])}
            choice["finish_reason"] = "length"
        if self.logprobs and body.get("logprobs"):
            tokens = [{"token": word, "logprob": -0.5} for word in words] or [{"logprob": 0}]
            choice["logprobs"] = {"content": tokens}
        n = body.get("n", 1) if self.n else 1
        usage = {"prompt_tokens": 7, "completion_tokens": n * len(words)}
        choices = [{"index": at, **choice} for at in range(n)]
        return Reply(200, {"model": body["model"], "choices": choices, "usage": usage})


def _error(status: int, message: str, param: str | None = None) -> Reply:
    return Reply(status, {"error": {"message": message, "param": param, "code": None}})


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that is killed cuts the connection; that is no news."""


class _Handler(BaseHTTPRequestHandler):
    server_of: Any
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._reply({})

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self._reply(json.loads(self.rfile.read(length)))

    def _reply(self, body: Body) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = self.server_of.reply(self.command, self.path, headers, body)
        raw = reply.body if isinstance(reply.body, str) else json.dumps(reply.body)
        data = raw.encode("utf-8", "surrogatepass")
        if reply.cut_at != -1:
            self.send_response(reply.status)
            kind = "text/html" if raw.startswith("<") else "application/json"
            for name, value in {"Content-Type": kind, **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data if reply.cut_at is None else data[: reply.cut_at])
            self.wfile.flush()
        if reply.cut_at is not None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""
