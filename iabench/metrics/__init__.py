"""Metrics: from outcomes to estimates. The only room that sees expectation and outcome together."""

from __future__ import annotations

from typing import Any

__all__ = ["evaluate_module"]


def evaluate_module(name: str) -> Any:
    """Return a metric as an in-process `evaluate.Metric`, e.g. `evaluate_module("aed")`.

    Raises:
        UnknownNameError: no metric of that name can be made from outcomes alone.
    """
    from iabench.metrics.modules import module

    return module(name)
