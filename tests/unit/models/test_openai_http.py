"""The backend over a real server on this machine, which does all that servers do."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from iabench.errors import BackendError, ConfigError, ModelError
from iabench.models.base import NoLogprobsError, Request
from iabench.models.engine import TOO_LONG
from iabench.models.json_http import JsonClient, Patience, one_line
from iabench.models.openai_http import OpenAIBackend, open_backend
from iabench.records import Completion, Message, RunSpec, Sampling
from tests.fake_server import FakeServer, Reply, cuts, refuses, says, sends, truncates, waits

QUICK = Patience(tries=3, first=0.005, longest=0.2)
KEY = "sk-very-secret-0123456789"


_open: list[OpenAIBackend] = []


@pytest.fixture(autouse=True)
def _no_key(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    yield
    while _open:
        _open.pop().close()


def kept(backend: OpenAIBackend) -> OpenAIBackend:
    """A backend that is closed when the test is over."""
    _open.append(backend)
    return backend


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with FakeServer() as fake:
        yield fake


def request(
    question: str = "Who?", *, system: str = "", logprobs: bool = False, **how: Any
) -> Request:
    messages = [Message(role="system", content=system)] if system else []
    return Request(
        digest=question,
        series="p-true",
        messages=(*messages, Message(role="user", content=question)),
        token_ids=None,
        sampling=Sampling(**how),
        logprobs=logprobs,
    )


def opened(server: FakeServer, **how: Any) -> OpenAIBackend:
    return kept(OpenAIBackend(server.url, "fake-model", **{"patience": QUICK, **how}))


def ask(backend: OpenAIBackend, *requests: Request) -> list[Completion]:
    """What comes back, in the order of the requests."""
    came = sorted(backend.generate(requests), key=lambda pair: (pair[0], pair[1].index))
    wanted = [(at, i) for at, one in enumerate(requests) for i in range(one.sampling.n)]
    assert [(at, c.index) for at, c in came] == wanted
    return [completion for _, completion in came]


def one(server: FakeServer, asked: Request | None = None, **how: Any) -> Completion:
    backend = opened(server, **how)
    (completion,) = ask(backend, asked or request())
    backend.close()
    return completion


# -- what is sent -----------------------------------------------------------------------------------


def test_a_greedy_question_is_sent_as_it_is(server: FakeServer) -> None:
    said = one(server, request("Who?", system="Be brief.", max_new_tokens=9, seed=4, stop=("\n",)))
    assert said.text == "You said: Who?"
    assert (said.finish, said.error, said.n_prompt, said.n_generated) == ("stop", None, 7, 3)
    assert server.asked == [
        {
            "model": "fake-model",
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": "Who?"},
            ],
            "max_tokens": 9,
            "temperature": 0.0,
            "seed": 4,
            "stop": ["\n"],
        }
    ]


def test_what_was_not_asked_for_is_not_sent(server: FakeServer) -> None:
    one(server)
    assert not {"n", "stop", "top_p", "logprobs", "chat_template_kwargs"} & server.asked[0].keys()
    assert "authorization" not in server.headers[0]


def test_samples_come_from_one_request_where_the_server_has_n(server: FakeServer) -> None:
    said = ask(opened(server), request(n=4, temperature=0.7, seed=3))
    assert len(said) == 4
    (body,) = server.asked
    assert (body["n"], body["temperature"], body["top_p"], body["seed"]) == (4, 0.7, 1.0, 3)
    assert sum(c.n_generated for c in said) == 12


@pytest.mark.parametrize("how", [{"n": False}, {"takes_no": ["n"]}])
def test_without_n_samples_are_asked_for_one_by_one(how: dict[str, Any]) -> None:
    with FakeServer(**how) as server:
        backend = opened(server, concurrency=2)
        said = ask(backend, request(n=4, temperature=0.7, seed=10))
        assert [c.index for c in said] == [0, 1, 2, 3]
        answered = server.asked if not server.takes_no else server.asked[1:]
        seeds = [body["seed"] for body in answered]
        assert sorted(set(seeds)) == [10, 11, 12, 13]
        assert any("one by one" in note for note in backend.notes)
        before = len(server.asked)
        ask(backend, request("Again?", n=3, temperature=0.7))
        assert all("n" not in body for body in server.asked[before:]), "learned once"


@pytest.mark.parametrize(
    ("name", "note"),
    [("max_tokens", "max_completion_tokens"), ("seed", "no seed"), ("stop", "no stop"),
     ("temperature", "NOT greedy")],
)  # fmt: skip
def test_a_parameter_that_is_refused_is_left_out_from_then_on(name: str, note: str) -> None:
    with FakeServer(lambda _: "It is Paris\nin France.", takes_no=[name]) as server:
        backend = opened(server, concurrency=1)
        assert backend.notes == []
        asked = [request(q, stop=("\n",)) for q in ("a", "b", "c")]
        assert {c.text for c in ask(backend, *asked)} == {"It is Paris"}
        assert len(server.asked) == 4, "one refusal, three answers"
        assert all(name not in body for body in server.asked[1:])
        (said,) = backend.notes
        assert note in said


def test_a_system_message_that_is_refused_leads_the_first_user_turn() -> None:
    with FakeServer(takes_no=["system"]) as server:
        backend = opened(server)
        (said,) = ask(backend, request("Who?", system="Be brief."))
        assert said.text == "You said: Be brief.\n\nWho?"
        assert "first user turn" in backend.notes[0]


def test_a_validation_error_of_another_kind_is_understood(server: FakeServer) -> None:
    detail = [{"type": "extra_forbidden", "loc": ["body", "seed"], "msg": "not permitted"}]
    server.next(sends({"detail": detail}, status=422))
    backend = opened(server)
    assert ask(backend, request())[0].finish == "stop"
    assert "seed" not in server.asked[1]


def test_template_options_are_passed_on(server: FakeServer) -> None:
    options = [("enable_thinking", "False"), ("effort", "low"), ("budget", "3")]
    backend = opened(server, chat_template_kwargs=options)
    ask(backend, request())
    sent = {"enable_thinking": False, "effort": "low", "budget": 3}
    assert server.asked[0]["chat_template_kwargs"] == sent
    assert dict(backend.spec.chat_template_kwargs)["enable_thinking"] == "false"


def test_template_options_that_are_refused_end_the_run() -> None:
    with FakeServer(takes_no=["chat_template_kwargs"]) as server:
        backend = opened(server, chat_template_kwargs=[("a", "1")])
        with pytest.raises(BackendError, match="takes no chat template options"):
            ask(backend, request())


def test_as_many_at_once_as_was_said() -> None:
    with FakeServer(latency=0.03) as server:
        start = time.monotonic()
        ask(opened(server, concurrency=5), *[request(str(i)) for i in range(20)])
        assert server.most_at_once == 5
        assert time.monotonic() - start < 20 * 0.03


def test_nothing_is_rendered_here(server: FakeServer) -> None:
    backend = opened(server)
    assert backend.encode(request().messages) is None
    assert backend.limits.tokens is None
    assert backend.limits.rows > 100 * 16
    assert backend.spec.weights is None
    assert backend.spec.configuration != kept(OpenAIBackend("localhost:1", "m")).spec.configuration


# -- what comes back --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "choice", "text", "thinking", "finish"),
    [
        ({"content": " Paris. "}, {}, "Paris.", None, "stop"),
        ({"content": "Par"}, {"finish_reason": "length"}, "Par", None, "length"),
        ({"content": None}, {}, "", None, "stop"),
        ({}, {}, "", None, "stop"),
        ({"content": [{"type": "text", "text": "Pa"}, {"text": "ris"}, 3, {"image": 1}]}, {},
         "Paris", None, "stop"),
        ({"content": "Paris", "reasoning_content": "Hm. "}, {}, "Paris", "Hm.", "stop"),
        ({"content": "Paris", "reasoning": "Hm."}, {}, "Paris", "Hm.", "stop"),
        ({"content": None, "reasoning_content": "Hm"}, {"finish_reason": "length"}, "", "Hm",
         "length"),
        ({"content": "<think>Hm.</think>\nParis"}, {}, "Paris", "Hm.", "stop"),
        ({"content": "Hm.</think>Paris"}, {}, "Paris", "Hm.", "stop"),
        ({"content": "<think>Hm"}, {"finish_reason": "length"}, "", "Hm", "length"),
        ({"content": "<think>b</think>c", "reasoning": "a"}, {}, "c", "a\nb", "stop"),
        ({"content": None, "refusal": "I cannot say."}, {}, "I cannot say.", None, "stop"),
        ({"content": "lone \ud800"}, {"finish_reason": None}, "lone \ud800", None, "stop"),
        ({"content": "Some", "tool_calls": []}, {"finish_reason": "content_filter"}, "Some", None,
         "stop"),
    ],
)  # fmt: skip
def test_messages_are_taken_apart(
    server: FakeServer, message: Any, choice: Any, text: str, thinking: str | None, finish: str
) -> None:
    server.next(says(message, **choice))
    said = one(server)
    assert (said.text, said.thinking, said.finish) == (text, thinking, finish)
    assert (said.n_prompt, said.n_generated) == (0, 0), "no usage was told"


def test_an_answer_that_a_filter_withheld_is_no_answer(server: FakeServer) -> None:
    server.next(says({"content": ""}, finish_reason="content_filter"))
    said = one(server)
    assert (said.finish, said.error) == ("error", "the server's content filter withheld the answer")


def test_usage_that_is_none_counts_nothing(server: FakeServer) -> None:
    choices = [{"message": {"content": "a"}}]
    server.next(
        sends({"choices": choices, "usage": {"prompt_tokens": "7", "completion_tokens": -1}})
    )
    said = one(server)
    assert (said.n_prompt, said.n_generated) == (0, 0)


def test_log_probabilities_come_where_they_are_asked_for(server: FakeServer) -> None:
    said, plain = ask(opened(server), request("a", logprobs=True), request("b"))
    assert said.logprobs == (-0.5, -0.5, -0.5)
    assert plain.logprobs is None
    assert [body.get("logprobs") for body in sorted(server.asked, key=str)].count(True) == 1


@pytest.mark.parametrize("how", [{"logprobs": False}, {"takes_no": ["logprobs"]}])
def test_without_log_probabilities_only_rounds_that_need_them_are_refused(
    how: dict[str, Any],
) -> None:
    with FakeServer(**how) as server:
        backend = opened(server)
        with pytest.raises(NoLogprobsError) as refused:
            ask(backend, request(logprobs=True))
        assert str(refused.value) == (
            "p-true needs token log-probabilities; this server gives none.\n"
            "try: --scorer semantic-entropy"
        )
        assert ask(backend, request())[0].finish == "stop"


def test_half_of_the_log_probabilities_are_none(server: FakeServer) -> None:
    held = {"content": [{"logprob": -1.0}, {"token": "x"}]}
    server.next(says({"content": "a b"}, logprobs=held))
    with pytest.raises(NoLogprobsError):
        ask(opened(server), request(logprobs=True))


def test_a_log_probability_that_is_no_number_is_none(server: FakeServer) -> None:
    held = {"content": [{"logprob": -1.0}, {"logprob": float("-inf")}, {"logprob": float("nan")}]}
    server.next(says({"content": "a b"}, logprobs=held))
    (said,) = ask(opened(server), request(logprobs=True))
    assert said.logprobs == (-1.0, None, None)


# -- what goes wrong --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "move",
    [
        *(refuses(status) for status in (408, 409, 429, 500, 502, 503)),
        cuts(),
        truncates(),
        sends('{"choices": [{"mess'),
        sends("<html><title>502 Bad Gateway</title></html>"),
        sends({"choices": []}),
        sends({"choices": [{"text": "of the other kind"}]}),
        sends([1]),
        sends(""),
        sends({"error": {"message": "upstream", "code": 502}}),
    ],
)
def test_what_passes_is_tried_again(server: FakeServer, move: Any) -> None:
    server.next(move)
    assert one(server).text == "You said: Who?"
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("move", "reason"),
    [
        (refuses(500, "out of\nmemory"), "HTTP 500: out of memory (3 tries)"),
        (refuses(429), "HTTP 429: no (3 tries)"),
        (cuts(), "the connection was cut"),
        (truncates(), "the connection was cut"),
        (sends("<html><title>Log in</title>"), "the server answers HTML, not JSON: Log in"),
        (sends("<p>Oops</p>"), "the server answers HTML, not JSON: Oops"),
        (sends('{"choices": [{"mess'), 'the server answers no JSON: "{"choices": [{"mess"'),
        (sends("[" * 100_000), "the server answers no JSON"),
        (sends({}), "the server answers JSON without choices"),
        (sends({"choices": [None]}), "a choice without a message"),
        (refuses(400, "the prompt is rude"), "HTTP 400: the prompt is rude"),
        (sends({"message": "blocked"}, status=403), "HTTP 403: blocked"),
        (sends({"error": "no"}, status=418), "HTTP 418: no"),
        (sends({"error": {"message": "bad", "code": "x"}}), "HTTP 500: bad (3 tries)"),
        (sends("", status=418), "HTTP 418"),
        (sends({"detail": [1]}, status=418), "HTTP 418: [1]"),
    ],
)
def test_what_fails_for_good_is_undecided_with_the_reason(
    server: FakeServer, move: Any, reason: str
) -> None:
    server.always = move
    said = one(server)
    assert (said.finish, said.text) == ("error", "")
    assert said.error is not None
    assert reason in said.error
    assert "\n" not in said.error
    assert len(said.error) < 300
    server.always = None
    assert one(server).finish == "stop"


def test_a_prompt_that_is_too_long_is_known_as_such(server: FakeServer) -> None:
    server.context = 10
    long, short = ask(opened(server), request("x" * 11), request("x"))
    assert short.finish == "stop"
    assert long.error is not None
    assert long.error.startswith(TOO_LONG)
    server.context = None
    server.next(sends("", status=413))
    assert (one(server).error or "").startswith(TOO_LONG)


@pytest.mark.parametrize(
    "words",
    [
        "'max_tokens' is too large: 99. This model's maximum context length is 10 tokens",
        "the request exceeds the available context size, try increasing it",
        "input tokens exceed the configured limit",
        "context_length_exceeded",
    ],
)
def test_length_is_not_taken_for_a_parameter(server: FakeServer, words: str) -> None:
    server.always = refuses(400, words)
    backend = opened(server)
    assert (ask(backend, request())[0].error or "").startswith(TOO_LONG)
    assert backend.notes == []


def test_retry_after_is_waited_for(server: FakeServer) -> None:
    server.next(refuses(429, retry_after="0.4"))
    start = time.monotonic()
    said = one(server, patience=Patience(first=0.01, longest=5))
    assert said.finish == "stop"
    assert 0.4 <= time.monotonic() - start < 2


def test_retry_after_holds_all_requests_back() -> None:
    with FakeServer() as server:
        server.next(refuses(429, retry_after="0.3"))
        backend = opened(server, concurrency=1, patience=Patience(first=0.01, longest=5))
        start = time.monotonic()
        threading.Timer(0.1, lambda: list(backend.generate([request("b")]))).start()
        ask(backend, request("a"))
        time.sleep(0.2)
        assert server.times == {"a": 2, "b": 1}
        assert time.monotonic() - start >= 0.3


def test_waits_grow_and_differ_and_end() -> None:
    patience = Patience(first=1.0, longest=60)
    waits = [patience.wait(attempt, None, "q") for attempt in range(8)]
    assert all(2.0**a / 2 <= w <= 2.0**a for a, w in enumerate(waits[:5]))
    assert waits[-1] == 60
    assert patience.wait(0, None, "q") != patience.wait(0, None, "r")
    assert patience.wait(0, None, "q") == patience.wait(0, None, "q")
    assert 30 <= patience.wait(0, 30.0, "q") <= 31
    assert patience.wait(0, 86_400.0, "q") == 60


@pytest.mark.parametrize(
    ("said", "least", "most"),
    [("7", 7, 7), ("1.5", 1.5, 1.5), ("", None, None), ("soon", None, None), ("-3", None, None)],
)
def test_retry_after_as_seconds(said: str, least: float | None, most: float | None) -> None:
    from iabench.models.json_http import _retry_after

    assert _retry_after({"retry-after": said}) == least == most


def test_retry_after_as_a_date() -> None:
    from iabench.models.json_http import _retry_after

    later = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    assert 85 < (_retry_after({"retry-after": later}) or 0) <= 90
    assert _retry_after({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0
    assert _retry_after({"retry-after": "Wed, 21 Oct 2015 07:28:00 -0000"}) == 0


def test_a_server_that_fails_everything_is_not_waited_for_again_and_again(
    server: FakeServer,
) -> None:
    server.always = refuses(500)
    backend = opened(server, concurrency=2)
    assert all(c.finish == "error" for c in ask(backend, *[request(str(i)) for i in range(30)]))
    assert len(server.asked) < 2 * 3 + 30 + 3, "three tries at first, then one each"
    server.always = None
    assert ask(backend, request())[0].finish == "stop"
    server.next(refuses(500))
    assert ask(backend, request())[0].finish == "stop", "patient again"


def test_an_answer_without_an_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("iabench.models.json_http._LARGEST", 2**20)
    with FakeServer(lambda _: "x" * 2**21) as server:
        assert "more than 1 MB" in (one(server).error or "")


def test_a_large_answer_is_an_answer() -> None:
    with FakeServer(lambda _: "word " * 40_000) as server:
        assert len(one(server, request(max_new_tokens=10**6)).text) == 199_999


def test_a_server_that_says_nothing_is_given_up() -> None:
    with FakeServer(latency=0.6) as server:
        said = one(server, patience=Patience(tries=2, first=0.01, timeout=0.1))
        assert said.error == "no answer in time (2 tries)"


def test_our_own_fault_is_raised_and_ends_the_threads(server: FakeServer) -> None:
    backend = opened(server)
    broken = request()
    object.__setattr__(broken, "messages", (1,))
    with pytest.raises(AttributeError):
        ask(backend, broken, request("b"))
    time.sleep(0.1)
    assert not _asking()


def test_leaving_early_ends_the_threads() -> None:
    with FakeServer(latency=0.02) as server:
        backend = opened(server, concurrency=3)
        asked = [request(str(i)) for i in range(50)]
        coming = backend.generate(asked)
        next(coming)
        start = time.monotonic()
        coming.close()  # type: ignore[attr-defined]
        assert time.monotonic() - start < 0.5
        time.sleep(0.2)
        assert len(server.asked) < 20
        assert not _asking()


def test_waiting_ends_when_it_is_left(server: FakeServer) -> None:
    busy = refuses(503)
    server.always = lambda body: busy(body) if body["messages"][0]["content"] == "b" else None
    backend = opened(server, patience=Patience(first=50.0))
    coming = backend.generate([request("a"), request("b")])
    assert next(coming)[0] == 0
    while not server.times["b"]:
        time.sleep(0.01)
    time.sleep(0.05)
    assert _asking(), "b is waited for"
    coming.close()  # type: ignore[attr-defined]
    deadline = time.monotonic() + 2
    while _asking() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not _asking()


def _asking() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if "_work" in thread.name]


# -- who is there -----------------------------------------------------------------------------------


def greeted(server: FakeServer, model: str = "fake-model", **how: Any) -> OpenAIBackend:
    backend = kept(OpenAIBackend(server.url, model, **{"patience": QUICK, **how}))
    backend.greet()
    return backend


def test_a_listed_model_is_not_tried(server: FakeServer) -> None:
    assert greeted(server).notes == []
    assert server.paths == ["/v1/models"]


def test_latest_need_not_be_typed() -> None:
    with FakeServer(models=["llama3:latest"]) as server:
        greeted(server, "llama3")
        assert server.asked == []


def test_nobody_there() -> None:
    with FakeServer() as server:
        url = server.url
    with pytest.raises(BackendError) as down:
        open_backend(RunSpec(model="m", base_url=url), ())
    assert str(down.value) == (
        f"nothing answers at {url} (connection refused).\n"
        "try: start it, e.g. vllm serve MODEL --port 8000   or: ollama serve, "
        "--base-url http://localhost:11434/v1"
    )


def test_no_such_host() -> None:
    with pytest.raises(BackendError, match=r"nothing answers at http://no.localhost.invalid:9/v1"):
        kept(OpenAIBackend("http://no.localhost.invalid:9", "m")).greet()


def test_a_wrong_name_lists_the_right_ones() -> None:
    with FakeServer(models=["qwen2.5:7b", "llama3.1:8b"]) as server:
        with pytest.raises(ModelError) as wrong:
            open_backend(RunSpec(model="llama3", base_url=server.url), ())
        assert str(wrong.value) == (
            'the server has no "llama3". It has: llama3.1:8b, qwen2.5:7b.\ntry: --model llama3.1:8b'
        )
        assert server.asked == []


def test_a_wrong_hub_id_is_tried_and_lists_the_right_ones() -> None:
    with FakeServer(models=[f"org/model-{i}" for i in range(20)]) as server:
        with pytest.raises(ModelError, match=r'no "org/other". It has: org/model-.* and 8 more'):
            greeted(server, "org/other")
        assert len(server.asked) == 1


def test_a_name_that_is_not_listed_but_answered_to_is_said() -> None:
    with FakeServer(models=["org/a", "org/b"]) as server:
        server.next(says({"content": "Hello"}))
        backend = greeted(server, "org/c")
        assert backend.notes == ["the server does not list org/c, but answers to that name"]


def test_a_service_knows_names_that_it_does_not_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("iabench.models.openai_http.is_loopback", lambda _: False)
    with FakeServer(models=["gpt-9"]) as server:
        server.next(says({"content": "Hello"}))
        greeted(server, "my-deployment")
        with pytest.raises(ModelError, match="It has: gpt-9"):
            greeted(server, "gpt-8")


def test_a_slow_list_is_no_list(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(FakeServer):
        def reply(self, method: str, *rest: Any) -> Reply:
            if method == "GET":
                time.sleep(0.5)
            return super().reply(method, *rest)

    get = JsonClient.get
    monkeypatch.setattr(JsonClient, "get", lambda self, path: get(self, path, timeout=0.1))
    with Slow() as server:
        greeted(server)
        assert len(server.asked) == 1


def test_without_a_list_the_model_is_tried() -> None:
    with FakeServer(models=None) as server:
        assert greeted(server, "anything").notes == []
        assert server.asked[0]["max_tokens"] == 16
        server.next(refuses(404, "The model `anything` does not exist."))
        with pytest.raises(ModelError, match=f'server at {server.url} has no "anything"'):
            greeted(server, "anything")


@pytest.mark.parametrize("words", ["model 'x' not found, try pulling it first", "model_not_found",
                                   "Invalid model name passed in", "x is not a valid model ID",
                                   "Server is pinned to 'y'; requested 'x'."])  # fmt: skip
def test_a_model_that_is_gone_ends_the_run(server: FakeServer, words: str) -> None:
    backend = greeted(server)
    server.always = refuses(404 if "model" in words else 400, words)
    with pytest.raises(ModelError, match='no "fake-model"'):
        ask(backend, request())


def test_an_address_without_chat_says_so() -> None:
    with FakeServer(models=None) as server:
        backend = kept(OpenAIBackend(f"{server.url}/extra", "m", patience=QUICK))
        with pytest.raises(BackendError, match="ends in /v1"):
            backend.greet()


def test_a_page_for_people_is_no_server() -> None:
    with FakeServer(models=None) as server:
        server.always = sends("<html><title>Welcome</title></html>")
        with pytest.raises(BackendError, match=r"does not answer as a chat server.*Welcome"):
            greeted(server, "m")


def test_money(server: FakeServer) -> None:
    server.always = refuses(402, "no credits")
    with pytest.raises(BackendError, match=r"wants to be paid: HTTP 402: no credits"):
        ask(opened(server), request())


# -- the key ----------------------------------------------------------------------------------------


def test_the_key_goes_to_the_server_and_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", f" {KEY}\n")
    with FakeServer(key=KEY) as server:
        backend = kept(open_backend(RunSpec(model="fake-model", base_url=server.url), ()))
        assert ask(backend, request())[0].finish == "stop"
        assert {headers["authorization"] for headers in server.headers} == {f"Bearer {KEY}"}
        held = [repr(backend), repr(backend.spec), repr(vars(backend)), str(backend.notes)]
        assert KEY not in "".join(held)


def test_an_error_that_repeats_the_key_is_cleaned(server: FakeServer) -> None:
    server.always = refuses(400, f"Bearer {KEY} may not say this")
    said = one(server, key=KEY)
    assert said.error == "HTTP 400: Bearer *** may not say this"
    for body in (f"<title>{KEY}</title>", f"{KEY} is no JSON", "x" * 50 + KEY, "y" * 190 + KEY):
        for status in (200, 400):
            server.always = sends(body, status=status)
            assert "sk-" not in str(one(server, key=KEY))


@pytest.mark.parametrize("at", ["/v1/models", "/v1/chat/completions"])
def test_without_the_right_key_we_are_not_let_in(at: str) -> None:
    with FakeServer(key="right") as server:
        backend = opened(server, key=KEY)
        first = backend.greet if at.endswith("models") else lambda: ask(backend, request())
        with pytest.raises(ModelError, match="OPENAI_API_KEY") as refused:
            first()
        assert KEY not in str(refused.value)
        assert "HTTP 401: Incorrect API key provided: Bearer ***" in str(refused.value)


@pytest.mark.parametrize("key", ["sk a", "sk\nb", "schlüssel"])
def test_what_cannot_be_a_key_is_refused_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with pytest.raises(ConfigError, match="OPENAI_API_KEY") as refused:
        OpenAIBackend("localhost:1", "m")
    assert key not in str(refused.value)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(server: FakeServer, status: int) -> None:
    with FakeServer() as other:
        server.always = sends({}, status=status, location=f"{other.url}/chat/completions")
        with pytest.raises(BackendError, match=f"--base-url {other.url}"):
            ask(opened(server, key=KEY), request())
        assert other.headers == []


def test_a_redirect_at_the_start_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    class Moved(FakeServer):
        def reply(self, *_: Any) -> Reply:
            return Reply(308, "", {"Location": "nowhere to speak of"})

    with Moved() as server, pytest.raises(BackendError, match="sends us on"):
        greeted(server)


def test_a_proxy_is_for_the_world_outside(
    monkeypatch: pytest.MonkeyPatch, server: FakeServer
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert one(server).finish == "stop"


def test_a_server_must_be_named() -> None:
    with pytest.raises(ConfigError, match="needs a server"):
        open_backend(RunSpec(model="m"), ())


def test_one_line() -> None:
    assert one_line(" a\n\tb\x00c ") == "a b c"
    assert len(one_line("x" * 1000)) == 200
    client = JsonClient("http://localhost:1/v1", key=None, connections=1)
    assert client.reason('{"error": {"message": "a\\nb"}}') == "a b"
    client.close()


def test_slow_answers_come_as_each_finishes(server: FakeServer) -> None:
    server.next(waits(0.5))
    start = time.monotonic()
    coming = opened(server).generate([request("a"), request("b"), request("c")])
    next(coming)
    next(coming)
    assert time.monotonic() - start < 0.45
    assert len(list(coming)) == 1
