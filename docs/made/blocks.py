"""Blocks of pages, by their names."""

from __future__ import annotations

import ast
import itertools
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from made.markdown import table
from made.studies import organism_se_tuning, organism_seat, study_sets

ROOT = Path(__file__).resolve().parents[2]
HEADLINE = (
    "refusal_accuracy",
    "over_refusal_rate",
    "accuracy",
    "hallucination_rate",
    "awareness_score",
)


def metrics() -> Iterator[str]:
    """Yield a section a metric."""
    from iabench.metrics.base import METRICS

    for name in _pyproject()["iabench.metrics"]:
        metric: Any = METRICS.get(name)()
        better = "higher is better" if metric.higher_is_better else "lower is better"
        unit = "pairs of twins" if metric.unit == "pair" else "clusters"
        yield from (f"### {name}", "", f"*{metric.label}*", "", metric.says, "")
        yield f"Range {_range(metric)}, {better}; resampled by {unit}."
        yield from (f"Where there is no value, its reason is: {metric.without}.", "")


def metrics_of_two() -> Iterator[str]:
    """Yield the table of the metrics of two runs."""
    from iabench.metrics.relative import RELATIVE

    rows = ((f"`{m.id}`", m.label, m.says, f"{m.without}") for m in RELATIVE)
    yield from table(("metric", "in words", "what it is", "no value where"), rows)


def metrics_short() -> Iterator[str]:
    """Yield the table of the README."""
    from iabench.metrics.base import METRICS

    rows = []
    for name in HEADLINE:
        metric: Any = METRICS.get(name)()
        rows.append((f"[`{name}`](docs/metrics.md#{name})", metric.label, _range(metric)))
    yield from table(("it measures", "in words", "range"), rows)


def _range(metric: Any) -> str:
    """Return the least and the greatest value there can be, found at the corners."""
    import numpy as np

    if not hasattr(metric, "components"):
        return "0 to 1"
    corners = np.array(list(itertools.product((0.0, 1.0), repeat=len(metric.components))))
    values = metric.combine(corners)
    return f"{values.min():g} to {values.max():g}"


def tasks() -> Iterator[str]:
    """Yield the table of tasks and the one of suites."""
    from iabench.tasks import catalog
    from iabench.tasks.base import SMALL
    from iabench.tasks.describe import describe

    found = describe()
    rows = [(_named(t), _size(t["n"]), t["expects"], _shape(t["name"]), t["says"]) for t in found]
    yield from table(("task", "questions", "expects", "name-shape AUROC", "in words"), rows)
    yield ""
    yield SMALL
    yield ""
    suites, apart = [], catalog.suites_beside()
    for name, members in catalog.suites().items():
        limit = catalog.suite_limit(name)
        part = f"{limit:g} of each" if limit else "all"
        if name in apart:
            part += f"; apart {', '.join(f'`{one}`' for one in apart[name])}"
        suites.append((f"`{name}`", ", ".join(f"`{m}`" for m in members), part))
    yield from table(("suite", "tasks", "of which"), suites)


def _named(task: Mapping[str, Any]) -> str:
    from iabench.tasks.base import DIAGNOSTIC

    return f"`{task['name']}`" + (f" {DIAGNOSTIC}" if task["diagnostic"] else "")


def _size(n: int | None) -> str:
    return "" if n is None else f"{n:,}"


def _shape(task: str) -> str:
    if not (ROOT / "tasks" / task / "task.toml").exists():
        return ""
    with (ROOT / "tasks" / task / "task.toml").open("rb") as file:
        manifest = tomllib.load(file)
    if "shape_auroc" not in manifest:
        return ""
    separable = ", separable" if manifest.get("shape_separable") else ""
    return f"{manifest['shape_auroc']:.2f}{separable}"


def datasets() -> Iterator[str]:
    """Yield the table of published datasets."""
    from iabench.datasets.published import published
    from iabench.tasks.published import published_tasks

    rows = []
    for name, dataset in published().items():
        tasks = published_tasks(name, dataset)
        for task, split in tasks.items():
            one, asked = dataset.split[split], split in dataset.asks
            called = f"**`{task}`**" if asked else f"`{task}`"
            rows.append((called, _size(one.n), one.expect, one.says))
    yield from table(("task", "rows", "expects", "in words"), rows)
    yield ""


def tasks_short() -> Iterator[str]:
    """Yield the table of the README."""
    from iabench.tasks import catalog
    from iabench.tasks.describe import describe

    found = describe()
    rows = ((_named(t), _size(t["n"]), t["says"]) for t in found)
    yield from table(("task", "questions", "in words"), rows)
    yield from ("", f"Suites: {', '.join(f'`{name}`' for name in catalog.suites())}.")


def files() -> Iterator[str]:
    """Yield each file of the package with the first line of its docstring."""
    package = ROOT / "iabench"
    rooms = [package, *sorted(p.parent for p in package.rglob("*/__init__.py"))]
    for room in rooms:
        name = "" if room == package else f"{room.relative_to(package)}/"
        yield from (f"### iabench/{name}", "")
        if name:
            yield from (_first_line(room / "__init__.py"), "")
        for path in sorted(room.glob("*.py")):
            if path.name != "__init__.py":
                yield f"- `{path.name}`: {_first_line(path)}"
        yield ""


def _first_line(path: Path) -> str:
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return text.split("\n\n")[0].replace("\n", " ")


def layers() -> Iterator[str]:
    """Yield the floors of the house, the highest first."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    floors = next(c["layers"] for c in contracts if c["type"] == "layers")
    yield "```text"
    yield from (floor for floor in floors if not floor.startswith("("))
    yield "```"


def plug_ins() -> Iterator[str]:
    """Yield the groups of plug-ins with what ships in them."""
    groups = _pyproject()
    rows = [(f"`{name}`", ", ".join(f"`{n}`" for n in groups[name])) for name in sorted(groups)]
    yield from table(("entry-point group", "what ships in it"), rows)


def _pyproject() -> dict[str, dict[str, str]]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        groups: dict[str, dict[str, str]] = tomllib.load(file)["project"]["entry-points"]
    return groups


def organism() -> Iterator[str]:
    """Yield what was measured of the shipped weights, from their cards."""
    from iabench.organism.shipped import NAMES, path

    for name in NAMES:
        card = (path(name) / "README.md").read_text(encoding="utf-8")
        measured = card.split("\n## Measured\n")[1].split("\n## ")[0]
        lines = [line for line in measured.splitlines() if line.startswith("|")]
        yield from (f"### {name}", "", *lines, "")


def detectors() -> Iterator[str]:
    """Yield what judges, with published error rates."""
    from iabench.cli.detectors import every

    for judges in ("abstention", "correctness"):
        rows = []
        for one in every():
            if one["judges"] == judges:
                rates = [one["sensitivity"], one["specificity"], one["undecided"]]
                cells = ["" if rate is None else f"{100 * rate:.1f}" for rate in rates]
                needs = f"`{one['needs']}`" if one["needs"] else ""
                rows.append((f"`{one['name']}`", one["says"], one["throughput"], needs, *cells))
        yield from table(
            (f"judges {judges}", "in words", "speed", "needs", "finds", "clears", "open"), rows
        )
        yield ""


def labelled() -> Iterator[str]:
    """Yield how many labelled responses there are, by kind, in each half."""
    from iabench.grading.labels import Half, own_labels
    from iabench.records import About

    words: dict[About, str] = {"abstained": "abstention", "correct": "correctness"}
    halves: tuple[Half, ...] = ("development", "test")
    for about, word in words.items():
        own = [own_labels(about, half) for half in halves]
        kinds = sorted({label.kind for half in own for label in half})
        rows = []
        for kind in (*kinds, ""):
            cells: list[object] = [f"`{kind}`" if kind else "all"]
            for half in own:
                some = [label for label in half if label.kind == kind or not kind]
                cells += [f"{len(some):,}", len({label.family for label in some})]
            rows.append(cells)
        heads = [head for half in halves for head in (half, "families")]
        yield from table((f"{word}: kind", *heads), rows)
        yield ""
    languages = Counter(
        label.language for half in halves for label in own_labels("abstained", half)
    )
    named = ", ".join(f"`{name}` {n:,}" for name, n in languages.most_common())
    yield f"Languages of the responses labelled for abstention: {named}."


def lm_eval() -> Iterator[str]:
    """Yield what is understood of other tools' words, from the table that understands them."""
    from iabench.cli import aliases

    yield from table(
        ("typed", "read as"), ((f"`{k}`", f"`{v}`") for k, v in aliases.OPTIONS.items())
    )
    yield from ("", "Keys of `--model_args`, as `key=value`, separated by commas:", "")
    yield from table(
        ("key", "read as"), ((f"`{k}=`", f"`{v}`") for k, v in aliases.MODEL_ARGS.items())
    )
    yield from ("", "Left out, with a note that says so:", "")
    dropped = {**aliases.DROPPED, **aliases.FLAGS_DROPPED}
    yield from table(("option", "because"), ((f"`{k}`", v) for k, v in dropped.items()))
    yield from ("", "Verbs:", "")
    yield from table(("typed", "read as"), ((f"`{k}`", f"`{v}`") for k, v in aliases.VERBS.items()))


def methods() -> Iterator[str]:
    """Yield the table of presets: what each says, its choices and its source."""
    from iabench.training.base import PRESETS
    from iabench.training.recipe import AXES

    rows = []
    for name in PRESETS.names():
        preset = PRESETS.get(name)
        settings = ", ".join(
            f"`{key.replace('_', '-')}` {'+'.join(value) if isinstance(value, tuple) else value}"
            for key, value in sorted(preset.settings, key=lambda pair: pair[0] not in AXES)
        )
        rows.append((f"`{name}`", preset.says, settings, preset.source))
    yield from table(("method", "in words", "beside the defaults", "source"), rows)


def trl() -> Iterator[str]:
    """Yield what `train` understands of transformers' and TRL's words."""
    from iabench.cli import aliases

    yield from table(("typed", "read as"), ((f"`{k}`", f"`{v}`") for k, v in aliases.TRAIN.items()))
    yield from ("", "Left out, with a note that says so:", "")
    dropped = {**aliases.TRAIN_DROPPED, **aliases.TRAIN_FLAGS_DROPPED}
    yield from table(("option", "because"), ((f"`{k}`", v) for k, v in dropped.items()))


BLOCKS: dict[str, Callable[[], Iterable[str]]] = {
    "detectors": detectors,
    "files": files,
    "labelled": labelled,
    "layers": layers,
    "study-sets": study_sets,
    "organism-seat": organism_seat,
    "organism-se-tuning": organism_se_tuning,
    "lm-eval": lm_eval,
    "methods": methods,
    "metrics": metrics,
    "metrics-of-two": metrics_of_two,
    "metrics-short": metrics_short,
    "organism": organism,
    "plug-ins": plug_ins,
    "datasets": datasets,
    "tasks": tasks,
    "tasks-short": tasks_short,
    "trl": trl,
}
