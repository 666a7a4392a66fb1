"""Metrics of plug-ins: counted by themselves, left out with a note where they fail."""

from __future__ import annotations

from typing import Any

import pytest

from iabench.errors import PluginError
from iabench.metrics.abstention import RefusalAccuracy
from iabench.metrics.base import METRICS, Row
from iabench.metrics.installed import all_estimates

ROWS = [
    Row(
        task="t",
        probe_id=f"t/{n}",
        cluster=str(n),
        pair=None,
        tags=(("relation", "r"),),
        expect="abstain",
        answering_is="fabrication",
        outcome="abstained" if n % 2 else "hallucinated",
        admitted=bool(n % 2),
    )
    for n in range(10)
]
OPTIONS: dict[str, Any] = {"suites": {}, "level": 0.95, "seed": 0, "draws": 50}


class Mine(RefusalAccuracy):
    id = "mine"


class Raises(Mine):
    def cells(self, row: Row) -> Any:
        raise KeyError("boom")


class Misnamed(Mine):
    id = "yours"


@pytest.fixture
def offer(monkeypatch: pytest.MonkeyPatch) -> Any:
    def plant(metric: Any, *origins: str, name: str = "mine") -> None:
        real, before = METRICS.get, METRICS.origins()
        held = {**before, name: [*before.get(name, []), *origins]}
        monkeypatch.setattr(METRICS, "origins", lambda: held)
        monkeypatch.setattr(METRICS, "get", lambda n: metric if n == name else real(n))

    return plant


def test_a_plugged_in_metric_is_counted_and_changes_nothing_else(offer: Any) -> None:
    before, _ = all_estimates(ROWS, **OPTIONS)
    offer(Mine, "shop 1.0")
    found, notes = all_estimates(ROWS, **OPTIONS)
    assert not notes
    assert [e for e in found if e.metric != "mine"] == before
    (mine,) = [e for e in found if (e.metric, e.slice) == ("mine", "all")]
    assert mine.value == 0.5
    assert found == sorted(found, key=lambda e: (e.task, e.metric, e.slice, e.variant))


@pytest.mark.parametrize(
    ("metric", "says"), [(Raises, "KeyError('boom')"), (Misnamed, 'calls itself "yours"')]
)
def test_one_that_fails_is_left_out_unless_selected(offer: Any, metric: Any, says: str) -> None:
    offer(metric, "shop 1.0")
    found, (note,) = all_estimates(ROWS, **OPTIONS)
    assert not [e for e in found if e.metric == "mine"]
    assert note.startswith("metric mine of shop 1.0 is left out: ")
    assert says in note
    with pytest.raises(PluginError, match=r"metric mine of shop 1\.0 fails"):
        all_estimates(ROWS, selected=["mine"], **OPTIONS)
