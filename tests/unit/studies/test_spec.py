"""What a study is asked: names, files of one's own, cells."""

from __future__ import annotations

from pathlib import Path

import pytest

from iabench.errors import ConfigError, IabenchError, UnknownNameError
from iabench.studies.spec import Method, StudySpec, methods_of, only_of

TWO = (Method(name="a", source="preset", preset="full"), Method(name="b", source="preset"))


def own(tmp_path: Path, text: str) -> str:
    (tmp_path / "mine.toml").write_text(text)
    return str(tmp_path / "mine.toml")


def test_the_base_comes_first_and_seeds_lie_within_methods() -> None:
    spec = StudySpec(models=("m",), methods=TWO, seeds=2)
    names = [(cell.method.name, cell.seed) for cell in spec.cells]
    assert names == [("base", 0), ("base", 1), ("a", 0), ("a", 1), ("b", 0), ("b", 1)]


def test_cells_of_several_models_share_what_they_are_compared_by() -> None:
    spec = StudySpec(models=("m", "n"), methods=TWO, seeds=1)
    assert [cell.at for cell in spec.cells] == [(0, 0), (1, 0)] * 3


def test_only_some_cells() -> None:
    spec = StudySpec(models=("m",), methods=TWO, seeds=3)
    assert [(c.method.name, c.seed) for c in only_of(["b:2", "a:0", "b:2"], spec)] == [
        ("b", 2),
        ("a", 0),
    ]
    assert len(only_of(["b"], spec)) == 3
    with pytest.raises(UnknownNameError, match='no method "c"'):
        only_of(["c"], spec)
    with pytest.raises(UnknownNameError, match="no seed 3"):
        only_of(["a:3"], spec)


def test_checkpoints_beside_the_file_are_found_from_anywhere(tmp_path: Path) -> None:
    (tmp_path / "s0").mkdir()
    (one,) = methods_of([own(tmp_path, 'name = "mine"\ncheckpoints = ["s0", "owner/name"]')])
    assert one.checkpoints == (str((tmp_path / "s0").resolve()), "owner/name")


def test_a_command_is_split_as_a_shell_would_and_never_given_to_one(tmp_path: Path) -> None:
    text = """name = "mine"\ncommand = "tune --out {out} --say 'a; b' --seed {seed}" """
    (one,) = methods_of([own(tmp_path, text)])
    assert one.command == ("tune", "--out", "{out}", "--say", "a; b", "--seed", "{seed}")


def test_a_preset_under_a_name_and_settings_of_its_own(tmp_path: Path) -> None:
    text = 'name = "dense"\npreset = "seat"\n[settings]\ndensity = 0.5\n'
    (one,) = methods_of([own(tmp_path, text)])
    assert (one.preset, one.settings) == ("seat", (("density", "0.5"),))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('name = "mine"', "none is named"),
        ('name = "mine"\npreset = "full"\ncheckpoints = ["x"]', "checkpoints and preset is named"),
        ('name = "base"\npreset = "full"', "no name of a method"),
        ('name = "../x"\npreset = "full"', "no name of a method"),
        ('name = "mine"\ncommand = ["tune"]', "does not say where its model goes"),
        ('name = "mine"\ncommand = "tune {out} {home}"', 'no "{home}"'),
        ('name = "mine"\ncheckpoints = ["x"]\n[settings]\nalpha = 1', "settings are of a preset"),
        ('name = "mine"\ncheckpoint = ["x"]', "checkpoint"),
        ('name = "mine"\npreset = "ful"', 'no method "ful"'),
    ],
)
def test_what_is_no_method(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(IabenchError) as caught:
        methods_of([own(tmp_path, text)])
    assert says in caught.value.message


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"seeds": 0}, "--seeds 0"),
        ({"limit": 0}, "--limit 0"),
        ({"against": "c"}, "--against c"),
        ({"level": 95.0}, "--level 95"),
        ({"level": float("nan")}, "--level nan"),
        ({"models": ("m", "m")}, "names a model twice"),
        ({"overrides": (("seed", "5"),)}, "--set seed: the study says it"),
        ({"methods": (TWO[0], TWO[0])}, 'two methods are called "a"'),
    ],
)
def test_what_is_no_study(changes: dict[str, object], says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        StudySpec(**{"models": ("m",), "methods": TWO, **changes})  # type: ignore[arg-type]
    assert says in caught.value.message
