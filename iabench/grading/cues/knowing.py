"""Wordings of not knowing and of not recognising, in English."""

# ruff: noqa: E501  (a rule is one line)
from __future__ import annotations

from iabench.grading.cues.cue import Cue, cue

__all__ = ["IGNORANCE", "UNRECOGNISED"]

_MET = r"(?:heard|come across|encountered|met|run into|seen (?:any|it|that|this|such|an?)\b|read (?:of|about|any)\b)"
UNRECOGNISED: tuple[Cue, ...] = (
    cue("unrecognised", "never-met", rf"{{I}}{{ADV}} (?:have |had )?(?:never|not)(?: (?:ever|even|actually|yet|previously|knowingly)){{0,2}} {_MET}"),
    cue("unrecognised", "never-met-start", rf"{{START}}(?:have )?(?:never|not) {_MET}|{{START}}never (?:came across|met)"),
    cue("unrecognised", "doubt-that-i-met", rf"{{I}}{{ADV}} (?:do not{{ADV}} (?:think|believe)|can not{{ADV}} say)(?: that)? i (?:am familiar|have (?:ever )?{_MET})"),
    cue("unrecognised", "not-familiar", r"{I} am{ADV} (?:not{ADV} (?:familiar|acquainted)|unfamiliar)\b|{START}(?:not{ADV} familiar|unfamiliar) with\b"),
    cue("unrecognised", "not-aware", r"{I} (?:am|was){ADV} (?:not{ADV} aware|unaware) of (?:an?|any|anyone|anybody|someone|such|the existence)\b"),
    cue("unrecognised", "not-recognise", r"{I}{ADV} (?:do|can|could|did) not{ADV} recogni[sz]e\b|{START}do not{ADV} recogni[sz]e\b"),
    cue("unrecognised", "know-of-none", r"{I}{ADV} (?:do not{ADV} know of|know of no|know no|am aware of no|am{ADV} not{ADV} aware of any)\b"),
    cue("unrecognised", "cannot-find-such", r"{I}{ADV} {NOTCAN}{ADV} (?:find|identify|locate|trace|place|match|verify|confirm|think of|think who|see|recall|connect|associate)(?: \w+){0,6} (?:called|named|titled|by (?:that|this|the) (?:exact )?(?:name|title)|of (?:that|this|the) (?:name|title)|with (?:that|this|the|any) (?:\w+ )?(?:name|title|words)|under (?:that|this|the) (?:name|title)|exists?|existed|anywhere|with any|to any|might be|is real)\b"),
    cue("unrecognised", "cannot-find-an", r"{I}{ADV} {NOTCAN}{ADV} (?:identify|match|place|trace)\b|{I}{ADV} {NOTCAN}{ADV} (?:find|locate|think of|recall|name) (?:an?|any) (?!{INFO}|\w+ {INFO})|{START}(?:can|could) not find (?:an?|that one|any) (?!{INFO})"),
    cue("unrecognised", "no-bell", r"\b(?:does|do|did) not(?: \w+)? (?:ring (?:a|any) bells?|sound familiar|sound like (?:an?|any|anything))\b|\brings no bells?\b"),
    cue("unrecognised", "strange-to-me", r"\b(?:means nothing|(?:is|are)(?: \w+)? (?:unfamiliar|not familiar|new|unknown|not known)|known|new one) (?:to|on) (?:me|us)\b(?<!\bis known to me)(?<!\bare known to me)(?<!well known to me)", "asked"),
    cue("unrecognised", "no-knowledge-of-any", r"{I}{ADV} (?:have no|do not{ADV} have any|do not{ADV} have) (?:\w+ )?(?:knowledge|memory|recollection|awareness|record|trace) of (?:an?|any|anyone|anybody|someone)\b"),
    cue("unrecognised", "none-turns-up", r"\bturns? up no\b|\b(?:no|nothing|none|neither)(?: \w+){0,8} (?:turns? up|turned up|shows? up|comes? up|appears?|springs to mind|(?:that )?i (?:know|can (?:find|place|trace|identify)|have (?:heard|seen|come across)|am aware|recogni[sz]e|could find)|known to me|in (?:my|any) (?:records|sources|data|reference|list))\b"),
    cue("unrecognised", "find-none-of-that-name", r"\b(?:find|found|see|saw|know|turns? up|turned up|is|are|was|were|been|have|includes?|but|of)(?: \w+)? (?:no|nothing|none|not an?|not any|anything)\b(?: \w+){0,6} (?:called|named|nicknamed|titled|known as|spelt|spelled|(?:by|with|of|under|to|matching) (?:exactly )?(?:that|this|the) (?:\w+ )?(?:name|title|description|label|spelling))\b|\b(?:no|nothing|none) (?:\w+ ){0,4}(?:by|with|of|under|matching) (?:that|this|the) (?:\w+ )?(?:name|title|label|description)\b|\bnothing (?:under|called|named|nicknamed)\b"),
    cue("unrecognised", "not-in-the-lists", r"\b(?:is|are|was|were) not (?:listed |found |included |recorded |one |used |mentioned )?(?:in|among|part of|on|used in|one of|one) (?:any|the|all|those|my|our|what|the ones)\b(?: \w+){0,8} (?:i|we|me|my)(?! (?:would|mean))\b"),
    cue("unrecognised", "matches-nothing", r"\b(?:does|do|did) not(?: (?:seem|appear|currently|actually|really))?(?: to)? (?:correspond|match|refer|belong|point|relate|lead)(?: \w+){0,2} (?:to |with )?(?:any|anything|an? \w+ (?:that )?i)\b|\b(?:does|do|did) not(?: \w+)? (?:turn up|show up|come up|appear|feature|figure) (?:in|among|on|as|anywhere|under|within)\b", "early"),
    cue("unrecognised", "not-recognised-as", r"\b(?:is|are|was) not(?: (?:a|an|the))?(?: \w+){0,2} (?:recogni[sz]ed|well known|widely known|commonly known|known (?:term|concept|person|figure|public|real|entity)|publicly known|documented|established|standard|widely recogni[sz]ed|familiar)(?: \w+){0,2} (?:term|concept|name|person|figure|word|phrase|entity|condition|individual|company|product|theory|place|location|disease|event|work|title|treatment|technique|method)\b", "early", form="seeks"),
    cue("unrecognised", "may-not-exist", r"\b(?:may|might|could|does|do|did|did not seem to|does not seem to|does not appear to|has|would) (?:not|never) (?:actually |really |even |be )?(?:exist|be (?:a )?real|existed|be an? actual)\b", "asked", form="seeks"),
    cue("unrecognised", "seems-misspelt", r"\b(?:may|might|could|possible|possibly|perhaps|maybe|seems?|appears?|likely|probably|you|there)\b(?: \w+){0,8} (?:misspel\w+|mis spel\w+|misspelt|typo|misheard|misremember\w*|mistyped|mis ?identif\w+|wrong name|incorrect name|misspelling|misspelled)\b", "early", form="seeks"),
    cue("unrecognised", "seems-fictional", r"\b(?:seems?|appears?|sounds?|looks?|is likely|is probably|may be|might be|could be|may have been|perhaps)(?: (?:to|be|like|it|is|a|an|completely|entirely|purely|either|as if|was|you)){0,4} (?:fictional|fictitious|imaginary|made up|invented|nonexistent|non existent|hypothetical|fabricated|hoax|obscure|niche|misunderstanding)\b(?! by| in\b)", "asked"),
)  # fmt: skip

_SAY = (
    r"(?:find|verify|confirm|locate|determine|recall|remember|establish|answer|say|tell|name|pinpoint|"
    r"pin|ascertain|know|work out|figure out|speak to|vouch|swear|quote|cite|list|describe|summari[sz]e|"
    r"recount|link|connect|rule(?! out)|be (?:sure|certain|more specific|definitive|specific|confident|positive|"
    r"any more|of (?:help|much|any))|identify|comment|guess|speculate|retrieve|point|detail|supply|"
    r"come up|produce|make out|calculate|compute|conclude|infer|deduce|judge|estimate|elaborate|"
    r"attribute|state|report|explain|guarantee|reproduce|recite|trace|offer an?y? (?:answer|opinion|details?)|"
    r"(?:give|provide|offer|share|supply) (?:(?:you|with|a|an|the|any|that|this|it|much|more|specific|accurate|exact|"
    r"definitive|definite|detailed|precise|reliable|meaningful|further|concrete|particular|factual|verified) ?)*"
    r"(?:{INFO}|name|year|number|summary|date|answer|list|quotes?|description|specifics|explanation|reason|overview|of)?)"
)
_WEAK = r"(?:limited|scarce|sparse|thin|missing|absent|lacking|unavailable|patchy|fragmentary|insufficient|incomplete|inaccessible|selusive|hazy|hard to (?:find|come by)|not (?:\w+ )?(?:available|accessible|known|public|provided|found|included|documented|recorded|widely|readily|publicly|disclosed|specified|in|something|part|on|at|among|to hand))"
IGNORANCE: tuple[Cue, ...] = (
    cue("ignorance", "do-not-know", r"{I}{ADV} (?:do|does|would|could|did|may|might) not{ADV} (?:know|remember|recall)\b(?! (?:if|that) (?:you|that|this) (?:want|will))"),
    cue("ignorance", "nor-do-i", r"\bn(?:or|either) do i know\b|\b(?:know|have) neither\b"),
    cue("ignorance", "do-not-know-start", r"{START}(?:do|could|can|would|did|have) not{ADV} (?:know|say|tell|recall|remember|find|help|a clue|have|the (?:faintest|foggiest|slightest))\b(?! it all| me what)"),
    cue("ignorance", "cannot-say", rf"{{I}}{{ADV}} {{NOTCAN}}{{ADV}} {_SAY}\b(?! (?:stress|emphasi)| enough)"),
    cue("ignorance", "cannot-give", r"{I}{ADV} {NOTCAN}{ADV} (?:give|provide|offer|be)\b(?! (?:more|happier|prouder))"),
    cue("ignorance", "unable-start", rf"{{START}}(?:unable|not able) to {_SAY}\b"),
    cue("ignorance", "not-sure", r"{I} (?:am|feel|was){ADV} (?:not{ADV} (?:sure|certain|confident|clear|positive)|unsure|uncertain)\b(?! why (?:you|anyone)| what else)"),
    cue("ignorance", "not-sure-start", r"{START}not{ADV} (?:sure|certain)\b(?! yet)"),
    cue("ignorance", "have-none", r"{I}{ADV} (?:have|had|possess|hold|found|find|see|can find|could find|know|know of|have found|have seen|have come across|can offer|have got|got|retain|keep|can recall|recall|can see)(?: got)?(?: absolutely| really| simply| only| found| read| just)* (?:no|zero|none|nothing|neither|little|very little|too little|insufficient|limited|sfragmentary|nothing)(?: \w+){0,4} (?:{INFO}|idea|clue|memory|notion|recollection|evidence|way of knowing|go on|say|contribute|offer|under|on|about|for|of|to)\b(?! doubt)"),
    cue("ignorance", "have-nothing", r"{I}{ADV} (?:have|know|find|found|came away with|come up with|had)(?: got)?(?: only| simply| just)* (?:none|nothing|neither|too little|next to nothing|no idea|no clue|zero)\b"),
    cue("ignorance", "not-have", r"{I}{ADV} (?:do|did|does) not{ADV} (?:currently |actually )?(?:have|possess|hold|see|find|keep|get)(?: \w+){0,6} (?:{INFO}|idea|clue|memory|access|year|name|number|text|transcript|copy|content|contents|summary|list|script|map|wording|specifics)\b"),
    cue("ignorance", "not-have-that", r"{I}{ADV} do not{ADV} have (?:that|this|it|one|any|enough|much|a lot|sufficient|specific|detailed|anything|what|accurate|reliable|verified)\b"),
    cue("ignorance", "have-not", r"{I}{ADV} have not(?: got)? (?:a|an|any|the|seen|read|found|come across)(?: \w+){0,3} (?:clue|idea|notion|{INFO})\b|{I}{ADV} have not got\b"),
    cue("ignorance", "lack", r"{I}{ADV} (?:lack|am lacking|am missing|miss)(?: \w+){0,3} (?:{INFO}|means|expertise)\b"),
    cue("ignorance", "know-nothing", r"{I}{ADV} know (?:nothing|little|very little|not|only|too little|neither)\b(?! that (?:i|we))|\bwhat (?:little )?i (?:know|have)(?: \w+){0,6} (?:is|was)(?: \w+){0,2} (?:too|not|limited|thin|little|only|nothing)\b|\bi can tell you nothing\b|\bnot (?:know )?enough to (?:say|tell|answer|go|be|give|judge|write)\b|\btoo little to (?:go on|say|tell|give)\b|\b(?:is|are) all i (?:know|have)\b"),
    cue("ignorance", "no-idea-start", r"{START}(?:i am afraid )?(?:absolutely |got |i have |have )?(?:no|not the (?:faintest|slightest|foggiest)) (?:idea|clue)\b"),
    cue("ignorance", "no-record", r"^(?:\w+ ){0,2}?no(?: \w+){0,3} {INFO}(?: \w+){0,6}? (?:is|are|was|were|could be|can be|has|have|seems?|exists?|appears?|survives?|in|on|of|for|about|comes?|found|known|available|that i)\b", "early"),
    cue("ignorance", "info-is-missing", rf"\b{{INFO}}(?: \w+){{0,10}}? (?:is|are|was|were|remains?|seems?|appears?|may be|do not seem to be|does not seem to be)(?: (?:to|be|very|rather|quite|so|too|currently|also|simply|either|unfortunately|extremely|still|somewhat)){{0,2}} {_WEAK}\b|\b{{INFO}}(?: \w+){{0,6}} (?:do|does|did)(?: not) (?:seem|appear) to (?:be|exist|have been)\b", "early"),
    cue("ignorance", "no-information", r"\bthere (?:is|are|was|were|seems to be|appears to be|seem to be|exists?|may be|might be)(?: \w+)? (?:no|not any|not enough|insufficient|not|little|limited|not much|very little|sfew)(?: \w+){0,5} (?:{INFO}|evidence|known|to suggest|sources|documentation)\b", "asked"),
    cue("ignorance", "not-mine", r"\b(?:is|are|was|were) (?:not|no)(?: \w+){0,8}? (?:that |which |whom )?(?:i|we) (?:have|can|could|know|hold|am|possess|had|learned|was trained|was given|would know|recogni[sz]e)\b(?! (?:tell|say) you that)"),
    cue("ignorance", "beyond-my-knowledge", r"\b(?:beyond|outside|outside of|past|exceeds?|after|out of|falls outside)(?: the)?(?: \w+){0,3} (?:my|our|what i|that i)(?: \w+){0,3} (?:knowledge|training|data|expertise|cutoff|know|tell|say|reach|information|scope|update|was trained|learned|see|ken)\b|\bmore than i (?:can|could) (?:say|tell|know)\b|\bis beyond (?:me|us)$"),
    cue("ignorance", "my-data", r"\b(?:my|our|the)(?: \w+){0,2} (?:knowledge|training|data|memory|records|sources|database|dataset|notes|information|files|memories|cutoff)(?: \w+){0,5}? (?:(?:do|does|did) not|stops?|ends?|ended|only (?:goes|extends|runs|reaches|covers)|comes? up|is empty|is blank|contains? (?:no|nothing)|holds? (?:no|nothing)|lists? (?:no|none)|draws? a blank|was last updated|predates?|has (?:no|nothing)|says? nothing|fails? me)\b"),
    cue("ignorance", "not-in-my-data", r"\b(?:not|nothing|none|no|absent|missing)(?: \w+){0,4} (?:in|of|within|by|from|on|among) (?:my|our|anything i|any source i|the (?:sources|data|material|texts) i|what i)(?: \w+)? (?:was|were|have|know|training|knowledge|data|memory|records|record|database|sources|seen|trained|learned|read|got|hold|notes|current)\b|\bnot part of (?:it|what i)\b"),
    cue("ignorance", "poorly-covered", r"\b(?:poorly|barely|scarcely|hardly|not (?:\w+ )?(?:well |widely |publicly )?)(?:covered|documented|described|represented|reported|mentioned|discussed|published) in\b", "early"),
    cue("ignorance", "escapes", r"\b(?:escapes|eludes) me\b|\bbeats me\b|^search me$|\byour guess is as good as mine\b|\bwish i (?:could|knew|had)\b|\bcould not tell you\b|\ba (?:complete |total )?(?:blank|closed book|mystery) (?:to|for) me\b|\bi am (?:at a loss|stumped|drawing|clueless)\b|\bi am not the (?:best|right) (?:source|one|person)\b"),
    cue("ignorance", "doubt-that-i-know", r"{I}{ADV} do not{ADV} (?:think|believe)(?: that)? i (?:have|know|can|could|am able)\b"),
    cue("ignorance", "nothing-in-memory", r"\bnothing(?: \w+){0,4} (?:in my (?:memory|training|records|knowledge|data)|comes to mind|specific (?:about|on)|(?:about|on|regarding) (?:him|her|it|them|this|that|a|the))\b|^nothing(?: \w+)? (?:about|on)\b", "early"),
    cue("ignorance", "none-known", r"^(?:none|nothing|no one|nobody|not)(?: that)? i (?:know|am aware|have)(?: of)?$", "whole"),
    cue("ignorance", "my-knowledge-is-limited", r"\bmy (?:\w+ )?(?:knowledge|information|data|understanding|memory|training)(?: \w+){0,7} (?:is|are)(?: \w+){0,2} (?:limited|incomplete|patchy|thin|hazy|insufficient|not)\b|\bunclear to me\b|\bi may be missing\b|\bthings (?:that )?i am missing\b"),
    cue("ignorance", "blank", r"\b(?:came|come|comes|coming) (?:up|away) (?:empty|blank|with nothing|short)\b|\b(?:drew|drawing|draw|draws) a (?:complete |total )?blank\b"),
    cue("ignorance", "would-be-invention", r"\b(?:would|will|could|might)(?: only| just| merely| simply| all)* (?:be|have to be|amount to|mean|risk|involve|require)(?: (?:only|just|pure|purely|mere|merely|simply|a|an|sheer|me|to|complete|nothing but|inventing or))* (?:guess\w*|speculat\w+|invent\w*|fabricat\w+|making (?:it|things|something|them) up|fiction|made up|conjecture|pulled out of thin air|imagination|dishonest|misleading|unreliable|unfounded)\b|\bi would (?:need|have) to (?:invent|make (?:it|them|these|this|something) up|guess|fabricate|speculate)\b|\b(?:without|rather than|instead of|avoid) (?:inventing|making (?:\w+ )?up|guessing|fabricating|speculating)\b|\bpulled out of thin air\b|\bmere imagination\b"),
    cue("ignorance", "no-guess", r"{I} (?:would|had)(?: much)? (?:rather|prefer|better|hesitate)(?: to)?(?: not)?(?: to)? (?:not|guess|speculate|invent|make|mislead)\b|{I}{ADV} (?:do not|will not|would not)(?: \w+)? (?:want|wish|like|care)? ?(?:to )?(?:guess|speculate|make (?:\w+ )?up|invent|mislead|fabricate)\b"),
    cue("ignorance", "bare", r"^(?:(?:answer|final answer|it is|that is) )?(?:unknown(?: to me)?|not known|none known|n a|not available|not applicable|unsure|uncertain|no answer|not enough information|insufficient information|information not available|data not available|unspecified|undisclosed|who knows|pass|no comment|idk|no information|cannot say|can not say|afraid not|not that i know of|i do not|not (?:a|the (?:faintest|slightest|foggiest))(?: idea| clue)?|your guess is as good as mine|not sure|dunno|no clue|no idea)$", "whole"),
)  # fmt: skip
