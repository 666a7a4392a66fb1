"""What `leaderboard new` writes for people: how to submit, and the workflow that checks it."""

from __future__ import annotations

from pathlib import Path

from iabench.leaderboards.board import Board

__all__ = ["write_instructions"]

_SUBMITTING = """\
# Submitting to {title}

{says}

1. Ask your model what everybody is asked:

   ```console
   $ iabench evaluate --model YOUR-MODEL --tasks {tasks} --seed {seed} \\
       --max-new-tokens {limit}{prompt} --out runs/mine
   ```

2. Make an entry of the run. Its answers go with it; questions of your own facts stay out.

   ```console
   $ iabench leaderboard add {folder} runs/mine --name my-model{about}
   ```

3. See what the check will say, and open a pull request with `entries/my-model.json` and
   `entries/my-model.jsonl.gz`.

   ```console
   $ iabench leaderboard check {folder}
   ```

The check judges your answers again with {detector} and {grader} and makes every number anew. An
entry is refused, with the reason, if a number was edited, a probe is missing, a task has another
version, or the run was limited. It is marked *self-reported* until a maintainer has run a part of
it again: `iabench leaderboard verify {folder} my-model --model YOUR-MODEL`. With more than
{undecided} of a task undecided an entry has no rank.
"""

_OF_A_STUDY = """\
# Adding a method to {title}

{says}

The entries are the methods of one study, tuned on the same facts and asked the same questions.

1. Write `mine.toml` for your method: checkpoints, one a seed, or a command that makes them (see the
   page on studies in the documentation of iabench).
2. Run the study with it, in the folder of the others: only your cells are made.

   ```console
   $ iabench study --model ... --methods ...,mine.toml --seeds ... --out runs/study
   ```

3. Make the board of it again, see what the check will say, and open a pull request.

   ```console
   $ iabench leaderboard new {folder} --study runs/study
   $ iabench leaderboard check {folder}
   ```

The check judges all answers again with {detector} and {grader} and makes every number anew. A
method that lacks a cell is left out; with more than {undecided} of a set undecided it has no rank.
"""

_WORKFLOW = """\
# Every entry of a pull request is judged and counted anew. Written by `iabench leaderboard new`.
name: {name}
on:
  pull_request:
    paths: ["{inside}**"]
permissions:
  contents: read
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with: {{fetch-depth: 0}}
{guard}      - uses: actions/setup-python@v5
        with: {{python-version: "3.12"}}
      - run: pip install "iabench=={version}"
      - run: iabench leaderboard check {folder}
"""


_GUARD = """\
      - name: entries only
        # What a maintainer's rerun gave is for maintainers to write, and so is the board.
        run: |
          base="origin/${{ github.base_ref }}"
          ! git diff --name-only "$base...HEAD" | grep -v '^{inside}entries/'
"""


def write_instructions(folder: Path, board: Board) -> list[Path]:
    """Write `SUBMITTING.md` into the board and the workflow to where its repository has them.

    A board in no repository keeps the workflow in its own folder. Files that are there stay.
    """
    from iabench import __version__

    here = folder.resolve()
    root = next((up for up in (here, *here.parents) if (up / ".git").exists()), here)
    place = here.relative_to(root).as_posix()
    # From the root of its repository: a board that is the repository stands before nothing.
    inside = "" if place == "." else f"{place}/"
    words = {
        "name": board.name,
        "title": board.title,
        "says": board.says,
        "tasks": board.headline if board.headline in _suites() else _tasks(board),
        "seed": board.seed,
        "limit": board.max_new_tokens,
        "prompt": f" --system-prompt {board.system_prompt!r}" if board.system_prompt else "",
        "folder": place,
        "inside": inside,
        "about": "".join(f" --about {field}=..." for field in board.required if field != "model"),
        "detector": board.detector,
        "grader": board.grader,
        "undecided": f"{board.max_undecided:.0%}".replace("%", " %"),
        "version": __version__,
        # A method comes with the whole board of its study.
        "guard": "" if board.study else _GUARD.replace("{inside}", inside.replace(".", r"\.")),
    }
    files = {
        folder / "SUBMITTING.md": _OF_A_STUDY if board.study else _SUBMITTING,
        root / ".github" / "workflows" / f"leaderboard-{board.name}.yml": _WORKFLOW,
    }
    written = []
    for path, text in files.items():
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.format(**words), encoding="utf-8")
            written.append(path)
    return written


def _suites() -> set[str]:
    from iabench.tasks import catalog

    return set(catalog.suites())


def _tasks(board: Board) -> str:
    return ",".join(task.name for task in board.cells[0].tasks)
