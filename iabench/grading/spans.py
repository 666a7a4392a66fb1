"""When two short answers say the same in other words: content words aligned, and what is left over.

Words that carry nothing (articles, prepositions, titles, the sort of thing, words of the question)
may be missing or added. What is left over on one side only makes an answer more exact, or less so;
what is left over on both makes it another one, unless little is.
"""

from __future__ import annotations

import re

from iabench.grading.alignment import Alignment, align, light
from iabench.grading.leftovers import Leftovers, probability
from iabench.grading.numbers import is_unit, plain_numbers
from iabench.grading.objections import Answer
from iabench.grading.terms import Term, Terms, terms
from iabench.grading.vocabulary import (
    BEFORE,
    BEFORE_PLACES,
    CONTRASTS,
    DISTINGUISHES,
    DOWN,
    LIGHT,
    MAKES_ANOTHER,
    SORTS,
    STOP,
    UP,
)
from iabench.grading.wanted import Wanted
from iabench.grading.wordforms import acronym, misspelt, nations, nations_of, same_word, stem

__all__ = ["ENOUGH", "another_thing", "compare", "is_quantity", "settle"]

ENOUGH = 0.5
"""Probability from which an answer is right."""
DERIVED = 0.85
"""Sameness of two words below which one is only derived from the other."""
_LONGEST = 24


def compare(answer: str, reference: str, asks: Wanted) -> tuple[bool, str]:
    """Return (right, rule) for two short texts; the rule of a wrong one is what is against it."""
    settled = settle(answer, reference, asks)
    if isinstance(settled, Leftovers):
        right = probability(settled) >= ENOUGH
        return right, settled.rule(right=right)
    return settled


def settle(answer: str, reference: str, asks: Wanted) -> tuple[bool, str] | Leftovers:
    """Return (right, rule) where a rule settles it, or else what is left over on either side."""
    said, meant = terms(answer), terms(reference)
    if not said.content or not meant.content:
        same = bool(said.joined) and said.joined == meant.joined
        return same, "same words" if same else "other words"
    if len(said.content) > _LONGEST or len(meant.content) > _LONGEST:
        return False, "too long to compare"
    if _together_as_one(said, meant):
        return True, "written together"
    if asks.sort != "expansion" and _abbreviates(said, meant):
        return True, "abbreviation"
    if _other_end(said, meant):
        return False, "another sort"
    alignment = align(said.content, meant.content)
    left, missing = alignment.left(asks)
    if not _counts(alignment, asks):
        return False, "other words"
    if said.denies != meant.denies:
        return False, "denies"
    if objection := _differ(alignment, left, missing, asks):
        return False, objection
    if not left and not missing:
        return _derived(alignment, asks)
    if objection := _against(said, meant, alignment, left, missing, asks):
        return False, objection
    return Leftovers(alignment, tuple(left), tuple(missing), asks)


def _together_as_one(said: Terms, meant: Terms) -> bool:
    """Return whether two spans differ in spaces, or by one letter of a long one."""
    if min(len(word) for word in said.initials + meant.initials) < 3:
        return said.initials == meant.initials
    if said.joined == meant.joined:
        return True
    long = min(len(said.joined), len(meant.joined)) >= 8
    apart = len(said.initials) != len(meant.initials)
    return long and apart and misspelt(said.joined, meant.joined)


def _abbreviates(said: Terms, meant: Terms) -> bool:
    for short, long in ((said, meant), (meant, said)):
        letters = short.joined
        small = len(short.initials) == 1 or all(len(k) == 1 for k in short.initials)
        if small and acronym(letters, list(long.initials)):
            return len(letters) > 2 or short.content[0].proper
    return False


def _derived(alignment: Alignment, asks: Wanted) -> tuple[bool, str]:
    """Return the verdict on the same words: a word derived from another is not enough alone."""
    scores = [s for i, _, s in alignment.pairs if not light(alignment.said[i], asks)]
    if len(scores) == 1 and scores[0] < DERIVED:
        one, other = alignment.said[-1].form, alignment.meant[-1].form
        origin = asks.sort == "place" or re.search(r"\borigin|\bcomes? from\b", asks.text)
        if not (origin and nations(one, other)):
            return False, "only derived from it"
    return True, "same words"


def _against(
    said: Terms,
    meant: Terms,
    alignment: Alignment,
    left: list[Term],
    missing: list[Term],
    asks: Wanted,
) -> str:
    """Return what stands against an answer whatever else is left over, or ""."""
    if asks.sort == "expansion":
        return "other expansion"
    if said.either and not meant.either and not asks.all:
        return "one of several"
    if _instead(alignment) or _more_of_a_name(alignment, left):
        return "another name"
    if meant.both and not asks.one and _member_missing(alignment):
        return "a part of a list"
    used = sorted(i for i, _, _ in alignment.pairs)
    if not missing and used[-1] - used[0] > 2 * len(used) + 2:
        return "scattered"
    if left:
        return ""
    found = [alignment.meant[j] for _, j, _ in alignment.pairs]
    if all(stem(t.form) in SORTS or light(t, asks) for t in found) and not _whole_name(alignment):
        return "only the sort"
    head = found[0]
    alone = len(found) == 1 and head.of and any(t.later for t in missing)
    if alone and asks.sort != "number" and not (head.proper and asks.sort == "person"):
        return "too little of it"  # "a cargo" for a cargo of wheat
    if asks.sort in {"person", "place"} and not asks.team and _head_missing(alignment):
        return "only a part of it"
    named = any(t.proper for t in found) and asks.sort in {"place", "person", "other"}
    if any(t.number and not (t.later and (named or len(t.form) == 4)) for t in missing):
        return "a number is missing"
    return ""


def _head_missing(alignment: Alignment) -> bool:
    """Return whether the last name of a person, or the first of a place, is not there."""
    paired = {j for _, j, _ in alignment.pairs}
    main = (j for j, t in enumerate(alignment.meant) if not t.later and stem(t.form) not in SORTS)
    head = max(main, default=0)
    return alignment.meant[head].proper and head not in paired


def _member_missing(alignment: Alignment) -> bool:
    """Return whether some members of a list are there and others are not."""
    paired = {j for _, j, _ in alignment.pairs}
    members: list[bool] = []
    for j, term in enumerate(alignment.meant):
        if term.again or not members:
            members.append(False)
        members[-1] = members[-1] or j in paired
    return any(members) and not all(members)


def _more_of_a_name(alignment: Alignment, left: list[Term]) -> bool:
    """Return whether a name is another beside one spelt otherwise: "Verna Fulton Hayes"."""
    loose = [i for i, _, score in alignment.pairs if score < 1 and alignment.said[i].proper]
    return any(t.proper and abs(alignment.said.index(t) - i) == 1 for t in left for i in loose)


def _instead(alignment: Alignment) -> bool:
    """Return whether both begin with a name, each with another: "Lyon, France", "Nice, France".

    Even where the question has the name of the reference, so that it is not missing.
    """
    said, meant = alignment.said, alignment.meant
    if len(said) < 2 or len(meant) < 2 or any(i == 0 or j == 0 for i, j, _ in alignment.pairs):
        return False
    return said[0].proper and meant[0].proper and said[1].later and meant[1].later


def _counts(alignment: Alignment, asks: Wanted) -> bool:
    """Return whether a word that means something is in both."""
    paired = [alignment.meant[j] for _, j, _ in alignment.pairs]
    if any(not light(term, asks) for term in paired):
        return True
    return (bool(paired) and len(paired) >= len(alignment.meant)) or _whole_name(alignment)


def _whole_name(alignment: Alignment) -> bool:
    """Return whether the reference begins with a name that the answer has whole.

    "Dodger Stadium" for "Dodger Stadium in Los Angeles", though the question is of the Dodgers.
    """
    name = [j for j, term in enumerate(alignment.meant) if term.proper and not term.later]
    paired = {j for _, j, _ in alignment.pairs}
    return len(name) > 1 and name[0] == 0 and set(name) <= paired


def _differ(alignment: Alignment, left: list[Term], missing: list[Term], asks: Wanted) -> str:
    used, paired = {i for i, _, _ in alignment.pairs}, {j for _, j, _ in alignment.pairs}
    if _other_sort(alignment, used, paired, asks):
        return "another sort"
    if any(t.number for t in left) and any(t.number for t in missing):
        return "another number"
    extra = {t.form for i, t in enumerate(alignment.said) if i not in used}
    lacking = {t.form for j, t in enumerate(alignment.meant) if j not in paired}
    if any(map(nations_of, extra)) and any(nations_of(w) for w in lacking - extra):
        return "another nation"
    for word in {stem(w) for w in extra}:
        if CONTRASTS.get(word, set()) & {stem(w) for w in lacking}:
            return "the opposite"
    if _distinguished(alignment.said, used) or _distinguished(alignment.meant, paired):
        return "another one of that name"
    return ""


def _other_sort(alignment: Alignment, used: set[int], paired: set[int], asks: Wanted) -> bool:
    """Return whether the sorts behind the same word differ: "Kansas City", "Kansas State"."""
    for i, j, _ in alignment.pairs:
        if i + 1 in used or j + 1 in paired:
            continue
        if i + 1 < len(alignment.said) and j + 1 < len(alignment.meant):
            one, other = alignment.said[i + 1], alignment.meant[j + 1]
            if stem(one.form) in SORTS and stem(other.form) in SORTS:
                return True
            behind = not (one.later or one.again or other.later or asks.sort == "person")
            if one.proper and other.proper and behind:
                return True
    return False


def _other_end(said: Terms, meant: Terms) -> bool:
    """Return whether the sorts at the ends differ, as the words stand: "New York State"."""
    one, other = said.initials[-2:], meant.initials[-2:]
    if len(one) < 2 or len(other) < 2 or one[0] != other[0]:
        return False
    return {stem(one[1]), stem(other[1])} <= SORTS and same_word(one[1], other[1]) == 0


def _distinguished(content: tuple[Term, ...], paired: set[int]) -> bool:
    """Return whether an unpaired word, such as "new" or "vice", stands before a paired one."""
    return any(
        term.form in DISTINGUISHES
        and at not in paired
        and at + 1 in paired
        and (term.form != "new" or content[at + 1].proper)
        for at, term in enumerate(content)
    )


def is_quantity(reference: str, asks: Wanted) -> bool:
    """Return whether a reference is a number with nothing but its unit and what is counted."""
    content = terms(plain_numbers(reference)).content
    numbers = [t for t in content if t.number and t.form not in asks.stems]
    if not numbers or len(content) > 6:
        return False
    rest = [t for t in content if not t.number and not light(t, asks) and not is_unit(t.form)]
    counted = content[0].number and len(rest) == 1 and not rest[0].proper
    return not rest or counted or (asks.sort == "number" and len(rest) <= 2)


def another_thing(
    answer: Answer, first: int, last: int, reference: str, asks: Wanted
) -> str | None:
    """Return what stands against a reference because of the words right beside it, or None.

    A "deputy minister" is no minister, "Jordan River" no country, and "carbon dioxide" no carbon.
    """
    before = answer.words[first - 1].key if first and answer.gap(first - 1) == " " else ""
    distinguishes = before in BEFORE or (answer.lower and before in BEFORE_PLACES)
    if distinguishes and before not in answer.question:
        return "another one of that name"
    if _turned_round(answer, first, last):
        return "the opposite"
    if last + 1 >= len(answer.words) or answer.gap(last) != " ":
        return None
    behind = stem(answer.words[last + 1].key)
    if behind in asks.stems or behind in STOP:
        return None
    if asks.sort == "place" and behind in MAKES_ANOTHER and answer.raw(last + 1)[0].isupper():
        return "longer name"
    # Only where a span ends with it: in a sentence the word behind may be its verb.
    ends = last + 2 == len(answer.words) and first == last < 2
    common = (reference.islower() or answer.raw(first).islower()) and not any(
        char.isdigit() for char in reference
    )
    if ends and common and behind not in LIGHT and asks.sort == "other":
        return "another head"
    return None


def _turned_round(answer: Answer, first: int, last: int) -> bool:
    """Return whether the answer tells of a fall where the question asks about a rise, or so."""
    beside = {w.key for at, w in enumerate(answer.words) if not first <= at <= last}
    asked = set(answer.question)
    return bool((UP & asked and DOWN & beside) or (DOWN & asked and UP & beside))
