"""`leaderboard verify`: a draw of an entry's probes is asked again, of the model itself.

Which probes are drawn depends on a number that the maintainer chooses and on the digest of the
entry's answers, so nobody can know them before the entry is filed; the same holds for the private
seed, under which tasks that draw their names draw others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from iabench import __version__
from iabench.errors import ConfigError, StoreError
from iabench.leaderboards import entry as entries
from iabench.leaderboards.board import Board, Cell
from iabench.leaderboards.entry import Entry, letter
from iabench.leaderboards.make import run_spec
from iabench.leaderboards.questions import Questions, questions_of, questions_of_run
from iabench.leaderboards.ranks import DRAWS, Sheet, over_of
from iabench.leaderboards.recount import check_judges, part_of
from iabench.leaderboards.verified import Gap, Verified, write_verified
from iabench.metrics import parts as made
from iabench.metrics.base import METRICS
from iabench.rng import digest, uniform
from iabench.runs.folders import runs_folder
from iabench.runs.planning import Planned, plan
from iabench.runs.run import Run
from iabench.runs.runner import run
from iabench.runs.watch import Silent, Watch
from iabench.stats.intervals import percentile

__all__ = ["drawn_probes", "leakage", "verify"]

_POWER = 2.8
"""Standard errors that a gap needs to be shown with power .8 at .05 (protocol, section 4)."""


def verify(
    folder: Path,
    board: Board,
    name: str,
    *,
    model: str,
    draw: int,
    n: int = 100,
    private: bool = False,
    options: Mapping[str, Any] | None = None,
    watch: Watch | None = None,
) -> Verified:
    """Ask a draw of an entry's probes again and write what came of it.

    Args:
        folder: of the board.
        board: what it holds.
        name: of the entry.
        model: as `iabench evaluate --model`.
        draw: a number that the maintainer chooses.
        n: probes to draw.
        private: also ask the whole tasks that draw their names, under a private seed.
        options: further fields of a `RunSpec`: device, backend, ...
        watch: is told about progress.

    Raises:
        StoreError: no such entry, or its answers are not its own.
        ConfigError: the board is made from a study.
    """
    if board.study:
        raise ConfigError(
            f"the entries of {board.name} are methods, not models.", "make boards: the study again"
        )
    entry = entries.read(folder, name)
    if entries.digest_of(folder, name) != entry.answers.sha256:
        raise StoreError(
            f"{name}: its answers are not those that it was made of.", "iabench leaderboard check"
        )
    check_judges(board)
    (cell,) = board.cells
    asked = questions_of(folder, board, cell)
    ids = drawn_probes(asked, entry.answers.sha256, draw, n)
    spec = run_spec(board, model, options or {})
    place = runs_folder() / "verify" / board.name
    watch = watch or Silent()
    again = run(_only(plan(spec, out=place / f"{name}-{draw}-{n}"), ids), watch)
    texts = {a.id: a.response for a in entries.answers_of(folder, name) if a.id in ids}
    letters = _letters(asked, entry)
    now = {line["id"]: line for line in again.samples()}
    same_outcome = sum(
        letter(line["outcome"], line["admitted"], line["counts"]) == letters[key]
        for key, line in now.items()
    )
    seed = 1 + int(digest("private", draw, entry.answers.sha256), 16) % (2**31 - 2)
    gaps: Sequence[Gap] = ()
    if private:
        other = plan(replace(spec, seed=seed), out=place / f"{name}-{draw}-private")
        pinned = {task.name: task.checksum for task in cell.tasks}
        drawn = {t.spec.name for t in other.tasks if t.spec.checksum != pinned[t.spec.name]}
        if not drawn:
            raise ConfigError(f"no task of {board.name} draws its questions.", "without --private")
        kept = {p.id for t in other.tasks if t.spec.name in drawn for p in t.probes}
        gaps = leakage(
            board, cell, asked, entry, run(_only(other, kept, limited=False), watch), draw
        )
    found = Verified(
        name=name,
        answers=entry.answers.sha256,
        draw=draw,
        n=len(ids),
        same_text=sum(now[key]["response"] == text for key, text in texts.items()),
        same_outcome=same_outcome,
        passed=same_outcome >= board.agreement * len(ids),
        model=model,
        same_weights=_same_weights(entry, again),
        iabench=__version__,
        private_seed=seed if private else None,
        leakage=tuple(gaps),
    )
    write_verified(folder, found)
    return found


def drawn_probes(asked: Questions, answers: str, draw: int, n: int) -> set[str]:
    """Return the ids of `n` probes: a function of the draw and of the digest of the answers."""
    ids = sorted(
        (probe.id for probe in asked.probes), key=lambda i: uniform(draw, "verify", answers, i)
    )
    return set(ids[:n])


def leakage(
    board: Board, cell: Cell, asked: Questions, entry: Entry, private: Run, seed: int
) -> list[Gap]:
    """Return the public numbers less the private ones, over the tasks that the private run asked.

    Both sets are resampled by clusters, each by itself: they share no name.
    """
    names = {task["name"] for task in private.results["tasks"]}
    public = Questions(
        specs=tuple(spec for spec in asked.specs if spec.name in names),
        probes=tuple(p for p in asked.probes if p.id.partition("/")[0] in names),
    )
    own = questions_of_run(private)
    ledgers = [entry.parts[0].ledger, part_of(private, "private", own).ledger]
    found = []
    for column in board.columns:
        metric = METRICS.get(column.metric)()
        values = []
        for at, questions, ledger in zip(
            ("public", "private"), (public, own), ledgers, strict=True
        ):
            here = replace(cell, name=at, tasks=tuple(t for t in cell.tasks if t.name in names))
            over = over_of(board, here, questions, metric, column.over)
            parts = Sheet(here, questions, metric, over).parts(ledger)
            made.draw(((metric, part) for part in parts), seed=seed, draws=DRAWS)
            values.append(
                (
                    float(made.over(metric, [part.sums for part in parts])) if parts else np.nan,
                    made.over(metric, [part.draws for part in parts]) if parts else np.zeros(1),  # type: ignore[misc]
                    sum(part.n for part in parts),
                )
            )
        (one, drawn, n), (other, drawn_other, n_other) = values
        gap = np.asarray(drawn - drawn_other)
        if np.isnan(one - other) or np.isnan(gap).any():
            continue
        lo, hi = percentile(gap, board.level)
        found.append(
            Gap(
                metric=column.metric,
                public=round(one, 6),
                private=round(other, 6),
                value=round(one - other, 6),
                lo=round(lo, 6),
                hi=round(hi, 6),
                detectable=round(_POWER * float(gap.std(ddof=1)), 6),
                n_public=n,
                n_private=n_other,
            )
        )
    return found


def _only(planned: Planned, ids: set[str], *, limited: bool = True) -> Planned:
    """Return a run of some of its probes; tasks without any are not asked."""
    tasks = []
    for task in planned.tasks:
        probes = tuple(probe for probe in task.probes if probe.id in ids)
        if probes:
            spec = replace(task.spec, n=len(probes), limited=limited)
            tasks.append(replace(task, spec=spec, probes=probes))
    return replace(planned, tasks=tuple(tasks))


def _letters(asked: Questions, entry: Entry) -> dict[str, str]:
    """Return the letter of each probe."""
    ledger = entry.parts[0].ledger
    return {
        probe.id: sign
        for spec in asked.specs
        for probe, sign in zip(asked.of(spec.name), ledger[spec.name], strict=True)
    }


def _same_weights(entry: Entry, again: Run) -> bool | None:
    before = entry.model.weights if entry.model else None
    now = again.model.weights if again.model else None
    return None if before is None or now is None else before == now
