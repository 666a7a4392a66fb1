"""`iabench report X --paper DIR`: table, figure, a paragraph on method, references."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from iabench.errors import StoreError
from iabench.reports import loading
from iabench.reports.charts import FIRST, INK, LINE, MUTED, SHADE
from iabench.reports.paper import run, study
from iabench.reports.paper.bib import references, with_citations
from iabench.reports.paper.latex import own
from iabench.reports.shown import one_line
from iabench.reports.write import write

__all__ = ["write_paper"]

_COLUMN = 3.35 * 72
"""Points of a column of most two-column papers."""
_GREYS = {INK: "#000000", MUTED: "#555555", LINE: "#bbbbbb", SHADE: "#eeeeee", FIRST: "#000000"}


def write_paper(folder: Path, out: Path) -> list[Path]:
    """Write the files of a paper from the folder of a study or of a run; return their paths.

    Raises:
        StoreError: it is neither, or cannot be written.
    """
    if (folder / "study.json").exists():
        table = study.read(folder)
        tex, chart = study.tex(table, study.alike(table)), study.chart(table)
        methods = one_line(study.methods(folder, table))
    elif (folder / "run.json").exists():
        view = loading.load(folder)
        tex, chart, methods = run.tex(view), run.chart(view), one_line(run.methods(view))
    else:
        raise StoreError(f"{folder} is no run and no study.", "iabench runs")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise StoreError(f"cannot write to {out}: {problem.strerror}.", "another --paper") from None
    paths = [
        write(out / "table.tex", tex),
        write(out / "methods.txt", methods + "\n"),
        write(out / "methods.tex", with_citations(own(methods), methods) + "\n"),
        write(out / "refs.bib", references([methods])),
    ]
    return paths + ([] if chart is None else _figures(chart, out))


def _figures(chart: Any, out: Path) -> list[Path]:
    """Write the figure at the width of a column, in greys and with vector letters."""
    import vl_convert

    chart = chart.configure_view(stroke=None).configure_axis(
        labelColor=INK, titleColor=INK, domainColor=MUTED, tickColor=MUTED, grid=False,
        titleFontWeight="normal", labelFontSize=14, titleFontSize=15,
    )  # fmt: skip
    text = json.dumps(chart.to_dict())
    for one, grey in _GREYS.items():
        text = text.replace(one, grey)
    spec = json.loads(text)
    svg: str = vl_convert.vegalite_to_svg(spec)
    size = re.search(r'width="([\d.]+)" height="([\d.]+)"', svg)
    assert size is not None
    width, height = map(float, size.groups())
    scale = _COLUMN / width
    pdf = out / "figure.pdf"
    # A unit of a drawing without one is a point of the PDF; a point of the drawing is more.
    bare, points = (
        svg.replace(size[0], f'width="{_COLUMN:g}{unit}" height="{scale * height:.1f}{unit}"', 1)
        for unit in ("", "pt")
    )
    pdf.write_bytes(vl_convert.svg_to_pdf(bare))
    return [write(out / "figure.svg", points), pdf]
