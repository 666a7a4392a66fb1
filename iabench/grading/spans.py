"""When two short answers say the same in other words: content words aligned, and what is left over.

Words that carry nothing (articles, prepositions, titles, the sort of thing, words of the question)
may be missing or added. What is left over on one side only makes an answer more exact, or less so;
what is left over on both makes it another one, unless little is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from iabench.grading.numbers import is_unit, plain_numbers
from iabench.grading.objections import Answer
from iabench.grading.terms import Term, Terms, terms
from iabench.grading.vocabulary import (
    BEFORE,
    BEFORE_PLACES,
    CONTRASTS,
    DISTINGUISHES,
    LIGHT,
    MAKES_ANOTHER,
    OF_NOTHING,
    SORTS,
    STOP,
    VAGUE,
)
from iabench.grading.wanted import Wanted
from iabench.grading.wordforms import (
    acronym,
    misspelt,
    nations,
    nations_of,
    same_word,
    stem,
)

__all__ = ["ENOUGH", "PART", "another_thing", "compare", "is_quantity"]

ENOUGH = 0.6
"""Similarity (weighted F1 of content words) from which two spans with words left over on both
sides are one answer; chosen on the development half of the labelled answers and our own spans."""
DERIVED = 0.85
"""Sameness of two words below which one is only derived from the other."""
PART = 0.5
"""Weight of a reference that an answer which is only a part of it must have."""
_LONGEST = 24


def _light(term: Term, asks: Wanted) -> bool:
    if stem(term.form) in asks.stems or nations_of(term.form) & asks.stems:
        return True
    if term.number or (term.of and stem(term.form) not in OF_NOTHING):
        return False
    if term.form in MAKES_ANOTHER and asks.sort in {"place", "person"}:
        return False
    return stem(term.form) in LIGHT


def _weight(term: Term) -> float:
    if term.proper or term.number:
        return 2.0
    return 0.5 if term.form in VAGUE or re.search(r"(?:ed|ing|ly)$", term.form) else 1.0


@dataclass(frozen=True, slots=True)
class _Alignment:
    said: tuple[Term, ...]
    meant: tuple[Term, ...]
    pairs: tuple[tuple[int, int, float], ...]

    def left(self, asks: Wanted) -> tuple[list[Term], list[Term]]:
        """Return what is left over in the answer and in the reference."""
        one, other = {i for i, _, _ in self.pairs}, {j for _, j, _ in self.pairs}
        return (
            [t for i, t in enumerate(self.said) if i not in one and not _light(t, asks)],
            [t for j, t in enumerate(self.meant) if j not in other and not _light(t, asks)],
        )


def _align(said: tuple[Term, ...], meant: tuple[Term, ...]) -> _Alignment:
    pairs: list[tuple[int, int, float]] = []
    free = set(range(len(said)))
    for j, wanted in enumerate(meant):
        best, at = 0.0, -1
        for i in sorted(free):
            score = same_word(said[i].form, wanted.form)
            if score > best:
                best, at = score, i
                if score == 1.0:
                    break
        if at >= 0:
            free.discard(at)
            pairs.append((at, j, best))
    missing = sorted(set(range(len(meant))) - {j for _, j, _ in pairs})
    pairs += _together(said, meant, free, missing)
    return _Alignment(said, meant, tuple(pairs))


def _together(
    said: tuple[Term, ...], meant: tuple[Term, ...], free: set[int], missing: list[int]
) -> list[tuple[int, int, float]]:
    """Pair words that one side writes as one and the other as two: "ice cream", "icecream"."""
    pairs = []
    for j in missing:
        for i in sorted(free):
            two = i + 1 in free and said[i].form + said[i + 1].form == meant[j].form
            if two:
                pairs += [(i, j, 1.0), (i + 1, j, 1.0)]
            if j + 1 in missing and meant[j].form + meant[j + 1].form == said[i].form:
                pairs += [(i, j, 1.0), (i, j + 1, 1.0)]
    return pairs


def compare(answer: str, reference: str, asks: Wanted) -> tuple[bool, str]:
    """Return (right, rule) for two short texts; the rule of a wrong one is what is against it."""
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
    alignment = _align(said.content, meant.content)
    left, missing = alignment.left(asks)
    if not _counts(alignment, asks):
        return False, "other words"
    if said.denies != meant.denies:
        return False, "denies"
    if objection := _differ(alignment, left, missing):
        return False, objection
    if not left and not missing:
        return _derived(alignment, asks)
    if asks.sort == "expansion":
        return False, "other expansion"
    if not missing:
        return _more(said, meant, alignment, left, asks)
    if not left:
        return _part(meant, alignment, missing, asks)
    return _alike(alignment, left, missing, asks)


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


def _derived(alignment: _Alignment, asks: Wanted) -> tuple[bool, str]:
    """Return the verdict on the same words: a word derived from another is not enough alone."""
    scores = [s for i, _, s in alignment.pairs if not _light(alignment.said[i], asks)]
    if len(scores) == 1 and scores[0] < DERIVED:
        one, other = alignment.said[-1].form, alignment.meant[-1].form
        origin = asks.sort == "place" or re.search(r"\borigin|\bcomes? from\b", asks.text)
        if not (origin and nations(one, other)):
            return False, "only derived from it"
    return True, "same words"


def _in_place(alignment: _Alignment, left: list[Term], missing: list[Term]) -> bool:
    """Return whether a word of the answer stands where the reference has another one."""
    said, meant = list(alignment.said), list(alignment.meant)
    pairs = {(i, j) for i, j, _ in alignment.pairs}
    for one in left:
        i = said.index(one)
        for other in missing:
            j = meant.index(other)
            behind = (i + 1, j + 1) in pairs or (i + 1 == len(said) and j + 1 == len(meant))
            if behind and ((i - 1, j - 1) in pairs or i == j == 0):
                return True
    return False


def _counts(alignment: _Alignment, asks: Wanted) -> bool:
    """Return whether a word that means something is in both."""
    paired = [alignment.meant[j] for _, j, _ in alignment.pairs]
    if any(not _light(term, asks) for term in paired):
        return True
    return bool(paired) and len(paired) >= len(alignment.meant)


def _differ(alignment: _Alignment, left: list[Term], missing: list[Term]) -> str:
    used, paired = {i for i, _, _ in alignment.pairs}, {j for _, j, _ in alignment.pairs}
    if _other_sort(alignment, used, paired):
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


def _other_sort(alignment: _Alignment, used: set[int], paired: set[int]) -> bool:
    """Return whether the sorts behind the same word differ: "Kansas City", "Kansas State"."""
    for i, j, _ in alignment.pairs:
        if i + 1 in used or j + 1 in paired:
            continue
        if i + 1 < len(alignment.said) and j + 1 < len(alignment.meant):
            one, other = alignment.said[i + 1], alignment.meant[j + 1]
            if stem(one.form) in SORTS and stem(other.form) in SORTS:
                return True
    return False


def _distinguished(content: tuple[Term, ...], paired: set[int]) -> bool:
    """Return whether an unpaired word, such as "new" or "vice", stands before a paired one."""
    return any(
        term.form in DISTINGUISHES and at not in paired and at + 1 in paired
        for at, term in enumerate(content)
    )


def _more(
    said: Terms, meant: Terms, alignment: _Alignment, left: list[Term], asks: Wanted
) -> tuple[bool, str]:
    """The answer has all of the reference, and more."""
    used = sorted(i for i, _, _ in alignment.pairs)
    if said.either and not meant.either and not asks.all:
        return False, "one of several"
    if used[-1] - used[0] > 2 * len(used) + 2:
        return False, "scattered"
    behind = used[-1] + 1
    common = not any(t.proper for t in meant.content) or not any(t.proper for t in said.content)
    if behind < len(said.content) and len(said.content) <= 4:
        term = said.content[behind]
        follows = not term.again and (not term.later or alignment.said[used[-1]].later)
        if follows and term in left and common and len(used) == 1 and not term.number:
            return False, "another head"
    return True, "more exact"


def _part(
    meant: Terms, alignment: _Alignment, missing: list[Term], asks: Wanted
) -> tuple[bool, str]:
    """The answer has a part of the reference and nothing else."""
    paired = {j for _, j, _ in alignment.pairs}
    found = [alignment.meant[j] for j in sorted(paired)]
    if all(stem(t.form) in SORTS or _light(t, asks) for t in found):
        return False, "only the sort"
    if any(t.number and not (len(t.form) == 4 and t.later) for t in missing):
        return False, "a number is missing"
    if meant.both and not asks.one and any(t.proper or asks.all for t in missing):
        return False, "a part of a list"
    heavy = [t for t in meant.content if not _light(t, asks)]
    share = sum(_weight(t) for t in heavy if t not in missing) / sum(_weight(t) for t in heavy)
    main = [t for t in heavy if not t.later] or heavy
    if all(re.search(r"(?:ed|ing|ly)$", t.form) and not t.proper for t in main):
        main = heavy  # "originating in", "located near"
    order = [i for i, j, _ in sorted(alignment.pairs, key=lambda pair: pair[1])]
    if any(t.proper for t in found) and order != sorted(order):
        return False, "another order"
    sorts: list[Term] = []
    while len(main) > 1 and main[-1] in missing and stem(main[-1].form) in SORTS:
        if asks.sort == "place" and main[-1].form in MAKES_ANOTHER:
            break
        sorts.append(main[-1])
        main = main[:-1]
    head = main[-1]
    missing = [t for t in missing if t not in sorts]
    if head not in missing:
        enough = share >= PART or (all(t.later for t in missing) and (head.proper or share > 0.3))
        enough = enough or (head.proper and not any(t.proper for t in missing))
        return enough, "the core of it" if enough else "too little of it"
    if asks.team and meant.content[0] not in missing and _team(meant):
        return True, "the place of a team"
    long = len(heavy) >= 4 and heavy[0] not in missing and heavy[1] not in missing
    if long and all(t.proper for t in heavy[:2]):
        return True, "beginning of a title"
    return False, "only a part of it"


def _team(meant: Terms) -> bool:
    """Return whether a reference may be a team: capitals, and a name in the plural at its end."""
    last = meant.content[-1].form
    return all(t.proper for t in meant.content) and last.endswith("s") and len(meant.content) > 1


def _alike(
    alignment: _Alignment, left: list[Term], missing: list[Term], asks: Wanted
) -> tuple[bool, str]:
    """Words are left over on both sides."""
    core = [t for t in alignment.meant if not t.later]
    if core and not set(core) & set(missing) and all(stem(t.form) in SORTS for t in left):
        return True, "the core of it"
    if any(t.proper for t in missing):
        return False, "another name"
    if _in_place(alignment, left, missing):
        return False, "another word in its place"
    one = sum(_weight(t) for t in alignment.said if not _light(t, asks))
    other = sum(_weight(t) for t in alignment.meant if not _light(t, asks))
    shared = sum(
        s * _weight(alignment.meant[j])
        for _, j, s in alignment.pairs
        if not _light(alignment.meant[j], asks)
    )
    score = 2 * shared / (one + other)
    return score >= ENOUGH, f"similarity {score:.2f}"


def is_quantity(reference: str, asks: Wanted) -> bool:
    """Return whether a reference is a number with nothing but its unit and what is counted."""
    content = terms(plain_numbers(reference)).content
    numbers = [t for t in content if t.number and t.form not in asks.stems]
    if not numbers or len(content) > 6:
        return False
    rest = [t for t in content if not t.number and not _light(t, asks) and not is_unit(t.form)]
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
    if last + 1 >= len(answer.words) or answer.gap(last) != " ":
        return None
    behind = stem(answer.words[last + 1].key)
    if behind in asks.stems or behind in STOP:
        return None
    if asks.sort == "place" and behind in MAKES_ANOTHER and answer.raw(last + 1)[0].isupper():
        return "longer name"
    # Only where a span ends with it: in a sentence the word behind may be its verb.
    ends = last + 2 == len(answer.words) and first == last < 2
    common = reference.islower() and not any(char.isdigit() for char in reference)
    if ends and common and behind not in LIGHT and asks.sort == "other":
        return "another head"
    return None
