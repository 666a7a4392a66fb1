"""How the encoder is tuned, on a base of two layers."""

import json

import numpy as np
import pytest
import torch
from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers
from transformers import BertConfig, BertModel

from iabench.errors import ConfigError
from iabench.grading.encoder import WEIGHTS, Encoder, packed, unpacked
from iabench.organism import encoder
from iabench.organism.detector import training_labels
from iabench.organism.encoder import Recipe, build
from iabench.organism.phrases import made

SPECIAL = ["<s>", "<pad>", "</s>", "<unk>"]


@pytest.fixture(scope="module")
def labels():
    return made(seed=5, n=96)


@pytest.fixture(scope="module")
def base(tmp_path_factory, labels):
    folder = tmp_path_factory.mktemp("base")
    words = sorted({f"▁{w}" for x in labels for w in (x.question + " " + x.response).split()})
    pieces = [*SPECIAL, "▁", *words, *(f"▁rare{n}" for n in range(50))]
    tokenizer = Tokenizer(models.Unigram([(p, -float(n)) for n, p in enumerate(pieces)], unk_id=3))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in SPECIAL])
    tokenizer.save(str(folder / "tokenizer.json"))
    config = BertConfig(
        vocab_size=len(pieces), hidden_size=32, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=64, pad_token_id=1, layer_norm_eps=1e-12,
    )  # fmt: skip
    model = BertModel(config, add_pooling_layer=False)
    dice = torch.Generator().manual_seed(0)
    for parameter in model.parameters():
        if parameter.dim() == 2:
            parameter.data.normal_(0, 0.1, generator=dice)
    model.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def tuned(tmp_path_factory, labels, base):
    file = tmp_path_factory.mktemp("tuned") / "encoder.safetensors"
    recipe = Recipe(pieces=20, epochs=32, folds=3, learning_rate=3e-3, head_rate=1e-2)
    stages = []
    build(labels, base, file, recipe=recipe, watch=lambda stage, *_: stages.append(stage))
    assert sorted(set(stages)) == ["calibrate", "tune"]
    return file


def test_what_is_built_has_learned(tuned, labels):
    scores = Encoder(tuned).read([(label.question, label.response) for label in labels])
    so = np.array([label.so for label in labels])
    assert np.mean((scores[:, 0] > 0) == so) > 0.9
    told = json.loads(tuned.with_suffix(".json").read_text("utf-8"))
    assert told["labels"]["n"] == len(labels)
    assert told["layers"] == 2
    assert 0 < told["unseen"]["n"] < len(labels)
    assert told["slope"] > 0


def stored_as_written(model):
    """Round the weights of a model to what a file holds of them."""
    with torch.no_grad():
        words = model.base.get_input_embeddings().weight
        words.copy_(torch.tensor(unpacked(*packed(words.numpy(), bits=4))))
        for module in model.base.modules():
            if isinstance(module, torch.nn.Linear):
                module.weight.copy_(torch.tensor(unpacked(*packed(module.weight.numpy()))))


def test_numpy_says_what_torch_says(base, labels, tuned):
    recipe = Recipe(pieces=20, epochs=1)
    tuning = encoder._Tuning(labels, base, recipe, "cpu", None)
    model = tuning.fit(np.arange(len(labels)), "tune")
    file = tuned.with_name("again.safetensors")
    encoder._write(file, model, tuning.tokenizer_json, {"slope": 1.0})
    stored_as_written(model)
    rows = np.arange(20)
    ids = [tuning._ids[row] for row in rows]
    longest = max(map(len, ids))
    with torch.no_grad():
        asked = torch.tensor([[*one, *[1] * (longest - len(one))] for one in ids])
        given = torch.tensor([[int(at < len(one)) for at in range(longest)] for one in ids])
        expected = model(asked, given)[:, :8].numpy()
    said = Encoder(file).read([(labels[row].question, labels[row].response) for row in rows])
    np.testing.assert_allclose(said, expected, atol=5e-3)


def test_the_table_of_words_stays_that_of_the_base(base, labels):
    tuning = encoder._Tuning(labels[:8], base, Recipe(pieces=20, epochs=2, batch=4), "cpu", None)
    begun, tuned = encoder._opened(base, tuning._kept), tuning.fit(np.arange(8), "tune").base
    same = {
        name: torch.equal(one, tuned.get_parameter(name)) for name, one in begun.named_parameters()
    }
    assert same.pop("embeddings.word_embeddings.weight")
    assert not any(same.values())


def test_rare_words_of_the_base_are_left_out(tuned):
    told = json.loads(tuned.with_name("encoder-tokenizer.json").read_text("utf-8"))
    words = [word for word, _ in told["model"]["vocab"]]
    assert words[:4] == SPECIAL
    assert not any(word.startswith("▁rare") for word in words)


def test_what_ships_was_tuned_on_the_labels():
    from iabench.grading.labels import labels_digest

    told = json.loads(WEIGHTS.with_suffix(".json").read_text("utf-8"))
    assert told["labels"]["digest"] == labels_digest(training_labels())


def test_a_folder_without_the_base_is_named(tmp_path, labels, base):
    with pytest.raises(ConfigError, match=r"holds no config\.json"):
        build(labels, tmp_path)
    (tmp_path / "config.json").write_text('{"model_type": "llama", "hidden_size": 32}', "utf-8")
    with pytest.raises(ConfigError, match="holds a llama of width 32"):
        build(labels, tmp_path)
    (tmp_path / "config.json").write_bytes((base / "config.json").read_bytes())
    with pytest.raises(ConfigError, match=r"holds no tokenizer\.json"):
        build(labels, tmp_path)
    (tmp_path / "tokenizer.json").write_text("{", "utf-8")
    with pytest.raises(ConfigError, match="is no tokenizer"):
        build(labels, tmp_path)
    tokenizer = Tokenizer(models.WordLevel({"a": 0}, unk_token="a"))
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    with pytest.raises(ConfigError, match="WordLevel, not Unigram"):
        build(labels, tmp_path)
    with pytest.raises(ConfigError, match='no device "nonsense"'):
        build(labels, base, device="nonsense")
