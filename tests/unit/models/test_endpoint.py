from __future__ import annotations

from pathlib import Path

import pytest

from iabench.errors import ConfigError
from iabench.models.endpoint import is_loopback, leaving, normal_url, with_server
from iabench.records import RunSpec


@pytest.fixture(autouse=True)
def _no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)


@pytest.mark.parametrize(
    "typed",
    [
        "http://localhost:8000/v1",
        "http://localhost:8000/v1/",
        "http://localhost:8000/v1/chat/completions",
        "http://localhost:8000/v1/chat/completions/",
        "http://localhost:8000/v1/completions",
        "http://localhost:8000/v1/models",
        "http://localhost:8000//v1//",
        "http://localhost:8000",
        "http://LocalHost:8000/",
        "localhost:8000",
        " localhost:8000/v1 ",
    ],
)
def test_one_server_has_one_spelling(typed: str) -> None:
    assert normal_url(typed) == "http://localhost:8000/v1"


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("https://openrouter.ai/api/v1/", "https://openrouter.ai/api/v1"),
        ("https://api.openai.com:443/v1", "https://api.openai.com/v1"),
        ("http://10.0.0.4:80/v1", "http://10.0.0.4/v1"),
        ("api.example.com", "https://api.example.com/v1"),
        ("[::1]:8000", "http://[::1]:8000/v1"),
        ("http://gpu_box:8000/v1beta/openai", "http://gpu_box:8000/v1beta/openai"),
    ],
)
def test_other_addresses_stay_what_they_are(typed: str, url: str) -> None:
    assert normal_url(typed) == url
    assert normal_url(url) == url


@pytest.mark.parametrize(
    "typed",
    ["", "ftp://host/v1", "http://", "http://a b/v1", "http://host:port/v1", "http://host:99999",
     "http://[::1/v1", "http://host/a b", "http://exa\u202emple.com", "http://-/v1"],
)  # fmt: skip
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(ConfigError, match=r"--base-url is no address"):
        normal_url(typed)


@pytest.mark.parametrize(
    "typed",
    ["https://me:sk-hidden@host/v1", "https://sk-hidden@host/v1", "http://host/v1?key=sk-hidden"],
)
def test_a_key_in_an_address_is_refused_and_not_repeated(typed: str) -> None:
    with pytest.raises(ConfigError, match="OPENAI_API_KEY") as refused:
        normal_url(typed)
    assert "sk-hidden" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://localhost/v1", True),
        ("http://model.localhost:1/v1", True),
        ("http://127.0.0.1:8000/v1", True),
        ("http://127.8.9.1/v1", True),
        ("http://0.0.0.0:8000/v1", True),
        ("http://[::1]:8000/v1", True),
        ("http://[::ffff:127.0.0.1]/v1", True),
        ("http://192.168.1.4/v1", False),
        ("http://localhost.example.com/v1", False),
        ("http://127.0.0.1.example.com/v1", False),
        ("https://api.openai.com/v1", False),
        ("http://host.docker.internal/v1", False),
    ],
)
def test_this_machine_is_told_from_others(url: str, here: bool) -> None:
    assert is_loopback(url) is here


def test_a_host_is_named_with_the_private_rows() -> None:
    assert leaving("http://localhost:8000/v1", 1733, 909) is None
    line = leaving("https://api.example.com/v1", 1733, 909)
    assert line == "1,733 questions leave this machine for api.example.com: 909 of them private"
    line = leaving("http://box:8000/v1", 5, 0, what="answers")
    assert line == "5 answers leave this machine for box:8000, unencrypted: none of them private"


def settled(**options: object) -> RunSpec:
    return with_server(RunSpec(**{"model": "m", **options}))[0]  # type: ignore[arg-type]


def test_a_base_url_means_openai() -> None:
    spec = settled(base_url="localhost:8000/")
    assert (spec.backend, spec.base_url) == ("openai", "http://localhost:8000/v1")
    assert settled(model="organism").backend == "auto"


def test_the_environment_names_a_server_but_never_takes_a_folder_away(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "https://api.example.com/v1/")
    for asked in (settled(), settled(backend="openai", model="organism")):
        assert (asked.backend, asked.base_url) == ("openai", "https://api.example.com/v1")
    for model in (str(tmp_path), "organism", "bot.py::answer"):
        assert settled(model=model).base_url is None
    assert settled(backend="hf").base_url is None
    assert settled(base_url="localhost:1").base_url == "http://localhost:1/v1"
    notes = with_server(RunSpec(model="m"))[1]
    assert notes == ["the server https://api.example.com/v1 is that of OPENAI_BASE_URL"]


def test_openai_without_a_server_sends_nothing_anywhere() -> None:
    with pytest.raises(ConfigError, match="needs a server"):
        settled(backend="openai")


@pytest.mark.parametrize(
    ("option", "value"),
    [("adapter", "x"), ("base", "x"), ("revision", "x"), ("quantize", "4bit"),
     ("chat_template", "none"), ("dtype", "float16"), ("trust_remote_code", True),
     ("allow_pickle", True)],
)  # fmt: skip
def test_options_of_models_loaded_here_are_refused(option: str, value: object) -> None:
    words = option.replace("_", "-")
    with pytest.raises(ConfigError, match=f"--{words} is for a model that is loaded here"):
        settled(base_url="localhost:1", **{option: value})


def test_another_backend_has_no_server() -> None:
    with pytest.raises(ConfigError, match="--backend hf is none"):
        settled(base_url="localhost:1", backend="hf")


def test_batch_and_device_mean_nothing_to_a_server() -> None:
    spec, notes = with_server(
        RunSpec(model="m", base_url="localhost:1", batch_size="8", device="cuda:0")
    )
    assert (spec.batch_size, spec.device) == ("auto", "auto")
    assert "--concurrency" in notes[0]


def test_no_requests_at_once_is_refused() -> None:
    with pytest.raises(ConfigError, match="--concurrency 0"):
        settled(base_url="localhost:1", concurrency=0)
