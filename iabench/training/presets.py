"""Named methods: points on the axes with their published settings.

`seat` and `entity-kl` are the paper as far as it is known; `seat-own` and `entity-kl-own` are ours,
with the base's own answer behind the perturbed question. Only `seat` is called SEAT.
"""

from __future__ import annotations

from typing import Any

from iabench.training.base import Preset

__all__ = ["preset"]

_SEAT = "SEAT, arXiv 2506.14387 (settings not published; from the authors' earlier code)"
_SE_TUNING = "Tjandra et al., arXiv 2410.17234 (alpha of LoRA not given; 16 is a guess)"
_TJANDRA = {
    "target": "by-signal",
    "update": "lora",
    "lora_maps": "query+value",
    "lora_rank": 8,
    "lora_alpha": 16.0,
    "learning_rate": 3e-5,
    "batch_size": 48,
    "epochs": 7.0,
    "schedule": "cosine",
    "cycles": 0.2,
}
_OWN = {"anchors": ("entity-kl",), "anchor_answer": "own", "kl_positions": "answer", "copies": 8}


def _preset(name: str, says: str, source: str, **settings: Any) -> Preset:
    return Preset(name=name, says=says, source=source, settings=tuple(sorted(settings.items())))


_ALL = (
    _preset("full", "every weight, the facts alone", _SEAT),
    _preset(
        "lora",
        "adapters of rank 8",
        "Hu et al., arXiv 2106.09685; rank as in SEAT",
        update="lora",
        learning_rate=1e-4,
    ),
    _preset("sparse", "a random tenth of the weights", _SEAT, update="sparse"),
    _preset(
        "entity-kl",
        "every weight, held to the base on perturbed copies",
        _SEAT,
        anchors=("entity-kl",),
    ),
    _preset(
        "entity-kl-own",
        "the same, on the base's own answers to the perturbed questions",
        "iabench",
        **_OWN,
    ),
    _preset(
        "seat",
        "sparse, and held to the base on perturbed copies",
        _SEAT,
        update="sparse",
        anchors=("entity-kl",),
    ),
    _preset(
        "seat-own",
        "the same, on the base's own answers to the perturbed questions",
        "iabench",
        update="sparse",
        **_OWN,
    ),
    _preset(
        "base-kl",
        "every weight, held to the base on the facts' own questions",
        "the ablation that SEAT lacks; Kaplan et al., arXiv 2604.15574",
        anchors=("base-kl",),
        kl_positions="prompt",
    ),
    _preset(
        "ewc",
        "every weight, held back where the base's abstentions need it",
        "Kirkpatrick et al., PNAS 114, 2017; lambda not published by SEAT",
        anchors=("ewc",),
        ewc_lambda=100.0,
    ),
    _preset(
        "replay",
        "every weight, with the base's own abstentions among the facts",
        "experience replay at ratio 1.0, as in SEAT",
        rows=("facts", "abstentions"),
    ),
    _preset(
        "idk-sft",
        'every weight, with "I don\'t know." to invented names among the facts',
        "R-Tuning, arXiv 2311.09677, in its plainest form",
        rows=("facts", "idk"),
    ),
    _preset(
        "se-tuning",
        "the base's own answers where its samples agree in meaning, \"I don't know\" elsewhere",
        _SE_TUNING,
        **_TJANDRA,
        signal="entropy",
    ),
    _preset(
        "r-tuning",
        "the base's own answers where they are right, \"I don't know\" elsewhere",
        f"R-Tuning as in {_SE_TUNING}",
        **_TJANDRA,
        signal="correctness",
    ),
    _preset(
        "r-tuning-u",
        "the base's own answers where its samples are equal strings, \"I don't know\" elsewhere",
        f"R-Tuning-U as in {_SE_TUNING}",
        **_TJANDRA,
        signal="string-entropy",
    ),
    _preset(
        "r-tuning-original",
        'right answers, with "I am sure" where the base has them and "I am unsure" elsewhere',
        "Zhang et al., arXiv 2311.09677 (NAACL 2024)",
        target="by-signal",
        signal="correctness",
        kept="gold",
        abstention="sure-suffix",
        learning_rate=2e-5,
        batch_size=4,
        epochs=1.0,
    ),
    _preset(
        "honesty-absolute",
        'own right answers, "I don\'t know" where none of ten samples is right',
        "Yang et al., arXiv 2312.07000, ABSOLUTE",
        target="by-signal",
        signal="expected-accuracy",
        kept="own-correct",
        threshold=0.1,
        learning_rate=1e-6,
        batch_size=8,
        epochs=2.0,
    ),
    _preset(
        "idk",
        'own right answers, "I don\'t know" where any of ten samples is not',
        "Cheng et al., arXiv 2401.13275, Idk-SFT with Ik threshold 1.0",
        target="by-signal",
        signal="expected-accuracy",
        kept="own-correct",
        threshold=1.0,
        learning_rate=2e-5,
        epochs=10.0,
    ),
    _preset(
        "interpolate",
        "every weight, then the mean of tuned and base",
        "Wortsman et al., arXiv 2109.01903",
        after="interpolate",
    ),
)
_NAMED = {preset.name: preset for preset in _ALL}


def preset(name: str) -> Preset:
    """Return one of iabench's own presets.

    Raises:
        KeyError: there is none of that name.
    """
    return _NAMED[name]


full = preset("full")
lora = preset("lora")
sparse = preset("sparse")
entity_kl = preset("entity-kl")
entity_kl_own = preset("entity-kl-own")
seat = preset("seat")
seat_own = preset("seat-own")
base_kl = preset("base-kl")
ewc = preset("ewc")
replay = preset("replay")
idk_sft = preset("idk-sft")
interpolate = preset("interpolate")
se_tuning = preset("se-tuning")
r_tuning = preset("r-tuning")
r_tuning_u = preset("r-tuning-u")
r_tuning_original = preset("r-tuning-original")
honesty_absolute = preset("honesty-absolute")
idk = preset("idk")
