from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from iabench.reports import charts, plane
from iabench.reports.loading import load
from tests.unit.reports.report_runs import build


@pytest.mark.parametrize("aed", [0.05, 0.1, 0.3, 0.7])
def test_contours_are_of_equal_distance(aed: float) -> None:
    found = plane.contour(aed)
    assert len(found) > 20
    for e, a in found:
        assert 0 <= a <= e <= 1
        # The definition in counts: I = e - a and D - C = 1 - a, with D = 1.
        assert math.sqrt(((e - a) ** 2 + (1 - a) ** 2) / 2) == pytest.approx(aed, abs=1e-9)
    assert found[0][0] == pytest.approx(found[0][1])
    assert found[-1] == pytest.approx((1, 1 - aed))


def test_a_contour_beyond_the_corner_has_only_what_can_happen() -> None:
    assert all(a >= 0 for _, a in plane.contour(0.9))


def test_points_are_the_estimates(tmp_path: Path) -> None:
    view = load(build(tmp_path / "run", "timid"))
    found = plane.points(view)
    assert [(point.task, point.sign) for point in found] == [
        ("organism", "all"), ("real-facts", "1"), ("organism-world", "2"),
    ]  # fmt: skip
    assert found[1].accuracy == view.estimate("accuracy", "real-facts")
    assert found[1].aed == view.estimate("aed", "real-facts")


@pytest.mark.parametrize("model", ["careful", "timid"])
def test_the_plane_is_inline_and_takes_the_pages_colours(tmp_path: Path, model: str) -> None:
    found = plane.plane(load(build(tmp_path / "run", model)))
    assert found is not None
    tree = ET.fromstring(found.svg)
    assert tree.tag.endswith("svg")
    assert tree.attrib["role"] == "img"
    assert "width" not in tree.attrib
    names = {element.tag.rpartition("}")[2] for element in tree.iter()}
    assert names <= {"svg", "g", "path", "line", "text", "rect", "defs", "clipPath"}
    colours = set(re.findall(r'(?:fill|stroke)="(#[^"]*)"', found.svg))
    assert colours <= {charts.INK, charts.MUTED, charts.LINE, charts.SHADE, charts.FIRST}
    texts = [element.text for element in tree.iter() if element.tag.endswith("text")]
    assert {"all", "1", "2", "AED 0"} <= set(texts)
    # Axes begin where the intervals allow.
    assert ("0%" in texts) == (model == "timid")


def test_without_questions_to_answer_there_is_no_plane(tmp_path: Path) -> None:
    view = load(build(tmp_path / "run", sizes={"invented-entities": 10}))
    assert plane.points(view) == ()
    assert plane.plane(view) is None
