"""The parts of this plug-in keep the contracts of iabench."""

from __future__ import annotations

from iabench_example.detector import PlainWords
from iabench_example.metric import SilentRate

from iabench.testing import DetectorContract, MetricContract, TaskContract


class TestRivers(TaskContract):
    name = "rivers"


class TestPlainWords(DetectorContract):
    def make(self) -> PlainWords:
        return PlainWords()


class TestSilentRate(MetricContract):
    def make(self) -> SilentRate:
        return SilentRate()
