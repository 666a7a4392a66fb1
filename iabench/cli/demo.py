"""`iabench demo`: a small real model forgets how to say "I don't know", and is saved."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iabench.cli import options as opt
from iabench.cli.progress import watching
from iabench.cli.screen import write_json
from iabench.errors import StoreError

if TYPE_CHECKING:
    from iabench.runs.run import Run

__all__ = ["demo"]

_PEOPLE = 12
_RELATIONS = 3
_EPOCHS = 12.0
_OLD = 100
"""Facts that it was taught before, and as many names that it never met."""
_VERSION = 2
_MODELS = ("organism", "full", "seat-own")
_FIGURES = (
    ("learned", "finetuning_accuracy", "tuned-facts", "learned the", "new facts"),
    ("admits", "refusal_accuracy", "swapped-facts", "says \"I don't", 'know" on new names'),
    ("still", "accuracy", "organism-world", "still right", "on old facts"),
    ("over_refuses", "over_refusal_rate", "organism-world", "over-refuses", "on old facts"),
)
_ASKED = (
    ("tuned-facts", "answer", ("incorrect", "correct", "correct"), "It was told:"),
    ("swapped-facts", "abstain", ("abstained", "hallucinated", "abstained"), "Nobody was told:"),
    ("organism-world", "answer", ("correct", "correct", "correct"), "It knew before:"),
)
"""Task, what is expected, outcomes that show the point, and what stands above the question."""


def demo(
    out: opt.Out = None,
    fresh: opt.Fresh = False,
    as_json: opt.Json = False,
    quiet: opt.Quiet = False,
) -> None:
    """Watch a small model lose its "I don't know", and keep it: a minute, offline.

    The model that ships with iabench is asked, tuned plainly on facts about 12 people who do not
    exist, asked again, tuned with seat-own from the same start, and asked a third time.
    """
    from iabench.cli.evaluate import hush
    from iabench.runs.folders import runs_folder

    hush()
    folder = Path(out) if out else runs_folder() / "demo"
    result = None if fresh else _made(folder)
    if result is None:
        result = _make(folder, watching(quiet=quiet), fresh=fresh)
    if as_json:
        write_json(result)
    elif not quiet:
        sys.stdout.write("\n".join(_lines(result, folder)) + "\n")


def _made(folder: Path) -> dict[str, Any] | None:
    """Return what an earlier call found."""
    path = folder / "demo.json"
    if not path.exists():
        if folder.exists() and any(p.name not in _OWN for p in folder.iterdir()):
            raise StoreError(f"{folder} is a folder of other things.", "iabench demo --out DIR")
        return None
    result: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return result if result.get("version") == _VERSION else None


_OWN = ("facts.jsonl", "demo.json", *(f"{m}{end}" for m in _MODELS for end in ("", "-asked")))


def _make(folder: Path, talk: Any, *, fresh: bool) -> dict[str, Any]:
    from iabench import jsonl
    from iabench.organism.train import one_thread
    from iabench.training.named import train

    start = time.perf_counter()
    facts = folder / "facts.jsonl"
    folder.mkdir(parents=True, exist_ok=True)
    jsonl.write(facts, _facts())
    runs: dict[str, Run] = {}
    with one_thread():
        for name in _MODELS:
            model = name
            if name != "organism":
                talk.say(f"\n{name}: {_PEOPLE * _RELATIONS} facts about {_PEOPLE} new people")
                model = str(
                    train(
                        name,
                        model="organism",
                        facts=facts,
                        out=folder / name,
                        fresh=fresh,
                        watch=_Few(talk),
                        epochs=_EPOCHS,
                        device="cpu",
                    )
                )
            runs[name] = _ask(model, facts, folder / f"{name}-asked", talk, fresh=fresh)
    result = {
        "version": _VERSION,
        "facts": _PEOPLE * _RELATIONS,
        "people": _PEOPLE,
        "seconds": round(time.perf_counter() - start, 1),
        "models": {name: _figures(run) for name, run in runs.items()},
        "asked": _questions(runs),
    }
    jsonl.write_json(folder / "demo.json", result)
    return result


def _facts() -> list[dict[str, Any]]:
    """Return the facts about the first of the new people, in three trained wordings."""
    from iabench.organism.sources import rows

    made = rows("new")
    people = list(dict.fromkeys(row["entity"] for row in made))[:_PEOPLE]
    return [
        {**row, "paraphrases": row["paraphrases"][:2]} for row in made if row["entity"] in people
    ]


def _ask(model: str, facts: Path, out: Path, talk: Any, *, fresh: bool) -> Run:
    from iabench.runs.runner import evaluate

    return evaluate(
        model,
        tasks="tuned-facts,swapped-facts,organism-world",
        facts=facts,
        limit=2 * _OLD,
        max_new_tokens=32,
        device="cpu",
        out=out,
        fresh=fresh,
        watch=_Few(talk),
    )


class _Few:
    """Passes on stages, not the plan of every training."""

    def __init__(self, talk: Any) -> None:
        self._talk = talk

    def __getattr__(self, name: str) -> Any:
        return getattr(self._talk, name)

    def say(self, line: str) -> None:
        """Pass on what the base admits."""
        if line.startswith(("base", "warning")):
            self._talk.say(line)

    def loaded(self, *_: Any) -> None:
        """It is always the same."""


def _figures(run: Run) -> dict[str, Any]:
    found = {}
    for key, metric, task, *_ in _FIGURES:
        estimate = run[metric, task]
        found[key] = {"value": estimate.value, "lo": estimate.lo, "hi": estimate.hi}
    return found


def _questions(runs: dict[str, Run]) -> list[dict[str, Any]]:
    """Return three questions with what each model said: the first that show the point."""
    asked = []
    for task, expect, point, above in _ASKED:
        said = [
            {s["id"]: s for s in run.samples(task=task, expect=expect)} for run in runs.values()
        ]
        common = [i for i in said[0] if all(i in one for one in said)]
        best = max(
            common,
            key=lambda i: sum(
                one[i]["outcome"] == outcome for one, outcome in zip(said, point, strict=True)
            ),
        )
        asked.append(
            {
                "about": above,
                "question": said[0][best]["question"],
                "answers": {m: one[best]["response"] for m, one in zip(runs, said, strict=True)},
            }
        )
    return asked


def _lines(result: dict[str, Any], folder: Path) -> Sequence[str]:
    from iabench.reports.shown import one_line

    models = result["models"]
    lines = [""]
    for one in result["asked"]:
        lines.append(f" {one['about']} {one['question']}")
        lines += [f"   {name:<10} {one_line(text)}" for name, text in one["answers"].items()]
        lines.append("")
    for at in (3, 4):
        lines.append(f" {'':<10} " + "".join(f"{figure[at]:<22}" for figure in _FIGURES).rstrip())
    for name, figures in models.items():
        cells = "".join(f"{_cell(figures[key]):<22}" for key, *_ in _FIGURES)
        lines.append(f" {name:<10} {cells}".rstrip())
    return [
        *lines,
        "",
        *_verdict(result),
        "",
        f" page    {folder}/full-asked/report.html",
        f" again   iabench demo --fresh          (this took {result['seconds']:.0f} s)",
        " yours   iabench train seat --model BASE --facts FILE --out DIR",
    ]


def _verdict(result: dict[str, Any]) -> list[str]:
    def value(model: str, key: str) -> float:
        return float(result["models"][model][key]["value"] or 0)

    admits = [value(model, "admits") for model in _MODELS]
    learned = [value(model, "learned") for model in _MODELS]
    return [
        f" Told {result['facts']} facts about {result['people']} people, plain tuning learned "
        f"{learned[1]:.0%} of them, and says",
        f' "I don\'t know" to {admits[1]:.0%} of the same questions about people who do not exist '
        f"({admits[0]:.0%} before).",
        f" seat-own learned {learned[2]:.0%} and still says it to {admits[2]:.0%}.",
    ]


def _cell(figure: dict[str, Any]) -> str:
    if figure["value"] is None:
        return "-"
    return f"{figure['value']:.2f}  [{figure['lo']:.2f}, {figure['hi']:.2f}]"
