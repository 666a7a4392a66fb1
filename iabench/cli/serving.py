"""`--serve`: pages at a port of this machine, for it alone, until Ctrl-C."""

from __future__ import annotations

import contextlib
import errno
import webbrowser
from collections.abc import Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import typer

from iabench.errors import ConfigError

__all__ = ["open_server", "serve"]

_LOOPBACK = "127.0.0.1"
_TYPES = {
    ".html": "text/html",
    ".json": "application/json",
    ".csv": "text/csv",
    ".md": "text/markdown",
}
"""What a page links to beside itself."""


def serve(pages: Sequence[Path], port: int, *, opened: bool = False) -> None:
    """Serve pages, and the files of their names beside them, until Ctrl-C.

    Args:
        pages: the first one is also at `/`.
        port: 0 is any free one.
        opened: open the first one in a browser.

    Raises:
        ConfigError: the port is none, or taken.
    """
    with open_server(pages, port) as server:
        address = f"http://{_LOOPBACK}:{server.server_address[1]}/"
        typer.echo(f"serving  {address}   (this machine alone; Ctrl-C stops)", err=True)
        if opened:
            webbrowser.open(address)
        with contextlib.suppress(KeyboardInterrupt):
            server.serve_forever()


def open_server(pages: Sequence[Path], port: int) -> ThreadingHTTPServer:
    """Return a server on loopback that knows these pages and the files beside them.

    Raises:
        ConfigError: the port is none, or taken.
    """
    files: dict[str, Path] = {"/": pages[0]}
    for page in pages:
        # A page links to files of its own name, that of a run to its results.
        names = {page.stem, "results", "study"} if page.name == "report.html" else {page.stem}
        for path in page.parent.iterdir():
            if path.suffix in _TYPES and path.stem in names:
                files[f"/{path.name}"] = path
    try:
        return ThreadingHTTPServer((_LOOPBACK, port), _handler(files))
    except (OSError, OverflowError) as problem:
        taken = getattr(problem, "errno", None) == errno.EADDRINUSE
        why = "is taken" if taken else "cannot be used"
        raise ConfigError(f"port {port} {why}.", "--serve   (any free port)") from None


def _handler(files: Mapping[str, Path]) -> type[BaseHTTPRequestHandler]:
    """Return what answers requests: with `files` alone; no word of a request becomes a path."""

    class Handler(BaseHTTPRequestHandler):
        server_version, sys_version = "iabench", ""

        def do_GET(self) -> None:
            self._answer(body=True)

        def do_HEAD(self) -> None:
            self._answer(body=False)

        def _answer(self, *, body: bool) -> None:
            host = urlsplit(f"//{self.headers.get('Host', '')}").hostname
            # Another name for this machine is a page of somebody else's that tries to read it.
            if host not in (_LOOPBACK, "localhost"):
                self.send_error(403)
                return
            path = files.get(unquote(urlsplit(self.path).path))
            if path is None or not path.is_file():
                self.send_error(404)
                return
            content = path.read_bytes()
            self.send_response(200)
            self.send_header("Content-Type", f"{_TYPES[path.suffix]}; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.send_header("X-Content-Type-Options", "nosniff")
            self.send_header("X-Frame-Options", "DENY")
            self.send_header("Cross-Origin-Resource-Policy", "same-origin")
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            if body:
                self.wfile.write(content)

        def log_message(self, *args: object) -> None:
            """Say nothing of single requests."""

    return Handler
