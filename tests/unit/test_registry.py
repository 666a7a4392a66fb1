from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from iabench import registry
from iabench.errors import PluginError, UnknownNameError
from iabench.registry import Registry


@pytest.fixture
def plant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Fake installed distributions: a dist-info folder on the path is all it takes."""
    monkeypatch.syspath_prepend(str(tmp_path))
    registry._entry_points.cache_clear()

    def install(name: str, entry: str, code: str = "", group: str = "iabench.detectors") -> None:
        info = tmp_path / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[{group}]\n{entry}\n")
        (tmp_path / f"{name}_plugin.py").write_text(code)
        registry._entry_points.cache_clear()

    yield install
    registry._entry_points.cache_clear()


def test_own_parts_come_through_the_same_door() -> None:
    detectors = Registry[Any]("detectors", "detector")
    assert "lexical" in detectors
    assert detectors.origins()["lexical"][0].startswith("iabench ")


def test_a_plugin_is_listed_without_being_imported(plant: Any) -> None:
    plant("polite", "polite = polite_plugin:Polite", "class Polite: pass")
    detectors = Registry[Any]("detectors", "detector")
    assert "polite" in detectors.names()
    assert "polite_plugin" not in sys.modules
    assert detectors.get("polite").__name__ == "Polite"


def test_two_of_one_name_are_an_error_that_names_both(plant: Any) -> None:
    plant("one", "twice = one_plugin:A", "class A: pass")
    plant("two", "twice = two_plugin:A", "class A: pass")
    with pytest.raises(PluginError, match=r'detector "twice" is offered by one 1.0 and two 1.0'):
        Registry[Any]("detectors", "detector").get("twice")


def test_nobody_shadows_a_built_in(plant: Any) -> None:
    plant("sly", "lexical = sly_plugin:A", "class A: pass")
    with pytest.raises(PluginError, match=r"iabench .* and sly 1\.0"):
        Registry[Any]("detectors", "detector").get("lexical")


def test_a_plugin_that_does_not_import_is_fatal_only_if_selected(plant: Any) -> None:
    plant("broken", "broken = broken_plugin:A", "raise RuntimeError('boom')")
    detectors = Registry[Any]("detectors", "detector")
    assert "broken" in detectors.names()
    with pytest.raises(PluginError, match=r"broken 1\.0 cannot be imported: RuntimeError: boom"):
        detectors.get("broken")


def test_an_unknown_name_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match='no detector "lexcal"') as caught:
        Registry[Any]("detectors", "detector").get("lexcal")
    assert caught.value.hint == "lexical"
    with pytest.raises(UnknownNameError) as caught:
        Registry[Any]("detectors", "detector").get("qqq")
    assert "lexical" in caught.value.hint


def test_there_is_no_other_group() -> None:
    with pytest.raises(ValueError, match="no plug-in group"):
        Registry[Any]("wishes", "wish")
