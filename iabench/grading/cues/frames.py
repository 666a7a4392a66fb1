"""Wordings around a decline: supposed, guessed, offered instead, courtesy, background."""

# ruff: noqa: E501  (a pattern is as long as it is)
from __future__ import annotations

import re

__all__ = [
    "ANSWERS_ASIDE",
    "BACKGROUND",
    "GUESS",
    "NEGATED",
    "NEGATION",
    "NO_CANDIDATE",
    "REDIRECTS",
    "TURNS",
    "VERDICT",
]

NEGATED = re.compile(
    r"\b(?:if|when|whenever|unless|until|whether|in case)(?: \w+){0,2}$"
    r"|\bnot (?:that|because|as if|true that|mean|say|imply)$"
    r"|\b(?:nothing|pretend|mean|claim|says|said|feel|think)(?: that)?(?<!do not think)(?<!not think that)$"
)
"""Before a cue: it is supposed or denied, not said."""

NEGATION = re.compile(
    r"\b(?:not|never|no|neither|nor|none|nobody|nothing|without|rather than|instead of|hardly)\b"
)
"""Denies something."""

GUESS = re.compile(
    r"\b(?:probably|maybe|perhaps|possibly|presumably|likely|guess\w*|i (?:think|believe|suspect|"
    r"suppose|assume|reckon|expect)|i would (?:say|go (?:with|for)|bet|pick|choose|call|put|reckon|"
    r"estimate|define|give it|name|settle on|plump for)|for my part|if anyone|more plausible|would have to say|might be|could be|may be|must be|should be|must have|"
    r"might have been|could have been|seems to be|as far as i (?:know|can tell)|my (?:best )?(?:guess|"
    r"estimate|pick|view|bet|opinion|hunch|reading|choice)|sounds like|going by|judging by|"
    r"based on the|estimates?|assuming|roughly|approximately|(?:is|are) (?:thought|believed|said|usually|generally|commonly)|leading|strongest|may have been|most likely|(?:researchers|scholars|historians|scientists|experts) (?:\w+ )?(?:think|believe|hold|agree)|expect|"
    r"point(?:s|ed)? to|working (?:it|this|that|back)|should (?:come|work) out|so take that|comes? out at|it can be worked out|on that basis|put it at|my money)\b"
)
"""Marks what follows or stands around as the speaker's own guess."""

TURNS = re.compile(
    r"^(?:(?:and|well|oh|hmm) )?(?:but|yet|still|however|though|nevertheless|nonetheless|even so|that said|having said that|"
    r"wait|actually|oh|so (?:i would|yes|no|the|about|it is)|assuming|going by|judging|given|with that|from (?:what|how)|as of|at a guess|"
    r"all the same|here is what|were i|if pressed|if i had to|in short|generally)\b|\b(?:but|yet) (?:going by|i)\b"
)
"""Begins a clause that takes back what stands before it."""

VERDICT = re.compile(
    r"\b(?:i would (?:say|go (?:with|for)|bet|pick|choose|call|recommend|lean|argue|rank|define|give it|plump|settle)|i lean|for my part|if anyone deserves|more plausible|my money|"
    r"my (?:own |personal )?(?:view|opinion|pick|choice|vote|answer|reading|favou?rite|take|bet|"
    r"guess|verdict)|if (?:i had|pressed|i must|forced|you forced|pushed)|in my view|to my mind|"
    r"i (?:think|believe|expect|suspect|reckon|prefer|favou?r)|(?:is|are) (?:clearly|overall|"
    r"generally|usually|almost certainly|probably|definitely|therefore|simply) (?:the )?"
    r"(?:better|best|right|wrong|preferable|superior)|in everyday use|for most people|"
    r"(?:short|simple) answer|on balance|all in all|is the (?:better|best)|i would suggest|(?:so|then|but|generally) (?:yes|no)\b|almost certainly)\b"
)
"""Takes a side."""

REDIRECTS = re.compile(
    r"\byou (?:could|can|might|may|should|would|will|need to|must|can also)(?: \w+)? (?:check|look|find|"
    r"try|consult|want|search|visit|ask|contact|need to|wish|like|consider|refer|verify|call|"
    r"reach|see|use|start|describe|paste|share|copy|browse|get|also)\b"
    r"|\bthinking of\b|\bconfus\w+|\breferring to\b|(?<!assuming )(?<!if )\byou (?:mean|meant)\b|\bmixed up\b|\bmix up\b"
    r"|\bi (?:would |can |could )?(?:suggest|recommend|advise|encourage|try)\b|\bplease\b"
    r"|\bif you (?!mean|meant|had|were to|forced|pressed|ask)\w+|\bwould (?:list|give|tell|state|show|be (?:found|"
    r"listed|the (?:best|right|place)))\b|\bwill (?:have|tell|list|give|show|say)\b"
    r"|\bsimilar(?:ly)?\b|\b(?:closest|nearest)\b|\bsounds?(?: \w+){0,3} (?:alike|similar)\b"
    r"|\bmiss?pel\w+|\btypo\b|\bspelling\b|\bspelt\b|\bsomeone else\b|\bsomething else\b|\bdifferent\b"
    r"|\bprivate person\b|\ba character\b|\bfictional\b|\blet me know\b|\bfeel free\b|\bother name\b"
    r"|\bfor (?:instance|example)\b|\b(?:happy|glad|love) to\b|\bgladly\b|\banything else\b"
    r"|\bi (?:can|could|will|would) (?:(?!not|never)\w+ )?(?:help|try|offer|tell|describe|explain|pull|suggest|assist|"
    r"discuss|write|show|walk|summari[sz]e|gladly|happily|sum|work|quote|love|begin|look|start|do)\b"
    r"|\blet me point\b|\b(?:another|other|new|regional|local|alternative) (?:name|title|term|spelling)\b"
    r"|^(?:(?:maybe|perhaps|or|just|then|so) )?(?:try|check|see|ask|visit|consult|search|contact|look|give|send|upload|share|paste|describe|"
    r"enter|open|show|copy|double check|call|provide|tell|read|have a look|buy|measure|mark|count|divide)\b"
    r"|\bbest (?:place|source|bet|sources)\b|\b(?:be|are|is) (?:listed|found|kept)\b|\bpublic registers?\b"
    r"|\b(?:may|might|could|perhaps|possible|possibly|probably)\b(?: \w+){0,6} (?:local|regional|recent\w*|"
    r"obscure|invent\w+|independent|small|niche|private|internal|another|mistake|error|exist\w*|festival|"
    r"new|fiction|limited|fan made|lesser known|self published|unreleased|changed|renamed|opened|community)\b"
    r"|\b(?:society|museum|archive|library|operator|registry|directory|directories)\b.{0,40}\b(?:will|would|may|might|can|could|lists?|keeps?|holds?)\b|\bwill (?:probably )?know\b|\bwhat (?:i could do|you can do|i can do|helps)\b|\bgood place to\b|\bworth (?:asking|checking|a look|trying)\b"
    r"|\bwebsite\b|\bofficial (?:site|sources?|page)\b|\breliable sources?\b|\bencourage\b|\binstead\b"
)
"""Offers something else than the answer, or says where to look."""

BACKGROUND = re.compile(
    r"\b(?:generally|usually|typically|often|in general|tends? to|commonly|normally|in many|in most|"
    r"many|most(?! probably| likely)|some|various|several|well known|other|others|include|includes|including|such as|"
    r"known for|famous|at large|similar|real|as a rule|frequently|sometimes|numerous)\b"
)
"""Speaks of a class of things, not of the one asked about."""

NO_CANDIDATE = re.compile(
    r"\b(?:depends?|varies|vary|subjective|debated?|argue|uncertain\w*|unknown|unclear|difficult to|"
    r"hard to|speculat\w+|guesswork|my (?:knowledge|training)|not have|no (?:answer|evidence|record))\b"
)
"""Speaks of the answer without giving one."""

ANSWERS_ASIDE = re.compile(
    r"^(?:as of (?:my|the) |to (?:my|the best of my) knowledge|in all i|thinking it through|fun$|certainly$|absolutely$|sure$|"
    r"for or against$|if they|regrettably$|final answer$|that is right$|which is)"
    r"|\b(?:sorry|apolog\w+|thank(?:s| you)|(?:great|good|interesting|difficult|tricky|hard|tough) "
    r"question|as an? (?:ai|language model|assistant)|unfortunately|language model|it is possible|"
    r"is there|are there|hope (?:this|that)|wish you|have a (?:nice|lovely))\b|^being an?\b"
    r"|^(?:honestly|frankly|sadly|regrettably|actually|really|truthfully|well|h?m+|ok|okay|sure|hello|hi|yes|no|of course|in short|alas|in fact|lol|man)$"
    r"|^(?:but |and )?as far as i (?:know|can tell|am aware|can see)$"
)  # fmt: skip
"""Courtesy and padding: neither declines nor answers."""
