"""From questions and answers to verdicts and numbers: as `iabench evaluate` makes them.

The answers are laid out as a run folder in a place of its own, judged by the board's detector and
grader, and counted by the same code as any run; so a board can show no number that `iabench
regrade` would not give.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from iabench import jsonl
from iabench.errors import ConfigError, StoreError
from iabench.grading.base import DETECTORS, GRADERS
from iabench.leaderboards.board import Board, Cell
from iabench.leaderboards.entry import Answer, Part, letter
from iabench.leaderboards.questions import Questions, pinned
from iabench.records import Completion, Estimate, Probe, RunSpec
from iabench.rng import digest
from iabench.runs.rounds import graded_turn, series_name
from iabench.runs.run import Run, load
from iabench.runs.runner import conclude
from iabench.runs.store import Store
from iabench.runs.watch import Silent

__all__ = ["Recounted", "answers_of_run", "check_judges", "part_of", "recount"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recounted:
    """One cell of an entry, made anew."""

    part: Part
    answers: tuple[Answer, ...]


def check_judges(board: Board) -> None:
    """Make sure that this iabench has the very detector and grader of the board.

    Raises:
        ConfigError: it has others.
    """
    spec = RunSpec(
        model="",
        detector=board.detector.partition("@")[0],
        grader=board.grader.partition("@")[0],
    )
    for registry, wanted in ((DETECTORS, board.detector), (GRADERS, board.grader)):
        made: Any = registry.get(wanted.partition("@")[0])
        there = made(spec).id
        if there != wanted:
            raise ConfigError(
                f"{board.name} is judged by {wanted}; this iabench has {there}.",
                f"the iabench that has {wanted}, or another board",
            )


def recount(board: Board, cell: Cell, asked: Questions, answers: Sequence[Answer]) -> Recounted:
    """Return verdicts, ledger and estimates of a cell's answers, made anew.

    Args:
        board: says who judges.
        cell: of the board.
        asked: its questions.
        answers: one a probe.
    """
    by_id = {answer.id: answer for answer in answers}
    with tempfile.TemporaryDirectory(prefix="iabench-board-") as place:
        folder = Path(place)
        with Store(folder) as store:
            store.note(
                asked=RunSpec(
                    model="",
                    detector=board.detector.partition("@")[0],
                    grader=board.grader.partition("@")[0],
                    max_new_tokens=board.max_new_tokens,
                    level=board.level,
                    seed=board.seed,
                ),
                headline=board.headline,
                suites=board.suites,
                tasks=[{**_plain(spec), "facts": ()} for spec in asked.specs],
            )
            store.keep_probes(asked.probes)
            for probe in asked.probes:
                for completion in _completions(probe, by_id[probe.id]):
                    store.keep(completion)
            conclude(store, Silent())
        run = load(folder)
        return Recounted(
            part=part_of(run, cell.name, asked),
            answers=tuple(answers_of_run(run, cell.name, {p.id for p in asked.probes})),
        )


def part_of(run: Run, cell: str, asked: Questions) -> Part:
    """Return what an entry keeps of a run's numbers."""
    said = {line["id"]: line for line in run.samples()}
    ledger = {
        spec.name: "".join(
            letter(said[p.id]["outcome"], said[p.id]["admitted"], said[p.id].get("counts", True))
            for p in asked.of(spec.name)
        )
        for spec in asked.specs
    }
    return Part(
        cell=cell,
        tasks=pinned(asked.specs),
        ledger=ledger,
        estimates=tuple(_kept(run.estimates)),
    )


def answers_of_run(run: Run, cell: str, ids: set[str]) -> Iterable[Answer]:
    """Yield the answers that a run gave to these probes."""
    said = {}
    for path in sorted(run.path.glob("completions*.jsonl")):
        for line in jsonl.read(path):
            said[line["probe_id"], line["series"], line["turn"], line["index"]] = line
    for line in run.samples():
        if line["id"] not in ids:
            continue
        earlier = [
            said.get((line["id"], series_name(turn), turn, 0))
            for turn in range(1, 1 + len(line["follow_ups"]))
        ]
        yield Answer(
            cell=cell,
            id=line["id"],
            response=line["response"] or "",
            finish=line["finish"],
            outcome=line["outcome"],
            verdicts=tuple(line["verdicts"]),
            earlier=tuple(
                {"response": one["text"], "finish": one["finish"]} for one in earlier if one
            ),
        )


def _kept(estimates: Iterable[Estimate]) -> Iterable[Estimate]:
    return (e for e in estimates if e.slice == "all" and e.variant == "raw")


def _completions(probe: Probe, answer: Answer) -> Iterable[Completion]:
    """Yield an answer as the harness would have kept it; the turns before it come first."""
    last = graded_turn(probe)[1]
    if len(answer.earlier) > last - 1:
        raise StoreError(f"{probe.id} has more turns than it asks.", "iabench leaderboard add")
    turns: list[tuple[int, Mapping[str, Any]]] = list(enumerate(answer.earlier, start=1))
    if len(answer.earlier) == last - 1:
        turns.append((last, {"response": answer.response, "finish": answer.finish}))
    for turn, said in turns:
        failed = said["finish"] == "error"
        yield Completion(
            request_id=digest(probe.id, turn),
            prompt_id=digest(probe.id),
            probe_id=probe.id,
            series=series_name(turn),
            turn=turn,
            index=0,
            text=str(said["response"]),
            finish=said["finish"],
            error="as submitted" if failed else None,
        )


def _plain(spec: Any) -> dict[str, Any]:
    return {field.name: getattr(spec, field.name) for field in fields(spec)}
