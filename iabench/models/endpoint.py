"""Where a server is: its address in one spelling, and whether what is sent leaves this machine.

Nothing here opens a connection: all of it is known before the first request.
"""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path
from urllib.parse import urlsplit

from iabench.errors import ConfigError
from iabench.models.base import CHECKPOINTS
from iabench.records import RunSpec

__all__ = ["is_loopback", "leaving", "normal_url", "with_server"]

_EXAMPLE = "http://localhost:8000/v1"
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?\.?")
_PORTS = {"http": 80, "https": 443}
# What changes an answer of a model that is loaded here, and means nothing to a server.
_LOADED_HERE = (
    "adapter",
    "base",
    "revision",
    "quantize",
    "chat_template",
    "dtype",
    "trust_remote_code",
    "allow_pickle",
)


def normal_url(text: str, *, option: str = "--base-url") -> str:
    """Return a server's base URL in its one spelling: `.../v1`, no slash behind it.

    `host:8000`, `http://host:8000/`, `.../v1/` and `.../v1/chat/completions` are all the same
    server. A host without a path means `/v1`; any other path is left as it is.

    Args:
        text: as it was typed.
        option: what it was given to, for the error.

    Raises:
        ConfigError: it is no address, or holds a password or a query, which would be stored.
    """
    wrong = ConfigError(f"{option} is no address of a server.", f"{option} {_EXAMPLE}")
    typed = text.strip()
    if "://" not in typed:
        bare = re.match(r"(\[[^]]*\]|[^:/?#]*)", typed)
        here = is_loopback(f"http://{bare[0]}" if bare else "")
        typed = f"{'http' if here else 'https'}://{typed}"
    try:
        parts = urlsplit(typed)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise wrong from None
    if parts.username is not None or parts.password is not None or parts.query:
        # Addresses are printed and stored; a key is neither.
        raise ConfigError(
            f"{option} holds more than an address (a password, a query), and it would be stored.",
            "OPENAI_API_KEY for the key",
        )
    if parts.scheme not in _PORTS or not (_HOST.fullmatch(host) or _address(host)):
        raise wrong
    if any(letter.isspace() or not letter.isprintable() for letter in parts.path):
        raise wrong
    place = f"[{host}]" if ":" in host else host
    if port is not None and port != _PORTS[parts.scheme]:
        place += f":{port}"
    path = re.sub(r"/+", "/", parts.path).rstrip("/")
    path = re.sub(r"/(chat/completions|completions|models)$", "", path)
    return f"{parts.scheme}://{place}{path or '/v1'}"


def is_loopback(url: str) -> bool:
    """Return whether a URL's host is this machine, by its name alone: nothing is looked up."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return True
    address = _address(host)
    if address is None:
        return False
    mapped = getattr(address, "ipv4_mapped", None) or address
    return bool(mapped.is_loopback or mapped.is_unspecified)


def leaving(url: str, n: int, n_private: int, *, what: str = "questions") -> str | None:
    """Return the line that names a host before anything is sent to it; None for this machine.

    Args:
        url: of the server.
        n: how many questions (or answers, for a judge) will be sent.
        n_private: how many of them come from somebody's own file.
        what: they are.
    """
    if is_loopback(url):
        return None
    host = urlsplit(url).netloc
    private = f"{n_private:,} of them private" if n_private else "none of them private"
    clear = ", unencrypted" if url.startswith("http://") else ""
    return f"{n:,} {what} leave this machine for {host}{clear}: {private}"


def with_server(spec: RunSpec) -> tuple[RunSpec, list[str]]:
    """Return the spec with its server settled, and notes on what was left out.

    `OPENAI_BASE_URL` counts where `--backend openai` asks for a server, and under `auto` where the
    model is nothing that lies here: a folder is never taken for a name at somebody's server.

    Raises:
        ConfigError: no server, no address, or an option that only a model loaded here can obey.
    """
    if spec.concurrency < 1:
        raise ConfigError(f"--concurrency {spec.concurrency} asks nothing.", "--concurrency 16")
    named = os.environ.get("OPENAI_BASE_URL", "").strip()
    notes: list[str] = []
    if spec.base_url:
        url = normal_url(spec.base_url)
        if spec.backend not in ("auto", "openai"):
            raise ConfigError(
                f"--base-url is for a server, and --backend {spec.backend} is none.",
                "--backend openai",
            )
    elif named and (spec.backend == "openai" or (spec.backend == "auto" and not _here(spec.model))):
        url = normal_url(named, option="OPENAI_BASE_URL")
        notes.append(f"the server {url} is that of OPENAI_BASE_URL")
    elif spec.backend == "openai":
        raise ConfigError("--backend openai needs a server.", f"--base-url {_EXAMPLE}")
    else:
        return spec, notes
    _refuse(spec)
    if spec.batch_size != "auto":
        notes.append(
            f"--batch-size {spec.batch_size} is left out: {spec.concurrency} requests at once "
            "(--concurrency)"
        )
    return replace(spec, backend="openai", base_url=url, batch_size="auto", device="auto"), notes


def _refuse(spec: RunSpec) -> None:
    plain = {field.name: field.default for field in fields(RunSpec)}
    given = [name for name in _LOADED_HERE if getattr(spec, name) != plain[name]]
    if given:
        option = f"--{given[0].replace('_', '-')}"
        raise ConfigError(
            f"{option} is for a model that is loaded here; a server has its own.",
            f"without {option}, or without --base-url",
        )


def _here(model: str) -> bool:
    """Return whether a model is something on this machine: a folder, a file, a named checkpoint."""
    return ".py::" in model or Path(model).expanduser().exists() or model in _checkpoints()


def _checkpoints() -> Sequence[str]:
    return tuple(CHECKPOINTS.names())


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
