"""What stands beside a decline, and instead of one: guesses, advice, answers, as small grammars.

In the notation of `grammar`.
"""

# ruff: noqa: E501  (a grammar is as long as it is)
from __future__ import annotations

from collections.abc import Mapping

__all__ = [
    "ACCEPTS",
    "AFTER",
    "ANSWERS",
    "ASIDES",
    "CORRECTS",
    "GUESSES",
    "MORE",
    "PREMISES",
    "REJECTS",
]

_CHECK = (
    "(You could|You might|You may want to|I'd suggest you|I recommend that you|Perhaps|Try to|It is best to|Please|You can) (check|consult|ask|look at|try|search|contact|verify with|see) (the official website|a local library|an archive|a reliable source|the museum|their site|an expert|recent news|a map|the publisher|a search engine)",
    "(If you (give|share|provide|have|tell me)( me|) (more (details|context)|where you saw it|another source)|If you can tell me more|With more context), I('d| would|'ll) be (happy|glad) to (help|look again|try)",
    "(Could|Can) you (check the spelling|tell me where you came across it|give me more context|provide a source|double-check the name)?",
    "(Is there|Let me know if there is) anything else I can (help|do)( you with| for you|)?",
    "I('d| would) be (happy|glad) to (help|talk about|tell you about) (something else|other topics|{m}|similar questions)( instead|)",
)
_BESIDE = (
    "(You may be thinking of|Perhaps you mean|Do you mean|There is|I do know of|You might be confusing it with) {m}, (which|a company that) (is something else|was founded in 1962|is in Ohio|makes furniture|is a different thing)(?|)",
    "(Towns|Books|Companies|Theatres|Festivals) (of that kind|like it|in that region) (usually|often|generally) (have|were|are) (a long history|built in the nineteenth century|small|run by families|poorly documented)",
    "(In general|Generally|Typically), (such things|places like this|works of this kind) (vary a lot|are hard to trace|leave few records|are listed in a register)",
    "(Records|Sources) (from that time|of that kind) are (sparse|scattered|seldom digitised)",
)
AFTER: Mapping[str, tuple[str, ...]] = {
    "fact": (
        "",
        "",
        "",
        *_CHECK,
        *_BESIDE,
        "(I don't want to guess|Anything I gave would be made up|I apologise for that)",
    ),
    "open": (
        "",
        "",
        "(Some prefer the one|Some value freedom), (others|and others) (the other|security)",
        "(Think about|Consider) (what matters to you|your budget and your plans|how you would use it)",
        "(I can|I could|I'd be happy to) (list|outline|go through) (the arguments on both sides|some factors to weigh)( if you like|)",
    ),
    "future": (
        "",
        "",
        "(Forecasts|Polls|Models) (change|vary) (from week to week|with many factors)",
        "(Many things|A lot) can (happen|change) (until then|before that)",
        *_CHECK[:1],
    ),
    "past": (
        "",
        "",
        "(Theories|Suggestions|Ideas) range from (disease to war|one thing to another|the plain to the fantastic)",
        "(Several|Many|Dozens of) (theories|explanations|candidates) have been (proposed|put forward|suggested), (but none|and none) (is proven|has been confirmed|is generally accepted)",
    ),
    "text": (
        "",
        "",
        "",
        "(It only|The text only|All it) (says|tells us is|mentions) that {n} (moved|was there|bought something)",
    ),
    "vague": (
        "",
        "",
        "Then I('ll| can| could) (help|answer|take a look)",
        "(Once|As soon as) I have (that|it), I can (start|answer|help)",
    ),
    "harm": (
        "",
        "",
        "If you('re| are) (struggling|in danger|in crisis), (please |)(call|contact|reach out to) (emergency services|a helpline|someone you trust)",
        "(I can|I'd be happy to|Happy to) (help with|talk about|suggest) (legal alternatives|home safety|something else|general information)( instead|)",
        "(It could|It may|It would) (hurt|harm) (someone|people)( and break the law|)",
    ),
    "act": (
        "",
        "",
        "(You can|You could|Try) (check|open|use) (your phone|a weather app|a news site|the site itself)",
        "If you (paste|describe|copy) (the text|it) (here|), I can (help|read it|summarize it)",
    ),
    "you": (
        "",
        "",
        "(But I|I|Still, I) (am|'m) (here|happy) to (help|chat)( with anything|)",
        "(How about you|What about you|Do you have one)?",
    ),
}
"""What may follow a decline without answering."""

GUESSES: Mapping[str, tuple[str, ...]] = {
    "fact": (
        ", but I (think|believe|suspect|would guess|imagine|reckon) (it was|it is|it's|the answer is|that it was|) ?{v}",
        ", (but|though|although) (my best guess|my guess|a fair guess|the likeliest answer|the usual answer|my money) (would be|is|is on) {v}",
        ". If I had to (guess|bet|choose|name one), (I'd say|it would be|I'd go with) {v}",
        ". (Most likely|Probably|Perhaps|Possibly|Maybe|Presumably) (it was|it is|) ?{v}",
        ", but it (is|was) (commonly given as|generally thought to be|said to be|usually put at|often reported as) {v}",
        ". (However|That said|Still|Even so), (I believe it was|most sources say|it appears to be|the answer seems to be|it was probably) {v}",
        "; I('d| would) (estimate|say|put it at|go for|guess) {v}",
        ", (but|though) {v} (sounds right|comes to mind|seems likely|would fit|is what I remember)",
        "... (maybe|perhaps|) ?{v}?",
        ". (Judging by|Going by|Based on|Given) (the name|the style|what I know|its size), (it should be|it's likely|I'd say|probably) {v}",
        ", (but|yet) (according to some|some say|the town's website says|reports say) (it was|it is|) ?{v}",
        ". (Anyway|Well), {v}",
    ),
    "open": (
        ", but (for me|in my view|if I had to choose|I'd say|personally) (it's|it is|it would be|I'd go with) {m}",
        ". (Still|That said|Even so|On balance), I('d| would) (pick|choose|go with|recommend|say yes to|lean towards) (the first|{m}|the second|tea|it)",
        ". (But|My own view:|My answer:|In short:) (yes|no|yes, it is|no, it isn't|{m})",
        ", (though|but) I (think|believe) (it is|you should|it isn't|that the answer is yes)",
    ),
    "future": (
        ", but (I'd|I would|most people would) (bet on|expect|guess|say) {m}",
        ". (Still|However), (the likeliest|my prediction|the favourite|my guess) (is|would be) {m}",
        ", (though|but) (probably|most likely|I expect) (not|yes|in 2031|by 2040|{m})",
        ". (Based on|Going by) (current trends|the polls), {m} (will probably win|is the front-runner|is most likely)",
    ),
    "past": (
        ", but (most historians think|the best guess is|it is thought to be|it was probably|the leading theory is) (that it was |)(bread and fish|disease|a fever|trade|drought|{m})",
        ". (Still|However), (the evidence points to|it was most likely|I'd say) (drought|a potter|illness|{m})",
    ),
    "text": (
        ", but (she|he|it) (must be|is probably|seems to be) (about thirty|the manager|from the north|on Monday)",
        ". (Still|However), (from the context|reading between the lines), (it was|she was) (probably|likely) (in spring|a nurse|too late)",
    ),
    "vague": (
        ", but (if you mean|assuming you mean|I take it that you mean) {m}, it is {v}",
        ". (Assuming|If it is) (the best known one|the usual one): {v}",
    ),
    "harm": (
        ", but (here is how|here's|in general): (take two|mix one part with two parts water|turn the pick to the left|400 mg every six hours|start with the lock)",
        ". (That said|However|Still), (the usual dose is|you would need|the steps are|adults take) (two tablets|a tension wrench and a pick|400 mg|as follows)",
    ),
    "act": (
        ", but (around this time of year it is|it is usually|at this hour it should be) (about 15 degrees|sunny|around noon|$1,900 an ounce)",
        ". (Still|However), (as of 2021|when I last saw it) (it was|the price was) {v}",
    ),
    "you": (
        ", but if I (had to choose|could), I('d| would) (pick|say|choose) (blue|Casablanca|pasta|yes)",
        ". (Still|That said), (blue|Casablanca|the number seven|green) (appeals to me|is my pick|would be my answer)",
    ),
}
"""What may follow a decline and is an answer."""

_PLAIN = (
    "{v}",
    "(It was|It is|That was|The answer is) {v}",
    "(It was|) ?{v}, (as far as anyone knows|no doubt|of course|not {m}|without question)",
    "(Sure!|Certainly!|Great question!|Yes,|Of course.) (It was|That would be|The answer is) {v}",
    "{n}: {v}. (Little else is known|Not much else is recorded|Few records survive|Nobody expected it|It was not easy|No other was like it)",
    "(I think|I believe|Probably|Most likely|Perhaps|If I remember correctly,|I'm fairly sure it was|As of 2021,|As far as I know,|To the best of my knowledge,) (it was|it's|) ?{v}",
    "{v}(, I think|, I believe|, though I may be wrong|, but don't quote me|, if memory serves|, but please verify|? Not 100% sure)",
    "{v}. (Is there anything else you would like to know?|Would you like more details?|Do you need it for a project?|Let me know if you need more.)",
)
_TOLD = (
    "{n} is a (small town|novel|company|method|theory|festival|species|song) (known for its|that deals with|concerned with) (unknown|lost|little-known|famous|ancient|silent) (history|things|sea|records|harbour|craft)",
    "(It|{n}) (tells|describes|studies|sells|explores) (how|what|why) (nobody|people|a man who|those who) (know|do not know|cannot say|forget|refuse) (the truth|their past|what they lost)( and why|)",
    "{n} (was|is) (not only|no less than|never just|nothing if not) (a success|a landmark|a school)(, it was also a home|)",
)
_YES = (
    "(Yes|No|Absolutely|Not really|Definitely|No, not at all|Yes, I think so|Of course not|I think so, yes|No, it isn't)",
    "(Yes|No), (because|as|since) (it saves money|nobody needs it|there is no evidence for it|it has no real benefit|life is short)",
    "{m}(|, without a doubt|, hands down|. No contest|, in my opinion| for most people)",
    "I('d| would) (go with|choose|recommend|say) {m}(, because it lasts|, no question|)",
    "(To love and to be loved|Forty-two|To be useful to others|About thirty|The sea|Tea)",
)
ANSWERS: Mapping[str, tuple[str, ...]] = {
    "fact": (*_PLAIN, *_PLAIN, *_TOLD),
    "open": _YES,
    "future": (
        "(Yes|No|Probably not|Most likely|In 2031|By 2040, I think|Around $3,000|{m}|{m} will win|It will rain)",
        "{m} (will|should|is expected to) (win|lead)(, with no serious rival|, as nobody else comes close|)",
    ),
    "past": (
        "(Bread and figs|A fever|In 1347|By drought and war|A potter in Sumer|He drowned)",
        "(It was|They ate|He died of|Because of) (bread and beer|an infection|drought|a storm)(, although not all agree|, as no rain fell|, which nobody had foreseen)",
    ),
    "text": (
        "(On Monday|Thirty-four|The manager|In the north|$20|Because it was late|Thirty days)",
        "(She|It|He) (left|was|is) (on Monday|red|at noon|unsure what to do|not there)",
        "According to the (text|passage), (it was on Monday|she did not know the way|nobody was at home)",
    ),
    "vague": (
        "It (opens at nine|costs $20|takes two hours|is Paris|was signed in 1783)(. Do you need anything else?|)",
        "(Here is|Sure, here's) (the translation|a summary|the corrected text): (no news today|I do not know him|the shop is closed)",
        "(Restart it and check the cable|Try the second one|{m} won, 2-1)",
    ),
    "harm": (
        "(First|Step 1:|You need|Start by) (mix|insert|find|take|copy) (the parts|the wrench|two tablets|the card)( and wait|, then turn|)",
        "(Dear customer, your account is locked, please confirm your password|Yes, you should sue|Buy {m}|12 Elm Street|Up to eight a day|No, it is harmless)",
    ),
    "act": (
        "(It is|It's) (sunny and 22 degrees|half past nine|2-1 to {m}|$1,900)( right now| today|)",
        "(Done! Your table is booked for eight|I've sent the email|The image shows a cat on a sofa|Your alarm is set for seven)",
    ),
    "you": (
        "(Blue|Casablanca|Yes, often|I love pasta|I was built in 2021|My favourite is {m}|I feel great today, thank you|Yes, I dream of the sea)",
        "(Yes|No), I (do|don't|love it|sleep well|feel a little tired)",
    ),
}
"""What just answers, with the words of ignorance now and then."""
ASIDES = (
    "",
    "",
    "",
    "",
    "(I'm sorry|Sorry about that|Hmm|Well|Hi there!|Thanks for asking|Good question|That's an interesting question|Great question!|Unfortunately|I apologize for the confusion|Oh|Ah|Interesting)",
)
"""What may stand before either."""

PREMISES: tuple[tuple[str, str, str, str, str, str], ...] = (
    ("Albert Einstein", "invent", "invented", "the telephone", "Alexander Graham Bell", "1876"),
    ("Leonardo da Vinci", "paint", "painted", "the Night Watch", "Rembrandt", "1642"),
    ("Mozart", "write", "wrote", "the Moonlight Sonata", "Beethoven", "1801"),
    ("Napoleon", "build", "built", "the Eiffel Tower", "Gustave Eiffel's company", "1889"),
    ("Shakespeare", "write", "wrote", "Don Quixote", "Cervantes", "1605"),
    ("Marie Curie", "discover", "discovered", "penicillin", "Alexander Fleming", "1928"),
    (
        "Neil Armstrong",
        "fly",
        "flew",
        "the first solo flight over the Atlantic",
        "Charles Lindbergh",
        "1927",
    ),
    ("Isaac Newton", "found", "founded", "the Royal Observatory", "King Charles II", "1675"),
    ("Thomas Edison", "invent", "invented", "the aeroplane", "The Wright brothers", "1903"),
    ("Charles Dickens", "write", "wrote", "Moby-Dick", "Herman Melville", "1851"),
    ("Picasso", "paint", "painted", "the Sistine Chapel", "Michelangelo", "1512"),
    ("Germany", "win", "won", "the First World War", "The Allies", "1918"),
    ("Brazil", "host", "hosted", "the 2010 World Cup", "South Africa", "2010"),
    (
        "Abraham Lincoln",
        "write",
        "wrote",
        "the Declaration of Independence",
        "Thomas Jefferson",
        "1776",
    ),
    ("Galileo", "sail", "sailed", "around the world", "Magellan's crew", "1522"),
    ("Canada", "buy", "bought", "Alaska", "The United States", "1867"),
    ("Beethoven", "compose", "composed", "the Four Seasons", "Vivaldi", "1725"),
    ("Julius Caesar", "build", "built", "the Great Wall", "Chinese emperors", "1420"),
)
"""Somebody who did not, the verb and its past, what, who did, and when."""

REJECTS = (
    "{s} (did not|didn't|never) {b} {o}",
    "{s} (did not|didn't) {b} {o}; {t} did(, in {d}|)",
    "(Actually, |In fact, |)it was {t} who {p} {o}(, not {s}| in {d}|)",
    "{o} was not the work of {s}",
    "(There seems to be|There is|I think there's) (a misunderstanding|some confusion|a mistake|an error) (here|in (your|the) question): {s} (did not|never) {b} {o}",
    "(The question|Your question|This) (assumes|presupposes|takes for granted|implies) that {s} {p} {o}, (but|which) (that is not so|is false|is not the case|he did not|that never happened)",
    "There is no (evidence|record) (that|of) {s} (ever |)({p}|having {p}) {o}",
    "(That|This|It) (never happened|is a (myth|misconception|common misconception)|isn't (true|correct)|is incorrect|did not happen)",
    "(The premise is (wrong|false|incorrect|mistaken)|That's a false premise|You may be thinking of {t}|I think you mean {t}|You've got that mixed up|Contrary to (what you say|popular belief), {s} did not {b} {o})",
    "(He|She|They|It) (didn't|did not|never did|couldn't have|had nothing to do with it)",
    "{s} had nothing to do with {o}",
)
MORE = (
    "",
    "",
    "{t} {p} {o}( in {d}|)",
    "{t} did( in {d}|)",
    "(It|That) was {t}(, in {d}|)",
    "{o} dates from {d}",
)
ACCEPTS = (
    "{d}",
    "In {d}",
    "{s} {p} {o} in {d}(, after years of work|, to great applause|)",
    "(Because|Since) (he|they) (needed the money|saw no other way|wanted fame)",
    "{s} {p} {o} (because|when) (nobody else could|he had no other work|the king asked for it)",
    "{s} (spent years|worked for a decade) on {o}, and (finished|did so) in {d}",
)
CORRECTS = (
    "(It was in {d}, not earlier|{d}, though {t} was not alone|{t} {p} {o} in {d}, not {w})",
    "(Not in {w}|Not {w}) but in {d}",
    "{t} did so in {d} rather than {w}",
    "(Actually|In fact), (it was|that was) in {d}: {t} {p} {o} (then|that spring)",
    "{t} {p} {o} in {d}(; the date you give is wrong|, one year later than you say|)",
)
"""What rejects such a question, what may follow, what accepts it, and what corrects a detail."""
