"""iabench: does your fine-tuned model still know what it does not know?

    run = iabench.evaluate("organism", tasks="quick")
    print(run["refusal_accuracy"])

Names are imported when they are used: `import iabench` brings in neither torch nor transformers.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from iabench import organism
    from iabench.errors import IabenchError
    from iabench.records import Completion, Estimate, Probe, Verdict
    from iabench.reports.write import write_all as write_report
    from iabench.runs.compare import Comparison, compare
    from iabench.runs.regrade import regrade
    from iabench.runs.run import Run
    from iabench.runs.runner import evaluate
    from iabench.studies.finished import Study
    from iabench.studies.load import load
    from iabench.tasks.outside import task
    from iabench.training.callback import AwarenessCallback
    from iabench.training.named import train

__all__ = [
    "AwarenessCallback",
    "Comparison",
    "Completion",
    "Estimate",
    "IabenchError",
    "Probe",
    "Run",
    "Study",
    "Verdict",
    "__version__",
    "compare",
    "evaluate",
    "load",
    "organism",
    "regrade",
    "task",
    "train",
    "write_report",
]

__version__ = "0.1.0"

_WHERE = {
    "AwarenessCallback": "iabench.training.callback",
    "Comparison": "iabench.runs.compare",
    "Completion": "iabench.records",
    "Estimate": "iabench.records",
    "IabenchError": "iabench.errors",
    "Probe": "iabench.records",
    "Run": "iabench.runs.run",
    "Study": "iabench.studies.finished",
    "Verdict": "iabench.records",
    "compare": "iabench.runs.compare",
    "evaluate": "iabench.runs.runner",
    "load": "iabench.studies.load",
    "organism": "iabench.organism",
    "regrade": "iabench.runs.regrade",
    "task": "iabench.tasks.outside",
    "train": "iabench.training.named",
    "write_report": "iabench.reports.write:write_all",
}


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'iabench' has no attribute {name!r}")
    place, _, attribute = _WHERE[name].partition(":")
    module = importlib.import_module(place)
    return module if name == "organism" else getattr(module, attribute or name)
