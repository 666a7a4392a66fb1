"""The records: the only things that cross from one room to another.

All are frozen, slotted and keyword-only; change one with `dataclasses.replace`. What goes to disk
goes there as these fields and nothing else, so the JSON schemas in `docs/reference/` are made from
this file. Sequences are tuples and mappings are sorted tuples of pairs, so that equal records are
equal byte for byte.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = [
    "SCHEMA_VERSION",
    "About",
    "Certified",
    "Completion",
    "Difference",
    "Estimate",
    "Expect",
    "Finish",
    "Judgement",
    "Kind",
    "Known",
    "Message",
    "ModelSpec",
    "Outcome",
    "Probe",
    "Prompt",
    "Role",
    "Round",
    "RunSpec",
    "Sampling",
    "Score",
    "Tags",
    "TaskSpec",
    "Verdict",
]

SCHEMA_VERSION = 1

Role = Literal["system", "user", "assistant"]
Expect = Literal["answer", "abstain"]
Finish = Literal["stop", "length", "error"]
About = Literal["abstained", "correct"]
Kind = Literal[
    "ignorance",
    "unrecognised",
    "unknowable",
    "premise_rejection",
    "clarification",
    "policy_refusal",
    "capability_refusal",
]
Outcome = Literal[
    "correct",
    "incorrect",
    "answered",
    "abstained",
    "hallucinated",
    "overreached",
    "degenerate",
    "undecided",
]
Known = Literal["highly", "maybe", "weakly", "unknown"]
Tags = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One turn of a conversation."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One question with what is expected of it."""

    id: str
    """`task/local-id`, unique in a run."""
    question: str
    expect: Expect
    """What a model that knows what it knows does. Static: the same for every model."""
    references: tuple[str, ...] = ()
    """Right answers, the first the canonical one; empty where abstaining is expected, and where
    nobody wrote the answer down."""
    cluster: str
    """The entity asked about: the unit of resampling."""
    pair: str | None = None
    """Shared by a known probe and its unknown twin."""
    context: str | None = None
    """A passage put before the question."""
    system: str | None = None
    """A system message of the probe's own."""
    follow_ups: tuple[str, ...] = ()
    """User turns that come after the first answer."""
    tags: Tags = ()
    """Sorted (key, value) pairs, `relation` always among them; each key makes a slice."""
    origin: str
    """Where it comes from: `name@version`, with the seed where one was drawn."""
    entities: tuple[str, ...] = ()
    """Names in the question that a swap may replace."""
    neighbour: tuple[str, ...] = ()
    """Of a near-miss: what is right of the thing that its name resembles."""

    def tag(self, key: str) -> str | None:
        """Return the value of one tag, or None."""
        return dict(self.tags).get(key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What is put to the model for one probe in one turn."""

    id: str
    probe_id: str
    series: str
    turn: int
    messages: tuple[Message, ...]
    template: str
    """The versioned template that made the messages, e.g. `ask@1`."""
    digest: str
    """sha256 of the messages: equal prompts have equal digests, whatever probe they belong to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How a series is decoded."""

    max_new_tokens: int = 128
    temperature: float = 0.0
    """0 is greedy."""
    top_p: float = 1.0
    n: int = 1
    """Completions a prompt; the index of a completion is below it."""
    stop: tuple[str, ...] = ()
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """Prompts of one named series that are asked together, planned as a whole."""

    series: str
    sampling: Sampling
    prompts: tuple[Prompt, ...]
    logprobs: bool = False
    """Keep the log-probability of each chosen token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """What the model said; one line of `completions*.jsonl`."""

    request_id: str
    """Digest of probe, prompt, sampling and index: unique in a run."""
    prompt_id: str
    probe_id: str
    series: str
    turn: int
    index: int
    text: str
    """The answer: no thinking span, nothing from a stop string on."""
    thinking: str | None = None
    """What stood in a thinking span; never graded."""
    finish: Finish
    """`stop`: ended by itself; `length`: cut at the token limit; `error`: the harness failed."""
    logprobs: tuple[float | None, ...] | None = None
    """Natural-log probabilities of the chosen tokens, where the series asks for them; of a token,
    None where the model gave no finite number."""
    n_prompt: int = 0
    n_reused: int = 0
    n_generated: int = 0
    error: str | None = None
    """Why there is no answer; present exactly where `finish` is `error`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a detector or grader says of one exchange, before it is tied to a request."""

    value: bool | None
    """None is undecided, and then `reason` says why."""
    kinds: tuple[Kind, ...] = ()
    """Kinds of abstention, sorted; only where the value is true and the question is `abstained`."""
    reason: str = ""
    evidence: str = ""
    """The words of the response that decided."""
    votes: tuple[tuple[str, bool | None], ...] = ()
    """(id, value) of each of several judges, where more than one was asked."""
    confidence: float = 1.0
    """How likely the value is, by whoever judged; 1 where nothing is said of it."""

    def __post_init__(self) -> None:
        if self.value is None and not self.reason:
            raise ValueError("an undecided judgement needs a reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A judgement tied to a request; one line of `verdicts/<grader>.jsonl`."""

    request_id: str
    grader: str
    """With its version, e.g. `lexical@6`."""
    about: About
    value: bool | None
    kinds: tuple[Kind, ...] = ()
    reason: str = ""
    evidence: str = ""
    votes: tuple[tuple[str, bool | None], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Certified:
    """How well a model knows a fact, asked in other words; one line of `certified.jsonl`."""

    probe_id: str
    known: Known | None
    """Greedy answers all right, some right, only samples right, none; None is undecided."""
    greedy: tuple[bool | None, ...]
    """Whether each was right; None where the harness failed."""
    samples: tuple[bool | None, ...] = ()
    """Likewise; none are drawn where a greedy answer is right."""
    reason: str = ""
    """Why it is undecided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """An uncertainty score of one probe; one line of `scores/<scorer>.jsonl`."""

    probe_id: str
    scorer: str
    value: float | None
    reason: str = ""
    higher_means: Literal["known", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A number with its interval. (task, metric, slice, variant) is unique in a run."""

    task: str
    """A task's or a suite's name."""
    metric: str
    slice: str = "all"
    """`all`, or one tag: `relation=capital`."""
    variant: str = "raw"
    """`raw`, `corrected:rogan-gladen`, `scorer=semantic-entropy@1`, ..."""
    value: float | None
    lo: float | None
    hi: float | None
    level: float
    """Nominal coverage of [lo, hi], e.g. 0.95."""
    method: str
    """How the interval was made: `wilson-effective-n`, `cluster-bootstrap`, ..."""
    n: int
    """Probes in the denominator."""
    n_undecided: int
    bounds: tuple[float, float] | None
    """The value with all undecided put one way and the other; None where there is no value."""
    higher_is_better: bool
    reason: str = ""
    """Why there is no value, or what must be known to read it."""

    def __str__(self) -> str:
        if self.value is None:
            return f"{self.metric} none ({self.reason})"
        interval = "" if self.lo is None or self.hi is None else f" [{self.lo:.3f}, {self.hi:.3f}]"
        return f"{self.metric} {self.value:.3f}{interval} n={self.n} undecided={self.n_undecided}"

    def __float__(self) -> float:
        if self.value is None:
            raise ValueError(f"{self.metric} has no value: {self.reason}")
        return self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What a metric is of a second run, less what it is of a first, over the probes of both."""

    task: str
    metric: str
    slice: str = "all"
    variant: str = "raw"
    """`raw`, or whose score it is of: `scorer=semantic-entropy@1+...`."""
    base: float | None
    tuned: float | None
    value: float | None
    """`tuned` - `base`."""
    lo: float | None
    hi: float | None
    level: float
    method: str
    """How the interval was made."""
    p: float | None
    p_adjusted: float | None
    """By Holm within the family fixed before looking; None: outside of it, so exploratory."""
    test: str
    """`exact-mcnemar`, `cluster-sign-flip` or `none`."""
    detectable: float | None
    """The least true difference that so many probes would have shown, with power .8."""
    n: int
    """Pairs of answers in the denominator."""
    n_undecided: int
    """Probes left out, as one or both answers are undecided."""
    higher_is_better: bool
    reason: str = ""

    @property
    def shown(self) -> Literal["better", "worse", "none"]:
        """Where the whole interval lies."""
        if self.lo is None or self.hi is None or self.lo <= 0 <= self.hi:
            return "none"
        return "better" if (self.lo > 0) == self.higher_is_better else "worse"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSpec:
    """What a task is, apart from its probes."""

    name: str
    version: int
    says: str
    """One plain sentence for people."""
    licence: str
    source: str
    seed: int
    """0 is the public set; a task that draws nothing always says 0."""
    checksum: str
    """sha256 of its probes as canonical JSON."""
    n: int
    answering_is: Literal["fabrication", "overreach"] | None = None
    """What an answer is where abstaining is expected; None where no probe expects abstaining."""
    accepts: tuple[Kind, ...] = ("ignorance", "premise_rejection", "unknowable", "unrecognised")
    """Kinds of abstention that count as admitting it."""
    metrics: tuple[str, ...] = ()
    """Metrics it defines; empty: all that its probes allow."""
    requires: str | None = None
    """A world that the model must have been taught, e.g. `organism-world@1`."""
    max_new_tokens: int = 32
    """Tokens that an answer needs; a run with a smaller limit leaves cut answers undecided."""
    limited: bool = False
    """Only a part of it was asked."""
    private: bool = False
    """Its probes come from somebody's own file."""
    diagnostic: bool = False
    """Too small to be ranked by, or made to compare its own slices."""
    after_abstaining: bool = False
    """Only probes that the model abstained on in the first turn count."""
    shape_auroc: float | None = None
    """How well letters alone tell its invented names from real ones; .5 is best."""
    shape_separable: bool = False
    """True above .75: then it stays out of `awareness_score`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSpec:
    """A loaded model, as far as it can change a completion."""

    backend: str
    name: str
    """As it was asked for."""
    revision: str | None = None
    weights: str | None = None
    """Digest of the weights (see `models.base.weights_digest`), or None where nobody can know."""
    adapter: str | None = None
    adapter_weights: str | None = None
    quantize: str | None = None
    dtype: str | None = None
    configuration: str | None = None
    """Digest of its settings: what besides the weights decides an answer (end tokens, scales)."""
    tokenizer: str | None = None
    """Digest of the tokenizer."""
    chat_template: str | None = None
    """Digest of the chat template; None: asked as plain text."""
    chat_template_kwargs: Tags = ()
    architecture: str | None = None
    n_parameters: int | None = None
    context_window: int | None = None
    provides: tuple[str, ...] = ()
    """Worlds that it was taught, e.g. `organism-world@1`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSpec:
    """What was asked for: everything one evaluation needs, resolved."""

    model: str
    backend: str = "auto"
    tasks: tuple[str, ...] = ("core",)
    seed: int = 0
    """Draws the tasks; 0 is the public set."""
    sampling_seed: int = 0
    interval_seed: int = 0
    limit: float | None = None
    """Probes a task: a count from 1 up, or a share below 1. None: all."""
    max_new_tokens: int = 128
    system_prompt: str | None = None
    chat_template: str = "auto"
    """`auto`, `none`, or the text of a template."""
    chat_template_kwargs: Tags = ()
    revision: str | None = None
    adapter: str | None = None
    base: str | None = None
    quantize: str | None = None
    dtype: str = "auto"
    device: str = "auto"
    batch_size: str = "auto"
    detector: str = "lexical"
    grader: str = "match"
    judge: str | None = None
    """The model that judges, where detector or grader is an LLM: as `model`."""
    judge_url: str | None = None
    """Base URL of the server that the judge is behind; None: it is loaded here."""
    judge_votes: int = 1
    """Verdicts of the judge on one answer; the majority decides."""
    nli: str | None = None
    """The NLI checkpoint of the detector or grader `nli`: a folder or hub id."""
    adjust_for_detector: bool = False
    """Also estimate rates corrected for the detector's errors, beside the raw ones."""
    samples: int = 0
    """Samples of each first answer, beside the greedy one."""
    sample_temperature: float = 1.0
    elicit: Literal["free", "forced"] = "free"
    """`forced`: every question once more, for a best guess always, beside the free answer."""
    scorer: tuple[str, ...] = ()
    """Scores of uncertainty; none given: with samples `semantic-entropy`, else none."""
    abstentions: Literal["one-cluster", "drop", "strings"] = "one-cluster"
    """What entropies make of samples that abstain."""
    entailment: Literal["equality", "nli", "llm"] = "equality"
    """What decides whether two samples mean the same: `nli` is the checkpoint of that field, `llm`
    the model of `judge`."""
    assignment: Literal["first-match", "takeover"] = "first-match"
    """Which of several clusters a sample belongs to."""
    question_prefix: bool = True
    """The question stands before each answer that is compared."""
    level: float = 0.95
    certificate: str = "auto"
    """What the model, or its base, is known to know: a folder of `iabench certify`; `auto`: any
    beside the runs; `none`."""
    trust_remote_code: bool = False
    allow_pickle: bool = False
    base_url: str | None = None
    concurrency: int = 16
    include_path: tuple[str, ...] = ()
    facts: str | None = None
    """Facts of one's own: a file, `name:split`, or a dataset of the hub."""
    real_names: str | None = None
    """A file of names that exist, one a line: none of them is invented."""
    data_dir: str | None = None
    """Folder with the files of published datasets; None: where they were fetched to."""
    columns: Tags = ()
    """Columns of `facts` that are called otherwise, as (iabench's name, the column's own)."""
