"""How much each signal of a response says: weights that are learned, shipped as one JSON file.

Logistic regressions over the signals of `signals`: one for whether a response abstains, one for
each kind. `iabench organism build detector` trains them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from iabench.records import Kind

__all__ = ["LEXICON", "Lexicon", "likely", "probability", "read_lexicon", "shipped"]

LEXICON = Path(__file__).parent / "weights" / "lexical.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """Weights by the names of signals."""

    bias: float
    abstains: Mapping[str, float]
    slope: float
    """Makes a sum of weights the logit of a probability (Platt)."""
    kinds: Mapping[Kind, Mapping[str, float]]
    """The weight "" of each kind is its bias."""

    def logit(self, values: Mapping[str, float]) -> float:
        """Return the logit of the probability that a response with these signals abstains."""
        weights = self.abstains
        known = values.keys() & weights.keys()
        return self.slope * (self.bias + math.fsum(weights[name] * values[name] for name in known))

    def kinds_of(self, values: Mapping[str, float]) -> tuple[Kind, ...]:
        """Return the kinds that are likelier than not, or else the likeliest; sorted."""
        return likely(
            {
                kind: weights[""]
                + math.fsum(weights[n] * values[n] for n in values.keys() & weights.keys())
                for kind, weights in self.kinds.items()
            }
        )


def likely(logits: Mapping[Kind, float], least: float = 0.0) -> tuple[Kind, ...]:
    """Return the kinds of at least a logit, or else the likeliest; sorted."""
    least = min(least, max(logits.values(), default=least))
    return tuple(sorted(kind for kind, logit in logits.items() if logit >= least))


def probability(logit: float) -> float:
    """Return the probability of a logit."""
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))


def read_lexicon(path: Path) -> Lexicon:
    """Return the weights in a JSON file."""
    told = json.loads(path.read_text(encoding="utf-8"))
    return Lexicon(
        bias=told["bias"], slope=told["slope"], abstains=told["abstains"], kinds=told["kinds"]
    )


@cache
def shipped() -> Lexicon:
    """Return the weights that ship."""
    return read_lexicon(LEXICON)
