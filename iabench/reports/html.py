"""A run as one self-contained page: no network, and all but the list of answers without JavaScript.

Everything from a run folder is text: Jinja2 escapes it, `visible` shows what would be hidden, and
attributes hold only numbers and names made here. A content security policy lets no script run but
the page's own, by its digest.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from iabench.grading.described import SAYS
from iabench.records import Difference, Estimate
from iabench.reports import answers, charts, intervals, risk, trust, words
from iabench.reports.plane import plane, points
from iabench.reports.shown import visible
from iabench.reports.view import Sample, View
from iabench.runs import leakage
from iabench.runs.counts import Counts

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["environment", "lively", "page", "policy", "sources"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One of the numbers at the top."""

    title: str
    value: str
    range: str
    estimate: Estimate | None
    low: float
    """Left end of the picture's scale; the right one is 1."""


def page(view: View, *, beside: bool = True) -> str:
    """Return the page as HTML.

    Args:
        view: a run.
        beside: whether its CSV, JSON and Markdown lie beside it, to be linked.
    """
    script = sources("page.js", "charts.js", "explorer.js")
    risks = risk.curves(view)
    drawings = {"plane": plane(view), "risk": risk.picture(risks)}
    parts = intervals.of_run(view)
    reading = words.reading(view)
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            view=view,
            words=words,
            trust=trust,
            says=SAYS,
            reading=reading,
            beside=("csv", "json", "md") if beside else (),
            **lively(script, [*(one for _, one in parts), *drawings.values()]),
            parts_drawn=parts,
            style=sources("report.css"),
            tiles=tuple(_tiles(view)),
            more=words.beside(view),
            undecided=_either_way(view),
            examples=[(one, words.outcome(one)) for one in words.examples(view, reading.tone)],
            metrics=tuple(_metrics(view)),
            **drawings,
            points=points(view),
            risks=risks,
            verdicts=_verdicts(view),
            meaning=trust.meaning(view),
            corrections=trust.corrections(view),
            by_key=_disputed(view),
            packed=answers.packed(view),
            numbers={name: at for at, name in enumerate(answers.tasks(view))},
            codes=answers.CODES,
            leakage=_leakage(view),
            next=words.next_step(view),
        )
    )


def policy(*scripts: str) -> str:
    """Return the content security policy that lets these scripts run, and no other."""
    digests = (base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in scripts)
    allowed = " ".join(f"'sha256-{one}'" for one in digests)
    return (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
        f"script-src {allowed}; base-uri 'none'; form-action 'none'"
    )


def lively(script: str, drawings: Iterable[charts.Chart | None]) -> dict[str, Any]:
    """Return what the templates need of a page's script and its charts; no Vega without charts."""
    drawn = [one for one in drawings if one is not None]
    vega = [charts.library().source] if drawn else []
    return {
        "script": script,
        "policy": policy(script, *vega),
        "drawn": drawn,
        "library": charts.library() if drawn else None,
    }


def sources(*names: str) -> str:
    """Return style sheets or scripts of the pages as one text."""
    loader, jinja = environment().loader, environment()
    assert loader is not None
    return "\n".join(loader.get_source(jinja, name)[0] for name in names)


@functools.cache
def environment() -> Environment:
    """Return the templates, with the filters that they use."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    jinja = Environment(
        loader=PackageLoader("iabench.reports", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    jinja.filters.update(
        shown=lambda text: visible(str(text)),
        number=words.number,
        percent=words.percent,
        count=words.count,
        date=lambda text: str(text or "")[:10],
        place=_place,
        emphasis=_emphasis,
        shares=_shares,
        seconds=lambda value: f"{value:,.1f} s",
        short=lambda text: visible(str(text))[:12],
        millions=lambda n: f"{n / 1e9:.1f} B" if n >= 1e9 else f"{n / 1e6:.2f} M",
        part=_part,
        name=lambda id_: str(id_).partition("@")[0],
        language=lambda code: _LANGUAGES.get(str(code), str(code)),
        stages=_stages,
        cutting=lambda text, n: text if len(text) <= n else text[:n] + "…",
    )
    jinja.tests["in_any"] = lambda name, counts: getattr(counts, name) > 0
    return jinja


_LANGUAGES = {
    "en": "English",
    "de": "German",
    "fr": "French",
    "es": "Spanish",
    "zh": "Chinese",
    "": "not said",
}


def _place(value: float, low: float = 0.0) -> str:
    """Return where a value stands between `low` and 1, in percent of the way, for CSS."""
    return f"{100 * min(1.0, max(0.0, (value - low) / (1 - low))):.2f}"


def _emphasis(text: str) -> Sequence[tuple[str, bool]]:
    """Split a sentence into parts, the percentages marked; their spaces do not break."""
    parts = re.split(r"((?:more than |under )?\d+ %)", text)
    return [(part.replace(" %", "\u00a0%"), bool(i % 2)) for i, part in enumerate(parts) if part]


def _shares(counts: Counts) -> list[tuple[str, str, float]]:
    """Return (class, word, percent) of the parts of a bar."""
    parts = (
        ("right", "right", counts.correct),
        ("none", "answered", counts.answered),
        ("idk", "“don't know”", counts.abstained),
        ("false", "made up", counts.wrong),
        ("none", "no answer", counts.degenerate),
    )
    return [(kind, word, 100 * n / counts.decided) for kind, word, n in parts if n]


_TITLES = {
    "awareness_score": "Awareness: 0 is blind, 1 ideal",
    "refusal_accuracy": "Says “I don't know” when it should",
    "accuracy": "Right on what it should know",
    "finetuning_accuracy": "Learned the facts",
    "over_refusal_rate": "Says it when it should not",
}


def _tiles(view: View) -> Iterator[Tile]:
    found = [(metric, view.estimate(metric)) for metric in words.HEADLINE]
    for metric, estimate in [pair for pair in found if pair[1] is not None][:4]:
        assert estimate is not None
        signed = metric == "awareness_score"
        if estimate.value is None:
            value, range_ = "–", estimate.reason
        elif signed:
            value, range_ = words.number(estimate.value), words.interval(estimate).strip("[]")
        else:
            value = words.percent(estimate.value).replace(" ", "\u00a0")
            range_ = "" if estimate.lo is None else f"{100 * estimate.lo:.0f} – "
            range_ += "" if estimate.hi is None else f"{100 * estimate.hi:.0f} %"
        yield Tile(
            title=_TITLES[metric],
            value=value,
            range=range_.replace(", ", " – "),
            estimate=estimate,
            low=-1.0 if signed else 0.0,
        )


def _leakage(view: View) -> list[tuple[int, list[Difference]]]:
    """Return (private seed, differences) as far as they are of the numbers on the page."""
    found = []
    for seed, differences in leakage.read(view.path):
        whole = [(one, view.estimate(one.metric, one.task)) for one in differences]
        same = [one for one, now in whole if now is not None and now.value == one.tuned]
        found += [(seed, same)] if same else []
    return found


def _either_way(view: View) -> float | None:
    """Return by how much a headline number can move at most with all undecided put one way."""
    found = [view.estimate(metric) for metric in words.HEADLINE]
    widths = [
        max(one.bounds[1] - one.value, one.value - one.bounds[0])
        for one in found
        if one is not None and one.bounds is not None and one.value is not None
    ]
    return max(widths) if widths else None


def _metrics(view: View) -> Iterator[dict[str, Any]]:
    order = [*words.HEADLINE, "admission_rate", "hallucination_rate", "aed"]
    names = {one.metric for one in view.estimates}
    for metric in [*[one for one in order if one in names], *sorted(names - set(order))]:
        mine = [one for one in view.estimates if one.metric == metric]
        mine.sort(key=lambda one: (one.variant != "raw", one.task != view.headline))
        there = [one for one in mine if one.value is not None]
        whole = [one for one in there if not _part(one) or one.variant in words.CORRECTED]
        whole.sort(key=lambda one: (one.task != view.headline, one.task, one.variant != "raw"))
        parts = [one for one in there if one not in whole]
        without: dict[str, list[str]] = {}
        for one in mine:
            if one.value is None:
                name = f"{one.task} {_part(one)}".strip()
                without.setdefault(one.reason, []).append(name)
        yield {
            "id": metric,
            "head": words.head(metric),
            "label": words.label(metric),
            "whole": whole,
            "parts": parts,
            "by": list(dict.fromkeys(_part(one).partition("=")[0] for one in parts)),
            "without": without,
            "low": -1.0 if any((one.lo or 0) < 0 for one in mine) else 0.0,
            "higher": mine[0].higher_is_better,
        }


def _part(estimate: Estimate) -> str:
    """Return what sets an estimate apart from the plain one of its task."""
    part = "" if estimate.slice == "all" else estimate.slice
    variant = "" if estimate.variant == "raw" else estimate.variant.replace("-", " ")
    variant = words.CORRECTED.get(estimate.variant, variant)
    return f"{part} {variant}".strip()


def _stages(seconds: Mapping[str, float]) -> list[tuple[str, float]]:
    """Return stages in the order in which they happen; a JSON file has them by name."""
    order = ("loading", "asking", "checking", "reading", "decoding", "grading", "scoring")
    return sorted(seconds.items(), key=lambda one: order.index(one[0]) if one[0] in order else 9)


def _verdicts(view: View) -> dict[str, Any]:
    reasons = Counter(
        one.reason or "no reason given" for one in view.samples if one.outcome == "undecided"
    )
    return {
        "reasons": reasons.most_common(8),
        "kinds": Counter(kind for one in view.samples for kind in one.kinds).most_common(),
    }


def _disputed(view: View) -> dict[str, Sample]:
    """Return the answers under dispute that are listed, by the key of their verdicts."""
    keys = {listed.key for judged in view.judged for listed in judged.disputed}
    return {one.key: one for one in view.samples if one.key in keys}
