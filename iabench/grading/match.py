"""`match@4`: does an answer say what a reference says, and does it stand by it?

A question asks for a sort of answer; a reference is compared with an answer by a short list of
rules, each of which gives a verdict, its name and the words it rests on:

1. *verbatim*: the reference is the whole answer, or stands in it as whole words;
2. *time* and *number*: compared by what they tell, as exactly as the question asks;
3. *list*: every member is there, in any order; one is enough where one is asked;
4. *person*: two forms of one name;
5. *words*: the same content words but for those that carry nothing; where other words are left
   over on a side, a small model weighs them (`leftovers.py`).

Against each of them stands an answer that denies the reference ("not Paris"), gives several
candidates ("Paris or Lyon"), takes it back ("Paris. No, it is Lyon"), has it only in a longer name
("Papua New Guinea" for Guinea) or only echoes the question. Symbols are compared with their case.

A rule that is not decisive (not one of `SURE`) is one voice among others in a short answer: learned
trees weigh it beside what answer and reference have in common (`likeness.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from iabench.datasets.base import LONG, is_long
from iabench.grading.amounts import PASS, READ, SHORT, Verdict, number, time
from iabench.grading.base import Referenced
from iabench.grading.dates import find_dates
from iabench.grading.lexicon import probability
from iabench.grading.likeness import features, learned
from iabench.grading.names import PARTICLES, same_person
from iabench.grading.normalize import answer_words, clean, detokenised, unmarked
from iabench.grading.numbers import other_bound, other_currency, other_unit
from iabench.grading.objections import Answer, covering, objection, runs
from iabench.grading.readings import members, names_in, outside_brackets, readings
from iabench.grading.spans import another_thing, compare
from iabench.grading.times import coarse
from iabench.grading.wanted import Wanted, wanted
from iabench.records import Judgement, RunSpec

__all__ = ["SURE", "Match", "ruled", "weighed_values"]

SURE = frozenset(
    {
        "exact", "alias", "symbol", "yes or no", "contained", "contained, without diacritics",
        "last name", "name", "number", "time", "date", "quantity", "range",
        "abbreviation", "all of a list", "one of a list", "name, in another form",
        "name, in another order", "written together", "the opposite", "another time",
        "another unit", "another range", "another bound", "other expansion", "no number",
        "taken back", "denied", "denies", "one of several", "longer name", "another nation",
        "another one of that name", "another given name", "empty", "no references",
    }
)  # fmt: skip
"""Rules whose verdict stands; on labelled answers the trees were no better there."""
_WEIGHED = 40
"""Words of the longest answer that the trees read."""


_SYMBOL = re.compile(r"[A-Z][a-z]?")
_SIGNED = re.compile(r"[A-Za-z]{1,2}(?:\+{1,2}|#|-)")
_ALSO_WORDS = "he as at in i no be am a o la pa us so ho os ac y"
_WORDS_TOO = frozenset(_ALSO_WORDS.split())
_SIGN = re.compile(
    r"(?:(?:\b(?:is|was|be|symbol|letters?|answer|by|as)\b|'s|[:=])[\s\"'(*`:]*|[\"'(*`])$", re.I
)
_SIGN_ENDS = re.compile(r"[\"')*`\]]*(?:\s*(?:$|[.,;:!?)]|[-–—(])|\s+for\b)")
_YES_NO = frozenset({"yes", "no", "true", "false"})
_ASKS_FOR_A_SYMBOL = frozenset({"symbol", "symbols", "abbreviation", "formula", "letter", "code"})
_POLARITY = re.compile(
    r"(?i)\W*(?:(?P<yes>yes|yeah|yep|true|correct|(?:it is|it does|they are)\b(?! not))"
    r"|(?P<no>no|nope|false|never|not|(?:it is|they are|it does)(?: not|n't)))\b"
)
_SENTENCES = re.compile(r"(?<=[.!?;])\s+(?=\S)|(?<=\w:)\s+")


class Match:
    """The matcher of answers and references."""

    id = "match@4"

    def __init__(self, spec: RunSpec | None = None) -> None:
        """Open it; rules alone need nothing of the run."""

    def grade(self, cases: Sequence[Referenced]) -> Iterator[Judgement]:
        """Yield one judgement a case, in order.

        `reason` is the rule that made it right, e.g. `exact`, `alias`, `contained`, `date`,
        `last name`, `same words`; or what stood against it, e.g. `denied`, `one of several`,
        `taken back`, `longer name`, `another number`, `only a part of it`, `no reference in it`;
        with `, outweighed` where the trees say otherwise.
        An empty answer, or a case without references, is undecided.
        """
        for case in cases:
            yield _weighed(case, ruled(case))

    def close(self) -> None:
        """Nothing is held."""


def _weighed(case: Referenced, judged: Judgement) -> Judgement:
    """Return the verdict of the rules, or of the trees where the rule is not decisive."""
    signs = any(_SYMBOL.fullmatch(reference) for reference in case.references)
    if judged.reason in SURE or signs or len(case.answer.split()) > _WEIGHED:
        return judged
    logit = learned().logit(weighed_values(case, judged))
    right, sure = logit > 0, probability(abs(logit))
    if right == judged.value:
        return replace(judged, confidence=sure)
    evidence = case.answer.strip() if right else ""
    reason = f"{judged.reason}, outweighed"
    return Judgement(value=right, reason=reason, evidence=evidence, confidence=sure)


def weighed_values(case: Referenced, judged: Judgement) -> dict[str, float]:
    """Return what the trees weigh of a case and of the verdict of the rules."""
    return features(
        case.question,
        unmarked(clean(detokenised(case.answer))),
        [unmarked(clean(reference)) for reference in case.references if reference.strip()],
        wanted(case.question),
        right=bool(judged.value),
        reason=judged.reason,
    )


def ruled(case: Referenced) -> Judgement:
    """Return the verdict of the rules alone."""
    if not case.answer.strip():
        return Judgement(value=None, reason="empty")
    references = [reference for reference in case.references if reference.strip()]
    if not references:
        return Judgement(value=None, reason="no references")
    keys = tuple(_keys(reference) for reference in references)
    text = clean(detokenised(case.answer).replace("\n", " ; "))
    answer = Answer(text, tuple(w.key for w in answer_words(case.question)), keys)
    asks = wanted(case.question)
    against = ""
    dated = len(references) > 1 and asks.precision in {"when", "day"} and len(text) <= READ
    for place, reference in enumerate(references):
        if dated and coarse(reference, tuple(references), text):
            continue
        value, rule, evidence = _compare(answer, reference, asks)
        if value:
            rule = "alias" if rule == "exact" and place else rule
            return Judgement(value=True, reason=rule, evidence=evidence)
        against = against or rule
    return Judgement(value=False, reason=against or "no reference in it")


@lru_cache(maxsize=4096)
def _keys(reference: str) -> tuple[str, ...]:
    return tuple(word.key for word in answer_words(detokenised(reference)))


def _compare(answer: Answer, reference: str, asks: Wanted, *, whole: bool = True) -> Verdict:
    """Return the verdict of the first rule that has one.

    Args:
        answer: the answer.
        reference: one reference.
        asks: what the question asks for.
        whole: False: the reference is a member of a list, and no list itself.
    """
    found = _verbatim(answer, clean(detokenised(reference)), asks)
    if found[0] is not None or found[1]:
        return found
    rules = (time, number, _list, _person, _words) if whole else (time, number, _person, _words)
    for reading in readings(reference):
        for rule in rules:
            found = rule(answer, reading, asks)
            if found[0]:
                return found
            if found[0] is False:
                break
    return found


def _verbatim(answer: Answer, reference: str, asks: Wanted) -> Verdict:
    """Yes or no, a symbol, the reference itself, or the reference as whole words of the answer."""
    keys = _keys(reference)
    asks_for_a_symbol = bool(_ASKS_FOR_A_SYMBOL & set(answer.question))
    if keys and not asks_for_a_symbol:
        if len(keys) == 1 and keys[0] in _YES_NO:
            return _yes_no(answer, keys[0], asks)
        if asks.sort == "yes-no" and keys[0] in _YES_NO:
            return _yes_no(answer, keys[0], asks)
    if _SIGNED.fullmatch(reference):
        signed = re.search(rf"(?i)(?<!\w){re.escape(reference)}(?![\w+#-])", answer.text)
        return (True, "symbol", reference) if signed else (False, "", "")
    if _SYMBOL.fullmatch(reference):
        found = _symbol(answer.text, reference)
        return (True, "symbol", found) if found else (False, "", "")
    if keys and tuple(answer.keys) == keys and not other_currency(answer.text, reference):
        return True, "exact", answer.text
    against = _another_given_name(answer, keys, asks)
    if against:
        return None, against, ""
    for rule, first, last in _occurrences(answer, reference, keys):
        objects = (
            objection(answer, first, last)
            or ("another unit" if other_currency(answer.text, reference) else None)
            or other_unit(answer.text, answer.words[last].end, reference, asks.text)
            or ("another bound" if other_bound(answer.text, reference) else None)
            or another_thing(answer, first, last, reference, asks)
        )
        if objects is None:
            return True, rule, answer.text[answer.words[first].start : answer.words[last].end]
        against = against or objects
    return None, against, ""


def _another_given_name(answer: Answer, keys: tuple[str, ...], asks: Wanted) -> str:
    """Return what stands against a last name alone, where another reference tells the rest.

    "Leonard Bernstein" is not Elmer, though "Bernstein" is a reference beside "Elmer Bernstein".
    """
    if asks.sort != "person" or len(keys) != 1 or not 2 <= len(answer.words) <= 3:
        return ""
    if re.search(r"[&,]|\band\b", answer.text):
        return ""
    longer = [one for one in answer.references if len(one) > 1 and one[-1] == keys[0]]
    said = tuple(word.key for word in answer.bare)
    if not longer or said[-1] != keys[0] or any(same_person(said, one) for one in longer):
        return ""
    return "another given name"


def _yes_no(answer: Answer, key: str, asks: Wanted) -> Verdict:
    said = _POLARITY.match(answer.text) if asks.sort == "yes-no" else None
    if said is not None:
        right = (said["yes"] is not None) == (key in {"yes", "true"})
        return right, "yes or no", said.group().strip() if right else ""
    right = bool(answer.words) and answer.words[0].key == key
    return right, "yes or no", answer.raw(0) if right else ""


def _symbol(text: str, symbol: str) -> str:
    """Return the symbol where the answer gives it, or "".

    "He" and "In" are words as well: those count only where an answer stands.
    """
    if text.strip(" .,;:!?\"'*`()[]") == symbol:
        return symbol
    for found in re.finditer(rf"(?<![\w'.-]){symbol}(?![\w'])", text):
        before, behind = text[max(found.start() - 40, 0) : found.start()], text[found.end() :]
        if re.search(r"\b(?:not|never|or)\s+[\"'(]*$|\b[A-Z]\.\s*$", before):
            continue
        if re.match(r"[\"')]*\s+or\s+[A-Z]", behind[:20]):
            continue
        if symbol.lower() not in _WORDS_TOO or (
            _SIGN.search(before) and _SIGN_ENDS.match(behind[:20])
        ):
            return symbol
    return ""


def _occurrences(
    answer: Answer, reference: str, keys: tuple[str, ...]
) -> Iterator[tuple[str, int, int]]:
    """Yield (rule, first word, last word) of every place where a reference stands."""
    rule = "number" if len(keys) == 1 and keys[0][-1].isdigit() else "contained"
    yield from ((rule, *span) for span in runs(answer.keys, keys))
    wanted_dates = [
        d for d in find_dates(reference) if d.end - d.start >= len(reference.rstrip("."))
    ]
    if wanted_dates:
        for date in find_dates(answer.text):
            if any(date.tells(other) for other in wanted_dates):
                yield ("date", *covering(answer, date.start, date.end))
    bare = tuple(word.key for word in answer_words(reference, marks=False))
    bare_words = [w.key for w in answer.bare]
    if bare != keys or bare_words != answer.keys:
        for span in runs(bare_words, bare):
            yield (f"{rule}, without diacritics", *span)


def _list(answer: Answer, reference: str, asks: Wanted) -> Verdict:
    """Every member of a list is in the answer, or one where one is asked."""
    parts, any_will_do = members(reference, asks)
    if not parts:
        return PASS
    found = 0
    # Beside a member, the others are no rivals.
    keys = tuple(_keys(part) for part in parts)
    answer = Answer(answer.text, answer.question, answer.references + keys)
    for part in parts:
        right, rule, evidence = _compare(answer, part, asks, whole=False)
        if right and any_will_do:
            return True, "one of a list", evidence
        if rule in {"denied", "taken back", "one of several"}:
            return False, rule, ""
        found += bool(right)
    if found == len(parts):
        return True, "all of a list", answer.text[:200]
    return (False, "a part of a list", "") if found else (None, "no member of the list", "")


def _person(answer: Answer, reference: str, asks: Wanted) -> Verdict:
    """A name in the answer names the person of the reference."""
    if asks.sort not in {"person", "other"} or len(answer.text) > READ:
        return PASS
    meant = _words_of(reference)
    if (
        "&" in reference
        or not 1 <= len(meant) <= 6
        or (asks.sort == "other" and not _looks_like_a_name(reference))
    ):
        return PASS
    against = ""
    for start, end in names_in(answer):
        said = tuple(word.key for word in answer.bare[start : end + 1])
        rule = same_person(said, meant, fiction=asks.fiction)
        if not rule or (asks.sort == "other" and rule.startswith(("last name", "longer", "known"))):
            continue
        objects = objection(answer, start, end)
        if objects in {None, "longer name"}:
            return True, rule, answer.text[answer.words[start].start : answer.words[end].end]
        against = objects or ""
    return (False, against, "") if against else PASS


def _looks_like_a_name(reference: str) -> bool:
    words = reference.split()
    return len(words) > 1 and all(word[0].isupper() or word in PARTICLES - {"of"} for word in words)


@lru_cache(maxsize=4096)
def _words_of(text: str) -> tuple[str, ...]:
    return tuple(word.key for word in answer_words(text, marks=False))


def _words(answer: Answer, reference: str, asks: Wanted) -> Verdict:
    """The content words are the same, but for those that carry nothing, or nearly."""
    # Beside the short form of an answer, shared words of the long one are not enough.
    beside = any(len(one) <= LONG for one in answer.references)
    if len(answer.text) > READ or not reference.strip() or (is_long(reference) and beside):
        return PASS
    if answer.taken_back >= 0 or answer.also_maybe >= 0:
        return False, "taken back" if answer.taken_back >= 0 else "one of several", ""
    if len(answer.words) <= SHORT:
        for text in dict.fromkeys((answer.text, outside_brackets(answer.text))):
            right, rule = compare(text, reference, asks)
            if right:
                return True, rule, text
        if len(_SENTENCES.split(answer.text)) == 1:
            return False, rule if rule != "other words" else "", ""
    for sentence in _SENTENCES.split(answer.text):
        right, rule = compare(sentence, reference, asks)
        if right and (rule in {"more exact", "same words", "written together", "abbreviation"}):
            return True, rule, sentence
    return False, "", ""
