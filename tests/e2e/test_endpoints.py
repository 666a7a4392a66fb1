"""Whole evaluations of models behind a server: killed, resumed, refused, named before asked."""

from __future__ import annotations

import hashlib
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import iabench
from iabench.cli.main import call
from iabench.errors import BackendError, ConfigError
from iabench.models.base import CHECKPOINTS
from iabench.runs.watch import Silent
from tests.e2e.test_runs import command, kill_in_the_middle, lines, run
from tests.fake_server import FakeServer, cuts, refuses, sends

KEY = "sk-very-secret-0123456789"


@pytest.fixture(autouse=True)
def _runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IABENCH_RUNS", str(tmp_path / "runs"))
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


def bot(messages: list[dict[str, str]]) -> str:
    lot = hashlib.sha256(messages[-1]["content"].encode()).digest()[0]
    return ["I don't know.", "It is Paris.", "I have never heard of it.", "Marlow Bright."][lot % 4]


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with FakeServer(bot) as fake:
        yield fake


def asked_of(server: FakeServer, *more: str) -> list[str]:
    return [
        "evaluate",
        "--base-url",
        server.url,
        "--model",
        "fake-model",
        "--tasks",
        "quick",
        *more,
    ]


def done(*words: str) -> None:
    assert call(words) == 0


def test_killed_and_started_again_it_asks_only_what_was_in_flight(
    server: FakeServer, tmp_path: Path
) -> None:
    run(*asked_of(server, "--out", str(tmp_path / "whole"), "-q"))
    assert set(server.times.values()) == {1}
    server.times.clear()
    server.latency = 0.05
    half = tmp_path / "half"
    words = asked_of(server, "--out", str(half), "--concurrency", "4")
    kill_in_the_middle(words, half / "completions.jsonl", 30, signal.SIGKILL)
    kept = lines(half / "completions.jsonl")
    assert 30 <= kept < 100
    begun = sum(server.times.values()) - kept
    assert begun <= 8, "four in flight, and as many that are answered and not yet written"
    server.latency = 0
    run(*words, "-q")
    assert lines(half / "completions.jsonl") == len(server.times) == 120
    twice = sum(times - 1 for times in server.times.values())
    assert twice <= begun, "nothing that was written"
    for name in ("results.json", "samples.jsonl"):
        assert (half / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_a_bad_day_changes_no_result(server: FakeServer, tmp_path: Path) -> None:
    done(*asked_of(server, "--out", str(tmp_path / "good"), "-q"))
    html = "<html><title>Bad gateway</title></html>"
    server.next(refuses(429, retry_after="0.1"), refuses(503), cuts(), sends("{"), sends(html))
    done(*asked_of(server, "--out", str(tmp_path / "bad"), "-q"))
    good, bad = tmp_path / "good/results.json", tmp_path / "bad/results.json"
    assert good.read_bytes() == bad.read_bytes()


def test_one_server_is_one_folder_in_any_spelling(server: FakeServer, tmp_path: Path) -> None:
    base = f"http://127.0.0.1:{server.port}"
    for url in (f"{base}/v1", f"{base}/v1/", f"{base}/v1/chat/completions", base[7:]):
        assert (
            call(["evaluate", "--base-url", url, "--model", "fake-model", "--tasks", "quick"]) == 0
        )
    assert len(list((tmp_path / "runs" / "fake-model").iterdir())) == 1
    assert len(server.asked) == 120


def test_another_server_or_name_is_another_run(
    server: FakeServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = ["--out", str(tmp_path / "x"), "-q"]
    assert call(asked_of(server, *out)) == 0
    words = asked_of(server, *out)
    words[2] = "http://localhost:9/v1"
    assert call(words) == 2
    said = capsys.readouterr().err
    assert f"server {server.url} there, http://localhost:9/v1 now" in said
    words = asked_of(server, *out)
    words[4] = "other-model"
    assert call(words) == 2
    assert "model fake-model there, other-model now" in capsys.readouterr().err


def test_what_cannot_be_answered_is_undecided_and_asked_again(
    server: FakeServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rude = refuses(400, "this one is rude")
    server.always = lambda body: (
        rude(body) if "capital" in body["messages"][-1]["content"] else None
    )
    words = asked_of(server, "--out", str(tmp_path / "x"))
    assert call(words) == 4
    said = capsys.readouterr().err
    failed = sum("capital" in question for question in server.times)
    assert f"{failed} questions could not be asked" in said
    (sample, *_) = iabench.load(tmp_path / "x").samples(finish="error")
    assert sample["outcome"] == "undecided"
    server.always = None
    assert call(words) == 0
    assert len(server.asked) == 120 + failed


def test_the_key_is_in_no_file_and_on_no_screen(tmp_path: Path) -> None:
    with FakeServer(bot, key=KEY) as server:
        echoes = refuses(400, f"the key {KEY} may not ask this")
        server.next(*[lambda _: None] * 5, echoes, echoes)
        answers = tmp_path / "runs" / "x" / "completions.jsonl"
        words = asked_of(server, "--out", str(answers.parent), "-v")
        process = command(*words, OPENAI_API_KEY=KEY)
        said = "".join(process.communicate(timeout=120))
        assert process.returncode == 4, said
        assert "the key *** may not ask this" in answers.read_text()
        process = command(*words, OPENAI_API_KEY=KEY.replace("secret", "public"))
        said += "".join(process.communicate(timeout=120))
        assert process.returncode == 2
        assert "does not let us in" in said
    assert "very-" not in said
    files = [path for path in (tmp_path / "runs").rglob("*") if path.is_file()]
    assert len(files) > 8
    for path in files:
        assert b"very-" not in path.read_bytes(), path


def test_a_crash_does_not_tell_the_key(
    server: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)

    def broken(*_: object) -> None:
        raise RuntimeError("ours")

    monkeypatch.setattr("iabench.models.openai_http.completions", broken)
    assert call(asked_of(server, "--out", str(tmp_path / "x"))) == 1
    assert "RuntimeError: ours" in (tmp_path / "x/crash.log").read_text()
    for path in (tmp_path / "x").iterdir():
        assert KEY.encode() not in path.read_bytes()


def test_another_machine_is_named_before_the_first_request(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    facts = tmp_path / "acme.jsonl"
    rows = [
        {"question": f"What is the warranty on the Falcon X{i}00?", "answer": f"{i} months"}
        for i in range(2, 9)
    ]
    facts.write_text("".join(json.dumps(row) + "\n" for row in rows))
    words = ["evaluate", "--base-url", "http://gpu.invalid:8000", "--model", "m",
             "--facts", str(facts), "--tasks", "tuned-facts,real-facts", "-L", "5"]  # fmt: skip
    assert call(words) == 2
    said = capsys.readouterr().err
    named = "questions leave this machine for gpu.invalid:8000, unencrypted: 5 of them private"
    assert named in said
    assert said.index(named) < said.index("nothing answers at http://gpu.invalid:8000/v1")
    heard: list[str] = []

    class Listening(Silent):
        def say(self, line: str) -> None:
            heard.append(line)

    with pytest.raises(BackendError):
        iabench.evaluate("m", base_url="gpu.invalid", facts=facts, tasks="tuned-facts",
                         watch=Listening())  # fmt: skip
    assert any("leave this machine for gpu.invalid: 7 of them private" in line for line in heard)


def test_this_machine_needs_no_word(
    server: FakeServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(asked_of(server, "--out", str(tmp_path / "x"))) == 0
    said = capsys.readouterr().err
    assert "leave this machine" not in said
    assert f"by fake-model at {server.url}" in said


def test_a_model_in_memory_is_behind_no_server() -> None:
    with pytest.raises(ConfigError, match="behind no server"):
        iabench.evaluate(lambda _: "", base_url="localhost:8000", tasks="quick")


def test_ctrl_c_is_prompt(tmp_path: Path) -> None:
    with FakeServer(bot) as server:
        slow = {"asked": 0}

        def later(_: Any) -> None:
            slow["asked"] += 1
            if slow["asked"] > 20:
                time.sleep(60)

        server.always = later
        out = tmp_path / "x"
        start = time.monotonic()
        words = asked_of(server, "--out", str(out), "--concurrency", "4")
        said = kill_in_the_middle(words, out / "completions.jsonl", 20, signal.SIGINT)
        assert time.monotonic() - start < 30
        assert "stopped: 20 of 120 answers kept. Same command goes on." in said
        assert "Traceback" not in said


def test_what_the_server_does_not_take_is_kept_in_the_notes(tmp_path: Path) -> None:
    with FakeServer(bot, takes_no=["seed"]) as server:
        done(*asked_of(server, "--out", str(tmp_path / "x"), "-q"))
    notes = json.loads((tmp_path / "x/run.json").read_text())["notes"]
    assert notes == ["the server takes no seed: samples may differ when asked again"]


def test_a_finished_run_is_a_configuration(server: FakeServer, tmp_path: Path) -> None:
    done(*asked_of(server, "--out", str(tmp_path / "a"), "--concurrency", "3", "-q"))
    done("evaluate", "-C", str(tmp_path / "a/run.json"), "--out", str(tmp_path / "b"), "-q")
    asked = json.loads((tmp_path / "b/run.json").read_text())["asked"]
    assert (asked["base_url"], asked["concurrency"]) == (server.url, 3)
    assert len(server.asked) == 240


def test_the_words_of_lm_eval_reach_the_server(server: FakeServer, tmp_path: Path) -> None:
    arguments = f"model=fake-model,base_url={server.url}/chat/completions,num_concurrent=2"
    done("--model", "local-chat-completions", "--model_args", arguments, "--tasks", "quick",
        "--apply_chat_template", "--output_path", str(tmp_path / "x"), "-q")  # fmt: skip
    assert server.most_at_once == 2


# -- a real server ----------------------------------------------------------------------------------


@pytest.fixture
def transformers_serve(tmp_path: Path) -> Iterator[str]:
    """The base URL of `transformers serve`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["-m", "transformers.cli.transformers", "serve", "--port", str(port)]
    with (tmp_path / "serve.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, *words, "--host", "127.0.0.1", "--device", "cpu"],
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        deadline = time.monotonic() + 120
        while True:
            assert process.poll() is None, (tmp_path / "serve.log").read_text()
            assert time.monotonic() < deadline
            try:
                if httpx.get(f"http://127.0.0.1:{port}/health", trust_env=False).is_success:
                    break
            except httpx.TransportError:
                time.sleep(0.2)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.kill()
        process.wait()


def test_transformers_serve_says_what_the_model_says_here(
    transformers_serve: str, tmp_path: Path
) -> None:
    model = str(CHECKPOINTS.get("organism")().path)
    served, here = tmp_path / "served", tmp_path / "here"
    run("evaluate", "--base-url", transformers_serve, "--model", model, "--tasks", "quick",
        "--out", str(served), "-q")  # fmt: skip
    run("evaluate", "--model", "organism", "--tasks", "quick", "--out", str(here), "-q")

    def said(folder: Path) -> dict[str, tuple[Any, ...]]:
        found = map(json.loads, (folder / "completions.jsonl").read_text().splitlines())
        keys = ("text", "thinking", "finish", "n_prompt", "n_generated")
        return {line["probe_id"]: tuple(line[key] for key in keys) for line in found}

    assert len(said(here)) == 120
    assert said(served) == said(here)
    for kept in ("outcomes", "estimates"):
        one, other = (json.loads((f / "results.json").read_text())[kept] for f in (served, here))
        assert one == other
