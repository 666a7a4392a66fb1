"""A small encoder that reads whether a response abstains, applied with NumPy.

BERT (Devlin et al. 2018, arXiv 1810.04805) with twelve layers of 384, the weights in eight bits and
the table of words in four. It began as multilingual-e5-small (Wang et al. 2024, arXiv 2402.05672;
MIT licence) and was tuned on the own labels (`iabench.organism.encoder`). It reads the question and
the response together, in the languages of the labels, and says how likely it is that the response
abstains, and how.

    <s> question </s></s> response </s>   ->   twelve layers   ->   mean over tokens   ->   8 logits
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from iabench.grading.classifier import KINDS
from iabench.grading.lexicon import likely
from iabench.records import Kind

if TYPE_CHECKING:
    from tokenizers import Tokenizer

__all__ = ["GROUP", "WEIGHTS", "Encoder", "packed", "shipped", "unpacked"]

WEIGHTS = Path(__file__).parent / "weights" / "encoder.safetensors"
GROUP = 32
"""Weights that share a scale."""
ASKED, ANSWERED = (48, 24), (120, 50)
"""Tokens of a question and of a response that are read: so many first and so many last."""
_BEGINS, _ENDS = 0, 2
"""<s> and </s>, as in every tokenizer of the base's family."""
_SEEN = 2_500
"""Characters that hold so many tokens, at either end."""
_AT_ONCE = 4_096
"""Tokens of a batch."""
_NORM = 1e-12

Array = npt.NDArray[np.float32]
Packed = tuple[npt.NDArray[np.uint8], npt.NDArray[np.float16]]


class Encoder:
    """The encoder in one file, with its tokenizer and its settings beside it.

    Args:
        file: a .safetensors file; `encoder.json` and `encoder-tokenizer.json` lie beside it.
    """

    def __init__(self, file: Path = WEIGHTS) -> None:
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        told = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))
        self._tokenizer = Tokenizer.from_file(str(file.with_name(f"{file.stem}-tokenizer.json")))
        self._heads = int(told["heads"])
        self._slope = float(told["slope"])
        stored = load_file(file)
        # A row of the table of words is unpacked when it is looked up: most never are.
        self._words = (stored.pop("words.packed"), stored.pop("words.scales"))
        self._weights = dict(_opened(stored))
        self._layers = [f"layer.{at}." for at in range(int(told["layers"]))]

    def abstains(
        self, pairs: Sequence[tuple[str, str]]
    ) -> Iterator[tuple[float, tuple[Kind, ...]]]:
        """Yield of each (question, response) the logit that it abstains, and in which kinds.

        The kinds are those that are likelier than not, or else the likeliest; sorted. Logits are
        rounded to hundredths: the digits after those depend on what is read beside.
        """
        for scores in self.read(pairs).tolist():
            yield round(scores[0], 2), likely(dict(zip(KINDS, scores[1:], strict=True)))

    def read(self, pairs: Sequence[tuple[str, str]]) -> Array:
        """Return the logits of (question, response) pairs, shape (n, 8), in order.

        The first is that the response abstains, the others that it does so in each of the kinds of
        `classifier.KINDS`. Pairs of like length are read together; what is in a batch changes
        nothing but the last digits.
        """
        ids = [tokens(self._tokenizer, *pair) for pair in pairs]
        found = np.empty((len(ids), self._weights["head.bias"].size), np.float32)
        for rows in _batches([len(one) for one in ids]):
            found[rows] = self._forward([ids[row] for row in rows])
        found[:, 0] *= self._slope  # a score becomes the logit of a probability
        return found

    def _forward(self, ids: Sequence[Sequence[int]]) -> Array:
        longest = max(map(len, ids))
        given = np.array([[at < len(one) for at in range(longest)] for one in ids])
        table = np.array([[*one, *[0] * (longest - len(one))] for one in ids])
        of, w = self._weights, "embeddings."
        x = unpacked(self._words[0][table], self._words[1][table]) + of[w + "place"][:longest]
        x = self._normed(x, w)
        unseen = np.where(given, np.float32(0), np.float32(-1e9))[:, None, None, :]
        for w in self._layers:
            x = self._normed(x + self._attended(x, unseen, w), w + "attention.")
            x = self._normed(x + self._thought(x, w), w + "output.")
        kept = given[..., None].astype(np.float32)
        mean = (x * kept).sum(1) / kept.sum(1)
        return self._linear(mean, "head")

    def _attended(self, x: Array, unseen: Array, w: str) -> Array:
        """Return what every token gathers from the others, shape (n, tokens, width)."""
        n, length, width = x.shape
        heads = self._linear(x, w + "reads").reshape(n, length, 3, self._heads, -1)
        query, key, value = heads.transpose(2, 0, 3, 1, 4)
        near = query @ key.swapaxes(-1, -2) / np.float32(np.sqrt(query.shape[-1])) + unseen
        near = np.exp(near - near.max(-1, keepdims=True))
        near /= near.sum(-1, keepdims=True)
        return self._linear(
            (near @ value).swapaxes(1, 2).reshape(n, length, width), w + "attention"
        )

    def _thought(self, x: Array, w: str) -> Array:
        from scipy.special import erf

        inner = self._linear(x, w + "inner")
        inner *= np.float32(0.5) * (1 + erf(inner * np.float32(np.sqrt(0.5))))  # GELU
        return self._linear(inner, w + "output")

    def _linear(self, x: Array, w: str) -> Array:
        out: Array = x @ self._weights[w + ".weight"]
        out += self._weights[w + ".bias"]
        return out

    def _normed(self, x: Array, w: str) -> Array:
        x = x - x.mean(-1, keepdims=True)
        x /= np.sqrt((x * x).mean(-1, keepdims=True) + np.float32(_NORM))
        normed: Array = x * self._weights[w + "norm.weight"] + self._weights[w + "norm.bias"]
        return normed


@cache
def shipped() -> Encoder:
    """Return the encoder that ships."""
    return Encoder()


def tokens(tokenizer: Tokenizer, question: str, response: str) -> list[int]:
    """Return the tokens of a question and a response; of long ones the first and the last.

    What a text says in the tokenizer's own marks, as "</s>", is left out.
    """
    asked, answered = (
        _cut(
            [at for at in tokenizer.encode(text, add_special_tokens=False).ids if at > _ENDS], most
        )
        for text, most in ((_ends(question), ASKED), (_ends(response), ANSWERED))
    )
    return [_BEGINS, *asked, _ENDS, _ENDS, *answered, _ENDS]


def packed(weights: Array, bits: Literal[4, 8] = 8) -> Packed:
    """Return weights in a few bits: (codes, scales); of four bits, two codes in a byte.

    Args:
        weights: shape (..., a multiple of `GROUP`).
        bits: of a code.

    Each group of 32 is stored as multiples of one scale: its largest weight, with its sign, is
    the lowest multiple (as in llama.cpp's Q4_0).
    """
    groups, lowest = weights.reshape(*weights.shape[:-1], -1, GROUP), 1 << bits - 1
    largest = np.take_along_axis(groups, np.abs(groups).argmax(-1)[..., None], -1)
    scales = (largest / -lowest).astype(np.float16)
    divisor = np.where(scales == 0, np.float32(1), scales.astype(np.float32))
    codes = (np.clip(np.rint(groups / divisor), -lowest, lowest - 1) + lowest).astype(np.uint8)
    if bits == 4:
        codes = codes[..., : GROUP // 2] + 16 * codes[..., GROUP // 2 :]
    return codes.reshape(*weights.shape[:-1], -1), scales[..., 0]


def unpacked(codes: npt.NDArray[np.uint8], scales: npt.NDArray[np.float16]) -> Array:
    """Return the weights that codes and scales stand for: the inverse of `packed`, to rounding."""
    groups = codes.reshape(*scales.shape, -1)
    if groups.shape[-1] < GROUP:
        groups = np.concatenate([groups & 15, groups >> 4], -1)
        lowest = 8
    else:
        lowest = 128
    weights: Array = (groups.astype(np.float32) - lowest) * scales[..., None].astype(np.float32)
    return weights.reshape(*scales.shape[:-1], -1)


def _opened(stored: Mapping[str, Any]) -> Iterator[tuple[str, Array]]:
    """Yield the arrays of a file by name; matrices (in, out), as they are multiplied with."""
    for name, array in stored.items():
        if name.endswith(".packed"):
            name = name.removesuffix(".packed")
            matrix = unpacked(array, stored[f"{name}.scales"])
            yield f"{name}.weight", np.ascontiguousarray(matrix.T)
        elif not name.endswith(".scales"):
            yield name, array.astype(np.float32)


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Yield the places of texts that are read together, all near in length."""
    batch: list[int] = []
    for row in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and (len(batch) + 1) * lengths[row] > _AT_ONCE:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch


def _cut(ids: list[int], most: tuple[int, int]) -> list[int]:
    first, last = most
    return ids if len(ids) <= first + last else [*ids[:first], *ids[-last:]]


def _ends(text: str) -> str:
    """Return the first and the last characters of a text, all that tokens are taken of.

    Halves of surrogate pairs, which no tokenizer takes, are replaced.
    """
    text = " ".join(text.split())
    if len(text) > 2 * _SEEN:
        text = f"{text[:_SEEN]} {text[-_SEEN:]}"
    return text.encode("utf-8", "replace").decode("utf-8")
