"""The contract suites: what authors of plug-ins run under pytest against their own parts.

    from iabench.testing import DetectorContract

    class TestMine(DetectorContract):
        def make(self):
            return MyDetector()

One for each kind of part: `TaskContract`, `DetectorContract`, `GraderContract`, `MetricContract`,
`BackendContract`, `DatasetContract`, `EntailmentContract`. iabench's own parts keep to the same.
"""

from __future__ import annotations

from iabench.testing.backend import BackendContract
from iabench.testing.dataset import DatasetContract
from iabench.testing.entailment import EntailmentContract
from iabench.testing.judge import DetectorContract, GraderContract
from iabench.testing.metric import MetricContract
from iabench.testing.task import TaskContract

__all__ = [
    "BackendContract",
    "DatasetContract",
    "DetectorContract",
    "EntailmentContract",
    "GraderContract",
    "MetricContract",
    "TaskContract",
]
