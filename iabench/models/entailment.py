"""Does one text follow from another? Any sequence-classification checkpoint for NLI says so."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from iabench.errors import ModelError
from iabench.models.base import weights_digest
from iabench.models.locate import folder_of
from iabench.registry import Registry

__all__ = [
    "ENTAILMENT",
    "Entailment",
    "HFEntailment",
    "OpenEntailment",
    "check_entailment",
    "entailment",
    "open_entailment",
]

_TOKENS = 4096
"""Of a batch on a CPU, padding counted; a GPU takes sixteen times as many."""
_WINDOW = 512
"""Longest pair where neither model nor tokenizer says how long one may be."""


@runtime_checkable
class Entailment(Protocol):
    """Says of pairs of texts whether the second follows from the first."""

    @property
    def id(self) -> str:
        """What it is, with a digest of its weights: whatever changes a number changes it."""
        ...

    def entails(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
        """Return the probabilities of (entailment, neutral, contradiction), shape (pairs, 3).

        A pair is (premise, hypothesis). Each row sums to 1; a model of two classes puts all that is
        not entailment under neutral. The same pair gets the same row in any company, up to the
        rounding of its arithmetic.
        """
        ...

    def close(self) -> None:
        """Give memory back."""
        ...


OpenEntailment = Callable[[str], Entailment]
"""What stands behind a name in the group `iabench.entailment`: from what was asked to a model."""

ENTAILMENT: Registry[OpenEntailment] = Registry("entailment", "entailment model")


def entailment(asked: str) -> Entailment:
    """Return the entailment model that `--nli` names: one of a plug-in, else a checkpoint.

    Raises:
        IabenchError: it cannot be opened.
    """
    known = asked in ENTAILMENT and asked != "hf"
    return ENTAILMENT.get(asked if known else "hf")(asked)


def check_entailment(asked: str) -> None:
    """Say what `--nli` lacks, as far as it can be known without loading it.

    Raises:
        ModelError: it is not there, or does not name its classes.
    """
    if asked not in ENTAILMENT or asked == "hf":
        _columns(asked, _folder(asked))


def open_entailment(checkpoint: str | Path) -> HFEntailment:
    """Return a Hugging Face NLI checkpoint, loaded: safetensors only, no remote code.

    Args:
        checkpoint: a folder or hub id.

    Raises:
        ModelError: it is not there, is no NLI classifier, or does not name its classes.
    """
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    name = str(checkpoint)
    folder = _folder(name)
    columns = _columns(name, folder)
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
        model, info = AutoModelForSequenceClassification.from_pretrained(
            folder,
            use_safetensors=True,
            trust_remote_code=False,
            dtype=torch.float32,
            output_loading_info=True,
        )
    except Exception as problem:  # a broken file raises whatever its reader stumbles over
        why = str(problem).strip().splitlines() or [type(problem).__name__]
        raise ModelError(f"{name} cannot be loaded: {why[0].rstrip('.')}.") from problem
    if info["missing_keys"]:
        # transformers would make them up at random: a checkpoint that has no classifier.
        missing = sorted(info["missing_keys"])
        raise ModelError(f"{name} is no NLI classifier: it has no {missing[0]}.", _HINT)
    if torch.cuda.is_available():
        model = model.to("cuda")
    weights = weights_digest(sorted(folder.glob("*.safetensors")))
    return HFEntailment(model, tokenizer, columns, name=f"{folder.name}-{weights[:6]}")


class HFEntailment:
    """A sequence classifier over pairs of texts.

    Args:
        model: with logits of shape (pairs, classes).
        tokenizer: of the model.
        columns: for each class of the model, 0 (entailment), 1 (neutral) or 2 (contradiction).
        name: with a digest of the weights.
    """

    def __init__(self, model: Any, tokenizer: Any, columns: Sequence[int], *, name: str) -> None:
        self._model = model.eval()
        self._tokenizer = tokenizer
        self._columns = tuple(columns)
        self._id = name
        self._pads = tokenizer.pad_token is not None
        self._window = _window(model.config, tokenizer)

    @property
    def id(self) -> str:
        """The folder's name and six digits of the digest of its weights."""
        return self._id

    def entails(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
        """Return the probabilities of (entailment, neutral, contradiction), shape (pairs, 3).

        Equal pairs are read once. Of a pair that is too long the longer text loses its end.
        """
        import torch

        distinct = list(dict.fromkeys(pairs))
        encoded = [self._encode(*pair) for pair in distinct]
        rows = np.zeros((len(distinct), 3))
        with torch.inference_mode():
            for batch in self._batches([len(one["input_ids"]) for one in encoded]):
                inputs = self._tokenizer.pad(
                    {key: [encoded[at][key] for at in batch] for key in encoded[batch[0]]},
                    padding=self._pads,
                    return_tensors="pt",
                ).to(self._model.device)
                chances = self._model(**inputs).logits.double().softmax(dim=-1).cpu().numpy()
                for number, column in enumerate(self._columns):
                    rows[batch, column] += chances[:, number]
        place = {pair: at for at, pair in enumerate(distinct)}
        return rows[[place[pair] for pair in pairs]] if pairs else rows

    def close(self) -> None:
        """Let the model go."""
        self._model = None

    def _encode(self, premise: str, hypothesis: str) -> Mapping[str, list[int]]:
        # A lone surrogate has no UTF-8, which is what tokenizers read.
        texts = [text.encode("utf-8", "replace").decode("utf-8") for text in (premise, hypothesis)]
        # Far more characters than tokens fit: nothing is tokenized that would be cut off. And no
        # text at all may be no token at all, which no model reads.
        premise, hypothesis = (text[: 16 * self._window] or " " for text in texts)
        return dict(
            self._tokenizer(
                premise, hypothesis, truncation="longest_first", max_length=self._window
            )
        )

    def _batches(self, lengths: Sequence[int]) -> Iterator[list[int]]:
        """Yield places of pairs of like length, the longest first, as many as the budget holds."""
        budget = _TOKENS * (16 if self._model.device.type == "cuda" else 1)
        order = sorted(range(len(lengths)), key=lambda at: -lengths[at])
        while order:
            n = max(1, budget // lengths[order[0]]) if self._pads else 1
            yield order[:n]
            order = order[n:]


_HINT = "--nli with an NLI checkpoint: a folder or hub id"


def _folder(name: str) -> Path:
    try:
        folder = folder_of(name)
    except ModelError as problem:
        hint = problem.hint.replace("--model FOLDER_OR_HUB_ID", _HINT)
        raise ModelError(problem.message, hint) from None
    if not (folder / "config.json").is_file():
        raise ModelError(f"{name} has no config.json: not a model folder.", _HINT)
    if not any(folder.glob("*.safetensors")):
        raise ModelError(f"{name} has no weights (*.safetensors).", _HINT)
    return folder


def _columns(name: str, folder: Path) -> list[int]:
    """Return which of the three each class of a checkpoint is, by the names in its config.

    Raises:
        ModelError: the names do not say which class is entailment.
    """
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        names = {int(at): str(label) for at, label in config.get("id2label", {}).items()}
    except (OSError, ValueError, AttributeError) as problem:
        raise ModelError(f"cannot read the config.json of {name}: {problem}.") from None
    columns = [_column(names[at]) for at in sorted(names)]
    known = [column for column in columns if column is not None]
    if len(known) < len(columns) or known.count(0) != 1 or len(known) not in (2, 3):
        shown = ", ".join(names[at] for at in sorted(names)) or "none"
        raise ModelError(
            f"{name} does not name its classes entailment, neutral, contradiction ({shown}).",
            "another checkpoint, or write id2label into its config.json",
        )
    return known


def _column(label: str) -> int | None:
    word = "".join(letter for letter in label.lower() if letter.isalpha())
    if word.startswith("contradict"):
        return 2
    if word.startswith(("neutral", "notentail", "nonentail", "noentail")):
        return 1
    return 0 if word.startswith("entail") else None


def _window(config: Any, tokenizer: Any) -> int:
    """Return the most tokens of a pair: what both model and tokenizer take."""
    held = getattr(config, "max_position_embeddings", None) or _WINDOW
    if getattr(config, "model_type", "") in ("roberta", "xlm-roberta", "camembert"):
        held -= 2  # its positions begin behind the padding
    return int(min(held, tokenizer.model_max_length, 8 * _WINDOW))
