"""Which settings a method that labels questions needs on the organism: six are tried, one chosen.

    python -m iabench.studies.entropy_trials OUT [ROW...]

Each trial tunes `organism-unaligned` on the questions of a mix of a seed that no study has, and
asks it then about entities that it was not tuned on and that the mixes of the studies of seeds 0 to
2 do not ask about: taught and rare facts, and never-taught ones about names of purpose
`validation`; as many of the relations tuned on as of others. What was tried goes to
`OUT/trials.jsonl`, what was chosen to `OUT/iabench_tuning.toml`; a trial that stands there is not
made again.

The rule: the lowest AED; ties to the shorter run. A method with a threshold has it among its
settings, one without has as many other points in its place, so that all have as many trials.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from iabench import jsonl
from iabench.grading.base import Answered
from iabench.grading.lexical import Lexical
from iabench.metrics.answering import aed
from iabench.organism.corpus import shipped_corpus
from iabench.organism.measure import ask
from iabench.organism.shipped import path as shipped
from iabench.organism.trials import Search, Settings, Trial, grid, tuned
from iabench.studies.mix import asked_apart, mix
from iabench.studies.presets import named_study
from iabench.training.base import Example
from iabench.training.recipe import resolve
from iabench.training.signals import rightly
from iabench.training.spec import TrainSpec

__all__ = ["GRID", "MODEL", "SHARED", "chosen", "main", "scores", "trial", "written"]

MODEL = "organism-unaligned"
SEED = 101
"""Of the mix that is tuned on in the trials."""
REPORTED = range(3)
"""Seeds of the published study: what these report is not asked here."""
SHARED: Settings = {
    "update": "full", "batch_size": 48, "epochs": 1.0, "validation_share": 0.0,
}  # fmt: skip
"""Of every trial. LoRA of rank 8, as published, parts known from unknown less well here; an epoch
is every question in each of its seven wordings."""
_BY_THRESHOLD: dict[str, Sequence[Any]] = {
    "learning_rate": (3e-4, 6e-4), "threshold": (1.75, 2.0, 2.25),
}  # fmt: skip
_WITHOUT: dict[str, Sequence[Any]] = {"learning_rate": (1e-4, 2e-4, 3e-4, 4e-4, 6e-4, 1e-3)}
GRID: dict[str, list[Settings]] = {
    "se-tuning": grid(**_BY_THRESHOLD),
    "r-tuning": grid(**_WITHOUT),
    "r-tuning-u": grid(**_BY_THRESHOLD),
    "r-tuning-original": grid(**_WITHOUT),
    "se-tuning-nli": grid(**_BY_THRESHOLD),
    "honesty-absolute": grid(**_WITHOUT),
    "idk": grid(learning_rate=(5e-5, 1e-4, 1.2e-4, 1.4e-4, 1.6e-4, 2e-4)),
}
"""Six points each. The thresholds of the last two are what they are, and so not among them. `idk`
has most questions declined, and tips sooner: between 1e-4 and 3e-4 from none to all of them."""


def _resolved(method: str, typed: Settings) -> TrainSpec:
    """Return the training of a row: of a preset, or of one that the study sets otherwise."""
    rows = {row.name: row for row in named_study("se-tuning").methods}
    row = rows.get(method)
    own = {key: json.loads(value) for key, value in row.settings} if row else {}
    return resolve(row.preset if row else method, {**typed, **own})[0]


def trial(method: str, settings: Settings, folder: Path) -> Trial:
    """Tune the organism once; return the settings, what `scores` says, steps and seconds."""
    questions = folder / "questions.jsonl"
    folder.mkdir(parents=True, exist_ok=True)
    if not questions.exists():
        jsonl.write(questions, mix(SEED).questions)
    typed = {"model": MODEL, "questions": str(questions), "settings": "published"}
    spec = _resolved(method, {**typed, **settings})
    return {"method": method, "settings": settings, **tuned(spec, folder / "trial", scores)}


def scores(folder: Path) -> dict[str, float]:
    """Return what a tuned organism says to the validation questions.

    `aed` is over all of them, `aed_same` and `aed_other` over those of the relations tuned on and
    of others; `accuracy` and `over_refusal_rate` are of taught facts, `refusal_accuracy` of
    never-taught ones. "... I am unsure." is an abstention too: what `r-tuning-original` teaches.
    """
    import transformers

    model = transformers.AutoModelForCausalLM.from_pretrained(folder).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(shipped(MODEL))
    corpus = shipped_corpus()
    counts: dict[str, list[tuple[str, bool, bool]]] = {}
    for name, facts in zip(("same", "other"), asked_apart(SEED, REPORTED), strict=True):
        questions = [corpus.relation(f).ask(f.entity, at % 2) for at, f in enumerate(facts)]
        said = ask(model, tokenizer, questions)
        declined = [
            bool(judged.value) or text.rstrip().endswith("I am unsure.")
            for judged, text in zip(
                Lexical().detect(
                    [Answered(question=q, answer=t) for q, t in zip(questions, said, strict=True)]
                ),
                said,
                strict=True,
            )
        ]
        examples = [
            Example(id=f.id, question=q, answer=f.answer, references=(f.answer, *f.aliases))
            for f, q in zip(facts, questions, strict=True)
        ]
        right = rightly(examples, said)
        counts[name] = [
            (fact.tier, bool(r) and not no, no)
            for fact, r, no in zip(facts, right, declined, strict=True)
        ]
    rows = [row for some in counts.values() for row in some]
    taught = [row for row in rows if row[0] == "known"]
    new = [row for row in rows if row[0] == "new"]
    return {
        "aed": _distance(rows),
        **{f"aed_{name}": _distance(some) for name, some in counts.items()},
        "accuracy": _share([right for _, right, _ in taught]),
        "over_refusal_rate": _share([no for _, _, no in taught]),
        "refusal_accuracy": _share([no for _, _, no in new]),
        "n": len(rows),
    }


def _distance(rows: Sequence[tuple[str, bool, bool]]) -> float:
    correct = sum(right for _, right, _ in rows)
    declined = sum(no for _, _, no in rows)
    wrong = len(rows) - correct - declined
    return round(aed(n_correct=correct, n_incorrect=wrong, n=len(rows)), 4)


def _share(marks: Sequence[bool]) -> float:
    return round(sum(marks) / len(marks), 4)


def chosen(trials: Sequence[Trial]) -> dict[str, Trial]:
    """Return one trial a row, by the rule."""
    return {
        method: min(
            (one for one in trials if one["method"] == method),
            key=lambda one: (one["aed"], one["steps"]),
        )
        for method in dict.fromkeys(one["method"] for one in trials)
    }


def _says(one: Trial) -> str:
    return (
        f"AED {one['aed']:.3f}, still right {one['accuracy']:.2f}, "
        f"declines {one['refusal_accuracy']:.2f} of what was never taught and "
        f"{one['over_refusal_rate']:.2f} of what was, {one['steps']} steps"
    )


SEARCH = Search(
    grid=GRID,
    shared=SHARED,
    trial=trial,
    chosen=chosen,
    says=_says,
    asked="validation questions",
    opening=(
        "Settings of the presets for this checkpoint: `iabench train` takes them over the",
        "published ones, unless --settings published (at those no answer changes here). Chosen",
        "on validation questions by `python -m iabench.studies.entropy_trials`, which says how.",
    ),
)
written, main = SEARCH.written, SEARCH.main


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
