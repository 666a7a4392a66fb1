"""`leaderboard new` and `leaderboard add`: a board from tasks, an entry from a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from iabench import __version__
from iabench.errors import ConfigError, StoreError
from iabench.leaderboards import entry as entries
from iabench.leaderboards.board import FILE, REQUIRED, Board, Cell, Column, write
from iabench.leaderboards.entry import Answers, Entry
from iabench.leaderboards.questions import pinned, questions_of
from iabench.leaderboards.recount import answers_of_run, check_judges, recount
from iabench.leaderboards.submitting import write_instructions
from iabench.metrics.base import METRICS
from iabench.records import RunSpec
from iabench.runs.planning import SELECTION
from iabench.runs.run import Run, load
from iabench.tasks import catalog

__all__ = ["ASKED", "COLUMNS", "add", "asked_as", "new", "run_spec"]

COLUMNS = (
    "awareness_score", "refusal_accuracy", "over_refusal_rate", "accuracy", "hallucination_rate",
    "aed",
)  # fmt: skip
ASKED = ("seed", "max_new_tokens", "system_prompt", "chat_template")
"""What of a run's question changes an answer and is the board's to say."""


def new(
    folder: Path,
    tasks: Sequence[str],
    *,
    title: str = "",
    says: str = "",
    seed: int = 0,
    rank_by: str | None = None,
    system_prompt: str = "",
    max_new_tokens: int = 128,
    required: Sequence[str] = (),
) -> Board:
    """Write a new board of tasks, with its `SUBMITTING.md` and workflow; return it.

    Raises:
        ConfigError: there is a board, or the metric that ranks is none.
        UnknownNameError: no such task.
    """
    if (folder / FILE).exists():
        raise ConfigError(
            f"{folder} is a board already.", f"edit {folder / FILE}, or another folder"
        )
    loaded = catalog.load(list(tasks), seed=seed)
    if private := [task.spec.name for task in loaded if task.spec.private]:
        raise ConfigError(
            f"{private[0]} is made of somebody's own facts.", "tasks that everybody has"
        )
    names = [task.spec.name for task in loaded]
    whole = [name for name, of in catalog.suites().items() if set(of) == set(names)]
    headline = names[0] if len(names) == 1 else whole[0] if whole else SELECTION
    twins = any(probe.pair for task in loaded for probe in task.probes)
    metrics = [m for m in COLUMNS if twins or m != "awareness_score"]
    first = rank_by or metrics[0]
    METRICS.get(first)
    made = RunSpec(model="")
    board = Board(
        name=folder.resolve().name,
        title=title or folder.resolve().name,
        says=says or f"Language models on {headline}: do they know what they do not know?",
        cells=(Cell(name="public", tasks=pinned([task.spec for task in loaded])),),
        columns=tuple(
            Column(metric=m, over=headline, label=METRICS.get(m)().label.partition(":")[0])
            for m in dict.fromkeys((first, *metrics))
        ),
        detector=_id("detector", made),
        grader=_id("grader", made),
        headline=headline,
        suites={} if len(names) == 1 else {headline: tuple(names)},
        seed=seed,
        system_prompt=system_prompt,
        max_new_tokens=max_new_tokens,
        required=tuple(required) or REQUIRED,
    )
    write(folder, board)
    (folder / "entries").mkdir(exist_ok=True)
    write_instructions(folder, board)
    return board


def add(
    folder: Path,
    board: Board,
    run: Path,
    *,
    name: str,
    about: Mapping[str, str],
    replace: bool = False,
) -> tuple[Path, int]:
    """Write an entry from a finished run; return its path and how many private rows stayed out.

    Its answers are judged and counted anew, by the board's detector and grader.

    Raises:
        StoreError: the run is limited, was asked other questions or otherwise, or lacks probes.
        ConfigError: there is an entry of that name, or a required field is missing.
    """
    if board.study:
        raise ConfigError(
            f"{board.name} is made from a study.", "iabench leaderboard new --study FOLDER"
        )
    path = entries.path_of(folder, name)
    if path.exists() and not replace:
        raise ConfigError(f"{board.name} has an entry {name}.", "another --name, or --replace")
    finished = load(run)
    model = finished.model
    about = {"model": model.name if model else "", **{k: str(v) for k, v in about.items() if v}}
    for field in board.required:
        if not about.get(field, "").strip():
            raise ConfigError(f'an entry of {board.name} says "{field}".', f"--about {field}=...")
    asked_as(board, finished)
    check_judges(board)
    (cell,) = board.cells
    asked = questions_of(folder, board, cell)
    ids = {probe.id for probe in asked.probes}
    answers = list(answers_of_run(finished, cell.name, ids))
    if len(answers) < len(ids):
        lost = min(ids - {answer.id for answer in answers})
        raise StoreError(
            f"{run} has no answer to {lost}.", f"iabench evaluate -C {run / 'run.json'}"
        )
    found = recount(board, cell, asked, answers)
    entry = Entry(
        name=name,
        board=board.name,
        about=about,
        iabench=__version__,
        asked={key: finished.about["asked"].get(key) for key in ASKED},
        detector=board.detector,
        grader=board.grader,
        answers=Answers(sha256="", n=len(found.answers)),
        parts=(found.part,),
        model=model,
    )
    private = sum(bool(line.get("private")) for line in finished.samples())
    return entries.write(folder, entry, found.answers), private


def asked_as(board: Board, run: Run) -> None:
    """Make sure that a run put the board's questions as the board does.

    Raises:
        StoreError: it did not; what differs is named with the option that mends it.
    """
    there = {task["name"]: task for task in run.results["tasks"]}
    again = f"iabench evaluate -C {run.path / 'run.json'}"
    for task in board.cells[0].tasks:
        spec = there.get(task.name)
        if spec is None:
            raise StoreError(
                f"{run.path} did not ask {task.name}.", f"{again} --tasks {board.headline}"
            )
        if spec["limited"] or run.results.get("limit") is not None:
            raise StoreError(
                f"{run.path} is limited: {spec['n']:,} of {task.n:,} probes of {task.name}.",
                "the same command without --limit",
            )
        if spec["version"] != task.version:
            raise StoreError(
                f"{run.path} asked version {spec['version']} of {task.name}; "
                f"{board.name} asks version {task.version}.", again,
            )  # fmt: skip
        if spec["checksum"] != task.checksum:
            raise StoreError(
                f"{run.path} asked other questions of {task.name}.", f"{again} --seed {board.seed}"
            )
    asked = run.about["asked"]
    for key in ASKED:
        wanted = getattr(board, key)
        if (asked.get(key) or "") != (wanted or ""):
            option = f"--{key.replace('_', '-')}"
            raise StoreError(
                f"{run.path} was asked with {option} {str(asked.get(key))[:60]!r}; "
                f"{board.name} asks with {str(wanted)[:60]!r}.", f"{again} {option} {wanted!r}",
            )  # fmt: skip


def run_spec(board: Board, model: str, options: Mapping[str, Any]) -> RunSpec:
    """Return how a model is asked for this board."""
    return RunSpec(
        model=model,
        tasks=tuple(task.name for task in board.cells[0].tasks),
        seed=board.seed,
        max_new_tokens=board.max_new_tokens,
        system_prompt=board.system_prompt or None,
        chat_template=board.chat_template,
        detector=board.detector.partition("@")[0],
        grader=board.grader.partition("@")[0],
        level=board.level,
        **options,
    )


def _id(kind: str, spec: RunSpec) -> str:
    from iabench.grading.base import DETECTORS, GRADERS

    registry: Any = DETECTORS if kind == "detector" else GRADERS
    return str(registry.get(getattr(spec, kind))(spec).id)
