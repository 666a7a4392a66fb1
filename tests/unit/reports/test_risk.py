"""Risk and coverage: ties by expectation, the end of a curve is the run as it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from iabench.reports import html, risk
from iabench.reports.loading import load
from tests.unit.reports.report_runs import build, samples


def test_ties_count_by_the_mean_over_their_orders() -> None:
    # Protocol, section 5: confidences .9 .9 .7 .7 .5 .5 with correct 1 1 0 1 0 0 have AURC .219444.
    pairs = [(0.9, False), (0.9, False), (0.7, True), (0.7, False), (0.5, True), (0.5, True)]
    for order in (pairs, pairs[::-1]):
        found = risk.curve(order, 8)
        assert [x for x, _ in found] == [k / 8 for k in range(1, 7)]
        assert sum(y for _, y in found) / 6 == pytest.approx(0.219444, abs=5e-7)
    tied = risk.curve([(1.0, True), (1.0, False)] * 3, 6)
    assert [y for _, y in tied] == pytest.approx([0.5] * 6)


def _scored(folder: Path) -> Path:
    lines = samples("careful", {"real-facts": 20, "invented-entities": 20})
    for number, line in enumerate(lines):
        line["outcome"] = ("correct", "incorrect", "abstained", "undecided")[number % 4]
    build(folder, lines=lines)
    (folder / "scores").mkdir()
    for name, higher in (("entropy@1", "unknown"), ("<b>sure</b>@1", "known")):
        scores = [
            {"probe_id": line["id"], "scorer": name, "value": None if n == 0 else n / 40,
             "reason": "", "higher_means": higher}
            for n, line in enumerate(lines)
        ]  # fmt: skip
        path = folder / "scores" / f"{higher}.jsonl"
        path.write_text("".join(json.dumps(one) + "\n" for one in scores))
    return folder


def test_a_curve_ends_at_the_run_as_it_is(tmp_path: Path) -> None:
    found = {one.scorer: one for one in risk.curves(load(_scored(tmp_path / "run")))}
    # 40 probes, of which 10 undecided and one without a score; 19 of the other 29 are answered.
    for one in found.values():
        assert one.n == 29
        assert one.expressed == pytest.approx((19 / 29, 10 / 19))
    # Higher entropy is less certain, higher confidence more: the first answers are other ones.
    assert found["entropy@1"].points[0] == (1 / 29, 1.0)
    assert found["<b>sure</b>@1"].points[:2] == ((1 / 29, 1.0), (2 / 29, 0.5))


def test_the_page_draws_and_tells_it(tmp_path: Path) -> None:
    page = html.page(load(_scored(tmp_path / "run")))
    part = page.split('<section id="risk">')[1].split("</section>")[0]
    assert "<svg" in part
    assert "&lt;b&gt;sure&lt;/b&gt;@1" in part
    assert "<b>sure" not in part
    assert "66\u00a0%" in part or "66 %" in part
    assert 'id="risk"' not in html.page(load(build(tmp_path / "plain")))
