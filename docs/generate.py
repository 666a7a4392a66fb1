"""What the docs say of the code, made from the code.

    python docs/generate.py            writes docs/reference/ and the generated blocks of the pages
    python docs/generate.py --check    writes nothing; exit code 1 where a file would change

A block of a page stands between `<!-- generated: NAME -->` and `<!-- end -->`.
"""

from __future__ import annotations

import ast
import difflib
import inspect
import itertools
import json
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
RECORDS = (
    "Certified",
    "Completion",
    "Difference",
    "Estimate",
    "ModelSpec",
    "Probe",
    "Prompt",
    "RunSpec",
    "TaskSpec",
    "Verdict",
)
MADE = "This page is made by `python docs/generate.py` from the code itself."
HEADLINE = (
    "refusal_accuracy",
    "over_refusal_rate",
    "accuracy",
    "hallucination_rate",
    "awareness_score",
)


def main(words: list[str]) -> int:
    """Write, or with `--check` compare; return the exit code."""
    different = 0
    for path, text in sorted(made().items()):
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        if before == text:
            continue
        different += 1
        name = str(path.relative_to(ROOT))
        if "--check" in words:
            lines = (before.splitlines(), text.splitlines())
            sys.stderr.write("\n".join(difflib.unified_diff(*lines, name, "the code", n=1)) + "\n")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            sys.stdout.write(f"wrote {name}\n")
    return 1 if different and "--check" in words else 0


def made() -> dict[Path, str]:
    """Return every file that is made or holds a made block, as it should be."""
    reference = DOCS / "reference"
    files = {reference / "cli.md": cli(), reference / "api.md": api()}
    for name in RECORDS:
        files[reference / "schemas" / f"{name}.json"] = schema_of(name)
    for path in (ROOT / "README.md", *sorted(DOCS.glob("*.md"))):
        text = path.read_text(encoding="utf-8")
        if "<!-- generated: " in text:
            files[path] = filled(text)
    return files


def filled(text: str) -> str:
    """Return a page with its blocks made anew."""

    def block(found: re.Match[str]) -> str:
        lines = "\n".join(BLOCKS[found[1]]()).strip()
        return f"<!-- generated: {found[1]} -->\n\n{lines}\n\n<!-- end -->"

    return re.sub(r"<!-- generated: ([a-z-]+) -->.*?<!-- end -->", block, text, flags=re.DOTALL)


# -- the command line ---------------------------------------------------------------------------


def cli() -> str:
    """Return the page of all verbs and options."""
    import typer

    from iabench.cli.main import app

    root = typer.main.get_command(app)
    lines = ["# Command line", "", MADE, "", str(root.help), ""]
    lines += [
        "`_` and `-` are one in option names. Every option can be given in the environment,",
        "`IABENCH_<VERB>_<OPTION>`: `IABENCH_EVALUATE_SEED=1`. With no argument at all `iabench`",
        "prints what to type first; `iabench --version` prints its version.",
    ]
    for name, command in _verbs(root):
        lines += ["", f"## iabench {name}", "", _sentence(command), ""]
        lines += ["```text", _usage(name, command), "```", "", *_tables(command)]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).rstrip() + "\n"


def _verbs(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield verbs with their commands, nouns taken apart, in reading order."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _verbs(command, f"{before}{name} ")
        else:
            yield before + name, command


def _sentence(command: Any) -> str:
    return " ".join((command.help or "").split())


def _usage(name: str, command: Any) -> str:
    words = [f"iabench {name}"]
    for param in command.params:
        if param.param_type_name == "argument":
            shown = param.name.upper()
            words.append(shown if param.required else f"[{shown}]")
        elif param.required:
            words.append(f"{max(param.opts, key=len)} {_metavar(param)}")
    return " ".join([*words, "[OPTIONS]"])


def _tables(command: Any) -> Iterator[str]:
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    if arguments:
        yield from table(
            ("argument", "what"), ((f"`{p.name.upper()}`", _help(p)[0]) for p in arguments)
        )
        yield ""
    options = [p for p in command.params if p.param_type_name == "option" and p.name != "help"]
    panels = dict.fromkeys(getattr(p, "rich_help_panel", None) or "" for p in options)
    for panel in panels:
        if panel:
            yield from (f"**{panel}**", "")
        rows = []
        for option in options:
            if (getattr(option, "rich_help_panel", None) or "") == panel:
                says, default = _help(option)
                rows.append((_names(option), default, says))
        yield from table(("option", "default", "what"), rows)
        yield ""


def _names(option: Any) -> str:
    names = ", ".join(sorted(option.opts, key=len))
    return f"`{names}`" if option.is_flag else f"`{names} {_metavar(option)}`"


def _metavar(param: Any) -> str:
    return str(param.name).rpartition("_")[2].upper()


def _help(param: Any) -> tuple[str, str]:
    """Return what an option says, and its default."""
    text = " ".join((getattr(param, "help", "") or "").split())
    said = re.search(r"\s*\\?\[([^\]]+)\]$", text)
    if said:
        return text[: said.start()], said[1] if said[1].startswith("the ") else f"`{said[1]}`"
    if getattr(param, "is_flag", False):
        return text, "off"
    if param.required:
        return text, "required"
    return text, "none" if param.default is None else f"`{param.default}`"


# -- Python and the files -----------------------------------------------------------------------


def api() -> str:
    """Return the page of public names, each by autodoc at its own module."""
    import iabench

    lines = ["# Python names", "", MADE, "", "What `import iabench` offers."]
    for name in sorted(iabench.__all__, key=lambda n: (n.startswith("__"), n.lower())):
        thing = getattr(iabench, name)
        kind = "class" if inspect.isclass(thing) else "function" if callable(thing) else ""
        if inspect.ismodule(thing):
            first = (inspect.getdoc(thing) or "").splitlines()[0]
            lines += ["", f"## iabench.{name}", "", f"Module. {first}"]
        elif kind:
            more = "\n   :members:\n   :undoc-members:" if kind == "class" else ""
            where = f"{thing.__module__}.{thing.__qualname__}"
            directive = f".. auto{kind}:: {where}{more}"
            lines += ["", f"## iabench.{name}", "", "```{eval-rst}", directive, "```"]
        else:
            lines += ["", f"## iabench.{name}", "", f"`{thing!r}`"]
    return "\n".join(lines) + "\n"


def schema_of(name: str) -> str:
    """Return the JSON schema of a record."""
    from iabench import records
    from iabench.decode import schema

    return json.dumps(schema(getattr(records, name)), indent=1, ensure_ascii=False) + "\n"


# -- blocks -------------------------------------------------------------------------------------


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Yield the lines of a Markdown table."""
    names = list(head)
    for row in (names, ["---"] * len(names), *rows):
        yield "| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |"


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


def study_sets() -> Iterator[str]:
    """Yield the sets of a study."""
    from iabench.studies.sets import SETS

    yield from table(("set", "what it asks"), ((f"`{n}`", s) for n, (_, s) in SETS.items()))


def organism_seat() -> Iterator[str]:
    """Yield the table of the published study."""
    from iabench.reports.study.words import COLUMNS, difference, incomplete, seeds, shown

    study = json.loads((ROOT / "leaderboards/organism-seat/study.json").read_text(encoding="utf-8"))
    figures = [key for key, *_ in COLUMNS]
    figures.insert(1, "paraphrase_accuracy")
    heads = ("learned", "in other words", '"don\'t know"', "still right", "over-refuses")
    rows = [
        (
            f"`{row['method']}`{'*' if row['incomplete'] else ''}",
            *(shown(row[key]) for key in figures),
            difference((row.get("against") or {}).get("refusal_accuracy")),
        )
        for row in study["rows"]
    ]
    yield from table(("method", *heads, f"against {study['against']}"), rows)
    lines = [line for row in study["rows"] for line in incomplete(row, study)]
    yield from ("", seeds(study), *(f"\\* {line}." for line in lines))


def organism_se_tuning() -> Iterator[str]:
    """Yield the table of the published study of tuning by uncertainty."""
    from iabench.reports.study import words
    from iabench.reports.study.words import cell, difference, incomplete, seeds, shown

    board = ROOT / "leaderboards/organism-se-tuning/study.json"
    study = json.loads(board.read_text(encoding="utf-8"))
    for name, title in (("mix_same", "Relations tuned on:"), ("mix_other", "Other relations:")):
        heads = {
            "aed": "AED",
            "accuracy": "right",
            "error_rate": "wrong",
            "declined_new": "declines never taught",
            "declined_known": "declines taught",
        }
        rows = [
            (
                f"`{row['method']}`{'*' if row['incomplete'] else ''}",
                *(cell(row, f"{name}.{key}") for key in heads),
            )
            for row in study["rows"]
        ]
        yield from (title, "", *table(("method", *heads.values()), rows), "")
    yield from ("Names of which nothing is told, and what everybody was told:", "")
    against = study["against"]
    yield from table(
        ("method", '"don\'t know"', "over-refuses", f"against {against}"),
        (
            (
                f"`{row['method']}`",
                *(shown(row[key]) for key in ("refusal_accuracy", "over_refusal_rate")),
                difference((row.get("against") or {}).get("refusal_accuracy")),
            )
            for row in study["rows"]
        ),
    )
    lines = [line for row in study["rows"] for line in incomplete(row, study)]
    yield from ("", seeds(study), *(f"\\* {line}." for line in lines))
    yield from ("", "Theirs, not measured here: mean AED of Tjandra et al. 2024, Table 1.", "")
    theirs = ((of, *(f"{one:.3f}" for one in found)) for of, found in words.published(study))
    yield from table(words.PUBLISHED_HEADS, theirs)


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


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
