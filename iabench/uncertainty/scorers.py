"""The scorers: one short class each, over the estimators of `entropy` and the clusters.

Every sample has passed the detector of abstentions before it comes here. What becomes of those that
abstain is a choice, and part of the id of a scorer of entropy:

    one-cluster   they mean the same, whatever they say
    drop          they are left out; a question to which none is left has no score
    strings       they are answers like any other
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from iabench.errors import ConfigError
from iabench.models.entailment import Entailment, check_entailment, entailment
from iabench.records import RunSpec
from iabench.uncertainty import entropy
from iabench.uncertainty.base import Case, Said, Value
from iabench.uncertainty.clusters import Clusterer
from iabench.uncertainty.comparisons import Comparing, Comparisons
from iabench.uncertainty.equality import bare
from iabench.uncertainty.prompted import LLMEntailment
from iabench.uncertainty.scorer import OwnScorer, missing, number

__all__ = [
    "AbstainShare",
    "MaxProbability",
    "PredictiveEntropy",
    "PredictiveEntropySum",
    "SelfConsistency",
    "SemanticEntropy",
    "SemanticEntropyKuhn",
    "SemanticEntropyMonteCarlo",
    "SemanticEntropyRao",
    "StringEntropy",
    "comparing",
]

_FEWEST = 2
"""Samples that an entropy needs."""


class AbstainShare(OwnScorer):
    """Share of samples that abstain."""

    name = "abstain-share"

    def _of(self, case: Case) -> Value:
        return number(sum(bool(s.abstained) for s in case.samples) / len(case.samples))


class MaxProbability(OwnScorer):
    """Mean log-probability of the tokens of the greedy answer, as a probability: exp of it.

    Source: `Maximum sequence probability`, normalised by length, of LM-Polygraph.
    """

    name = "max-probability"
    higher_means = "known"
    probability = True
    needs = frozenset({"answer", "answer-logprobs"})

    def _of(self, case: Case) -> Value:
        assert case.answer is not None
        logprobs = case.answer.logprobs or ()
        if not logprobs:
            return Value(value=None, reason="no tokens")
        return number(math.exp(sum(logprobs) / len(logprobs)))


class SelfConsistency(OwnScorer):
    """Share of samples that say what the greedy answer says, by normalised equality.

    An abstention agrees with an abstention. Source: Wang et al. 2023, as a confidence.
    """

    name = "self-consistency"
    higher_means = "known"
    probability = True
    needs = frozenset({"answer", "samples"})

    def _of(self, case: Case) -> Value:
        assert case.answer is not None
        own = _said(case.answer)
        return number(sum(_said(s) == own for s in case.samples) / len(case.samples))


class _Entropy(OwnScorer):
    """An entropy over clusters of the samples."""

    def __init__(self, spec: RunSpec) -> None:
        super().__init__(spec)
        check_several(spec, self.name, "is always 0: it says nothing")

    def _choices(self) -> Iterable[str]:
        return (self._spec.abstentions,)

    def score(self, cases: Sequence[Case]) -> Iterator[Value]:
        """Yield one value a case; all cases are clustered together."""
        kept = [self._kept(case) for case in cases]
        asked = [
            (case.question, said) for case, (said, why) in zip(cases, kept, strict=True) if not why
        ]
        found = iter(self._clusters(asked))
        for said, why in kept:
            ids, undecided = ((), why) if why else next(found)
            if undecided:
                yield Value(value=None, reason=undecided)
            else:
                yield self._value(ids, said)

    def _kept(self, case: Case) -> tuple[list[Said], str]:
        """Return the samples that count, and why there is no score."""
        samples, n = list(case.samples), len(case.samples)
        if why := missing(case, self.needs):
            return samples, why
        if self._spec.abstentions == "strings":
            return samples, ""
        if unclear := sum(s.abstained is None for s in samples):
            return samples, f"{unclear} of {n} samples may abstain or not"
        if self._spec.abstentions == "one-cluster":
            return samples, ""
        left = [s for s in samples if not s.abstained]
        few = len(left) < _FEWEST
        return left, f"only {len(left)} of {n} samples do not abstain" if few else ""

    def _clusters(
        self, questions: Sequence[tuple[str, list[Said]]]
    ) -> list[tuple[Sequence[int], str]]:
        """Return the clusters of the samples of each question, and why there are none."""
        return [(_numbered([self._key(one) for one in said]), "") for _, said in questions]

    def _key(self, said: Said) -> object:
        return True if self._outside(said) else said.text.strip()

    def _outside(self, said: Said) -> bool:
        return self._spec.abstentions == "one-cluster" and bool(said.abstained)

    def _value(self, ids: Sequence[int], samples: Sequence[Said]) -> Value:
        return number(entropy.discrete(ids))


class StringEntropy(_Entropy):
    """Entropy over distinct strings: the signal of R-Tuning-U."""

    name = "string-entropy"


class SemanticEntropy(_Entropy):
    """Entropy over meaning clusters, discrete (Tjandra et al. 2024; Farquhar et al. 2024).

    Raises:
        ConfigError: what decides which answers mean the same is not named.
    """

    name = "semantic-entropy"

    def __init__(self, spec: RunSpec) -> None:
        super().__init__(spec)
        if spec.entailment == "nli" and spec.nli is None:
            raise ConfigError("--entailment nli needs a checkpoint.", "--nli FOLDER_OR_HUB_ID")
        if spec.entailment == "llm" and spec.judge is None:
            raise ConfigError(
                "--entailment llm needs a language model.",
                "--judge ID_OR_FOLDER, or with --judge-url URL",
            )
        self._lent: Comparisons | None = None
        self._own: Comparisons | None = None

    def check(self) -> None:
        """Say what is wrong with what compares, while nothing is asked yet.

        Raises:
            IabenchError: what can be known of it without loading it.
        """
        if self._spec.entailment == "llm":
            LLMEntailment(self._spec).close()
        elif self._spec.nli is not None and self._spec.entailment == "nli":
            check_entailment(self._spec.nli)

    def compare_by(self, comparisons: Comparisons) -> None:
        """Take comparisons that others use too; they stay open."""
        self._lent = comparisons

    @property
    def _comparisons(self) -> Comparisons | None:
        """What says whether two samples mean the same, opened when it is first asked for."""
        if self._lent is not None or self._spec.entailment == "equality":
            return self._lent
        if self._own is None:
            self._own = Comparisons(comparing(self._spec))
        return self._own

    def _choices(self) -> Iterable[str]:
        spec, by = self._spec, self._comparisons
        if by is None:
            return (spec.abstentions, "equality")
        how = [] if spec.assignment == "first-match" else [spec.assignment]
        return (spec.abstentions, by.id, *how, *([] if spec.question_prefix else ["bare"]))

    def _clusters(
        self, questions: Sequence[tuple[str, list[Said]]]
    ) -> list[tuple[Sequence[int], str]]:
        """Return the clusters; abstentions that are one cluster stand outside."""
        spec, by = self._spec, self._comparisons
        if by is None:
            return super()._clusters(questions)
        one = Clusterer(by, assignment=spec.assignment, prefix=spec.question_prefix)
        inside = [(q, [s.text for s in said if not self._outside(s)]) for q, said in questions]
        made: list[tuple[Sequence[int], str]] = []
        for (_, said), found in zip(questions, one.clusters(inside), strict=True):
            left = iter(found.ids)
            ids = [-1 if self._outside(s) else next(left) for s in said]
            pairs = "1 pair" if found.undecided == 1 else f"{found.undecided} pairs"
            why = f"{pairs} could not be compared: {found.reason}" if found.undecided else ""
            made.append((_numbered(ids), why))
        return made

    def _key(self, said: Said) -> object:
        found = super()._key(said)
        return found if found is True else bare(said.text)

    def close(self) -> None:
        """Let a model of its own go."""
        if self._own is not None:
            self._own.close()
            self._own = None


def comparing(spec: RunSpec) -> Entailment | Comparing:
    """Return what a run compares answers by; it names one, by `--nli` or `--judge`.

    Raises:
        IabenchError: it cannot be opened.
    """
    if spec.entailment == "llm":
        return LLMEntailment(spec)
    assert spec.nli is not None
    return entailment(spec.nli)


class _Likely(SemanticEntropy):
    """An estimator that weighs clusters by the likelihood of their samples."""

    needs = frozenset({"samples", "sample-logprobs"})

    def _value(self, ids: Sequence[int], samples: Sequence[Said]) -> Value:
        logprobs = [s.logprobs or () for s in samples]
        sums, lengths = [sum(one) for one in logprobs], [len(one) for one in logprobs]
        return number(self._estimate(ids, sums, lengths))

    def _estimate(self, ids: Sequence[int], sums: list[float], lengths: list[int]) -> float:
        raise NotImplementedError


class SemanticEntropyRao(_Likely):
    """Rao-Blackwellised, by mean log-probability: jlko/semantic_uncertainty."""

    name = "semantic-entropy-rao"

    def _estimate(self, ids: Sequence[int], sums: list[float], lengths: list[int]) -> float:
        return entropy.rao_blackwell(ids, sums, lengths)


class SemanticEntropyMonteCarlo(_Likely):
    """Monte-Carlo over samples, raw sums: LM-Polygraph."""

    name = "semantic-entropy-mc"

    def _estimate(self, ids: Sequence[int], sums: list[float], lengths: list[int]) -> float:
        return entropy.monte_carlo(ids, sums)


class SemanticEntropyKuhn(_Likely):
    """Over clusters, each once, shifted by 5: lorenzkuhn/semantic_uncertainty."""

    name = "semantic-entropy-kuhn"

    def _estimate(self, ids: Sequence[int], sums: list[float], lengths: list[int]) -> float:
        return entropy.kuhn(ids, sums, lengths)


class PredictiveEntropy(OwnScorer):
    """Mean negative log-probability of the samples by token."""

    name = "predictive-entropy"
    needs = frozenset({"samples", "sample-logprobs"})

    def __init__(self, spec: RunSpec) -> None:
        super().__init__(spec)
        check_several(spec, self.name, "is one draw of what it is the mean of")

    def _of(self, case: Case) -> Value:
        logprobs = [s.logprobs or () for s in case.samples]
        return number(entropy.predictive([sum(one) for one in logprobs], self._lengths(logprobs)))

    def _lengths(self, logprobs: Sequence[Sequence[float]]) -> list[int] | None:
        return [len(one) for one in logprobs]


class PredictiveEntropySum(PredictiveEntropy):
    """The same of whole samples, not by token."""

    name = "predictive-entropy-sum"

    def _lengths(self, logprobs: Sequence[Sequence[float]]) -> None:
        return None


def check_several(spec: RunSpec, name: str, why: str) -> None:
    """Refuse an entropy of one sample.

    Raises:
        ConfigError: there is one.
    """
    if spec.samples == 1:
        raise ConfigError(f"{name} of one sample {why}.", "--samples 10")


def _said(one: Said) -> object:
    return True if one.abstained else bare(one.text)


def _numbered(keys: Sequence[object]) -> list[int]:
    place = {key: at for at, key in enumerate(dict.fromkeys(keys))}
    return [place[key] for key in keys]
