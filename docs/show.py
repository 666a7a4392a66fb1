"""What the docs show of real runs: terminal output, and pictures of the page.

    python docs/show.py            runs the commands and puts their output and pictures in place

Output stands between `<!-- ran: NAME -->` and `<!-- end -->`. It is not compared word by word, as
times differ; the tests hold its figures against a run of their own. Pictures need Chromium.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEMO = "iabench evaluate --model organism --tasks organism"
QUICK = "iabench evaluate --model organism --tasks quick"
UNALIGNED = "iabench evaluate --model organism-unaligned --tasks quick"
QUIET = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --hide-scrollbars"
QUIET += " --disable-background-networking --disable-component-update --disable-sync"
SCHEMES = {"dark": 0, "light": 1}


def main() -> int:
    """Run everything once; return the exit code."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        said = {name: ran(line, home) for name, line in _LINES.items()}
        said["demo"] = shortened(said["demo"])
        for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
            text = path.read_text(encoding="utf-8")
            if "<!-- ran: " in text:
                path.write_text(placed(text, said), encoding="utf-8")
        latest = Path((home / "runs" / "latest").read_text(encoding="utf-8").strip())
        pictures(latest / "report.html", home)
    return 0


_LINES = {"quick": QUICK, "unaligned": UNALIGNED, "demo": DEMO}
"""The demo last: the page of the last run is the one that is pictured."""


def ran(line: str, home: Path) -> str:
    """Return a command as typed with all that it printed, in an empty folder of its own."""
    program, *words = line.split()
    command = [str(Path(sys.executable).parent / program), *words]
    plain = {**os.environ, "COLUMNS": "88", "NO_COLOR": "1", "HF_HUB_OFFLINE": "1"}
    plain.pop("IABENCH_RUNS", None)
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    done = subprocess.run(command, cwd=home, env=plain, text=True, check=True, **streams)
    lines = [text.rstrip() for text in done.stdout.strip("\n").splitlines()]
    return "\n".join([f"$ {line}", "", *lines])


def shortened(text: str) -> str:
    """Return an output without what stands above the table."""
    first, *lines = text.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("grading")) + 1
    return "\n".join([first, "...", *lines[start:]])


def placed(text: str, said: Mapping[str, str]) -> str:
    """Return a page with its outputs put in place."""

    def block(found: re.Match[str]) -> str:
        return f"<!-- ran: {found[1]} -->\n\n```console\n{said[found[1]]}\n```\n\n<!-- end -->"

    return re.sub(r"<!-- ran: ([a-z-]+) -->.*?<!-- end -->", block, text, flags=re.DOTALL)


def pictures(page: Path, home: Path) -> None:
    """Write docs/images/page-light.png and page-dark.png, if there is a browser."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        sys.stderr.write("no Chromium: the pictures stay as they are\n")
        return
    images = ROOT / "docs" / "images"
    images.mkdir(exist_ok=True)
    for scheme, number in SCHEMES.items():
        picture = images / f"page-{scheme}.png"
        subprocess.run(
            [
                browser, *QUIET.split(), f"--user-data-dir={home / scheme}",
                f"--blink-settings=preferredColorScheme={number}", "--window-size=1280,1000",
                f"--screenshot={picture}", page.resolve().as_uri(),
            ],
            check=True, capture_output=True, timeout=120,
        )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
