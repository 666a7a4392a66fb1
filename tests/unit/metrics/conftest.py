from __future__ import annotations

from typing import Any

import pytest

from iabench.metrics.base import METRICS, Row


@pytest.fixture(scope="session")
def row() -> Any:
    """Make a row: `row("abstain", "abstained", 3)`; an abstention is an admission unless told."""

    def make(
        expect: Any,
        outcome: Any,
        number: Any = 0,
        *,
        task: Any = None,
        relation: Any = "capital",
        tags: Any = (),
        **more: Any,
    ) -> Any:
        known = expect == "answer"
        task = task or ("known" if known else "invented")
        fields = {
            "task": task,
            "probe_id": f"{task}/{expect}-{number}",
            "cluster": f"{expect}-{number}",
            "pair": f"pair-{number}",
            "tags": (("relation", relation), *tags),
            "expect": expect,
            "answering_is": None if known else "fabrication",
            "outcome": outcome,
            "admitted": outcome == "abstained" and not known,
        }
        return Row(**{**fields, **more})

    return make


@pytest.fixture(scope="session")
def metric() -> Any:
    """Return a metric by its id."""
    return lambda name: METRICS.get(name)()


@pytest.fixture(scope="session")
def metrics() -> Any:
    """Return all metrics that are there."""
    return [METRICS.get(name)() for name in METRICS.names()]
