"""Verdicts and results of a finished run again, without the model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from iabench.decode import decode
from iabench.errors import StoreError
from iabench.grading.base import DETECTORS, GRADERS
from iabench.grading.long import LongAnswers
from iabench.records import RunSpec
from iabench.runs.adjusting import take_error_rates
from iabench.runs.run import Run, load
from iabench.runs.runner import conclude
from iabench.runs.store import Store, answers, read_run
from iabench.runs.watch import Silent, Watch

__all__ = ["regrade"]


def regrade(
    folder: Path,
    *,
    detector: str | None = None,
    grader: str | None = None,
    judge: str | None = None,
    judge_url: str | None = None,
    judge_votes: int | None = None,
    nli: str | None = None,
    adjust_for_detector: bool = False,
    error_rates: str | None = None,
    watch: Watch | None = None,
) -> Run:
    """Make verdicts and results of a run again, without the model.

    Args:
        folder: of the run.
        detector: another one, or None for the run's own.
        grader: likewise.
        judge: the model that judges, with its server and votes: each None for the run's own, but
            another judge is not at the old one's server.
        judge_url: likewise.
        judge_votes: likewise.
        nli: the checkpoint of `nli`, likewise.
        adjust_for_detector: also estimate rates corrected for the detector's errors, from now on.
        error_rates: correct by this table of `iabench detectors validate --json`, from now on, or
            by what is `published`.
        watch: is told about progress.

    Raises:
        StoreError: there is no run, or it is unfinished.
        ConfigError: `error_rates` is no table, or one of another detector.
    """
    held = read_run(folder)
    if held is None or not answers(folder):
        raise StoreError(f"{folder} holds no answers.", f"iabench evaluate --out {folder}")
    if held.get("status") != "complete":
        n, total = answers(folder), held.get("n_requests", 0)
        raise StoreError(
            f"{folder} is unfinished: {n:,} of {total:,} answers.",
            f"iabench evaluate -C {folder / 'run.json'} --out {folder}",
        )
    if not (folder / "probes.jsonl").exists():
        raise StoreError(f"{folder} has lost its probes.jsonl.", "--fresh (keeps the old one)")
    with Store(folder) as store:
        asked = decode(RunSpec, store.run["asked"], where=str(folder), error=StoreError)
        asked = replace(
            asked,
            detector=detector or asked.detector,
            grader=grader or asked.grader,
            judge=judge or asked.judge,
            judge_url=judge_url or (None if judge else asked.judge_url),
            judge_votes=asked.judge_votes if judge_votes is None else judge_votes,
            nli=nli or asked.nli,
            adjust_for_detector=asked.adjust_for_detector
            or adjust_for_detector
            or bool(error_rates),
        )
        detects, grades = DETECTORS.get(asked.detector)(asked), GRADERS.get(asked.grader)(asked)
        if error_rates:
            take_error_rates(folder, error_rates, detects.id)
        for judges in (detects, grades):
            # What a model was asked for stands; what it failed on is asked again.
            store.drop_verdicts(judges.id, undecided=getattr(judges, "costly", False))
        store.drop_verdicts(LongAnswers.id)
        before = store.run["asked"]
        store.note(asked=asked)
        try:
            conclude(store, watch or Silent())
        except BaseException:
            store.note(asked=before)
            raise
    return load(folder)
