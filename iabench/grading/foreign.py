"""Abstentions in languages other than English, by the phrases of each.

A response that declines in one of its clauses abstains, unless another clause guesses, takes a
side or gives the number asked for. What stands in quotation marks is somebody else's.
"""

# ruff: noqa: E501  (a pattern is as long as it is)
from __future__ import annotations

import re

from iabench.grading.clauses import clauses
from iabench.grading.cues.cue import Cue
from iabench.grading.cues.foreign import LANGUAGES, Language
from iabench.records import Judgement, Kind

__all__ = ["judge", "language"]

_HAN = re.compile(r"[\u4e00-\u9fff]")
_ENGLISH = re.compile(
    r"\b(?:the|is|are|was|of|and|to|what|who|how|when|where|why|i|you|it|that|this|not|do|does|did|"
    r"which|can|could|for|with|a|my|in)\b"
)
_QUOTED = re.compile('[「『《“«„"‘»][^「『《“«„"」』》”»‘]{1,300}[」』》”»“"’«]')
_PART = re.compile(r"[^。！？；;!?，,\n]+[？?]?")
_EARLY = 4
"""Clauses at the beginning and at the end in which a response declines."""
_BARE = 3
"""Words of a clause that is an answer by itself."""
_BRIEF = 5
"""Words of a clause with a number that is a guess behind a decline."""
_SHORT = 7
"""The same in characters of Chinese."""
_REASON = re.compile(r"^(?:(?:weil|da|denn|parce que|car|porque|ya que)\b|因为|让|是指)")
_BACK = re.compile(r"^(?:das|so|es|er|sie|il|elle|ils|ce|cela|eso|esa?|这|他|她|它)\b")
_DEFINES = re.compile(
    r"^(?:什么是|was (?:ist|sind) (?:ein|eine|der|die|das) \w+$|qu'?est ce que? (?:l |l'|le |la |un |une |qu)|que es (?:el|la|un|una) )"
)
_SPEAKER = re.compile(
    r"\b(?:ich|mir|mich|je|j|me|m|yo|mi|no se|no conozco|no tengo)\b|je |j'|m'|我|未|没有(?:叫|名|这)|查无|namens|nom|nombre|existe"
)
"""The speaker, or a thing that is not found."""
_TRANSLATES = re.compile(
    r"ubersetz|übersetz|tradui|traduc|翻译|tradu[zc]|aparece al comienzo|mit welchen worten|第一句"
)
_POLITE = re.compile(
    r"\b(?:danke|vielen dank|merci|gracias|hallo|bonjour|hola|leider|hihi|ja|jajaja|uf|desole|navre|"
    r"sinceramente|lo siento|malheureusement|puis|also|na|hm+|ouh|honnetement|ehrlich|nein|non|no|oui|si|sorry|"
    r"claro|plaisir|plaira|sagesse|bien sur|soweit|soviel|a ma connaissance|que yo sepa|hasta donde|"
    r"por supuesto|naturlich|klar|selbstverstandlich|avec|perdon|perdona|d'accord|vale|entendido|bueno|"
    r"tut mir|entschuldig\w+|es tut|pardon|bon|ah|oh|uff)\b|亲|为|抱歉|对不起|嘿|不好意思|据我|好的|当然|涉及|没问题|很|太|还没|早|可以|谢|嗯|哎|"
    r"所知|来说|问题|关于|至于|目前|现在|这"
)


def language(question: str, answer: str) -> Language | None:
    """Return the language of an exchange where it is none of those read as English."""
    sample = f"{question} {answer}"[:2000]
    if len(_HAN.findall(sample)) > 5:
        return LANGUAGES[0]
    if sample.isascii():
        words = sample.lower().replace("n't", " not")
    else:
        words = " ".join(token.text for part in clauses(sample) for token in part.tokens)
    english = len(_ENGLISH.findall(words))
    best = max(LANGUAGES[1:], key=lambda known: len(known.known_by.findall(words)))
    return best if len(best.known_by.findall(words)) > english else None


def judge(known: Language, question: str, answer: str) -> Judgement:
    """Return whether a response in a language abstains."""
    parts = _parts(known, answer)
    if not parts:
        return Judgement(value=False, reason="quoted", evidence=answer.strip())
    asked = " ".join(text for text, _ in _parts(known, question)) or question.lower()
    if _TRANSLATES.search(question.lower()):
        return Judgement(value=False, reason="quoted", evidence=answer.strip())
    asked = " ".join(text for text, _ in _parts(known, question)) or question.lower()
    found: list[tuple[Cue, str]] = []
    if _DEFINES.match(asked) and not _SPEAKER.search(" ".join(text for text, _ in parts)):
        return Judgement(value=False, reason="defines")
    for place, (text, raw) in enumerate(parts):
        early = place < _EARLY or place >= len(parts) - _EARLY
        rule = _rule(known, asked, text, early=early, first=place < _EARLY, found=bool(found))
        if rule is not None:
            found.append((rule, raw))
        elif _answers(known, asked, text, after=bool(found), alone=place == 0 and len(parts) > 1):
            reason = f"{found[0][0].id}, then answers" if found else "answers"
            return Judgement(value=False, reason=reason, evidence=raw)
    if not found:
        return Judgement(value=False, reason="declines nothing")
    kinds: tuple[Kind, ...] = tuple(sorted({rule.kind for rule, _ in found}))
    return Judgement(value=True, kinds=kinds, reason=found[0][0].id, evidence=found[0][1])


def _rule(
    known: Language, asked: str, text: str, *, early: bool, first: bool, found: bool
) -> Cue | None:
    """Return the first rule of a language that a clause falls under."""
    if not early or _REASON.match(text):
        return None
    for rule in known.cues:
        if rule.kind == "premise_rejection" and (
            found or not first or _yes_no(known, asked) or not _shares(known, asked, text)
        ):
            continue
        if rule.pattern.search(text):
            return rule
    return None


def _shares(known: Language, asked: str, text: str) -> bool:
    """Return whether a clause speaks of what the question names, or points back to it."""
    if known.code == "zh":
        return any(text[place : place + 2] in asked for place in range(len(text) - 1))
    stems = {word[:5] for word in asked.split() if len(word) > 4}
    return bool(stems & {word[:5] for word in text.split()}) or _BACK.match(text) is not None


def _parts(known: Language, answer: str) -> list[tuple[str, str]]:
    """Return the clauses of a text, as rules read them and as they stand, without quotations."""
    if known.code != "zh":
        return [
            (part.text.replace("ß", "ss"), part.quote(0, len(part.text)))
            for part in clauses(answer)
            if not all(token.quoted for token in part.tokens)
        ]
    bare = _QUOTED.sub(lambda found: "〇" * len(found.group()), answer)
    return [
        (found.group().strip(), answer[found.start() : found.end()].strip())
        for found in _PART.finditer(bare)
        if found.group().strip(" 〇。.")
    ]


def _yes_no(known: Language, asked: str) -> bool:
    if known.code == "zh":
        return re.search(r"吗|是不是|有没有", asked) is not None
    return re.search(
        r"^(?:ist|sind|war|hat|haben|kann|muss|darf|gibt|est ce|peut on|faut il|se puede|es|hay|"
        r"tienen?|puede|existe|le \w+ a t|tu |kennst|conoces)\b|\w+ (?:il|elle|on|ils)$"
        r"|^l(?:es?|a|')? ?\w+ (?:\w+ )?(?:il|elle|ils|elles)\b|^el \w+ es un",
        asked,
    ) is not None  # fmt: skip


def _answers(known: Language, asked: str, text: str, *, after: bool, alone: bool) -> bool:
    number = known.counts.search(asked) is not None and re.search(r"\d", text) is not None
    if number and after and len(text.split()) <= _BRIEF and not re.search(r"\d \d", text):
        return True
    if known.elsewhere.search(text):
        return False
    if known.answers.search(text):
        return True
    counted = known.counts.search(asked) is not None and any(
        number not in asked for number in re.findall(r"\d+", text)
    )
    short = len(text) <= _SHORT if known.code == "zh" else len(text.split()) <= _BARE
    return not after and (
        counted or (alone and short and "?" not in text and not _POLITE.search(text))
    )
