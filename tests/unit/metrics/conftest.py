import pytest

from iabench.metrics.base import METRICS, Row


@pytest.fixture(scope="session")
def row():
    """Make a row: `row("abstain", "abstained", 3)`; an abstention is an admission unless told."""

    def make(expect, outcome, number=0, *, task=None, relation="capital", tags=(), **more):
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
def metric():
    """Return a metric by its id."""
    return lambda name: METRICS.get(name)()


@pytest.fixture(scope="session")
def metrics():
    """Return all metrics that are there."""
    return [METRICS.get(name)() for name in METRICS.names()]
