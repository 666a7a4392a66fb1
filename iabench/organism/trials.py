"""A search of settings for a checkpoint: a grid a row, one trial a point, one chosen by a rule.

What was tried goes to `OUT/trials.jsonl`, what was chosen to `OUT/iabench_tuning.toml`; what
stands there is not tried again. What is tuned on and asked, and the rule, belong to each search:
`organism.tuning`, `studies.entropy_trials`.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from iabench import jsonl
from iabench.organism.train import one_thread
from iabench.training.recipe import TUNING
from iabench.training.spec import TrainSpec

__all__ = ["Search", "Settings", "Trial", "grid", "tuned"]

Settings = dict[str, Any]
Trial = dict[str, Any]


def grid(**values: Sequence[Any]) -> list[Settings]:
    """Return every point of the product of values."""
    return [dict(zip(values, point, strict=True)) for point in product(*values.values())]


def tuned(spec: TrainSpec, out: Path, scores: Callable[[Path], Mapping[str, float]]) -> Trial:
    """Tune on one thread into a folder that is removed; return its scores, steps and seconds."""
    from iabench.training.train import train

    shutil.rmtree(out, ignore_errors=True)
    with one_thread():
        train(spec, out)
        made = scores(out)
    run = json.loads((out / "training.json").read_text(encoding="utf-8"))
    shutil.rmtree(out)
    return {**made, "steps": run["steps"], "seconds": run["seconds"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is tried, how, and what is said of it."""

    grid: Mapping[str, Sequence[Settings]]
    shared: Settings
    """Of every trial."""
    trial: Callable[[str, Settings, Path], Trial]
    """Makes one of a row."""
    chosen: Callable[[Sequence[Trial]], Mapping[str, Trial]]
    """The rule: one trial a row."""
    says: Callable[[Trial], str]
    """What came out of one, in a line."""
    asked: str
    """What the choice was made on."""
    opening: Sequence[str]
    """Comments at the head of the settings."""

    def written(self, trials: Sequence[Trial]) -> str:
        """Return the settings that were chosen, as TOML."""
        return "\n".join(self._lines(trials)) + "\n"

    def _lines(self, trials: Sequence[Trial]) -> Iterator[str]:
        yield from (f"# {line}" for line in self.opening)
        best = self.chosen(trials)
        for method in (name for name in self.grid if name in best):
            one = best[method]
            tried = sum(other["method"] == method for other in trials)
            yield from ("", f"[{method}]")
            for key, value in sorted(one["settings"].items()):
                yield f"{key} = {json.dumps(value)}"
            yield f'from = "{self.asked}; best of {tried}: {self.says(one)}"'

    def main(self, words: Sequence[str]) -> int:
        """Try what is missing and write down what is chosen.

        Args:
            words: a folder, and the rows to try; all, where none is named.
        """
        folder, methods = Path(words[0]), list(words[1:]) or list(self.grid)
        path = folder / "trials.jsonl"
        trials = list(jsonl.read(path)) if path.exists() else []
        path.parent.mkdir(parents=True, exist_ok=True)
        for method in methods:
            for point in self.grid[method]:
                settings = {**self.shared, **point}
                if any(o["method"] == method and o["settings"] == settings for o in trials):
                    continue
                trials.append(self.trial(method, settings, folder))
                jsonl.write(path, trials)
                sys.stdout.write(f"{method:18}{json.dumps(point)}  {self.says(trials[-1])}\n")
                sys.stdout.flush()
        (folder / TUNING).write_text(self.written(trials), encoding="utf-8")
        return 0
