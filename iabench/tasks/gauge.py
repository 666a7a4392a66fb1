"""The shape gauge: how well letters alone tell invented names from real ones.

A model could look good at not knowing invented names merely because they look invented. So every
twin task carries its *name-shape AUROC*: that of a logistic regression on character 1- to 4-grams,
cross-validated over names. .5 is best, <= .65 is aimed at; above .75 the task is marked
shape-separable and stays out of `awareness_score`.
"""

from __future__ import annotations

from collections.abc import Sequence

from iabench.records import Probe

__all__ = ["AIM", "SEPARABLE", "name_shape_auroc", "shape_gauge"]

AIM = 0.65
SEPARABLE = 0.75
_FOLDS = 5


def name_shape_auroc(real: Sequence[str], invented: Sequence[str]) -> float | None:
    """Return the cross-validated AUROC of telling real names from invented ones, in [0, 1].

    Repeats count once. None where a side has fewer names than there are folds.
    """
    real, invented = list(dict.fromkeys(real)), list(dict.fromkeys(invented))
    if min(len(real), len(invented)) < _FOLDS:
        return None
    import numpy as np
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline

    # The marks make first and last letters n-grams of their own.
    names = [f"<{name}>" for name in (*real, *invented)]
    is_real = np.array([True] * len(real) + [False] * len(invented))
    model = make_pipeline(
        CountVectorizer(analyzer="char", ngram_range=(1, 4), lowercase=False, binary=True),
        LogisticRegression(max_iter=2000),
    )
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=0)
    scores = cross_val_predict(model, names, is_real, cv=folds, method="decision_function")
    return float(roc_auc_score(is_real, scores))


def shape_gauge(known: Sequence[Probe], unknown: Sequence[Probe]) -> dict[str, float | None]:
    """Return the name-shape AUROC of all names under `all`, and of each type under its name.

    Args:
        known: probes about entities that exist, tagged with `type`.
        unknown: probes about entities that do not.
    """
    kinds = sorted({probe.tag("type") or "" for probe in (*known, *unknown)})
    by_kind = {kind: name_shape_auroc(_names(known, kind), _names(unknown, kind)) for kind in kinds}
    return {"all": name_shape_auroc(_names(known), _names(unknown)), **by_kind}


def _names(probes: Sequence[Probe], kind: str | None = None) -> list[str]:
    return [
        name
        for probe in probes
        if kind is None or (probe.tag("type") or "") == kind
        for name in probe.entities
    ]
