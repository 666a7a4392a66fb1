"""What the detectors and graders that ship with iabench do, in one line each.

Apart from their rules and models, so that whoever lists or shows them loads neither.
"""

from __future__ import annotations

from collections.abc import Mapping

from iabench.records import About

__all__ = ["SAYS"]

SAYS: Mapping[About, Mapping[str, str]] = {
    "abstained": {
        "lexical": "rules over clauses and learned words; an encoder reads what they leave open",
        "classifier": "a linear model on character and word n-grams, shipped",
        "nli": "does the response entail that somebody does not know?",
        "judge": "a language model reads question and response",
        "ensemble": "lexical and classifier together; where they disagree the judge, if any",
    },
    "correct": {
        "match": "is a reference in the response, and does it stand by it?",
        "long": "the same for references of more than eight words",
        "f1": "words shared with a reference: F1 of at least .5",
        "rouge": "ROUGE-1 recall of a reference",
        "nli": "does the response entail a reference?",
        "judge": "a language model reads question, response and references",
    },
}
"""By what is judged, and the name before the version."""
