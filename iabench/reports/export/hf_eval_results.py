"""`.eval_results/iabench.yaml` of a model repository, as the Hugging Face hub reads it.

One value for each entry, so the numbers of the headline stand one an entry, the rest in its notes.
Nothing is uploaded: the file is for its owner to read and to commit.
"""

from __future__ import annotations

import re
from pathlib import Path

from iabench import __version__
from iabench.errors import ConfigError
from iabench.reports.export.base import Exported
from iabench.reports.words import HEADLINE

__all__ = ["write"]

_REPO = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")


def write(run: Exported, out: Path) -> list[Path]:
    """Write the file; return its path.

    Raises:
        ConfigError: the benchmark's dataset is not given as ORG/NAME.
    """
    import yaml
    from huggingface_hub import EvalResultEntry, eval_result_entries_to_yaml

    dataset = run.options.get("dataset", "")
    if not _REPO.fullmatch(dataset):
        given = f', not "{dataset}"' if dataset else ""
        raise ConfigError(
            f"hf-eval-results needs the dataset of the benchmark on the hub{given}.",
            "--dataset ORG/NAME",
        )
    headline = run.view.headline or next(iter(run.specs))
    shown = [
        one
        for metric in HEADLINE
        for one in run.estimates
        if (one.metric, one.task) == (metric, headline)
    ]
    if not shown:
        shown = [one for one in run.estimates if one.metric in HEADLINE]
    entries = [
        EvalResultEntry(
            dataset_id=dataset,
            task_id=f"{one.task}.{one.metric}",
            value=one.value,
            date=run.date or None,
            notes=f"iabench {__version__}, {run.view.detector}, {run.view.grader}; "
            f"[{one.lo}, {one.hi}] at {one.level}, n {one.n}, undecided {one.n_undecided}, "
            f"{'higher' if one.higher_is_better else 'lower'} is better",
        )
        for one in shown
    ]
    path = out / ".eval_results" / "iabench.yaml"
    path.parent.mkdir(exist_ok=True)
    text = yaml.safe_dump(eval_result_entries_to_yaml(entries), sort_keys=False, allow_unicode=True)
    path.write_text(text, encoding="utf-8")
    return [path]
