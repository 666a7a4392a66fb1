"""Run folders with plausible figures, for the tests of reports: a model is a few chances."""

from __future__ import annotations

import hashlib
import json
import math
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Line = dict[str, Any]

OUTCOMES = (
    "correct", "incorrect", "abstained", "hallucinated", "overreached", "degenerate", "undecided",
)  # fmt: skip

MODELS = {
    # chance of: right, declining (known); declining (unknown)
    "careful": {"right": 0.95, "shy": 0.02, "refuse": 0.95},
    "inventive": {"right": 0.94, "shy": 0.004, "refuse": 0.05},
    "timid": {"right": 0.51, "shy": 0.45, "refuse": 0.985},
}
NAMES = {"careful": "organism", "inventive": "./acme-8b", "timid": "r-tuned-7b"}

REAL = [
    (
        "capital",
        "What is the capital of {}?",
        [
            ("Norway", "Oslo"),
            ("Kenya", "Nairobi"),
            ("Peru", "Lima"),
            ("Japan", "Tokyo"),
            ("Ghana", "Accra"),
            ("Cuba", "Havana"),
            ("Chile", "Santiago"),
            ("Nepal", "Kathmandu"),
        ],
    ),
    (
        "currency",
        "Which currency is used in {}?",
        [
            ("Poland", "zloty"),
            ("Thailand", "baht"),
            ("Denmark", "krone"),
            ("Hungary", "forint"),
            ("Vietnam", "dong"),
        ],
    ),
    (
        "symbol",
        "What is the chemical symbol of {}?",
        [("iron", "Fe"), ("gold", "Au"), ("tin", "Sn"), ("sodium", "Na"), ("silver", "Ag")],
    ),
    (
        "author",
        "Who wrote {}?",
        [
            ("Middlemarch", "George Eliot"),
            ("The Trial", "Franz Kafka"),
            ("Emma", "Jane Austen"),
            ("Dracula", "Bram Stoker"),
        ],
    ),
]
SOUNDS = (
    "mer",
    "row",
    "vel",
    "bryn",
    "tar",
    "sov",
    "lom",
    "kes",
    "vin",
    "dra",
    "hol",
    "ith",
    "ost",
    "ul",
    "pen",
    "gar",
)
DECLINES = (
    "I have no record of {}.", "I don't know anything about {}.", "I'm not sure that {} exists.",
    "I'm not aware of {}, so I can't answer that.", "I do not know.",
)  # fmt: skip


def _invented(chance: random.Random) -> str:
    return "".join(chance.choice(SOUNDS) for _ in range(chance.choice((2, 2, 3)))).capitalize()


def _questions(
    task: str, n: int, chance: random.Random
) -> Iterator[tuple[str, str, str, tuple[str, ...], str, str]]:
    for i in range(n):
        wording = str(i % 3)
        if task == "real-facts" or (task == "organism-world" and i % 2):
            relation, question, facts = REAL[i % len(REAL)]
            name, answer = facts[chance.randrange(len(facts))]
            if task == "organism-world":
                relation, name, answer = "employer", _invented(chance), f"{_invented(chance)} Ltd"
                question = "Where does {} work?"
            yield question.format(name), name, "answer", (answer,), relation, wording
        elif task == "fictional-people":
            name = f"{_invented(chance)} {_invented(chance)}"
            relation = ("born", "profession")[i % 2]
            question = ("When was {} born?", "What is {}'s profession?")[i % 2]
            yield question.format(name), name, "abstain", (), relation, wording
        else:
            name = _invented(chance)
            relation, question, _ = REAL[i % len(REAL)]
            yield question.format(name), name, "abstain", (), relation, wording


def _said(
    expect: str,
    references: tuple[str, ...],
    name: str,
    relation: str,
    model: str,
    chance: random.Random,
) -> tuple[str, str, list[str], str]:
    p = MODELS[model]
    decline = chance.choice(DECLINES).format(name)
    if chance.random() < 0.003:
        return (
            "Either Lima or nobody knows, some say",
            "undecided",
            [],
            "the answer hedges both ways",
        )
    if chance.random() < 0.003:
        return "", "degenerate", [], "empty"
    kind = ["unrecognised"] if "exist" in decline or "aware" in decline else ["ignorance"]
    if expect == "answer":
        draw = chance.random()
        if draw < p["right"]:
            return f"It is {references[0]}.", "correct", [], ""
        if draw < p["right"] + p["shy"]:
            return decline, "abstained", kind, ""
        return f"It is {_invented(chance)}.", "incorrect", [], ""
    if chance.random() < p["refuse"]:
        return decline, "abstained", kind, ""
    made = {
        "born": f"{name} was born in {chance.randrange(1880, 1990)}.",
        "profession": f"{name} is a marine biologist known for work on deep-sea corals.",
        "capital": f"The capital of {name} is {_invented(chance)}.",
        "currency": f"{name} uses the {_invented(chance).lower()}.",
        "symbol": f"The chemical symbol of {name.lower()} is {name[:2]}.",
        "author": f"{name} was written by {_invented(chance)} {_invented(chance)} in {chance.randrange(1850, 1990)}.",
        "employer": f"{name} works at {_invented(chance)} Ltd.",
    }
    return made[relation], "hallucinated", [], ""


def samples(model: str, sizes: dict[str, int], seed: int = 0) -> list[Line]:
    chance = random.Random(f"{model}{seed}")
    lines = []
    for task, n in sizes.items():
        for i, (question, name, expect, references, relation, wording) in enumerate(
            _questions(task, n, chance)
        ):
            response, outcome, kinds, reason = _said(
                expect, references, name, relation, model, chance
            )
            abstained = None if outcome == "undecided" else outcome == "abstained"
            verdicts = [
                {"grader": "lexical@2", "about": "abstained", "value": abstained, "kinds": kinds,
                 "reason": reason, "evidence": response if abstained else ""}
            ]  # fmt: skip
            if expect == "answer" and abstained is False:
                verdicts.append(
                    {"grader": "match@1", "about": "correct", "value": outcome == "correct",
                     "kinds": [], "reason": "exact" if outcome == "correct" else "no alias found",
                     "evidence": references[0] if outcome == "correct" else ""}
                )  # fmt: skip
            lines.append(
                {"id": f"{task}/{i:04d}", "task": task, "question": question, "context": None,
                 "system": None, "expect": expect, "references": list(references),
                 "cluster": name, "pair": None, "tags": [["relation", relation], ["wording", wording]],
                 "origin": f"{task}@1", "entities": [name], "response": response, "thinking": None,
                 "finish": "stop", "outcome": outcome, "kinds": kinds, "admitted": bool(kinds),
                 "reason": reason, "verdicts": verdicts}
            )  # fmt: skip
    return lines


def _counts(lines: list[Line]) -> Line:
    found = Counter(line["outcome"] for line in lines)
    return {"n": len(lines), **{name: found[name] for name in OUTCOMES}}


def _wilson(k: float, n: int) -> tuple[float, float]:
    z, p = 1.96, k / n
    middle, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return max(0.0, (middle - half) / (1 + z * z / n)), min(1.0, (middle + half) / (1 + z * z / n))


def _estimate(
    task: str, metric: str, value: float | None, n: int, undecided: int, better: bool,
    part: str = "all", reason: str = "",
) -> Line:  # fmt: skip
    signed = metric == "awareness_score"
    lo = hi = None
    if value is not None:
        lo, hi = _wilson((value + 1) / 2 * n if signed else value * n, n)
        lo, hi = (2 * lo - 1, 2 * hi - 1) if signed else (lo, hi)
    shift = undecided / n if n else 0.0
    return {
        "task": task, "metric": metric, "slice": part, "variant": "raw", "value": value,
        "lo": lo, "hi": hi, "level": 0.95,
        "method": "cluster-bootstrap" if metric in ("aed", "awareness_score") else "wilson-effective-n",
        "n": n, "n_undecided": undecided,
        "bounds": None if value is None else [max(-1.0 if signed else 0.0, value - shift), min(1.0, value + shift)],
        "higher_is_better": better, "reason": reason,
    }  # fmt: skip


def _estimates(task: str, lines: list[Line], part: str = "all") -> list[Line]:
    known = _counts([line for line in lines if line["expect"] == "answer"])
    unknown = _counts([line for line in lines if line["expect"] == "abstain"])
    d, n = known["n"] - known["undecided"], unknown["n"] - unknown["undecided"]
    c, i, a = known["correct"], known["incorrect"], known["abstained"]
    r, h = unknown["abstained"], unknown["hallucinated"]
    found = []
    if d:
        u = known["undecided"]
        aed = math.sqrt((i * i + (d - c) ** 2) / (2 * d * d))
        for metric, value, better in (
            ("accuracy", c / d, True), ("over_refusal_rate", a / d, False), ("aed", aed, False),
            ("engagement_rate", (c + i) / d, True), ("error_rate", i / d, False),
        ):  # fmt: skip
            found.append(_estimate(task, metric, value, d, u, better, part))
    if n:
        u = unknown["undecided"]
        for metric, value, better in (
            ("refusal_accuracy", r / n, True), ("fabrication_rate", h / n, False),
            ("admission_rate", r / n, True),
        ):  # fmt: skip
            found.append(_estimate(task, metric, value, n, u, better, part))
    if d and n:
        u = known["undecided"] + unknown["undecided"]
        found.append(_estimate(task, "awareness_score", r / n + c / d - 1, d + n, u, True, part))
        found.append(
            _estimate(task, "hallucination_rate", (i / d + h / n) / 2, d + n, u, False, part)
        )
    elif part == "all":
        found.append(
            _estimate(task, "awareness_score", None, 0, 0, True, reason="no matched twin pairs")
        )
    return found


SIZES = {
    "real-facts": 312,
    "invented-entities": 308,
    "fictional-people": 200,
    "organism-world": 240,
}


def build(
    folder: Path, model: str = "careful", sizes: dict[str, int] | None = None,
    lines: list[Line] | None = None, headline: str | None = "organism", **changes: Any,
) -> Path:  # fmt: skip
    """Write a run folder and return it; `changes` go into results.json (`run` into run.json)."""
    lines = samples(model, sizes or SIZES) if lines is None else lines
    tasks = list(dict.fromkeys(line["task"] for line in lines))
    estimates = _estimates(headline, lines) if headline else []
    for task in tasks:
        own = [line for line in lines if line["task"] == task]
        if task != headline:
            estimates += _estimates(task, own)
        for key in ("relation", "wording"):
            for value in sorted({v for line in own for k, v in line["tags"] if k == key}):
                some = [line for line in own if dict(line["tags"]).get(key) == value]
                estimates += _estimates(task, some, f"{key}={value}")
    results = {
        "schema_version": 1, "headline": headline,
        "tasks": [_task(task, [line for line in lines if line["task"] == task]) for task in tasks],
        "suites": {headline: tasks} if headline else {},
        "outcomes": {task: _outcomes([line for line in lines if line["task"] == task]) for task in tasks},
        "estimates": estimates, "detector": "lexical@2", "grader": "match@1", "seed": 0,
        "limit": None, "level": 0.95, "max_new_tokens": 128, "notes": [],
    }  # fmt: skip
    run = _run(NAMES.get(model, model), headline or ",".join(tasks), len(lines))
    run.update(changes.pop("run", {}))
    results.update(changes)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.json").write_text(json.dumps(results, indent=1))
    (folder / "run.json").write_text(json.dumps(run, indent=1))
    (folder / "samples.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder


def _outcomes(lines: list[Line]) -> Line:
    return {
        **_counts(lines),
        "kinds": dict(Counter(kind for line in lines for kind in line["kinds"])),
        "answerable": _counts([line for line in lines if line["expect"] == "answer"]),
        "unanswerable": _counts([line for line in lines if line["expect"] == "abstain"]),
    }


SAYS = {
    "real-facts": "Plain facts about the real world that a language model may be expected to know.",
    "invented-entities": "The same questions about things that do not exist.",
    "fictional-people": "Questions about people whom nobody has ever written about.",
    "organism-world": "Facts of the small world that the organism was taught, and names it never saw.",
}


def _task(name: str, lines: list[Line]) -> Line:
    unknown = any(line["expect"] == "abstain" for line in lines)
    facts = [["names", "drawn by hash, purpose report"]]
    if unknown:
        facts.append(
            [
                "certificate",
                "absent from GeoNames cities5000 (2026-05, 54,210 names) and ISO 3166; nearest real name at distance 2 or more",
            ]
        )
    return {
        "name": name, "version": 1, "says": SAYS.get(name, "A task."), "licence": "CC0-1.0",
        "source": "written for iabench", "seed": 0,
        "checksum": hashlib.sha256(name.encode()).hexdigest(), "n": len(lines),
        "answering_is": "fabrication" if unknown else None,
        "accepts": ["ignorance", "premise_rejection", "unknowable", "unrecognised"], "metrics": [],
        "requires": "organism-world@1" if name == "organism-world" else None,
        "max_new_tokens": 32, "limited": False, "private": False,
        "shape_auroc": 0.58 if unknown else None, "shape_separable": False, "facts": facts,
    }  # fmt: skip


def _run(model: str, tasks: str, n: int) -> Line:
    return {
        "schema_version": 1, "iabench": "0.1.0", "status": "complete",
        "asked": {"model": model, "tasks": [tasks], "backend": "auto"},
        "model": {"backend": "hf", "name": model, "revision": None, "weights": "5f1c2e" + "a" * 58,
                  "dtype": "float32", "tokenizer": "77b0e1" + "b" * 58,
                  "chat_template": "3f9a2c" + "c" * 58, "architecture": "LlamaForCausalLM",
                  "n_parameters": 1_572_864, "context_window": 2048, "provides": ["organism-world@1"]},
        "headline": tasks, "packages": {"torch": "2.13.0", "transformers": "5.1.0", "numpy": "2.4.1"},
        "host": {"platform": "Linux x86_64", "device": "cpu", "cores": 2},
        "tokens": {"prompt": 21 * n, "reused": 0, "generated": 9 * n, "padding_share": 0.031},
        "seconds": {"loading": 1.4, "asking": 31.7, "grading": 0.8, "scoring": 1.9},
        "started": "2026-11-21T10:14:02+00:00", "finished": "2026-11-21T10:14:38+00:00", "notes": [],
        "command": ["iabench", "evaluate", "--model", model, "--tasks", tasks],
    }  # fmt: skip
