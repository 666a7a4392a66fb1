"""References: the papers that a report stands on, by their numbers at arXiv."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from iabench import __version__

__all__ = ["cite", "keys_of", "references", "with_citations"]

_PAPERS = {
    "2506.14387": ("shen2025seat", "Shen, William F. and Qiu, Xinchi and Cancedda, Nicola and "
                   "Lane, Nicholas D.", "Don't Make It Up: Preserving Ignorance Awareness in {LLM} "
                   "Fine-Tuning", 2025),
    "2410.17234": ("tjandra2024abstain", "Tjandra, Benedict Aaron and Razzak, Muhammed and Kossen, "
                   "Jannik and Handa, Kunal and Gal, Yarin", "Fine-Tuning Large Language Models to "
                   "Appropriately Abstain with Semantic Entropy", 2024),
    "2106.09685": ("hu2021lora", "Hu, Edward J. and others", "{LoRA}: Low-Rank Adaptation of Large "
                   "Language Models", 2021),
    "1612.00796": ("kirkpatrick2016ewc", "Kirkpatrick, James and others", "Overcoming Catastrophic "
                   "Forgetting in Neural Networks", 2016),
    "2311.09677": ("zhang2023rtuning", "Zhang, Hanning and others", "{R-Tuning}: Instructing Large "
                   "Language Models to Say `{I} Don't Know'", 2023),
    "2312.07000": ("yang2023honesty", "Yang, Yuqing and others", "Alignment for Honesty", 2023),
    "2401.13275": ("cheng2024know", "Cheng, Qinyuan and others", "Can {AI} Assistants Know What "
                   "They Don't Know?", 2024),
    "2109.01903": ("wortsman2021robust", "Wortsman, Mitchell and others", "Robust Fine-Tuning of "
                   "Zero-Shot Models", 2021),
    "2302.09664": ("kuhn2023semantic", "Kuhn, Lorenz and Gal, Yarin and Farquhar, Sebastian",
                   "Semantic Uncertainty: Linguistic Invariances for Uncertainty Estimation in "
                   "Natural Language Generation", 2023),
    "2604.15574": ("kaplan2026hallucinations", "Kaplan, Guy and Gekhman, Zorik and Zhu, Zhen and "
                   "Rozner, Lotem and Reif, Yuval and Swayamdipta, Swabha and Hoiem, Derek and "
                   "Schwartz, Roy", "Why Fine-Tuning Encourages Hallucinations and How to Fix It",
                   2026),
}  # fmt: skip
_CITED = re.compile(r"\[@(\w+)\]")
_STATISTICS = """\
@article{wilson1927,
  author = {Wilson, Edwin B.},
  title = {Probable Inference, the Law of Succession, and Statistical Inference},
  journal = {Journal of the American Statistical Association},
  volume = {22},
  year = {1927}
}
@book{efron1993,
  author = {Efron, Bradley and Tibshirani, Robert J.},
  title = {An Introduction to the Bootstrap},
  publisher = {Chapman and Hall},
  year = {1993}
}
@article{holm1979,
  author = {Holm, Sture},
  title = {A Simple Sequentially Rejective Multiple Test Procedure},
  journal = {Scandinavian Journal of Statistics},
  volume = {6},
  year = {1979}
}
"""


def keys_of(text: str) -> list[str]:
    """Return the keys of the papers whose numbers a text names, in its order."""
    numbers = re.findall(r"\b\d{4}\.\d{5}\b", text)
    return [_PAPERS[number][0] for number in dict.fromkeys(numbers) if number in _PAPERS]


def cite(keys: Sequence[str]) -> str:
    """Return a citation as Pandoc reads it: ` [@key]`; nothing without a key."""
    return "".join(f" [@{key}]" for key in keys)


def with_citations(made: str, text: str) -> str:
    """Return escaped LaTeX with the citations of its plain text as commands."""
    known = set(re.findall(r"^@\w+\{(\w+),$", references([text]), re.MULTILINE))
    for key in set(_CITED.findall(text)) & known:
        made = made.replace(f" {{[}}@{key}{{]}}", rf"~\cite{{{key}}}")
    return made


def references(texts: Iterable[str] = ()) -> str:
    """Return `refs.bib`: iabench, SEAT, the statistics, and the papers that the texts name.

    A text names one by its number at arXiv, or by its key in a citation.
    """
    numbers = {"2506.14387", "2410.17234"}
    by_key = {key: number for number, (key, *_) in _PAPERS.items()}
    for text in texts:
        numbers |= set(re.findall(r"\b\d{4}\.\d{5}\b", text))
        numbers |= {by_key[key] for key in _CITED.findall(text) if key in by_key}
    found = [
        # BibTeX's own styles know no @software.
        "@misc{iabench,\n  author = {{the iabench contributors}},\n  title = {iabench},\n"
        f"  note = {{Version {__version__}, Apache-2.0}}\n}}\n"
    ]
    for number in sorted(numbers & _PAPERS.keys()):
        key, author, title, year = _PAPERS[number]
        found.append(
            f"@misc{{{key},\n  author = {{{author}}},\n  title = {{{title}}},\n"
            f"  year = {{{year}}},\n  eprint = {{{number}}},\n  archivePrefix = {{arXiv}}\n}}\n"
        )
    return "".join(found) + _STATISTICS
