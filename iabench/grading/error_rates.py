"""Published error rates: how often the detectors and graders that ship with iabench are wrong.

`labelled/error_rates.json` is what `validate` says of each on the test half of the own labels:

    python -m iabench.grading.error_rates

writes it anew, in seconds. A test compares it with the detectors that are installed, so no rule
changes without its table. A table of `iabench detectors validate --json` has the same form.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from iabench import jsonl
from iabench.errors import ConfigError, UnknownNameError
from iabench.grading.base import DETECTORS, GRADERS, Detector, Grader
from iabench.grading.labels import FOLDER, own_labels
from iabench.grading.validation import validate
from iabench.records import SCHEMA_VERSION, About, RunSpec
from iabench.stats.correction import Share
from iabench.stats.intervals import wilson_n

__all__ = [
    "PUBLISHED",
    "ErrorRates",
    "error_rates",
    "measure",
    "published_table",
    "read_error_rates",
    "shipped",
]

PUBLISHED = FOLDER / "error_rates.json"
MODEL_FREE: Mapping[About, tuple[str, ...]] = {
    "abstained": ("lexical", "classifier", "ensemble"),
    "correct": ("match", "f1", "rouge"),
}
"""Those that need no model of the user's, by what they judge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorRates:
    """How often one detector finds what is there and lets pass what is not.

    A `Share` is over the effective number of responses, that of independent ones that would give
    the interval over families.
    """

    detector: str
    about: About
    labels: str
    """sha256 of the labels that it was measured on."""
    name: str
    """What the labels are called."""
    n: int
    n_undecided: int
    sensitivity: Share
    specificity: Share
    admission: tuple[Share, Share] | None
    """Sensitivity and specificity for admitting not to know; None: the labels have no kinds."""


def error_rates(detector: str, about: About = "abstained") -> ErrorRates | None:
    """Return the published error rates of a detector or grader by its id, or None."""
    table = _published().get((detector, about))
    return None if table is None else _read(table, str(PUBLISHED))


def published_table(detector: str, about: About = "abstained") -> Mapping[str, Any] | None:
    """Return the whole published table of a detector or grader, with its strata, or None."""
    return _published().get((detector, about))


def read_error_rates(path: Path) -> ErrorRates:
    """Return what `iabench detectors validate --json` has written of a detector.

    Raises:
        ConfigError: the file cannot be read, is something else, or is about a grader.
    """
    hint = "iabench detectors validate --detector D --labels FILE --json > rates.json"
    try:
        table = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as problem:
        raise ConfigError(f"cannot read {path}: {problem.strerror}.", hint) from None
    except ValueError:
        raise ConfigError(f"{path} is not JSON.", hint) from None
    if not isinstance(table, dict) or "detector" not in table:
        raise ConfigError(f"{path} holds no error rates of a detector.", hint)
    if table.get("about") != "abstained":
        raise ConfigError(
            f"{path} is about a grader: only rates of abstention are corrected by error rates.",
            "iabench label RUN --about correct   (labels of the run itself)",
        )
    return _read(table, str(path))


def shipped() -> Iterator[Detector | Grader]:
    """Yield the detectors and graders that need no model and are installed, each to be closed."""
    for registry, names in ((DETECTORS, MODEL_FREE["abstained"]), (GRADERS, MODEL_FREE["correct"])):
        for name in names:
            # One that is not installed has no errors, and neither has what is made of it.
            with suppress(UnknownNameError):
                yield registry.get(name)(RunSpec(model=""))


def measure(judge: Detector | Grader) -> dict[str, Any]:
    """Return the table of one detector or grader: how it does on the test half of the own labels.

    `families` has, for each, the true positives, false positives, true negatives, false negatives
    and undecided, so that whoever has the table can make intervals over families.
    """
    about: About = "abstained" if isinstance(judge, Detector) else "correct"
    labels = own_labels(about, "test")
    found = validate(judge, labels, by=("kind", "language", "family"), name=f"own {about}, test")
    table = found.json()
    for key in ("errors", "undecided"):
        del table[key]
    strata = table["strata"]
    assert isinstance(strata, dict)
    families = {
        family: [*one["confusion"].values()] for family, one in strata.pop("family").items()
    }
    rounded: dict[str, Any] = _rounded({**table, "families": families})
    return rounded


def _rounded(value: Any) -> Any:
    """Return nested values with numbers to nine digits: the last ones are the machine's."""
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    return [_rounded(one) for one in value] if isinstance(value, list) else value


@cache
def _published() -> dict[tuple[str, str], dict[str, Any]]:
    if not PUBLISHED.exists():
        return {}
    tables = json.loads(PUBLISHED.read_text(encoding="utf-8"))["tables"]
    return {(table["detector"], table["about"]): table for table in tables}


def _read(table: Mapping[str, Any], where: str) -> ErrorRates:
    level = float(table.get("level", 0.95))
    try:
        admission = table["admission"]
        return ErrorRates(
            detector=str(table["detector"]),
            about=table["about"],
            labels=str(table["labels"]["digest"]),
            name=str(table["labels"]["name"]),
            n=int(table["n"]),
            n_undecided=int(table["n_undecided"]),
            sensitivity=_share(table["sensitivity"], level),
            specificity=_share(table["specificity"], level),
            admission=admission
            and (_share(admission["sensitivity"], level), _share(admission["specificity"], level)),
        )
    except (KeyError, TypeError, ValueError):
        raise ConfigError(
            f"{where} lacks sensitivity or specificity with an interval.",
            "labels of responses that abstain and of some that do not",
        ) from None


def _share(measured: Mapping[str, Any], level: float) -> Share:
    value, lo, hi = (float(measured[key]) for key in ("value", "lo", "hi"))
    return Share(value=value, n=wilson_n(value, lo, hi, level))


def main() -> None:
    """Write the published table anew."""
    tables = []
    for judge in shipped():
        with closing(judge):
            tables.append(measure(judge))
            sys.stdout.write(f"{judge.id}\n")
    jsonl.write_json(PUBLISHED, {"schema_version": SCHEMA_VERSION, "tables": tables})


if __name__ == "__main__":
    main()
