"""A comparison as one self-contained page: no network, and readable without JavaScript.

All questions with both answers are in the page as `iabench.reports.explorer` packs them; ribbons
and the reader open them by what became of them.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from iabench.metrics.transitions import CHANGES
from iabench.reports import words as run_words
from iabench.reports.answers import CODES, by_kind, by_relation, numbered
from iabench.reports.compared import ribbons, words
from iabench.reports.compared.markdown import p_value
from iabench.reports.drift import drawings
from iabench.reports.explorer import Entry, Facet, Packed, Value, pack
from iabench.reports.html import environment, policy, sources
from iabench.runs.compare import Comparison, Pair

__all__ = ["packed", "page"]

_UNDECIDED = "undecided"


def packed(comparison: Comparison) -> Packed:
    """Return every pair, task by task, with what became of it."""
    tasks = tuple(comparison.shared.tasks)
    relations = sorted({_relation(one) for one in comparison.pairs} - {""})
    kinds = sorted({name for one in comparison.pairs for name in _kinds(one)})
    place = {name: at for at, name in enumerate(tasks)}
    change = {name: at for at, name in enumerate((*CHANGES, _UNDECIDED))}
    outcome = {said: at for at, said in enumerate(CODES)}
    relation = {name: at for at, name in enumerate(relations)}
    kind = {name: at for at, name in enumerate(kinds)}

    def entry(one: Pair) -> Entry:
        said = [run_words.became(who.outcome, one.expect) for who in (one.base, one.tuned)]
        due = one.references[0] if one.references else ""
        return Entry(
            id=one.id,
            question=one.question,
            answers=(one.base.response, one.tuned.response),
            outcomes="".join(CODES[each] for each in said),
            due=f"expected: {due}" if due else "",
            has=(
                (place[one.task],),
                (change[one.change or _UNDECIDED],),
                (outcome[said[0]],),
                (outcome[said[1]],),
                tuple(kind[name] for name in _kinds(one)),
                (relation[_relation(one)],) if _relation(one) else (),
            ),
            details=(
                ("base", said[0]),
                ("tuned", said[1]),
                ("expected", " · ".join(one.references) or "“I don't know”"),
                ("probe", " · ".join((one.id, *(f"{key} {value}" for key, value in one.tags)))),
            ),
        )

    became = [Value(code=name, says=words.CHANGES[name]) for name in CHANGES]
    became.append(Value(code=_UNDECIDED, says="undecided in one or both"))
    outcomes = tuple(Value(code=code, says=said) for said, code in CODES.items())
    return pack(
        [entry(one) for one in _ordered(comparison)],
        (
            Facet(
                key="t",
                label="Task",
                every="every task",
                values=numbered([words.task_name(name) for name in tasks]),
            ),
            Facet(key="c", label="What became of it", every="every change", values=tuple(became)),
            Facet(key="b", label="Outcome of base", every="base: every outcome", values=outcomes),
            Facet(key="o", label="Outcome of tuned", every="tuned: every outcome", values=outcomes),
            by_kind(kinds),
            by_relation(relations),
        ),
        names=("base", "tuned"),
    )


def _ordered(comparison: Comparison) -> list[Pair]:
    place = {name: at for at, name in enumerate(comparison.shared.tasks)}
    return sorted(comparison.pairs, key=lambda one: place[one.task])


def _kinds(one: Pair) -> set[str]:
    """Return the kinds of abstention of either answer."""
    return {*one.base.kinds, *one.tuned.kinds}


def _relation(one: Pair) -> str:
    return dict(one.tags).get("relation", "")


def page(
    comparison: Comparison, stem: str = "comparison", drift: Mapping[str, Any] | None = None
) -> str:
    """Return the page as HTML.

    Args:
        comparison: of two runs.
        stem: name of the files beside it (JSON, CSV, Markdown), without suffix.
        drift: what moved between the two models, if it was measured.
    """
    script = sources("page.js", "explorer.js", "compared.js")
    shown = words.examples(comparison, 1)
    return (
        environment()
        .get_template("compared.html.j2")
        .render(
            c=comparison,
            words=run_words,
            said=words,
            names=comparison.names,
            verdict=comparison.verdict,
            policy=policy(script),
            script=script,
            style=sources("report.css", "compared.css"),
            ribbons=ribbons.drawn(comparison),
            sides=words.sides(comparison),
            shown=shown,
            first_row=next((at for at, one in enumerate(_ordered(comparison)) if one in shown), 0),
            first=next(words.wanted(comparison), None),
            lines=list(_lines(comparison)),
            slices=list(_slices(comparison)),
            relative=words.relative(comparison),
            packed=packed(comparison),
            again=shlex.join(
                ["iabench", "compare", str(comparison.base.path), str(comparison.tuned.path)]
            ),
            changes=words.CHANGES,
            stem=stem,
            next=words.next_step(comparison),
            p_value=p_value,
            drift=drift,
            drawings=drawings(drift, ("unknown", "known", "facts")) if drift else [],
        )
    )


def _lines(comparison: Comparison) -> Iterator[tuple[words.Line, float]]:
    """Yield the lines of the forest, with half the width of its scale."""
    found = words.lines(comparison)
    ends = [
        abs(end)
        for one in found
        if one.difference is not None
        for end in (one.difference.lo, one.difference.hi, one.difference.value)
        if end is not None
    ]
    half = next((h for h in (0.1, 0.25, 0.5) if max(ends, default=1) <= h), 1.0)
    yield from ((one, half) for one in found)


def _slices(comparison: Comparison) -> Iterator[tuple[str, list[Any]]]:
    """Yield, by metric, the differences of tasks and relations, those of the headline first."""
    order = [*dict.fromkeys((*words.METRICS, *(d.metric for d in comparison.differences)))]
    for metric in order:
        mine = [d for d in comparison.differences if d.metric == metric and d.value is not None]
        mine.sort(key=lambda d: (d.task != comparison.headline, d.task, d.slice != "all", d.slice))
        if mine:
            yield metric, mine
