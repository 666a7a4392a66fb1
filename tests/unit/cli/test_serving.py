"""`--serve`: the page and what lies beside it, to this machine alone, and nothing else."""

from __future__ import annotations

import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from iabench.cli.aliases import understand
from iabench.cli.main import call
from iabench.cli.serving import open_server, serve
from iabench.errors import ConfigError


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    folder = tmp_path / "run"
    folder.mkdir()
    for name in ("report.html", "results.json", "samples.jsonl", "run.json", "secret.html"):
        (folder / name).write_text(name)
    (tmp_path / "above.html").write_text("above")
    with open_server([folder / "report.html"], 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def _get(address: str, path: str, host: str | None = None) -> tuple[int, str, Any]:
    asked = urllib.request.Request(address + path, headers={"Host": host} if host else {})
    try:
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return answer.status, answer.read().decode(), answer.headers
    except urllib.error.HTTPError as problem:
        with problem:
            return problem.code, "", problem.headers


def test_the_page_and_what_it_links_to(address: str) -> None:
    status, text, headers = _get(address, "/")
    assert (status, text) == (200, "report.html")
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert _get(address, "/report.html#answers")[1] == "report.html"
    assert _get(address, "/results.json")[1] == "results.json"


@pytest.mark.parametrize(
    "path",
    ["/samples.jsonl", "/run.json", "/secret.html", "/../above.html", "/%2e%2e/above.html", "//etc/passwd", "/nothing"],
)  # fmt: skip
def test_nothing_else(address: str, path: str) -> None:
    assert _get(address, path)[0] == 404


def test_another_name_for_this_machine_is_refused(address: str) -> None:
    assert _get(address, "/", host="evil.example:80")[0] == 403
    port = address.rpartition(":")[2]
    assert _get(address, "/", host=f"localhost:{port}")[0] == 200


def test_a_port_that_is_taken_or_none(tmp_path: Path) -> None:
    page = tmp_path / "c.html"
    page.write_text("x")
    with open_server([page], 0) as server, pytest.raises(ConfigError, match="is taken"):
        open_server([page], server.server_address[1])
    with pytest.raises(ConfigError, match="port 99999 cannot be used"):
        serve([page], 99999)


def test_it_stands_alone_or_with_a_port() -> None:
    assert understand(["report", "--serve"]).argv == ["report", "--serve", "0"]
    assert understand(["report", "--serve", "8000", "x"]).argv == ["report", "--serve", "8000", "x"]
    assert understand(["report", "--serve=8000"]).argv == ["report", "--serve", "8000"]
    assert understand(["report", "--serve", "runs/x"]).argv == ["report", "--serve", "0", "runs/x"]


def test_a_verb_serves_until_it_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    def stopped(_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("http.server.ThreadingHTTPServer.serve_forever", stopped)
    words = [
        "--model",
        "oracle",
        "--backend",
        "scripted",
        "--tasks",
        "quick",
        "-L",
        "4",
        "--out",
        "a",
    ]
    assert call(["evaluate", *words, "--serve", "-q"]) == 0
    assert "serving  http://127.0.0.1:" in capsys.readouterr().err
    assert call(["report", "a", "--serve", "-q"]) == 0
    assert call(["compare", "a", "a", "--serve", "-q"]) == 0
    assert capsys.readouterr().err.count("Ctrl-C stops") == 2
