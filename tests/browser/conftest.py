"""Pages in a real browser: Debian's Chromium, driven by Playwright, and watched for what it must not do.

No test here may skip: a page test that may skip will skip. `make test` installs Chromium where it may.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

import iabench
from iabench.leaderboards import board as boards
from iabench.leaderboards import entry as entries
from iabench.leaderboards import make
from iabench.leaderboards.build import build as build_board
from iabench.leaderboards.verified import Gap, Verified, write_verified
from iabench.reports.compared.write import write
from iabench.reports.compared.write import write_all as write_several
from iabench.reports.study.write import write_all as write_study
from iabench.reports.write import write_all
from iabench.runs.compare import Comparison, compare
from tests.unit.leaderboards.conftest import ABOUT, TASKS, asked
from tests.unit.reports.report_runs import build

BOARD = Path(__file__).parents[2] / "leaderboards" / "organism-seat"


@dataclass
class Watched:
    """A page, and everything that it tried."""

    page: Page
    tried: list[str] = field(default_factory=list)
    """Dialogs, messages on the console, errors, requests but for the page itself, windows."""

    def __post_init__(self) -> None:
        self.page.on("dialog", self._dialog)
        self.page.on("console", lambda one: self.tried.append(f"console: {one.text}"))
        self.page.on("pageerror", lambda one: self.tried.append(f"error: {one}"))
        self.page.on("request", self._request)
        self.page.on("popup", lambda one: self.tried.append(f"window: {one.url}"))
        self.page.on("download", lambda one: self.tried.append(f"download: {one.url}"))

    def _dialog(self, one: Any) -> None:
        self.tried.append(f"dialog: {one.message}")
        one.dismiss()

    def _request(self, one: Any) -> None:
        own = one.is_navigation_request() and one.url.startswith("file://")
        if not own and not one.url.startswith("data:"):
            self.tried.append(f"request: {one.url}")

    def open(self, path: Path, fragment: str = "") -> Page:
        """Open a file and wait until its list, if it has one, stands."""
        self.page.goto(f"{path.as_uri()}{fragment}")
        self.ready()
        return self.page

    def ready(self) -> None:
        """Wait until the list of answers says how many it shows."""
        # By a locator: what polls in the page needs `unsafe-eval`, which the policy refuses.
        if self.page.locator("#shown").count():
            expect(self.page.locator("#shown")).to_have_text(
                re.compile(" (answers|entries)$"), timeout=30_000
            )

    def shown(self) -> str:
        """Return how many answers the list says that it shows."""
        return self.page.locator("#shown").inner_text()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium; closed with its module, as its driver holds this process's event loop."""
    found = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    assert found, "no Chromium here: apt-get install chromium (make test does, where it may)"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture
def watch(chromium: Browser) -> Iterator[Callable[..., Watched]]:
    """Open watched pages; after the test, nothing may have been tried."""
    opened: list[Watched] = []

    def new(width: int = 1280, height: int = 900, **options: Any) -> Watched:
        context = chromium.new_context(viewport={"width": width, "height": height}, **options)
        opened.append(Watched(context.new_page()))
        return opened[-1]

    yield new
    for one in opened:
        one.page.context.close()
    assert [what for one in opened for what in one.tried] == []


@pytest.fixture(scope="session")
def run_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a run of 1,060 questions."""
    folder = build(tmp_path_factory.mktemp("browser") / "run", "inventive")
    write_all(folder)
    return folder / "report.html"


@pytest.fixture(scope="session")
def small_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same page of 24 questions."""
    sizes = {"real-facts": 8, "invented-entities": 8, "organism-world": 8}
    folder = build(tmp_path_factory.mktemp("browser") / "run", "inventive", sizes=sizes)
    write_all(folder)
    return folder / "report.html"


@pytest.fixture(scope="session")
def compared(tmp_path_factory: pytest.TempPathFactory) -> list[Comparison]:
    """One model compared with two others, over 120 questions."""
    root = tmp_path_factory.mktemp("browser")
    base, *tuned = (
        iabench.evaluate(policy, backend="scripted", tasks="quick", out=root / policy).path
        for policy in ("oracle", "shape", "always-answer")
    )
    return [compare(base, one) for one in tuned]


@pytest.fixture(scope="session")
def compared_page(compared: list[Comparison], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the first of the two."""
    page = tmp_path_factory.mktemp("browser") / "compared.html"
    write(compared[0], page)
    return page


@pytest.fixture(scope="session")
def several_page(compared: list[Comparison], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of all three models."""
    root = tmp_path_factory.mktemp("browser")
    pages = [root / "all-1.html", root / "all-2.html"]
    write(compared[0], pages[0])
    return write_several(compared, pages, root / "all.html", [None, None])[0]


@pytest.fixture(scope="session")
def board(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A board of four entries: one verified, one not confirmed, one without a rank."""
    root = tmp_path_factory.mktemp("browser")
    folder = root / "board"
    made = make.new(folder, TASKS, title="A board")
    for policy in ("oracle", "random", "always-abstain", "always-answer"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("IABENCH_RUNS", str(root))
            make.add(folder, made, asked(root / policy, policy), name=policy, about=ABOUT)
    for name, passed in (("oracle", True), ("random", False)):
        answers = entries.read(folder, name).answers.sha256
        rerun = Verified(
            name=name, answers=answers, draw=7, n=50, same_text=50, same_outcome=50 if passed else 9,
            passed=passed, model=name, same_weights=None, iabench="0.1.0", private_seed=9,
            leakage=(Gap(metric="accuracy", public=0.9, private=0.8, value=0.1, lo=0.02, hi=0.18,
                         detectable=0.11, n_public=100, n_private=100),),
        )  # fmt: skip
        write_verified(folder, rerun)
    path = folder / "entries/always-answer.json"
    value = json.loads(path.read_text())
    ledger = value["parts"][0]["ledger"]
    ledger["long-tail-facts"] = "u" * 20 + ledger["long-tail-facts"][20:]
    path.write_text(json.dumps(value))
    build_board(folder, boards.read(folder))
    return folder


@pytest.fixture
def board_page(board: Path) -> Path:
    """Its table."""
    return board / "index.html"


@pytest.fixture
def board_model_page(board: Path) -> Path:
    """The page of one of its entries."""
    return board / "models/oracle.html"


@pytest.fixture(scope="session")
def study_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the published study."""
    folder = tmp_path_factory.mktemp("browser") / "study"
    folder.mkdir()
    for name in ("study.json", "drift.json"):
        shutil.copyfile(BOARD / name, folder / name)
    return write_study(folder)


@pytest.fixture(scope="session")
def asked_study_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a study whose cells lie beside it: a base and two methods, 120 questions."""
    folder = tmp_path_factory.mktemp("browser") / "study"
    table = json.loads((BOARD / "study.json").read_text())
    cells = {"base": "oracle", "full": "always-answer", "seat": "shape"}
    table["rows"] = [row for row in table["rows"] if row["method"] in cells]
    for method, policy in cells.items():
        asked = folder / "cells" / method / "0" / "asked"
        iabench.evaluate(policy, backend="scripted", tasks="quick", out=asked)
        _as_of_a_study(asked / "samples.jsonl")
    (folder / "study.json").write_text(json.dumps(table))
    return write_study(folder)


def _as_of_a_study(file: Path) -> None:
    """Let the answers be of sets: what must be answered of old facts, the rest of new names."""
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    for line in lines:
        known = line["expect"] == "answer"
        line["task"] = "study-known-same" if known else "study-unknown-same"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
