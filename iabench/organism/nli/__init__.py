"""A small NLI cross-encoder for the organism's world: does one answer follow from another?

    "What is the capital of X? It is Paris."  entails  "What is the capital of X? The capital is
    Paris."; "It is Lyon." contradicts it; "I don't know." is neutral to it

It is there so that clustering by entailment runs whole with no network. It is trained on answers in
many surface forms about taught and invented things, with values that occur, values with a letter
changed, and made-up ones, so that it compares what stands there rather than knowing the world.
Forms of `HELD_OUT` are in no training: `measure` clusters answers in these.

    iabench organism build nli --out FOLDER          minutes on one core
    python -m iabench.organism.nli FOLDER            how well it clusters
"""

from iabench.organism.nli.clustering import measure, questions
from iabench.organism.nli.data import FORMS, HELD_OUT, LABELS, Pair, pairs
from iabench.organism.nli.model import SHIPPED, WEIGHTS, Recipe, open_shipped
from iabench.organism.nli.training import build

__all__ = [
    "FORMS", "HELD_OUT", "LABELS", "SHIPPED", "WEIGHTS", "Pair", "Recipe", "build", "measure",
    "open_shipped", "pairs", "questions",
]  # fmt: skip
