"""How the encoder of the lexical detector is tuned: `iabench organism build encoder --base FOLDER`.

    base        a small BERT with a Unigram tokenizer: intfloat/multilingual-e5-small as a folder
    pruned      its words: the likeliest, and those that several labels hold
    tuned       all weights but the table of words, on abstention, kinds and strata at once
    calibrated  the slope of a sigmoid through 0, on scores of a fifth of the families, by a model
                tuned on the rest (Platt's, without a bias: what a score says stays its sign)

Half an hour on a core that multiplies in bfloat16. NumPy applies it (`iabench.grading.encoder`).
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from iabench import jsonl
from iabench.errors import ConfigError
from iabench.grading.classifier import KINDS
from iabench.grading.encoder import GROUP, WEIGHTS, packed, tokens
from iabench.grading.labels import Label, labels_digest
from iabench.organism.folds import folds
from iabench.records import SCHEMA_VERSION
from iabench.rng import stream

__all__ = ["Recipe", "build"]

Watch = Callable[[str, int, int], None]
Array = Any

LEAST = 3
"""Labels that a word is in, to be kept where it is not among the likeliest."""
_POOL = 8
"""Batches whose rows are sorted by length together."""
_HINT = "--base FOLDER with multilingual-e5-small in it"
_SPECIAL = 4
"""Words before the first piece: <s>, <pad>, </s>, <unk>."""
_PLACES = 512
"""Of the base."""
_LAYER = {
    "attention": "attention.output.dense", "attention.norm": "attention.output.LayerNorm",
    "inner": "intermediate.dense", "output": "output.dense", "output.norm": "output.LayerNorm",
}  # fmt: skip
"""Names of ours for the base's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Settings, chosen on scores over families of development and training labels."""

    pieces: int = 16_000
    """Of the base's words, the likeliest; what the labels often hold is kept beside them."""
    epochs: float = 4.0
    batch: int = 32
    learning_rate: float = 1e-4
    head_rate: float = 1e-3
    """Of the new weights."""
    warmup: float = 0.1
    dropout: float = 0.1
    beside: float = 0.3
    """What the losses on kinds and on strata each count, beside that on abstention."""
    folds: int = 5
    """One of them is left out for calibration."""
    seed: int = 0


class _Reads(nn.Module):
    """The base, the mean over its tokens, and a linear head."""

    def __init__(self, base: nn.Module, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.base, self.head = base, nn.Linear(width, heads)
        self.dropout = nn.Dropout(dropout)

    def forward(self, ids: Tensor, given: Tensor) -> Tensor:
        states = self.base(input_ids=ids, attention_mask=given).last_hidden_state
        kept = given[..., None].to(states.dtype)
        scores: Tensor = self.head(self.dropout((states * kept).sum(1) / kept.sum(1)))
        return scores.float()


def build(
    labels: Sequence[Label],
    base: Path,
    out: Path = WEIGHTS,
    *,
    recipe: Recipe | None = None,
    device: str = "cpu",
    watch: Watch | None = None,
) -> None:
    """Tune the encoder and write it to `out`, with its tokenizer and settings beside it.

    Args:
        labels: what is learned.
        base: a folder with `config.json`, `model.safetensors` and `tokenizer.json`.
        out: a .safetensors file.
        recipe: the shipped one, unless a test wants a smaller.
        device: where it is tuned.
        watch: told (stage, steps done, steps in all).

    Raises:
        ConfigError: the folder holds no BERT with a Unigram tokenizer, or there is no such device.
    """
    recipe = recipe or Recipe()
    _check(base, device)
    tuning = _Tuning(labels, base, recipe, device, watch)
    model = tuning.fit(np.arange(len(labels)), "tune")
    scores, left = tuning.unseen()
    told = {
        "base": "intfloat/multilingual-e5-small (MIT)",
        "labels": {"n": len(labels), "digest": labels_digest(labels)},
        "recipe": asdict(recipe),
        "slope": _slope(scores, so := np.array([labels[row].so for row in left])),
        "unseen": {"n": len(left), "balanced_accuracy": _balanced(scores > 0, so)},
    }
    _write(out, model, tuning.tokenizer_json, told)


def _check(base: Path, device: str) -> None:
    """Refuse a base that is no such BERT, and a device that is none, before anything is tuned."""
    try:
        told = json.loads((base / "config.json").read_text(encoding="utf-8"))
        kind, width = told["model_type"], int(told["hidden_size"])
    except (OSError, ValueError, KeyError, TypeError):
        raise ConfigError(f"{base} holds no config.json of a model.", _HINT) from None
    if kind != "bert" or width % GROUP:
        raise ConfigError(f"{base} holds a {kind} of width {width}, no BERT of e5's kind.", _HINT)
    try:
        torch.empty(0, device=device)
    except RuntimeError:
        raise ConfigError(f'no device "{device}" here.', "--device cpu") from None


def _write(out: Path, model: Any, tokenizer: str, told: dict[str, Any]) -> None:
    from safetensors.numpy import save

    raw = save(dict(sorted(_arrays(model).items())))
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(raw)
    out.with_name(f"{out.stem}-tokenizer.json").write_text(tokenizer, "utf-8")
    of = model.base.config
    told |= {
        "schema_version": SCHEMA_VERSION,
        "layers": of.num_hidden_layers,
        "heads": of.num_attention_heads,
        "weights": {"digest": hashlib.sha256(raw).hexdigest(), "bytes": len(raw)},
    }
    jsonl.write_json(out.with_suffix(".json"), told)


class _Tuning:
    """Labels as tensors, and the base that every fit begins from."""

    def __init__(
        self,
        labels: Sequence[Label],
        base: Path,
        recipe: Recipe,
        device: str,
        watch: Watch | None,
    ) -> None:
        self._labels, self._recipe, self._device = labels, recipe, device
        self._watch = watch or (lambda stage, done, total: None)
        self.tokenizer_json, kept = _pruned(base, labels, recipe.pieces)
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_str(self.tokenizer_json)
        self._ids = [tokens(tokenizer, label.question, label.response) for label in labels]
        self._lengths = np.array([len(ids) for ids in self._ids])
        self._base, self._kept = base, kept
        strata = sorted({label.kind for label in labels})
        self._strata = len(strata)
        self._so = torch.tensor([float(label.so) for label in labels], device=device)
        kinds = [[float(kind in label.kinds) for kind in KINDS] for label in labels]
        self._kinds = torch.tensor(kinds, device=device)
        self._stratum = torch.tensor([strata.index(x.kind) for x in labels], device=device)

    def unseen(self) -> tuple[Array, Array]:
        """Return the scores of labels by weights that saw nothing of their families, and which."""
        learned, left = next(folds(self._labels, self._recipe.folds))
        return self._scores(self.fit(learned, "calibrate"), left), left

    def fit(self, rows: Array, stage: str) -> Any:
        """Return the base tuned on some rows."""
        recipe = self._recipe
        torch.manual_seed(recipe.seed)  # noqa: TID251  (dropout takes no generator)
        base = _opened(self._base, self._kept)
        heads = 1 + len(KINDS) + self._strata
        model: Any = _Reads(base, base.config.hidden_size, heads, recipe.dropout).to(self._device)
        steps = max(1, int(recipe.epochs * len(rows) / recipe.batch))
        words = base.get_input_embeddings().weight
        words.requires_grad_(False)  # most are in no label; these stay beside those that are
        learned = [one for one in base.parameters() if one.requires_grad]
        optimizer = torch.optim.AdamW(
            [
                {"params": learned, "lr": recipe.learning_rate},
                {"params": model.head.parameters(), "lr": recipe.head_rate},
            ],
            weight_decay=0.01,
        )
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer,
            [recipe.learning_rate, recipe.head_rate],
            total_steps=steps + 1,
            pct_start=recipe.warmup,
            anneal_strategy="linear",
        )
        model.train()
        for step, some in enumerate(_order(rows, self._lengths, recipe, steps), 1):
            optimizer.zero_grad()
            loss: Any = self._loss(model, some)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            self._watch(stage, step, steps)
        return model.eval()

    def _loss(self, model: nn.Module, rows: Array) -> Tensor:
        at = torch.as_tensor(rows, device=self._device)
        scores = self._read(model, rows)
        abstains, kinds, strata = torch.split(scores, [1, len(KINDS), self._strata], dim=1)
        so = self._so[at]
        bce = functional.binary_cross_entropy_with_logits
        of_kinds = bce(kinds, self._kinds[at], reduction="none").mean(1)  # of abstentions alone
        beside = (of_kinds * so).mean() + functional.cross_entropy(strata, self._stratum[at])
        return bce(abstains[:, 0], so) + self._recipe.beside * beside

    def _read(self, model: nn.Module, rows: Array) -> Tensor:
        longest = max(len(self._ids[row]) for row in rows)
        ids = [[*self._ids[row], *[1] * (longest - len(self._ids[row]))] for row in rows]
        given = [[int(at < len(self._ids[row])) for at in range(longest)] for row in rows]
        with torch.autocast(self._device, torch.bfloat16):
            scores: Tensor = model(
                torch.tensor(ids, device=self._device), torch.tensor(given, device=self._device)
            )
        return scores

    @torch.no_grad()
    def _scores(self, model: nn.Module, rows: Array) -> Array:
        order = sorted(rows, key=lambda row: len(self._ids[row]))
        scores = dict[int, float]()
        for start in range(0, len(order), 128):
            some = order[start : start + 128]
            scores |= zip(some, self._read(model, np.array(some))[:, 0].tolist(), strict=True)
        return np.array([scores[row] for row in rows])


def _order(rows: Array, lengths: Array, recipe: Recipe, steps: int) -> Iterator[Array]:
    """Yield the rows of each step, every row once a pass; those of a step are of like length."""
    dice = stream(recipe.seed, "encoder", "order")
    ahead: list[Array] = []
    for _ in range(steps):
        if not ahead:
            mixed = dice.permutation(rows)
            for start in range(0, len(mixed), _POOL * recipe.batch):
                pool = mixed[start : start + _POOL * recipe.batch]
                pool = pool[np.argsort(lengths[pool], kind="stable")]
                parts = [pool[at : at + recipe.batch] for at in range(0, len(pool), recipe.batch)]
                ahead += [parts[at] for at in dice.permutation(len(parts))]
        yield ahead.pop(0)


def _pruned(base: Path, labels: Sequence[Label], pieces: int) -> tuple[str, list[int]]:
    """Return the tokenizer with fewer words, as JSON, and which rows of the base's table stay.

    Raises:
        ConfigError: the folder holds no Unigram tokenizer.
    """
    from tokenizers import Tokenizer

    file = base / "tokenizer.json"
    if not file.is_file():
        raise ConfigError(f"{base} holds no tokenizer.json.", _HINT)
    try:
        whole = Tokenizer.from_file(str(file))
    except Exception:  # noqa: BLE001  (the library raises nothing narrower)
        raise ConfigError(f"{file} is no tokenizer.", "download the folder again") from None
    told = json.loads(whole.to_str())
    if told["model"]["type"] != "Unigram":
        raise ConfigError(
            f"the tokenizer in {base} is {told['model']['type']}, not Unigram.",
            _HINT,
        )
    words = told["model"]["vocab"]
    used = Counter(
        at
        for label in labels
        for at in {
            *whole.encode(label.question, add_special_tokens=False).ids,
            *whole.encode(label.response, add_special_tokens=False).ids,
        }
    )
    common = (at for at, n in used.items() if n >= LEAST)
    likely = sorted(range(_SPECIAL, len(words)), key=lambda at: (-words[at][1], at))[:pieces]
    kept = sorted({*range(_SPECIAL), *common, *likely})
    told["model"]["vocab"] = [words[at] for at in kept]
    told["model"]["unk_id"] = 3
    told |= {"truncation": None, "padding": None, "post_processor": None}
    told["added_tokens"] = [token for token in told["added_tokens"] if token["id"] < _SPECIAL]
    return json.dumps(told, ensure_ascii=False), kept


def _opened(base: Path, kept: Sequence[int]) -> Any:
    """Return the base with some rows of its table of words."""
    from transformers import AutoModel

    model = AutoModel.from_pretrained(base, add_pooling_layer=False, dtype=torch.float32)
    words = model.get_submodule("embeddings.word_embeddings")
    fewer = nn.Embedding(len(kept), words.embedding_dim, padding_idx=1)
    fewer.weight.data.copy_(words.weight.data[list(kept)])
    model.set_input_embeddings(fewer)
    return model


def _arrays(model: Any) -> dict[str, Array]:
    """Return what is stored: the words in four bits, matrices in eight, the rest in halves."""
    base = model.base
    found: dict[str, Array] = {}

    def keep(name: str, *modules: Any) -> None:
        matrix = torch.cat([module.weight.data for module in modules]).cpu().numpy()
        found[f"{name}.packed"], found[f"{name}.scales"] = packed(matrix)
        found[f"{name}.bias"] = _half(torch.cat([module.bias.data for module in modules]))

    def norm(name: str, module: Any) -> None:
        found[f"{name}.weight"], found[f"{name}.bias"] = (
            _half(one.data) for one in (module.weight, module.bias)
        )

    table = base.embeddings
    found["words.packed"], found["words.scales"] = packed(
        table.word_embeddings.weight.data.cpu().numpy(), bits=4
    )
    kind = table.token_type_embeddings.weight.data[0]
    found["embeddings.place"] = _half(table.position_embeddings.weight.data[:_PLACES] + kind)
    norm("embeddings.norm", table.LayerNorm)
    for at, layer in enumerate(base.encoder.layer):
        reads = layer.attention.self
        keep(f"layer.{at}.reads", reads.query, reads.key, reads.value)
        for ours, theirs in _LAYER.items():
            (norm if ours.endswith("norm") else keep)(
                f"layer.{at}.{ours}", layer.get_submodule(theirs)
            )
    heads = 1 + len(KINDS)
    found["head.weight"] = _half(model.head.weight.data[:heads].T)
    found["head.bias"] = _half(model.head.bias.data[:heads])
    return found


def _half(tensor: Tensor) -> Array:
    return np.ascontiguousarray(tensor.cpu().numpy().astype(np.float16))


def _slope(scores: Array, so: Array) -> float:
    """Return the factor, above 0, that makes a score the logit of a probability."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=1e6, fit_intercept=False).fit(scores[:, None], so)
    return max(0.01, round(float(model.coef_[0, 0]), 3))


def _balanced(said: Array, so: Array) -> float:
    from sklearn.metrics import balanced_accuracy_score

    return round(float(balanced_accuracy_score(so, said)), 4)
