"""What a cue is, and the pieces that cues are put together from."""

# ruff: noqa: E501  (a pattern is as long as it is)
from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from iabench.records import Kind

__all__ = ["Cue", "Form", "Scope", "cue"]

Scope = Literal["speaker", "asked", "whole", "early"]
Form = Literal["", "request", "you", "open", "seeks"]


@dataclass(frozen=True, slots=True)
class Cue:
    """One wording, or a family of them."""

    id: str
    kind: Kind
    text: str
    """Of the pattern."""
    scope: Scope = "speaker"
    """`speaker`: wherever the speaker says it; `asked`: only of what was asked (the words before
    it must be about the question); `early`: so too, and only in one of the first sentences or the
    last; `whole`: only as a clause of its own."""
    form: Form = ""
    """Only where the question is a request, is about the one who answers ("you"), is open
    (subjective, undecided, of the future), or is none of yes-or-no ("seeks")."""
    defining: bool = True
    """False: says nothing where the question is who or what somebody or something is."""

    @property
    def pattern(self) -> re.Pattern[str]:
        """Return the pattern, compiled when it is first asked for."""
        return _compiled(self.text)


@cache
def _compiled(text: str) -> re.Pattern[str]:
    return re.compile(text)


_PIECES = {
    "{I}": r"\b(?:i|we|(?:this|the|your) (?:assistant|model|ai|system|chatbot|bot))",
    "{ADV}": r"(?: (?:really|simply|just|honestly|truly|sadly|also|currently|still|actually|"
    r"unfortunately|personally|definitely|certainly|yet|even|quite|entirely|completely|totally|"
    r"fully|particularly|exactly|necessarily|100|too|very|all that|so|afraid|that|at all|"
    r"presently|specifically|myself|overly|reliably|accurately|confidently|readily|directly|"
    r"offhand|genuinely|possibly|precisely|safely|independently|now|ever|in good conscience|"
    r"therefore|either|regrettably|apparently|always|responsibly|ethically)){0,3}",
    "{START}": r"^(?:(?:sorry|well|hm+|um+|uh|oh|honestly|unfortunately|frankly|actually|sadly|"
    r"apologies|a|answer|response|assistant|and|but|so|yes|no|ok|okay|alas|it is|that is|lol|"
    r"man|my apologies|afraid|really|i am afraid|i am sorry|nope|nah) )*",
    "{INFO}": r"(?:information|info|records?|data|details?|knowledge|facts?|entry|entries|mention|"
    r"sources?|documentation|dates?|answers?|figures?|results?|evidence|account|reports?|trace|"
    r"references?|accounts|indication|specifics|citations?|credits|recollection|memory|statistics|"
    r"timetable|listing|listings|biography|material|coverage|documents?|trail|publications?)",
    "{THING}": r"(?:country|nation|state|city|town|place|element|book|novel|film|song|work|person|"
    r"people|company|firm|organi[sz]ation|word|name|thing|event|prize|award|character|species|"
    r"animal|river|mountain|language|title|author|artist|king|queen|planet|term|concept|phrase|"
    r"disease|condition|theorem|substance|product|movie|band|album|treaty|battle|person|figure|"
    r"member|part|party)",
    "{NOTCAN}": r"(?:(?:can|could|would|will|shall) not{ADV}(?: be able to)?|can neither|"
    r"(?:am|was|are|have been|would be|will be|feel){ADV} (?:unable|not able|not in (?:a|any) "
    r"position|in no position|not equipped|not qualified|not capable|incapable|not at liberty|"
    r"not allowed|not permitted|not prepared|not authori[sz]ed|not supposed|not designed|"
    r"not programmed|not trained)(?: of| to)|(?:fail|failed|struggle|struggled) to|"
    r"(?:have|has)(?: absolutely)? (?:no|not an?y?|not got an?y?)(?: \w+)? (?:way|means|basis|ability|"
    r"possibility|grounds|capability|capacity) (?:of|to|for)|do not have (?:an?|any|the)(?: \w+)? "
    r"(?:way|means|basis|ability|capability|capacity|tools|expertise) (?:of|to|for)|"
    r"have not(?: \w+)? been able to|lack the (?:\w+ )?(?:ability|means|capability|capacity|expertise) to|"
    r"would hesitate to|hesitate to|cannot)",
    "{SOURCE}": r"(?:sources?|records?|archives?|registers?|minutes|chronicles?|manuals?|captions?|credits|"
    r"field|page|column|catalogues?|catalogs?|lists?|notes?|papers?|documents?|files?|letters?|diaries|diary|"
    r"log|ledgers?|programme|label|plaque|entry|entries|index|literature|biograph(?:y|ies)|gospels?|bible|"
    r"report|reports|interview|inscription|manuscripts?|lexicon|encyclop(?:a)?edias?|website|site|book|books|"
    r"accounts?|scan|map|menu|timetable|listing|review|reviews|script|scroll|tablet|story|novel|film|poem|text|"
    r"article|survey|dictionar(?:y|ies)|database|newspapers?|certificate|transcript|recording|footage|folder)",
    "{PRO}": r"(?:doctor|physician|gp|clinician|lawyer|attorney|solicitor|barrister|pharmacist|vet|"
    r"veterinarian|professional|adviser|advisor|accountant|dentist|midwife|specialist|nurse|surgeon|"
    r"therapist|psychiatrist|paediatrician|pediatrician|counsel)",
    "{TEXT}": r"(?:text|passage|article|excerpt|document|paragraph|e ?mail|story|abstract|minutes|"
    r"clues|letter|report|context|question|problem|snippet|description|statement|sentence|"
    r"material|review|transcript|source|poem|note|message|information given|premises|table|"
    r"scenario|conversation|summary|post|label|manual|advert|chapter|extract|leaflet|memo)",
}
_PIECES["{NOTCAN}"] = _PIECES["{NOTCAN}"].replace("{ADV}", _PIECES["{ADV}"])


def cue(
    kind: Kind,
    name: str,
    pattern: str,
    scope: Scope = "speaker",
    *,
    form: Form = "",
    defining: bool = True,
) -> Cue:
    """Return a cue; slots in braces stand for the pieces above."""
    for slot, piece in _PIECES.items():
        pattern = pattern.replace(slot, piece)
    return Cue(f"{kind}/{name}", kind, pattern, scope, form, defining)
