"""JSON over HTTP with patience: tries, waits, and reasons that fit on one line.

The key goes into one header of requests to one server and nowhere else: redirects are not
followed, and what is raised from here never holds it.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import httpx

from iabench.models.endpoint import is_loopback
from iabench.rng import uniform

__all__ = ["Failed", "JsonClient", "Patience", "Reply", "Unreachable", "one_line"]

T = TypeVar("T")

_PASSING = frozenset({408, 409, 425, 429})
"""Statuses below 500 that may be another next time."""
_LARGEST = 64 * 2**20
_REASON = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a request is tried."""

    tries: int = 6
    first: float = 1.0
    """Seconds before the second try; each further wait is twice as long."""
    longest: float = 60.0
    """Most seconds of one wait, whatever the server asks for."""
    timeout: float = 600.0
    """Most seconds for one answer."""

    def wait(self, attempt: int, asked: float | None, *label: object) -> float:
        """Return seconds to wait after a failed attempt (0, 1, ...).

        Exponential with jitter in [1/2, 1], so that requests that failed together do not come
        back together; at least what `Retry-After` asked for, up to `longest`.
        """
        jitter = 0.5 + 0.5 * uniform("back-off", *label, attempt)
        own = self.first * 2.0**attempt * jitter
        return min(self.longest, own if asked is None else asked + self.first * jitter)


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    text: str


class Unreachable(Exception):  # noqa: N818 - it is the server that is
    """No answer came: the connection was refused, cut, or timed out. The text says which.

    Args:
        reason: on one line, without the key.
        connected: somebody was there, at least.
    """

    def __init__(self, reason: str, *, connected: bool = True) -> None:
        super().__init__(reason)
        self.connected = connected


class Failed(Exception):  # noqa: N818 - it is the request that has
    """A request failed for good.

    Args:
        reason: on one line, without the key.
        status: of the last answer; None where there was none, or it was no answer.
        text: of the last answer.
        location: where a redirect pointed.
    """

    def __init__(
        self, reason: str, *, status: int | None = None, text: str = "", location: str = ""
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status
        self.text = text
        self.location = location


class JsonClient:
    """Talks to one server, from any number of threads.

    Args:
        url: its base URL, normalised.
        key: sent as bearer token; None for none.
        connections: most at once.
        patience: how long a request is tried.
    """

    def __init__(
        self, url: str, *, key: str | None, connections: int, patience: Patience | None = None
    ) -> None:
        self._url = url
        self._key = key
        self._patience = patience or Patience()
        self._quiet_until = 0.0
        self._given_up = 0
        self._connections = connections
        self._client = httpx.Client(
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout=httpx.Timeout(self._patience.timeout, connect=20.0, pool=None),
            limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
            follow_redirects=False,
            # A proxy is for the world outside.
            trust_env=not is_loopback(url),
        )

    def get(self, path: str, *, timeout: float = 30.0) -> Reply:
        """Return the answer to one GET, whatever it is.

        Raises:
            Unreachable: none came.
        """
        return self._send("GET", path, None, timeout)

    def post(
        self,
        path: str,
        body: Callable[[], dict[str, Any]],
        read: Callable[[Any], T],
        *,
        learn: Callable[[dict[str, Any], int, str], bool],
        stop: threading.Event,
        label: tuple[object, ...] = (),
        tries: int | None = None,
    ) -> T:
        """Return what `read` makes of the answer, after as many tries as patience allows.

        Args:
            path: below the base URL.
            body: makes the body of a try.
            read: takes an answer apart; raises ValueError where it is none, which is tried again.
            learn: is shown what was sent and what the server said to it (status, text); True where
                the next body differs, which is then sent at once.
            stop: ends all waiting.
            label: names the request, for the jitter.
            tries: fewer than patience has.

        Raises:
            Failed: for good; also when `stop` is set.
        """
        patience = self._patience
        attempt = 0
        while True:
            self._hold(stop)
            sent = body()
            after: float | None = None
            status, text = None, ""
            try:
                reply = self._send("POST", path, sent, patience.timeout)
                status, text = _status(reply), reply.text
                if status < 300:
                    answer = read(_parsed(text, self._redacted(text)))
                    self._given_up = 0
                    return answer
                why = f"HTTP {status}{self._said(text)}"
                if learn(sent, status, text):
                    continue
                after = _retry_after(reply.headers)
                if status < 500 and status not in _PASSING:
                    raise Failed(why, status=status, text=text, location=_location(reply))
            except Unreachable as problem:
                why = str(problem)
            except ValueError as problem:
                why, status = str(problem), None
            wait = patience.wait(attempt, after, *label)
            if after is not None:
                self._quiet_until = max(self._quiet_until, time.monotonic() + wait)
            attempt += 1
            # With a server that fails every request, later ones are not worth the same wait.
            if attempt >= (tries or patience.tries) or self._given_up >= self._connections:
                self._given_up += 1
                why += f" ({attempt} tries)" if attempt > 1 else ""
                raise Failed(why, status=status, text=text)
            stop.wait(wait)

    def close(self) -> None:
        """Let the connections go."""
        self._client.close()

    def reason(self, text: str) -> str:
        """Return what a server said, on one line and without the key."""
        return self._said(text).removeprefix(": ")

    def _hold(self, stop: threading.Event) -> None:
        """Wait while the server has asked for quiet."""
        while not stop.is_set() and (left := self._quiet_until - time.monotonic()) > 0:
            stop.wait(left)
        if stop.is_set():
            raise Failed("stopped")

    def _send(self, method: str, path: str, body: dict[str, Any] | None, timeout: float) -> Reply:
        deadline = time.monotonic() + timeout
        content = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"} if content else {}
        parts: list[bytes] = []
        size = 0
        try:
            with self._client.stream(
                method,
                f"{self._url}/{path}",
                content=content,
                headers=headers,
                timeout=httpx.Timeout(timeout, connect=min(timeout, 20.0), pool=None),
            ) as response:
                for part in response.iter_bytes():
                    parts.append(part)
                    size += len(part)
                    if size > _LARGEST:
                        raise Unreachable(f"an answer of more than {_LARGEST >> 20} MB")
                    if time.monotonic() > deadline:
                        raise Unreachable(f"no end of the answer after {timeout:.0f} s")
                text = b"".join(parts).decode(response.encoding or "utf-8", "replace")
                return Reply(response.status_code, dict(response.headers), text)
        except (httpx.TransportError, httpx.DecodingError, LookupError) as problem:
            raise Unreachable(
                one_line(self._redacted(_why(problem))),
                connected=not isinstance(problem, httpx.ConnectError | httpx.ConnectTimeout),
            ) from None

    def _said(self, text: str) -> str:
        said = one_line(_message(self._redacted(text)))
        return f": {said}" if said else ""

    def _redacted(self, text: str) -> str:
        # Before anything is cut off: half a key is a secret too.
        return text.replace(self._key, "***") if self._key else text


def one_line(text: str, most: int = _REASON) -> str:
    """Return text on one line, cut."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= most else line[: most - 3] + "..."


def _status(reply: Reply) -> int:
    """Return the status; some gateways wrap an error in a 200."""
    if reply.status != 200 or '"error"' not in reply.text:
        return reply.status
    try:
        value = json.loads(reply.text)
    except (ValueError, RecursionError):
        return reply.status
    error = value.get("error") if isinstance(value, dict) else None
    if not error or value.get("choices"):
        return reply.status
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, int) and 400 <= code <= 599 else 500


def _parsed(text: str, shown: str) -> Any:
    """Return a body as JSON; raises ValueError, with words of `shown`, where it is none."""
    if text.lstrip()[:1] == "<":
        raise ValueError(f"the server answers HTML, not JSON: {one_line(_message(shown))}")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        begins = one_line(shown, 60)
        raise ValueError(f'the server answers no JSON: "{begins}"') from None


def _message(text: str) -> str:
    """Return the words in an error's body: of JSON the message, of HTML the title."""
    if text.lstrip()[:1] == "<":
        found = re.search(r"<title[^>]*>(.*?)</title>", text, re.DOTALL | re.IGNORECASE)
        return found[1] if found else re.sub(r"<[^>]*>", " ", text[:2000])
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text[:2000]
    for _ in range(3):
        if not isinstance(value, dict):
            break
        value = next((value[k] for k in ("error", "message", "detail") if value.get(k)), value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)[:2000]


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds in `Retry-After`, given as a number or as an HTTP date."""
    said = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d+)?", said):
        return float(said)
    try:
        until = parsedate_to_datetime(said)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(0.0, (until - datetime.now(UTC)).total_seconds())


def _location(reply: Reply) -> str:
    return reply.headers.get("location", "")


def _why(problem: Exception) -> str:
    """Return why no answer came, in words: `connection refused`, `the connection was cut`."""
    if isinstance(problem, httpx.ConnectTimeout):
        return "no connection: timed out"
    if isinstance(problem, httpx.TimeoutException):
        return "no answer in time"
    said = re.sub(r"^\[Errno -?\d+\] ", "", str(problem)) or type(problem).__name__
    if isinstance(problem, httpx.ConnectError):
        return said[:1].lower() + said[1:]
    if isinstance(problem, httpx.RemoteProtocolError | httpx.ReadError | httpx.WriteError):
        return f"the connection was cut: {said[:1].lower()}{said[1:]}"
    return f"{type(problem).__name__}: {said}"
