"""What a training is: one record, every field an option, a key of a settings file, and a choice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from iabench.records import Tags

__all__ = ["AnchorAnswer", "Direction", "KLPositions", "Mask", "Path", "Save", "Scope", "TrainSpec"]

Scope = Literal["all", "attention+mlp"]
Mask = Literal["random", "magnitude-small", "magnitude-large", "fisher-protect", "fisher-select"]
AnchorAnswer = Literal["dataset", "own"]
KLPositions = Literal["all", "answer", "prompt"]
Direction = Literal["forward", "reverse"]
Path = Literal["auto", "lean", "plain"]
Save = Literal["model", "delta"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainSpec:
    """One training, resolved. The first block are the axes, the second their settings."""

    model: str
    facts: str
    method: str = "custom"
    """The preset that the axes come from; `custom` where one of them was changed."""

    rows: tuple[str, ...] = ("facts",)
    target: str = "gold"
    update: str = "full"
    anchors: tuple[str, ...] = ()
    after: str = "none"

    ratio: float = 1.0
    """Replayed or added rows for each row of facts."""
    scope: Scope = "all"
    """Which weights an update may touch: all, or the matrices of attention and MLP."""
    density: float = 0.1
    """Share of the weights in scope that a sparse update may touch."""
    mask: Mask = "random"
    lora_rank: int = 8
    lora_alpha: float = 32.0
    lora_dropout: float = 0.0
    alpha: float = 1.0
    """Weight of each KL anchor."""
    direction: Direction = "forward"
    """Forward is KL(base || tuned)."""
    kl_positions: KLPositions = "all"
    anchor_answer: AnchorAnswer = "dataset"
    """What follows the perturbed question: the row's own answer, or what the base says."""
    copies: int = 0
    """Perturbed copies of a row, taken in turn by epoch; 0: a new one each epoch."""
    ewc_lambda: float = 1.0
    interpolate: float | None = None
    """Weight of the tuned model in the mean with its base; None: chosen on validation."""

    learning_rate: float = 1e-5
    epochs: float = 10.0
    max_steps: int = -1
    batch_size: int = 16
    """Rows of one accumulation step, of all processes together: each takes its share."""
    accumulation: int = 1
    weight_decay: float = 0.0
    max_grad_norm: float = 1.0
    warmup: float = 0.0
    """Share of the steps, below 1; or a number of them."""
    schedule: str = "constant"
    optim: str = "adamw_torch"
    betas: tuple[float, float] = (0.9, 0.999)
    mixed: Literal["no", "bf16"] = "no"
    """Products in bfloat16, weights and moments in float32."""
    gradient_checkpointing: bool = False
    max_length: int = 512
    truncate: bool = False
    stop_at_recall: float | None = None
    """Stop once this share of the facts is said as it was taught."""
    seed: int = 0
    path: Path = "auto"
    """How a sparse update is carried out: `lean` or `plain`; `auto` is lean where it can be."""
    save: Save = "model"
    checkpoint_every: int = 0
    """Steps between checkpoints that a killed training goes on from; 0: once an epoch."""
    report_to: tuple[str, ...] = ()

    system_prompt: str | None = None
    chat_template: str = "auto"
    chat_template_kwargs: Tags = ()
    columns: Tags = ()
    real_names: str | None = None
    data_dir: str | None = None
    """Folder with the files of published datasets; None: where they were fetched to."""
    device: str = "auto"
    dtype: str = "auto"
    revision: str | None = None
    trust_remote_code: bool = False
    allow_pickle: bool = False
    settings: str = "own"
    """`own`: what the checkpoint carries for the preset; `published`: the preset's."""
