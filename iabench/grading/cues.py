"""The wordings that decline an answer, as data: a rule has an id, a kind and a pattern.

Patterns read `Clause.text`: lower case, contractions written out, no punctuation. They hold no
unbounded gap, so that matching takes linear time. `{I}` is the speaker, `{ADV}` adverbs between
the words, `{START}` the beginning of the clause behind words that carry nothing. Earlier rules win
where two overlap, so the narrower kinds stand first.
"""

# ruff: noqa: E501  (a rule is one line)
from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from iabench.records import Kind

__all__ = ["ANSWERS_ASIDE", "DECLINES", "GUESS", "NEGATED", "REDIRECTS", "TRIGGER", "Cue", "Scope"]

Scope = Literal["speaker", "asked", "whole"]


@dataclass(frozen=True, slots=True)
class Cue:
    """One wording, or a family of them."""

    id: str
    kind: Kind
    pattern: re.Pattern[str]
    scope: Scope = "speaker"
    """`speaker`: wherever the speaker says it; `asked`: only of what was asked (the words before
    it must be about the question); `whole`: only as a clause of its own."""
    defining: bool = True
    """False: says nothing where the question is who or what somebody or something is."""


_PIECES = {
    "{I}": r"\b(?:i|we|(?:this|the) (?:assistant|model|ai|system))",
    "{ADV}": r"(?: (?:really|simply|just|honestly|truly|sadly|also|currently|still|actually|"
    r"unfortunately|personally|definitely|certainly|yet|even|quite|entirely|completely|totally|"
    r"fully|particularly|exactly|necessarily|100|too|very|all that|so|afraid|that|really|at all|"
    r"presently|specifically|myself|overly)){0,3}",
    "{START}": r"^(?:(?:sorry|well|hm+|um+|uh|oh|honestly|unfortunately|frankly|actually|sadly|"
    r"apologies|a|answer|response|assistant|and|but|so|yes|no|ok|okay|alas|it is|that is) )*",
    "{INFO}": r"(?:information|info|records?|data|details?|knowledge|facts?|entry|entries|mention|"
    r"sources?|documentation|dates?|answer|figures?|results?)",
    "{THING}": r"(?:country|nation|state|city|town|place|element|book|novel|film|song|work|person|"
    r"people|company|firm|organi[sz]ation|word|name|thing|event|prize|award|character|species|"
    r"animal|river|mountain|language|title|author|artist|king|queen|planet)",
}


def _cue(
    kind: Kind, name: str, pattern: str, scope: Scope = "speaker", *, defining: bool = True
) -> Cue:
    for slot, piece in _PIECES.items():
        pattern = pattern.replace(slot, piece)
    return Cue(f"{kind}/{name}", kind, re.compile(pattern), scope, defining)


_POLICY = (
    _cue("policy_refusal", "help", r"{I}{ADV} (?:can|could|will|would|must) not{ADV} (?:be able to )?(?:help|assist|comply|engage|fulfil+|support|participate)(?! but| think| notic)"),
    _cue("policy_refusal", "unable-to-help", r"{I} am{ADV} (?:unable|not able|not allowed|not permitted|not going|not willing|unwilling)(?: to)? (?:help|assist|comply|engage|discuss|share|fulfil+)"),
    _cue("policy_refusal", "will-not", r"{I}{ADV} (?:will|shall) not{ADV} (?:answer|share|provide|discuss|disclose|give|do|reveal|be (?:able to )?(?:answering|sharing|providing|discussing))"),
    _cue("policy_refusal", "private", r"(?:can|could|do|will) not{ADV} (?:provide|share|disclose|give|discuss|reveal|offer)(?: out)?(?: \w+){0,2} (?:personal|private|confidential|sensitive|such|medical|legal|instructions|harmful)"),
    _cue("policy_refusal", "cannot-share", r"{I}{ADV} can not{ADV} (?:share|disclose|reveal|discuss)\b"),
    _cue("policy_refusal", "decline", r"(?:must|have to|need to|will|would|am going to)(?: \w+)? (?:decline|refuse)\b"),
    _cue("policy_refusal", "guidelines", r"against (?:my|the|our|its) (?:\w+ )?(?:guidelines|policy|policies|rules|programming|principles|terms)"),
    _cue("policy_refusal", "rather-not-talk", r"{I} would rather not (?:discuss|talk|answer|say|share|speak)"),
    _cue("policy_refusal", "uncomfortable", r"{I} (?:am|do) not{ADV} (?:feel )?comfortable"),
    _cue("policy_refusal", "appropriate", r"not{ADV} appropriate for me to"),
)  # fmt: skip

_ACTION = r"(?:browse|access|see(?! why| how| any| a reason)|view|look(?: \w+)? up|open|hear|make|search|check|perform|watch|listen|retrieve|order|call|book|feel|taste|smell|experience|connect|interact)"
_CAPABILITY = (
    _cue("capability_refusal", "cannot-act", rf"{{I}}{{ADV}} can not{{ADV}} (?:directly )?{_ACTION}\b"),
    _cue("capability_refusal", "unable-to-act", rf"{{I}} am{{ADV}} (?:unable to|not able to|not capable of|incapable of){{ADV}} (?:directly )?(?:{_ACTION}|browsing|accessing|seeing|making|searching|performing|hearing|checking)\b"),
    _cue("capability_refusal", "not-connected", r"{I} am{ADV} not{ADV} connected\b"),
    _cue("capability_refusal", "no-access", r"{I}{ADV} (?:do not{ADV} have|have no|lack)(?: \w+){0,2} access to(?: \w+){0,2} (?:real|live|current|internet|web|up|external|your|files|online|today|news)\b"),
    _cue("capability_refusal", "no-ability", r"{I}{ADV} (?:do not{ADV} have|have no|lack)(?: \w+){0,3} (?:ability|capability|capabilities|capacity|internet|body|eyes)\b"),
    _cue("capability_refusal", "no-feelings", r"{I}{ADV} (?:do not{ADV} have|have no|lack|do not{ADV} possess)(?: (?:any|personal|own|my|human|a|or|and)){0,3} (?:opinions?|feelings?|preferences?|emotions?|beliefs?|favou?rites?|tastes?|experiences?)\b"),
)  # fmt: skip

_PREMISE = (
    _cue("premise_rejection", "no-such", r"\bno such (?!luck)\w+"),
    _cue("premise_rejection", "none-of-that-name", r"\bthere (?:is|are|was|were|exists?|has been|have been|does not exist)(?: \w+)? (?:no|not an?|not any|not)\b(?! (?:\w+ )?{INFO}\b)(?: \w+){0,5} (?:called|named|known as|by (?:that|this|the) name|with (?:that|this|the) (?:name|title)|of (?:that|this|the) name)\b"),
    _cue("premise_rejection", "not-exist", r"\b(?:do|does|did) not(?: (?:seem|appear|actually|really|currently|even|in fact|to|ever)){0,3} exist\b", "asked"),
    _cue("premise_rejection", "nothing-exists", r"\bno (?!longer)(?:\w+ ){1,5}exist(?:s|ed)?\b"),
    _cue("premise_rejection", "never-existed", r"\b(?:never|no longer)(?: \w+)? exist(?:s|ed)?\b", "asked"),
    _cue("premise_rejection", "seems-fictional", r"\b(?:seems?|appears?|sounds?|looks?|is likely|is probably|may be|might be)(?: (?:to|be|like|it|is|a|an|completely|entirely|purely|either|as if|was)){0,4} (?:fictional|fictitious|imaginary|made up|invented|nonexistent|non existent|hypothetical|fabricated|hoax)\b(?! by| in\b)", "asked"),
    _cue("premise_rejection", "fictional", r"\b(?:is|are|was)(?: (?:a|an|entirely|completely|purely|actually|likely)){0,2} (?:fictional|fictitious|imaginary|made up|nonexistent|non existent|fabricated|not real|unreal)\b", "asked", defining=False),
    _cue("premise_rejection", "not-a-thing", r"\b(?:is|are|was|were) not(?: actually| really| in fact)?(?: (?:a|an|the|any))?(?: \w+){0,2}? (?:real|actual|existing|genuine|{THING}|chemical element)\b(?! (?:that )?i )", "asked", defining=False),
    _cue("premise_rejection", "not-listed", r"\b(?:is|are|was) not (?:on|in|part of|among) the (?:periodic table|map|list)\b|\b(?:does|do) not (?:correspond|refer|belong|match)(?: \w+)?(?: to)? any\b", "asked"),
    _cue("premise_rejection", "do-not-think", r"{I}{ADV} do not{ADV} (?:think|believe)(?: \w+){1,5} (?:exists?|existed|real|an? actual)\b"),
    _cue("premise_rejection", "premise", r"\b(?:false|mistaken|incorrect|wrong|flawed|faulty) (?:premise|assumption|presupposition)\b"),
    _cue("premise_rejection", "premise-is-wrong", r"\b(?:premise|assumption|question)(?: \w+){0,4} (?:is|are|was|seems|appears)(?: (?:to be|an?|based on an?|simply|itself)){0,2} (?:mistaken|false|wrong|incorrect|flawed|misleading|error)\b"),
    _cue("premise_rejection", "seems-no-thing", r"\b(?:do|does|did) not (?:seem|appear) to be(?: an?)?(?: \w+)? (?:real|actual|existing|genuine|{THING}|place)\b", "asked", defining=False),
    _cue("premise_rejection", "never-happened", r"\b(?:never(?: actually)? (?:happened|occurred|took place)|did not(?: actually)? (?:happen|occur|take place))\b", "asked"),
)  # fmt: skip

_UNRECOGNISED = (
    _cue("unrecognised", "never-heard", r"{I}{ADV} (?:have |had )?(?:never|not)(?: (?:ever|even|actually|yet|previously)){0,2} (?:heard|come across|encountered|seen|read|met)\b"),
    _cue("unrecognised", "not-think-heard", r"{I}{ADV} (?:do not{ADV} (?:think|believe)|can not{ADV} say)(?: that)? i (?:am familiar|have (?:ever )?(?:heard|come across|encountered|seen|read|met))\b"),
    _cue("unrecognised", "never-heard-start", r"{START}never (?:heard|come across|encountered)\b"),
    _cue("unrecognised", "not-familiar", r"{I} am{ADV} (?:not{ADV} (?:familiar|acquainted)|unfamiliar)\b"),
    _cue("unrecognised", "not-familiar-start", r"{START}(?:not{ADV} familiar|unfamiliar)\b"),
    _cue("unrecognised", "not-aware", r"{I} (?:am|was){ADV} (?:not{ADV} aware|unaware) of\b"),
    _cue("unrecognised", "not-recognise", r"{I}{ADV} (?:do|can|could) not{ADV} recogni[sz]e\b"),
    _cue("unrecognised", "know-of-none", r"{I}{ADV} (?:do not{ADV} know of|know of no|know no)\b"),
    _cue("unrecognised", "not-one-i-recognise", r"\bnot (?:one|an? \w+|something|someone|anything|anyone)(?: that| which| whom?)? i (?:recogni[sz]e|am familiar|have (?:ever )?(?:heard|come across|seen))"),
    _cue("unrecognised", "not-one-i-know", r"\bnot (?:one|an? \w+|someone|anyone|anybody)(?: that| whom?)? i(?: \w+)? know\b"),
    _cue("unrecognised", "no-bell", r"\b(?:does|do|did) not(?: \w+)? ring (?:a|any) bells?\b"),
    _cue("unrecognised", "means-nothing", r"\b(?:means nothing|is unfamiliar|is not familiar|is new|are unfamiliar) to me\b"),
    _cue("unrecognised", "no-knowledge-of-any", r"{I}{ADV} (?:have no|do not{ADV} have any|do not{ADV} have) (?:\w+ )?(?:knowledge|memory|recollection|awareness) of (?:an?|any|anyone|anybody|someone)\b"),
    _cue("unrecognised", "cannot-place", r"{I}{ADV} can not{ADV} place\b"),
)  # fmt: skip

_PEOPLE = r"(?:scientists|historians|scholars|researchers|experts|archaeologists|astronomers|physicists|biologists|humanity|science)"
_UNKNOWABLE = (
    _cue("unknowable", "nobody-knows", r"\b(?:nobody|no one|no human|none of us)(?: (?:really|actually|truly|ever|yet|alive|today|else)){0,2} (?:knows?|can (?:really |ever |possibly )?(?:know|say|tell|predict)|has (?:ever )?(?:found out|determined))\b(?!(?: \w+){0,3} (?:better|more|less|best)\b)"),
    _cue("unknowable", "science-does-not-know", rf"\b{_PEOPLE}(?: \w+)? do(?:es)? not(?: (?:yet|currently|fully|really|actually|still)){{0,2}} know\b"),
    _cue("unknowable", "science-has-not-found", rf"\b{_PEOPLE} (?:have|has) not(?: yet)?(?: been able to)? (?:establish|determine|find|agree|identif|discover|work)\w*\b"),
    _cue("unknowable", "never-know", r"\b(?:we|one|humanity|people)(?: (?:will|may|might|can|shall|probably|likely)){1,2} never(?: \w+)? know\b"),
    _cue("unknowable", "unknown", r"\b(?:is|are|remains?|stays?)(?: (?:currently|still|largely|generally|publicly|completely|entirely|ultimately|simply|a|an|unfortunately|to this day)){0,2} (?:unknown|mystery|unclear|undetermined|undisclosed|unsolved|unresolved|unknowable|unrecorded)\b(?! to (?:me|us)\b)", "asked"),
    _cue("unknowable", "not-known", r"\b(?:is|are|has|have)(?: been)? not(?: (?:yet|currently|publicly|generally|widely|precisely|exactly|reliably|been|really|officially|certainly)){0,3} (?:known|determined|established|decided|recorded|announced|disclosed|documented|revealed|public knowledge)\b(?! (?:to|for|as)\b)", "asked"),
    _cue("unknowable", "never-recorded", r"\b(?:was|were|is|are|has been|have been) never (?:been )?(?:recorded|known|documented|disclosed|established|announced|revealed|determined)\b", "asked"),
    _cue("unknowable", "lost", r"\b(?:lost to|lost in) (?:history|time)\b", "asked"),
    _cue("unknowable", "cannot-be-known", r"\bcan not(?: \w+)? be(?: (?:reliably|accurately|really|ever|currently|definitively|precisely|exactly)){0,2} (?:known|determined|predicted|answered|established|ascertained|foreseen|verified)\b", "asked"),
    _cue("unknowable", "impossible", r"\b(?:impossible|not possible) (?:for (?:me|anyone|us) )?to (?:know|say|predict|tell|determine|answer|foresee)\b|\b(?:predicting|knowing|telling|answering|saying)(?: \w+){0,3} is impossible\b"),
    _cue("unknowable", "no-way", r"\bno (?:\w+ )?way (?:to (?:know|tell|predict|say|determine)|of (?:knowing|telling)|(?:that )?(?:anyone|anybody|we|one) (?:can|could))\b"),
    _cue("unknowable", "no-known-answer", r"\b(?:has|have|is|with) (?:no|not an?|not any) (?:known|definite|definitive|single|agreed|clear)(?: \w+)? answer\b"),
    _cue("unknowable", "time-will-tell", r"\b(?:remains to be seen|only time will tell|(?:not|little|nothing)(?: \w+)? is known (?:of|about)|open question)\b", "asked"),
)  # fmt: skip

_CLARIFICATION = (
    _cue("clarification", "could-you", r"\b(?:could|can|would|will) you(?: (?:please|kindly|perhaps|possibly|maybe)){0,2} (?:clarify|specify|give|provide|tell|explain|elaborate|rephrase|be more specific|let me know)\b"),
    _cue("clarification", "please", r"\b(?:please|kindly)(?: \w+)? (?:clarify|specify|provide|give|tell|rephrase|be more specific)\b"),
    _cue("clarification", "which-one", r"\b(?:which|what|who|whom)(?: \w+){0,3} (?:do|did|are) you (?:mean|referring|asking|talking|thinking|looking)\b"),
    _cue("clarification", "did-you-mean", r"\b(?:did|do) you(?: \w+)? mean\b"),
    _cue("clarification", "depends", r"\bdepend(?:s|ing) on (?:what|which|who|how)(?: \w+){0,4} you\b"),
    _cue("clarification", "need-more", r"\b(?:need|require|without)(?: \w+){0,2} (?:details|context|information|specifics)\b"),
    _cue("clarification", "unclear-question", r"\bquestion is(?: \w+)? (?:unclear|ambiguous|vague|incomplete)\b"),
)  # fmt: skip

_FIND = r"(?:find|verify|confirm|locate|identify|determine|recall|remember|establish|answer|say|tell|name|pinpoint|ascertain)"
_IGNORANCE = (
    _cue("ignorance", "do-not-know", r"{I}{ADV} (?:do|does|would|could) not{ADV} (?:know|remember|recall)\b"),
    _cue("ignorance", "nor-do-i", r"\bn(?:or|either) do i know\b"),
    _cue("ignorance", "do-not-know-start", r"{START}(?:do|could|can|would) not{ADV} (?:know|say|tell|recall|remember)\b(?! it all)"),
    _cue("ignorance", "cannot-say", rf"{{I}}{{ADV}} (?:can|could|did|would) not{{ADV}} (?:be able to )?{_FIND}\b(?! (?:stress|emphasi))"),
    _cue("ignorance", "cannot-give", r"{I}{ADV} can not{ADV} (?:give|provide|offer|be)\b(?! (?:more|happier|prouder))"),
    _cue("ignorance", "unable", rf"{{I}} (?:am|was|have been){{ADV}} (?:unable|not able|not in a position) to{{ADV}} (?:{_FIND}|give|provide|offer)\b"),
    _cue("ignorance", "unable-start", rf"{{START}}unable to {_FIND}\b"),
    _cue("ignorance", "not-sure", r"{I} (?:am|feel){ADV} (?:not{ADV} (?:sure|certain|confident|clear|positive)|unsure|uncertain)\b(?! why (?:you|anyone)| what else)"),
    _cue("ignorance", "not-sure-start", r"{START}not{ADV} (?:sure|certain)\b"),
    _cue("ignorance", "have-none", r"{I}{ADV} (?:have|had|possess|hold|found|find|see|can find|could find|know|know of)(?: got)?(?: absolutely| really)? (?:no|zero|little|very little|insufficient|limited)(?: \w+){0,3} (?:{INFO}|idea|clue|memory|notion|recollection|evidence|way of knowing)\b"),
    _cue("ignorance", "not-have", r"{I}{ADV} (?:do|did) not{ADV} (?:have|possess|hold)(?: \w+){0,5} (?:{INFO}|idea|clue|memory|access|year|name|number)\b"),
    _cue("ignorance", "not-have-that", r"{I}{ADV} do not{ADV} have (?:that|this|it|one|any|enough)\b"),
    _cue("ignorance", "have-not", r"{I}{ADV} have not(?: got)? (?:a|an|any|the)(?: \w+){0,2} (?:clue|idea|notion|{INFO})\b"),
    _cue("ignorance", "lack", r"{I}{ADV} lack(?: \w+){0,3} {INFO}\b"),
    _cue("ignorance", "know-nothing", r"{I}{ADV} know (?:nothing|little|very little|not)\b"),
    _cue("ignorance", "no-idea-start", r"{START}(?:i am afraid )?(?:absolutely |got |i have )?no (?:idea|clue)\b"),
    _cue("ignorance", "no-record-start", r"{START}no(?: \w+){0,2} {INFO}(?: (?:is|are|was|were|could be|can be))?(?: \w+)? (?:available|found|exists?|known|about|on|of|for)\b"),
    _cue("ignorance", "not-available", r"\b{INFO}(?: \w+){0,5} (?:is|are|was|were) not(?: \w+)? (?:available|accessible|known|something)\b"),
    _cue("ignorance", "no-information", r"\bthere (?:is|are|was|were|seems to be|appears to be)(?: \w+)? (?:no|not any|not enough|insufficient|not|little|limited)(?: \w+){0,4} (?:{INFO}|evidence)\b", "asked"),
    _cue("ignorance", "not-known-to-me", r"\b(?:not|un)(?: )?known to (?:me|us)\b"),
    _cue("ignorance", "not-one-i-know", r"\bnot (?:something|anything|one|a \w+|someone)(?: that| which| whom?)? i(?: \w+)? (?:know|have)\b"),
    _cue("ignorance", "beyond-my-knowledge", r"\b(?:beyond|outside|outside of)(?: the)?(?: \w+){0,2} my(?: \w+)? (?:knowledge|training|data|expertise)\b"),
    _cue("ignorance", "my-data", r"\bmy(?: \w+){0,2} (?:knowledge|training|data|memory|records|sources|database|dataset)(?: \w+)? (?:do|does) not(?: \w+)? (?:include|contain|cover|extend|go|have|list|mention|reach)\b"),
    _cue("ignorance", "not-in-my-data", r"\bnot(?: \w+){0,2} (?:in|of|within|by) my (?:\w+ )?(?:training|knowledge|data|memory|records|database)\b"),
    _cue("ignorance", "escapes", r"\bescapes me\b|\bbeats me\b|\byour guess is as good as mine\b|\bi wish i (?:could|knew)\b"),
    _cue("ignorance", "not-think-i-know", r"{I}{ADV} do not{ADV} (?:think|believe)(?: that)? i (?:have|know|can|could)\b"),
    _cue("ignorance", "not-a-clue", r"{START}(?:have )?not (?:a|the (?:faintest|slightest|foggiest))(?: idea| clue)?$"),
    _cue("ignorance", "nothing-in-memory", r"\bnothing(?: \w+)? in my (?:memory|training|records|knowledge|data)\b|\bnothing comes to mind\b"),
    _cue("ignorance", "none-known", r"^(?:none|nothing|no one|nobody)(?: that)? i (?:know|am aware) of$", "whole"),
    _cue("ignorance", "limited", r"\bmy (?:knowledge|information)(?: \w+){0,5} (?:is|are)(?: \w+)? limited\b"),
    _cue("ignorance", "what-i-know", r"\b(?:beyond|outside|exceeds) what i know\b|\bunclear to me\b"),
    _cue("ignorance", "blank", r"\b(?:came|come|coming) up (?:empty|blank|with nothing|short)\b|\b(?:drew|drawing|draw) a blank\b"),
    _cue("ignorance", "no-guess", r"{I} would (?:rather|prefer)(?: to)? not(?: to)? (?:guess|speculate)\b"),
    _cue("ignorance", "bare", r"^(?:(?:answer|it is|that is) )?(?:unknown|not known|none known|n a|not available|not applicable|unsure|uncertain|no answer|not enough information|insufficient information|information not available|data not available|unspecified|undisclosed|who knows|pass|no comment|idk)$", "whole"),
)  # fmt: skip

DECLINES: tuple[Cue, ...] = (
    *_POLICY, *_CAPABILITY, *_PREMISE, *_UNRECOGNISED, *_UNKNOWABLE, *_CLARIFICATION, *_IGNORANCE
)  # fmt: skip
"""Every wording that declines, narrower kinds first."""

TRIGGER = re.compile(
    r"\b(?:not?|nor|never|nobody|none|nothing|unknown|un\w+|in(?:capable|sufficient)|lack|lost|"
    r"non|impossible|fiction\w*|fictitious|imaginary|made up|invented|nonexistent|non existent|hypothetical|"
    r"fabricated|hoax|false|mistaken|incorrect|wrong|flawed|faulty|misleading|premise|decline|"
    r"refuse|against|escapes|beats|beyond|outside|guess|wish|little|you|please|need|require|"
    r"without|question|clue|came|drew|drawing|limited|mystery|remains|time|n a|pass|who knows)\b"
)
"""Stands in every clause that a cue can match: most answers hold none and are done."""

NEGATED = re.compile(
    r"\b(?:if|when|whenever|unless|until)(?: \w+){0,2}$|\bnot (?:that|because|as if|true that)$"
    r"|\b(?:nothing|pretend|mean|claim)(?: that)?$"
)
"""Before a cue: it is supposed or denied, not said."""

GUESS = re.compile(
    r"\b(?:probably|maybe|perhaps|possibly|presumably|likely|guess|i (?:think|believe|suspect|"
    r"suppose|assume)|i would (?:say|go with|bet)|would have to say|might be|could be|may be|"
    r"might have been|could have been|seems to be|as far as i (?:know|can tell))\b"
)
"""Marks what follows or stands around as the speaker's own guess."""

REDIRECTS = re.compile(
    r"\byou (?:could|can|might|may|should|would|will)(?: \w+)? (?:check|look|find|try|consult|want|"
    r"search|visit|ask|contact|need|wish|like|consider|refer|verify|be|have)\b"
    r"|\bthinking of\b|\bconfus\w+|\breferring to\b|\byou (?:mean|meant)\b"
    r"|\bi (?:would |can )?(?:suggest|recommend|advise|encourage)\b|\bplease\b"
    r"|\bif you (?:mean|meant|are|can|could|have|need|would|want|provide|give|were|tell)\b"
    r"|\bsimilar(?:ly)?\b|\b(?:closest|nearest)\b|\bsounds?(?: \w+){0,3} (?:alike|like|similar)\b"
    r"|\bmiss?pel\w+|\btypo\b|\bspelling\b|\bsomeone else\b|\bsomething else\b|\bdifferent\b"
    r"|\bprivate person\b|\ba character\b|\bfictional\b|\blet me know\b|\bfeel free\b"
    r"|\bfor (?:instance|example)\b|\b(?:happy|glad) to\b|\banything else\b|\bi can (?:help|try|offer|tell)\b"
    r"|^(?:try|check|see|ask|visit|consult|search|contact|look)\b"
    r"|\bbest (?:place|source|bet)\b|\b(?:be|are|is) (?:listed|found|kept)\b|\bpublic registers?\b"
)
"""Offers something else than the answer, or says where to look."""

ANSWERS_ASIDE = re.compile(
    r"\b(?:sorry|apolog\w+|thank(?:s| you)|(?:great|good|interesting|difficult|tricky|hard|tough) "
    r"question|as an? (?:ai|language model|assistant)|unfortunately|language model|it is possible|"
    r"is there|are there|hope (?:this|that))\b|^being an?\b"
    r"|^(?:honestly|frankly|sadly|regrettably|actually|really|truthfully|well|h?m+|ok|okay|sure|hello|hi|yes|no|of course|in short|alas|in fact)$"
    r"|^(?:but |and )?as far as i (?:know|can tell|am aware)$"
)
"""Courtesy and padding: neither declines nor answers."""
