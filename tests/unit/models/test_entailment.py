from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from iabench.errors import ModelError
from iabench.models import entailment as module
from iabench.models.entailment import ENTAILMENT, Entailment, HFEntailment, entailment
from iabench.models.entailment import open_entailment as opened
from iabench.testing import EntailmentContract
from tests.tiny import tiny_nli

PAIRS = [
    ("It rains in Bergen.", "It rains."),
    ("It rains.", "The sun shines and nobody needs an umbrella in Bergen today."),
    ("Cats sleep.", "Dogs bark."),
]


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_nli(tmp_path_factory.mktemp("nli"))


@pytest.fixture(scope="module")
def deberta(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("deberta")
    return tiny_nli(folder, ("entailment", "neutral", "contradiction"), architecture="deberta")


@pytest.mark.parametrize("which", ["three", "deberta"])
def test_keeps_the_contract(request: pytest.FixtureRequest, which: str) -> None:
    folder = request.getfixturevalue(which)

    class Contract(EntailmentContract):
        def open(self) -> Entailment:
            return opened(folder)

    contract = Contract()
    for name in dir(contract):
        if name.startswith("test_"):
            getattr(contract, name)()


def plain(folder: Path, pair: tuple[str, str]) -> Any:
    """The classes of a checkpoint for one pair, by transformers alone."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    with torch.inference_mode():
        logits = model(**tokenizer(*pair, return_tensors="pt")).logits
    return logits.double().softmax(-1)[0].numpy()


def test_columns_are_found_by_their_names(three: Path, deberta: Path) -> None:
    for folder, order in ((three, [2, 1, 0]), (deberta, [0, 1, 2])):
        rows = opened(folder).entails(PAIRS)
        for pair, row in zip(PAIRS, rows, strict=True):
            np.testing.assert_allclose(row, plain(folder, pair)[order], atol=1e-6)
        assert rows.std(axis=0).max() > 0.01


@pytest.mark.parametrize(
    ("labels", "entails"),
    [(("entailment", "not_entailment"), 0), (("NOT ENTAILMENT", "Entailed"), 1)],
)
def test_two_classes(tmp_path: Path, labels: tuple[str, str], entails: int) -> None:
    folder = tiny_nli(tmp_path, labels)
    row = opened(folder).entails(PAIRS[:1])[0]
    assert row[0] == pytest.approx(plain(folder, PAIRS[0])[entails], abs=1e-6)
    assert row[1] == pytest.approx(1 - row[0])
    assert row[2] == 0


@pytest.mark.parametrize(
    "labels",
    [
        ("LABEL_0", "LABEL_1", "LABEL_2"),
        ("positive", "negative"),
        ("entailment", "entailed", "neutral"),
        ("neutral", "contradiction"),
        ("entailment", "neutral", "contradiction", "other"),
    ],
)
def test_classes_that_are_not_named_are_not_guessed(
    tmp_path: Path, labels: tuple[str, ...]
) -> None:
    with pytest.raises(ModelError, match="does not name its classes") as raised:
        opened(tiny_nli(tmp_path, labels))
    assert "id2label" in raised.value.hint


def test_equal_pairs_are_read_once(three: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = opened(three)
    sizes: list[int] = []
    batches = HFEntailment._batches

    def counted(self: HFEntailment, lengths: Any) -> Any:
        sizes.append(len(lengths))
        return batches(self, lengths)

    monkeypatch.setattr(HFEntailment, "_batches", counted)
    rows = model.entails([PAIRS[0], PAIRS[1], PAIRS[0]])
    assert sizes == [2]
    assert (rows[0] == rows[2]).all()
    assert (rows[0] != rows[1]).any()


def test_batches_are_of_like_length_within_the_budget(
    three: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_TOKENS", 100)
    model = opened(three)
    lengths = [10, 90, 30, 30, 30, 120, 10]
    batches = list(model._batches(lengths))
    assert [[lengths[at] for at in batch] for batch in batches] == [
        [120],
        [90],
        [30, 30, 30],
        [10, 10],
    ]
    np.testing.assert_allclose(model.entails(PAIRS), opened(three).entails(PAIRS), atol=1e-6)


def test_without_padding_one_by_one(three: Path) -> None:
    model = opened(three)
    expected = model.entails(PAIRS)
    model._tokenizer.pad_token = None
    bare = HFEntailment(model._model, model._tokenizer, model._columns, name="bare")
    assert list(bare._batches([3, 2, 1])) == [[0], [1], [2]]
    np.testing.assert_allclose(bare.entails(PAIRS), expected, atol=1e-6)


def test_the_id_is_that_of_the_weights(three: Path, tmp_path: Path) -> None:
    one, other = opened(three).id, opened(tiny_nli(tmp_path, seed=1)).id
    assert one.startswith(f"{three.name}-")
    assert one[-6:] != other[-6:]


def test_what_is_no_checkpoint(three: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no model") as raised:
        opened(tmp_path / "nowhere")
    assert "--nli" in raised.value.hint
    with pytest.raises(ModelError, match=r"no config\.json"):
        opened(tmp_path)
    config = json.loads((three / "config.json").read_text(encoding="utf-8"))
    (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (tmp_path / "pytorch_model.bin").write_bytes(b"never unpickled")
    with pytest.raises(ModelError, match=r"no weights \(\*\.safetensors\)"):
        opened(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"\x00" * 9)
    with pytest.raises(ModelError, match="cannot be loaded"):
        opened(tmp_path)
    (tmp_path / "config.json").write_text("[", encoding="utf-8")
    with pytest.raises(ModelError, match=r"cannot read the config\.json"):
        opened(tmp_path)


def test_a_model_without_a_classifier_is_none(three: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    for file in three.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    weights = load_file(three / "model.safetensors")
    body = {name: value for name, value in weights.items() if not name.startswith("classifier")}
    save_file(body, tmp_path / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError, match=r"is no NLI classifier: it has no classifier\.bias"):
        opened(tmp_path)


def test_by_name(three: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ENTAILMENT.names() == ["hf", "organism"]
    assert entailment(str(three)).id == opened(three).id
    made: list[str] = []

    class Plugged:
        def __contains__(self, name: str) -> bool:
            return name in ("hf", "mine")

        def get(self, name: str) -> Any:
            return lambda asked: made.append(f"{name}: {asked}")

    monkeypatch.setattr(module, "ENTAILMENT", Plugged())
    entailment("mine")
    entailment("org/checkpoint")
    entailment("hf")
    assert made == ["mine: mine", "hf: org/checkpoint", "hf: hf"]
