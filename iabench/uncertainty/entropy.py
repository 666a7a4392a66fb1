"""Entropies over meaning clusters, each as the code base that made it known computes it.

`ids` are the clusters of the samples, `sums` their log-probabilities summed over tokens, `lengths`
their tokens. All in nats; a value of rounding noise below zero is zero.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp
from scipy.stats import entropy

__all__ = ["discrete", "kuhn", "monte_carlo", "predictive", "rao_blackwell"]

_SHIFT = 5.0
"""Of Kuhn et al.; arbitrary, kept as it stands in their numbers."""


def discrete(ids: Sequence[int]) -> float:
    """Return - sum_i (n_i / M) ln (n_i / M).

    Source: Tjandra et al. 2024; `cluster_assignment_entropy` of jlko/semantic_uncertainty;
    LM-Polygraph's `frequency`.
    """
    counts = np.unique(np.asarray(ids), return_counts=True)[1]
    return _positive(float(entropy(counts)))


def rao_blackwell(ids: Sequence[int], sums: Sequence[float], lengths: Sequence[int]) -> float:
    """Return - sum_i p_i ln p_i, p_i the share of cluster i in sum_s exp(mean log-probability).

    Source: `predictive_entropy_rao` of jlko/semantic_uncertainty (Farquhar et al. 2024), which
    normalises by length.
    """
    of_clusters = _by_cluster(ids, _means(sums, lengths))
    return _positive(float(entropy(np.exp(of_clusters - logsumexp(of_clusters)))))


def monte_carlo(ids: Sequence[int], sums: Sequence[float]) -> float:
    """Return - (1 / M) sum_s ln sum_{s' in C(s)} exp(log-probability of s'), raw sums.

    Source: LM-Polygraph's default `SemanticEntropy`. It is no entropy: one cluster is not 0.
    """
    of_clusters = _by_cluster(ids, np.asarray(sums))
    places = np.unique(np.asarray(ids), return_inverse=True)[1]
    return float(-of_clusters[places].mean())


def kuhn(ids: Sequence[int], sums: Sequence[float], lengths: Sequence[int]) -> float:
    """Return - (1 / K) sum_i [ln sum_{s in C_i} exp(mean log-probability) - 5].

    Source: lorenzkuhn/semantic_uncertainty (Kuhn et al. 2023): each cluster counts once.
    """
    return float(-(_by_cluster(ids, _means(sums, lengths)) - _SHIFT).mean())


def predictive(sums: Sequence[float], lengths: Sequence[int] | None = None) -> float:
    """Return - (1 / M) sum_s of log-probabilities: by token with `lengths`, else of whole samples.

    Source: `predictive_entropy` of jlko/semantic_uncertainty; LM-Polygraph's
    `MonteCarloSequenceEntropy`.
    """
    values = np.asarray(sums, float) if lengths is None else _means(sums, lengths)
    return float(-values.mean())


def _means(sums: Sequence[float], lengths: Sequence[int]) -> NDArray[np.float64]:
    return np.asarray(np.asarray(sums, float) / np.maximum(np.asarray(lengths), 1))


def _by_cluster(ids: Sequence[int], logs: NDArray[np.float64]) -> NDArray[np.float64]:
    held = np.asarray(ids)
    return np.array([logsumexp(logs[held == one]) for one in np.unique(held)])


def _positive(value: float) -> float:
    return max(value, 0.0)
