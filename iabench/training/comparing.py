"""By what samples of the base are compared: what `evaluate` compares them by, and kept like them.

What a model said of which samples follow from which lies in `<runs>/sampled/comparisons/`, a file a
model: nine thresholds, and another training on the same samples, ask it nothing anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from iabench import jsonl
from iabench.models.endpoint import leaving
from iabench.records import RunSpec
from iabench.runs.folders import runs_folder
from iabench.training.spec import TrainSpec
from iabench.uncertainty.comparisons import Compared, Comparisons
from iabench.uncertainty.prompted import LLMEntailment
from iabench.uncertainty.scorers import SemanticEntropy, comparing

__all__ = ["check_comparing", "kept_comparisons", "scored_as", "sent_out"]


def scored_as(spec: TrainSpec) -> RunSpec:
    """Return how the samples are scored, as of a run."""
    return RunSpec(
        model=spec.model,
        samples=spec.samples,
        entailment=spec.entailment,
        nli=spec.nli,
        judge=spec.judge,
        judge_url=spec.judge_url,
        device=spec.device,
    )


def check_comparing(spec: TrainSpec) -> None:
    """Say what is wrong with what compares, while nothing is asked yet.

    Raises:
        IabenchError: what can be known of it without loading it.
    """
    with closing(SemanticEntropy(scored_as(spec))) as scorer:
        scorer.check()


def kept_comparisons(spec: TrainSpec) -> Comparisons:
    """Return what compares, with all that it has said before; it is not `equality`.

    Raises:
        IabenchError: it cannot be opened.
    """
    model = comparing(scored_as(spec))
    path = runs_folder() / "sampled" / "comparisons" / f"{model.id}.jsonl"

    def keep(made: Sequence[Compared]) -> None:
        with jsonl.Appender(path) as file:
            for one in made:
                file.add(one)

    return Comparisons(model, known=[Compared(**row) for row in jsonl.read(path)], keep=keep)


def sent_out(spec: TrainSpec, n: int) -> str | None:
    """Return the line that names a server before anything is sent to it; None for this machine.

    Args:
        spec: of the training.
        n: questions that are sampled.
    """
    if spec.signal != "entropy" or spec.entailment != "llm":
        return None
    with closing(LLMEntailment(scored_as(spec))) as model:
        url = model.sends_to
    private = n if Path(spec.source).exists() else 0
    return leaving(url, n, private, what="questions with their samples (at most)") if url else None
