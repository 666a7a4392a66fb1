"""What a training is: one record, every field an option, a key of a settings file, and a choice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from iabench.records import Tags

__all__ = [
    "Abstention", "AnchorAnswer", "Direction", "Entailment", "KLPositions", "Kept", "LoraMaps",
    "Mask", "Path", "Save", "Scope", "SignalName", "TrainSpec",
]  # fmt: skip

Scope = Literal["all", "attention+mlp"]
Mask = Literal["random", "magnitude-small", "magnitude-large", "fisher-protect", "fisher-select"]
AnchorAnswer = Literal["dataset", "own"]
KLPositions = Literal["all", "answer", "prompt"]
Direction = Literal["forward", "reverse"]
Path = Literal["auto", "lean", "plain"]
Save = Literal["model", "delta"]
SignalName = Literal["none", "entropy", "string-entropy", "correctness", "expected-accuracy"]
Kept = Literal["own", "own-correct", "gold"]
Abstention = Literal["phrase", "refusal-list", "sure-suffix"]
Entailment = Literal["equality", "nli", "llm"]
LoraMaps = Literal["all", "query+value"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainSpec:
    """One training, resolved. The first block are the axes, the second their settings."""

    model: str
    facts: str | None = None
    questions: str | None = None
    """Questions that the base labels itself, in place of facts."""
    method: str = "custom"
    """The preset that the axes come from; `custom` where one of them was changed."""

    rows: tuple[str, ...] = ("facts",)
    target: str = "gold"
    update: str = "full"
    anchors: tuple[str, ...] = ()
    after: str = "none"

    signal: SignalName = "none"
    """What tells the target `by-signal` which questions the base is sure of."""
    kept: Kept = "own"
    """What is taught where it is sure."""
    abstention: Abstention = "phrase"
    """What is taught where it is not."""
    threshold: float | None = None
    """Of the signal; None: of the entropies the one of `thresholds` with the lowest AED."""
    thresholds: tuple[float, ...] = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0, 2.25)
    validation_share: float = 0.2
    """Share of the questions that is never taught, to choose a threshold on."""
    samples: int = 10
    sample_temperature: float = 1.0
    standard_temperature: float = 0.1
    """Of the base's own answer, which is kept."""
    max_new_tokens: int = 64
    """Of whatever the base says to questions."""
    entailment: Entailment = "equality"
    """What decides whether two samples mean the same: `nli` is the checkpoint of that field, `llm`
    the model of `judge`."""
    nli: str | None = None
    judge: str | None = None
    """A language model: as `model`, or a name at the server of `judge_url`."""
    judge_url: str | None = None

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
    lora_maps: LoraMaps = "all"
    """Linear maps with adapters: all of attention and MLP, or query and value alone."""
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
    cycles: float | None = None
    """Of a cosine: .5 ends at 0, .2 at .65 of the learning rate."""
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

    @property
    def source(self) -> str:
        """Where the rows come from, facts or questions."""
        return self.facts or self.questions or ""
