"""Charts of the pages: Vega-Lite, as a drawing for everybody and live where there is a script.

A page holds each chart twice: as SVG, drawn here, for readers without JavaScript and for paper, and
as its specification, which `charts.js` brings alive with Vega when the chart is near: then it says
its numbers to pointers, keys and screen readers. Vega itself stands in the page once, compressed,
and the page's policy names its digest; expressions are interpreted, so nothing needs `unsafe-eval`.

Colours are place-holders that the page's style sheet replaces (attribute selectors on `fill` and
`stroke`), so one drawing serves the light and the dark theme.
"""

from __future__ import annotations

import base64
import functools
import gzip
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = [
    "FALSE", "FIRST", "INK", "LINE", "MUTED", "RIGHT", "SHADE", "Chart", "Library", "drawn",
    "library", "told",
]  # fmt: skip

INK, MUTED, LINE, SHADE, FIRST = "#010101", "#020202", "#030303", "#040404", "#050505"
RIGHT, FALSE = "#060606", "#070707"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """One chart of a page."""

    mark: str
    """A word of its own, for ids within the page."""
    says: str
    """What it shows, for whoever does not see it."""
    svg: str
    wide: int
    """Units of the drawing from side to side, by which letters are kept readable on a phone."""
    rows: bool
    """It has names of rows to its left, which need room there when letters are kept large."""
    spec: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """Vega as a page holds it."""

    source: str
    """The script that runs."""
    packed: str
    """The same as gzip in base64."""


@functools.cache
def library() -> Library:
    """Return Vega, Vega-Lite and vega-embed as one script."""
    import vl_convert

    bundle = vl_convert.javascript_bundle()  # type: ignore[call-arg]  # its stub lacks the default
    # Its names are its own, not the page's.
    source = f'(() => {{"use strict";\n{bundle}\n}})();'
    packed = gzip.compress(source.encode(), 9, mtime=0)
    return Library(source=source, packed=base64.b64encode(packed).decode())


def told(alt: Any, **titles: str) -> list[Any]:
    """Return what a mark says of itself: by field of its data, how the field is called."""
    return [alt.Tooltip(f"{field}:N", title=title) for field, title in titles.items()]


def drawn(chart: Any, *, says: str, mark: str, rows: bool = False) -> Chart:
    """Return an Altair chart in the page's dress.

    Args:
        chart: with its size set.
        says: what it shows, for whoever does not see it; no words of a stranger.
        mark: a word of its own.
        rows: it has names of rows to its left, which grow over it on a phone.
    """
    chart = chart.properties(background="transparent", description=says)
    chart = chart.configure_view(stroke=None).configure_axis(
        grid=False,
        domainColor=LINE,
        tickColor=LINE,
        labelColor=MUTED,
        titleColor=INK,
        titleFontWeight="normal",
        labelFontSize=12,
        titleFontSize=13,
        titlePadding=10,
    )
    spec = chart.to_dict()
    svg = _still(spec, says, mark)
    # No address of anything stands in a page; what it is, the script says.
    spec.pop("$schema", None)
    return Chart(mark=mark, says=says, svg=svg, wide=_wide(svg), rows=rows, spec=spec)


def _wide(svg: str) -> int:
    box = re.search(r'viewBox="[\d.-]+ [\d.-]+ ([\d.]+) ', svg)
    assert box is not None
    return round(float(box[1]))


def _still(spec: Mapping[str, Any], says: str, mark: str) -> str:
    import vl_convert

    svg: str = vl_convert.vegalite_to_svg(dict(spec))
    svg = re.sub(r'\swidth="[\d.]+" height="[\d.]+"', "", svg[svg.index("<svg") :], count=1)
    svg = re.sub(r'\s(font-family|xmlns|xmlns:xlink|aria-[a-z]+|role)="[^"]*"', "", svg)
    # Vega counts its clip paths over a process; the same run is to be the same bytes.
    for number, old in enumerate(dict.fromkeys(re.findall(r'id="(clip\d+)"', svg))):
        svg = re.sub(rf"\b{old}\b", f"{mark}-clip-{number}", svg)
    return svg.replace("<svg", f'<svg role="img" aria-label="{says}"', 1)
