from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from pathlib import Path

import altair as alt
import pytest

from iabench.reports import charts, html, intervals
from iabench.reports.loading import load
from tests.unit.reports.report_runs import build

ONE = intervals.Line(label="one", value=0.5, lo=0.4, hi=0.6, strong=True)


def test_vega_stands_in_a_page_once_and_the_policy_names_it(tmp_path: Path) -> None:
    page = html.page(load(build(tmp_path / "run", "inventive")))
    found = re.findall(r'<script type="text/plain" id="vega">(.*?)</script>', page, re.DOTALL)
    assert len(found) == 1
    source = gzip.decompress(base64.b64decode(found[0]))
    digest = base64.b64encode(hashlib.sha256(source).digest()).decode()
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    assert f"&#39;sha256-{digest}&#39;" in policy[1]
    assert "unsafe-eval" not in page.split("</head>")[0]
    assert b"window.vegaEmbed=" in source
    # It stays small, so that pages do: 5,000 answers are well below 3 MB.
    assert len(found[0]) < 500_000


def test_every_chart_has_its_drawing_and_its_specification(tmp_path: Path) -> None:
    page = html.page(load(build(tmp_path / "run", "inventive")))
    places = re.findall(r'<figure class="chart[^>]* id="([^"]*)"[^>]*><svg', page)
    held = re.search(r'<script type="application/json" id="charts">(.*?)</script>', page, re.S)
    assert held is not None
    specs = json.loads(held[1])
    assert list(specs) == places == ["chart-right", "chart-admits", "chart-plane"]
    assert all(spec["description"] for spec in specs.values())


def test_a_page_without_charts_carries_no_vega(tmp_path: Path) -> None:
    page = html.page(load(build(tmp_path / "run", sizes={"invented-entities": 1})))
    assert "<figure" not in page
    assert 'id="vega"' not in page


def test_the_drawing_is_the_same_bytes_twice() -> None:
    chart = alt.Chart(alt.Data(values=[{"x": 1}])).mark_point(clip=True).encode(x="x:Q")
    first, second = (charts.drawn(chart, says="A point.", mark="one") for _ in range(2))
    assert first == second
    assert first.svg.startswith('<svg role="img" aria-label="A point."')


@pytest.mark.parametrize("signed", [False, True])
def test_intervals_are_drawn_line_by_line(signed: bool) -> None:
    two = intervals.Line(label="x" * 60, value=0.7, lo=None, hi=None, strong=False, shade="false")
    made = intervals.chart([ONE, two], {}, 1.0, signed=signed, says="Two.", mark="two")
    assert made is not None
    assert made.svg.count('aria-roledescription="circle"') == 0
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", made.svg)
    assert {"one", "x" * 25 + "…"} <= set(texts)
    assert ("0" in texts) == signed
    assert charts.FALSE in made.svg


def test_where_relations_are_many_no_task_is_lost() -> None:
    part = intervals.Line(label="part", value=0.5, lo=None, hi=None, strong=False)
    made = intervals.chart([ONE, *[part] * 90, ONE, part], {}, 1.0, says="All.", mark="all")
    assert made is not None
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", made.svg)
    assert texts.count("one") == 2
    assert texts.count("part") == 19 + 1


def test_one_line_is_no_chart() -> None:
    assert intervals.chart([ONE], {}, 1.0, says="One.", mark="one") is None


def test_by_task_and_relation_are_the_estimates(tmp_path: Path) -> None:
    view = load(build(tmp_path / "run", "inventive"))
    for title, one in intervals.of_run(view):
        metrics = {"Right": ("accuracy",), "“I": ("refusal_accuracy",)}[title.split()[0]]
        tasks = {card.spec.name for card in view.tasks}
        several = {
            task
            for task in tasks
            if sum(
                (e.task, e.variant) == (task, "raw")
                and e.metric in metrics
                and e.slice.startswith("relation=")
                for e in view.estimates
            )
            > 1
        }
        wanted = sorted(
            e.value
            for e in view.estimates
            if e.metric in metrics and e.task in tasks and e.variant == "raw"
            if e.value is not None
            if e.slice == "all" or (e.slice.startswith("relation=") and e.task in several)
        )
        drawn = {
            (datum["i"], datum["v"])
            for layer in one.spec["layer"]
            for datum in layer["data"]["values"]
        }
        assert sorted(value for _, value in drawn) == wanted
