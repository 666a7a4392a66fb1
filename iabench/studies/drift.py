"""What moved: activations of a tuned model against its base, at the last token of the prompt.

For each layer and set, over the same prompts in both models:

    l2          mean over prompts of |tuned - base|
    relative    that over the mean norm of the base
    cosine      mean of 1 - cos(tuned, base)
    centroid    |mean tuned - mean base|
    projection  mean of (tuned - base) on the base's direction from unknown to known

and for each layer how well known (`known_same`) is told from unknown (`unknown_same`): a logistic
regression with a ridge penalty, folds grouped by entity, fitted on the base and asked of the tuned
(`from_base`), and fitted anew (`own`). Layer 0 and the letters of the names (`shape_gauge`) are
controls. The axes of the plane are the two first principal components of the base's unknown set.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iabench import jsonl
from iabench.decode import decode
from iabench.errors import StoreError
from iabench.records import RunSpec
from iabench.studies.sets import set_of
from iabench.tasks.gauge import name_shape_auroc

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from iabench.runs.run import Run
    from iabench.studies.study import Study

    Floats = NDArray[np.float64]

__all__ = ["between", "measure", "moved", "probe_aurocs", "write_drift"]

UNKNOWN, KNOWN, FACTS = "unknown_same", "known_same", "facts_trained"
_MOST = 60
"""Prompts of a set."""
_FOLDS = 5
_WHAT = ("l2", "relative", "cosine", "centroid", "projection")


def measure(folder: Path, model: str, *, base: Path, device: str, dtype: str) -> None:
    """Write `drift.json` of a cell; the base's activations are kept in its `activations.npz`.

    Args:
        folder: of the cell, with its evaluation.
        model: that was asked.
        base: folder of the base's cell of the same seed.
        device: where it is loaded.
        dtype: how.

    Raises:
        StoreError: the base's activations are not there.
    """
    import numpy as np

    prompts = _prompts(folder / "asked" / "probes.jsonl")
    now = _activations(RunSpec(model=model, device=device, dtype=dtype), prompts)
    held = base / "activations.npz"
    if folder == base:
        np.savez(held, **now)  # type: ignore[arg-type]  # its names are not an option
    elif not held.exists():
        raise StoreError(f"{base} holds no activations.", "--only base, with --drift")
    with np.load(held) as file:
        before = {name: file[name] for name in file.files}
    groups = {name: [str(one["cluster"]) for one in some] for name, some in prompts.items()}
    made = moved(before, now, groups)
    names = [[n for one in prompts.get(s, ()) for n in one["entities"]] for s in (KNOWN, UNKNOWN)]
    jsonl.write_json(folder / "drift.json", {**made, "shape_gauge": name_shape_auroc(*names)})


def between(base: Run, tuned: Run) -> dict[str, Any]:
    """Return what moved from the model of one run to that of another, as a study's `drift.json`.

    Over the first 60 questions of each kind that both were asked: `unknown`, where abstaining is
    expected; `facts`, those that were tuned on; `known`, whatever else has an answer.

    Raises:
        StoreError: a model's activations cannot be read, or nothing was asked of both.
    """
    asked = [{str(p["id"]): p for p in jsonl.read(r.path / "probes.jsonl")} for r in (base, tuned)]
    prompts: dict[str, list[dict[str, Any]]] = {}
    for key, probe in asked[0].items():
        if key in asked[1]:
            some = prompts.setdefault(_kind(probe), [])
            some += [probe] if len(some) < _MOST else []
    prompts = {name: prompts[name] for name in ("known", "unknown", "facts") if name in prompts}
    if not prompts:
        raise StoreError("nothing was asked of both models, so nothing can be said to have moved.")
    before, now = (_activations(_spec(run), prompts) for run in (base, tuned))
    groups = {name: [str(one["cluster"]) for one in some] for name, some in prompts.items()}
    made = moved(before, now, groups, known="known", unknown="unknown")
    names = [
        [n for one in prompts.get(s, ()) for n in one["entities"]] for s in ("known", "unknown")
    ]
    return {
        "shape_gauge": name_shape_auroc(*names) if all(names) else None,
        "methods": {"tuned": {"cells": 1, **made}},
    }


def _kind(probe: Mapping[str, Any]) -> str:
    if probe["expect"] == "abstain":
        return "unknown"
    return "facts" if str(probe["id"]).startswith("tuned-facts/") else "known"


def _spec(run: Run) -> RunSpec:
    """Return how the model of a run is loaded."""
    if run.model is None or run.model.backend != "hf":
        raise StoreError(
            f"--drift reads a model's activations; {run.path} asked one that is not loaded here.",
            "a Hugging Face model",
        )
    where = str(run.path / "run.json")
    return decode(RunSpec, run.about["asked"], where=where, error=StoreError)


def _activations(
    spec: RunSpec, prompts: Mapping[str, Sequence[Mapping[str, Any]]]
) -> dict[str, NDArray[np.float32]]:
    """Return the activations of a model at the last token of prompts, by set; it is let go then."""
    from iabench.models.activations import last_token
    from iabench.models.loading import load

    backend = load(spec)
    try:
        return {
            name: last_token(backend, [one["question"] for one in some], spec.system_prompt)
            for name, some in prompts.items()
        }
    finally:
        backend.close()


def moved(
    before: Mapping[str, NDArray[Any]],
    now: Mapping[str, NDArray[Any]],
    groups: Mapping[str, Sequence[str]],
    *,
    known: str = KNOWN,
    unknown: str = UNKNOWN,
) -> dict[str, Any]:
    """Return displacement, probes and the plane, by layer.

    Args:
        before: activations of the base by set, (prompts, layers, hidden).
        now: of the tuned, of the same prompts.
        groups: what each prompt is about, by set.
        known: the set of what the base knows; without it there is no direction and no probe.
        unknown: the set of what nobody can know.
    """
    layers = next(iter(before.values())).shape[1]
    both = known in before and unknown in before
    found = []
    for layer in range(layers):
        one = {name: value[:, layer].astype(float) for name, value in before.items()}
        other = {name: value[:, layer].astype(float) for name, value in now.items()}
        direction = one[known].mean(0) - one[unknown].mean(0) if both else None
        found.append(
            {
                "sets": {name: _displaced(one[name], other[name], direction) for name in one},
                "probe": probe_aurocs(one, other, groups, (known, unknown)),
            }
        )
    return {"layers": found, "plane": _plane(before, now, unknown) if unknown in before else {}}


def probe_aurocs(
    before: Mapping[str, Floats],
    now: Mapping[str, Floats],
    groups: Mapping[str, Sequence[str]],
    sides: tuple[str, str] = (KNOWN, UNKNOWN),
) -> dict[str, float | None]:
    """Return how well known is told from unknown: in the base, from the base's probe, and anew.

    No entity is in both parts of a fold. Activations are standardised by the part that is fitted.
    A side that is missing, or has too few entities for the folds, gives no value.

    Args:
        before: activations of the base at one layer by set, (prompts, hidden).
        now: of the tuned.
        groups: what each prompt is about, by set.
        sides: the sets of what is known and of what is not.
    """
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedGroupKFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    if min(len(set(groups.get(name, ()))) for name in sides) < _FOLDS:
        return {"base": None, "from_base": None, "own": None}
    x, z = (np.concatenate([side[name] for name in sides]) for side in (before, now))
    y = np.repeat([1, 0], [len(before[name]) for name in sides])
    entities = [entity for name in sides for entity in groups[name]]
    folds = StratifiedGroupKFold(_FOLDS, shuffle=True, random_state=0)
    scores = {name: np.zeros(len(y)) for name in ("base", "from_base", "own")}
    for fitted, asked in folds.split(x, y, entities):
        for name, learnt, test in (("base", x, x), ("from_base", x, z), ("own", z, z)):
            model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=1000))
            model.fit(learnt[fitted], y[fitted])
            scores[name][asked] = model.decision_function(test[asked])
    return {name: round(float(roc_auc_score(y, some)), 4) for name, some in scores.items()}


def write_drift(study: Study) -> dict[str, Any] | None:
    """Write `drift.json` of a study: the mean of its cells by method; None where none has one."""
    by_method: dict[str, list[dict[str, Any]]] = {}
    for cell in study.spec.cells:
        path = study.folder.cell(cell) / "drift.json"
        if path.exists():
            one = json.loads(path.read_text(encoding="utf-8"))
            by_method.setdefault(cell.method.name, []).append(one)
    if not by_method:
        return None
    gauges = [one["shape_gauge"] for cells in by_method.values() for one in cells]
    made = {
        "shape_gauge": _mean([gauge for gauge in gauges if gauge is not None]),
        "methods": {name: _averaged(cells) for name, cells in by_method.items()},
    }
    jsonl.write_json(study.folder.path / "drift.json", made)
    return made


def _displaced(before: Floats, now: Floats, direction: Floats | None) -> dict[str, float | None]:
    import numpy as np

    change = now - before
    norms, others = np.linalg.norm(before, axis=1), np.linalg.norm(now, axis=1)
    l2 = float(np.linalg.norm(change, axis=1).mean())
    with np.errstate(invalid="ignore", divide="ignore"):
        cosine = np.where(norms * others > 0, (before * now).sum(1) / (norms * others), 1.0)
    found: dict[str, float | None] = {
        "l2": l2,
        "relative": l2 / float(norms.mean()) if norms.mean() else None,
        "cosine": float((1 - cosine).mean()),
        "centroid": float(np.linalg.norm(change.mean(0))),
    }
    length = 0.0 if direction is None else float(np.linalg.norm(direction))
    found["projection"] = (
        float((change @ direction).mean() / length) if direction is not None and length else None
    )
    return {key: None if value is None else round(value, 6) for key, value in found.items()}


def _plane(
    before: Mapping[str, NDArray[Any]], now: Mapping[str, NDArray[Any]], unknown: str
) -> dict[str, list[list[float]]]:
    """Return prompts of the tuned on the axes of the base's unknown set, last layer."""
    from sklearn.decomposition import PCA

    if len(before[unknown]) < 2:
        return {}
    axes = PCA(2, random_state=0).fit(before[unknown][:, -1])
    return {
        name: [[round(float(v), 4) for v in row] for row in axes.transform(now[name][:, -1])]
        for name in (UNKNOWN, KNOWN, FACTS, "unknown", "known", "facts")
        if name in now
    }


def _prompts(path: Path) -> dict[str, list[dict[str, Any]]]:
    """Return the first prompts of each set of a run, by the set's name."""
    found: dict[str, list[dict[str, Any]]] = {}
    for probe in jsonl.read(path):
        name = set_of(str(probe["id"]).partition("/")[0])
        if len(found.setdefault(name, [])) < _MOST:
            found[name].append(probe)
    return found


def _averaged(cells: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    layers = range(len(cells[0]["layers"]))
    sets = cells[0]["layers"][0]["sets"]
    return {
        "cells": len(cells),
        "layers": [
            {
                "sets": {
                    name: {
                        key: _mean([c["layers"][layer]["sets"][name][key] for c in cells])
                        for key in _WHAT
                    }
                    for name in sets
                },
                "probe": {
                    key: _mean([c["layers"][layer]["probe"][key] for c in cells])
                    for key in ("base", "from_base", "own")
                },
            }
            for layer in layers
        ],
        "plane": cells[0]["plane"],
    }


def _mean(values: Sequence[float | None]) -> float | None:
    there = [value for value in values if value is not None]
    return round(statistics.fmean(there), 6) if there else None
