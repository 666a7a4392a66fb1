from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from iabench.reports import words
from iabench.reports.loading import load
from iabench.reports.terminal import render
from iabench.reports.view import Side, View
from tests.unit.reports.hostile_strings import HOSTILE
from tests.unit.reports.report_runs import build, samples


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> View:
    return load(build(tmp_path_factory.mktemp("terminal") / "run", "inventive"))


def test_the_table_holds_the_numbers_of_the_run(view: View) -> None:
    text = render(view)
    sides: tuple[tuple[Side, str], ...] = (
        ("answer", "SHOULD ANSWER"),
        ("abstain", 'SHOULD SAY "I DON\'T KNOW"'),
    )
    for side, title in sides:
        block = text.split(title)[1]
        for task, counts in view.tasks_of(side):
            line = next(line for line in block.splitlines() if line.strip().startswith(task))
            n, right, declined, wrong = line.split()[1:5]
            assert n == str(counts.decided)
            assert right == (
                "–" if side == "abstain" else f"{100 * counts.correct / counts.decided:.1f}"
            )
            assert declined == f"{100 * counts.abstained / counts.decided:.1f}"
            assert wrong == f"{100 * counts.wrong / counts.decided:.1f}"
    for metric in ("refusal_accuracy", "over_refusal_rate", "accuracy", "aed", "awareness_score"):
        estimate = view.estimate(metric)
        assert estimate is not None
        line = next(
            line for line in text.splitlines() if line.startswith(f" {words.head(metric)} ")
        )
        assert f"{words.number(estimate.value)}  {words.interval(estimate)}" in line
        assert words.label(metric) in line
    sentence = words.reading(view).text
    assert " ".join(sentence.split()).removesuffix(".") in " ".join(text.split())
    assert f"{view.path}/report.html" in text
    assert words.next_step(view)[1] in text
    assert text.count("→") == 3
    assert render(view, page=False).count("report.html") == 0


def test_bars_are_all_as_long_and_as_their_shares(view: View) -> None:
    bars = re.findall(r"[█░▒·]{5,}", render(view, 88))
    rows = [counts for side in ("answer", "abstain") for _, counts in view.tasks_of(side)]
    assert [len(bar) for bar in bars] == [20] * len(rows)
    for bar, counts in zip(bars, rows, strict=True):
        for sign, n in (("█", counts.correct), ("░", counts.abstained), ("▒", counts.wrong)):
            assert abs(bar.count(sign) - 20 * n / counts.decided) <= 1


@pytest.mark.parametrize("width", [120, 88, 80, 79, 70, 60, 59, 58, 49, 40])
def test_nothing_is_wider_than_asked(view: View, width: int) -> None:
    text = render(view, width)
    lines = text.splitlines()
    free = [
        i for i, line in enumerate(lines) if line.startswith(" page ") or "iabench evaluate" in line
    ]
    assert not [line for i, line in enumerate(lines) if i not in free and cell_len(line) > width]
    assert ("█" in text) == (width >= 80)
    squeezed = " ".join(text.split())
    assert ("0 is blind" in squeezed) == (width >= 60)


def test_colour_only_where_asked(view: View) -> None:
    assert "\x1b" not in render(view)
    coloured = render(view, colour=True)
    assert "\x1b[31m" in coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == render(view)


def test_a_poor_terminal_gets_plain_signs(view: View) -> None:
    text = render(view, encoding="ascii")
    text.encode("ascii")
    assert "##########" in text
    assert "> " in text
    assert render(view, encoding="utf-8") == render(view)
    assert "é" in render(view, encoding="latin-1") or render(view, encoding="latin-1").isascii()


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "latin-1"])
def test_hostile_answers_stay_one_harmless_line(tmp_path: Path, encoding: str) -> None:
    for number, hostile in enumerate(HOSTILE):
        lines = samples("inventive", {"invented-entities": 3, "real-facts": 3})
        for line in lines:
            line |= {"question": hostile or "?", "response": hostile, "outcome": "hallucinated",
                     "expect": "abstain", "task": line["task"]}  # fmt: skip
        changes: dict[str, Any] = {"notes": [hostile]} if hostile else {}
        view = load(build(tmp_path / str(number), lines=lines, **changes))
        text = render(view, 88, encoding=encoding)
        text.encode(encoding)
        assert not re.search(
            r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text
        )
        if encoding == "utf-8":
            example = text.split("\n   ")[-1].splitlines()[0]
            assert cell_len(example) <= 88


def test_no_headline_no_estimates_and_empty_answers(tmp_path: Path) -> None:
    lines = samples("careful", {"real-facts": 2})
    lines[0] |= {"response": "", "outcome": "degenerate"}
    lines[1] |= {"response": None, "outcome": "undecided"}
    text = render(load(build(tmp_path / "run", lines=lines, headline=None)))
    assert "no suite" in text
    assert "1 answer was empty" in text
    assert "1 undecided" in text
    lines[0] |= {"response": "It is x.", "outcome": "undecided"}
    text = render(load(build(tmp_path / "none", lines=lines)))
    assert re.search(r"real-facts +0 +– +– +–", text)
    assert "No question has an outcome" in text


def test_a_missing_value_gives_its_reason(tmp_path: Path) -> None:
    view = load(build(tmp_path / "run", sizes={"real-facts": 40}))
    line = next(line for line in render(view).splitlines() if line.startswith(" awareness"))
    assert line.split()[1] == "–"
    assert "no matched twin pairs" in line
