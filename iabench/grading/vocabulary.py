"""Which words of a short answer carry it: by their weight, their opposites and their negations.

Small tables of our own, of words that any question may meet; nothing in them is about a topic.
"""

from __future__ import annotations

from iabench.grading.wordforms import stem

__all__ = [
    "BEFORE",
    "BEFORE_PLACES",
    "CONTRASTS",
    "DISTINGUISHES",
    "DOWN",
    "LIGHT",
    "MAKES_ANOTHER",
    "NEGATIONS",
    "OF_NOTHING",
    "PREPOSITIONS",
    "RANKS",
    "SORTS",
    "STOP",
    "UP",
    "VAGUE",
]

_STOP_WORDS = (
    "a an the of in on at to for from by with as and or but nor is are was were be been being "
    "am do does did has have had having will would can could it its it's he his him she her "
    "they them their this that these those there here who whom whose which when where what "
    "why how i me my we our you your so than then also too very just about into onto upon "
    "under over out up down off own such some any both either between among around through "
    "via per during within s t d ll re c ca circa present featuring called known named titled "
    "said usually mainly mostly generally often probably maybe perhaps possibly approximately "
    "roughly nearly almost exactly actually currently originally officially i.e e.g etc if "
    "because since while yet still even only being became become becomes think & like likely "
    "used use using located based found made"
)
STOP = frozenset(_STOP_WORDS.split())
_PREPOSITION_WORDS = (
    "of in on at to for from by with between near featuring during through within under over "
    "into against who which that where when because after before since as"
)
PREPOSITIONS = frozenset(_PREPOSITION_WORDS.split())
_LIGHT_WORDS = (
    "mr mrs ms miss dr doctor sir dame lady saint pope king queen president general captain "
    "sergeant colonel major emperor prince princess professor reverend junior senior river "
    "ocean island city town village county country nation company corporation incorporated "
    "limited plc group band team club franchise movie film song album single novel book "
    "television series show program character player actor actress singer author writer "
    "person name year time number total type kind sort form place area "
    "region district province state republic kingdom early late mid various several many main "
    "major famous modern ancient old late first american british system process language "
    "method bone crop tissue plant animal substance element gas material metal disease "
    "condition color colour brand different certain entire whole part pure natural common "
    "actual original official hms uss ss thing period era century native style game sport "
    "side unit sake mixture combination molecule"
)
LIGHT = frozenset(stem(word) for word in _LIGHT_WORDS.split())
_RANK_WORDS = (
    "captain colonel commander count duke duchess earl emperor general governor king lieutenant "
    "major marshal minister president prince princess professor queen sergeant"
)
RANKS = frozenset(_RANK_WORDS.split())
# "The city of Paris" is Paris; "the president of India" is not India.
_OF_NOTHING_WORDS = (
    "city town village county state republic kingdom island river district province region "
    "nation type kind sort form part group number total time year period style color language "
    "place area country person game process method"
)
OF_NOTHING = frozenset(_OF_NOTHING_WORDS.split())
# Words that tell the sort of a thing and do not identify it; its sort is another with another one.
_SORT_WORDS = (
    "river lake university college state street county mountain range mount bay valley "
    "airport station stadium hall park school church palace castle bridge hospital museum "
    "theater center house office court council committee party act treaty war battle award "
    "cup league union army force department ministry bank desert canal gulf forest sea ocean "
    "island city republic kingdom company club team band album film song book series season "
    "episode president king queen minister prime secretary prize trophy festival tournament "
    "championship project program division conference association society institute "
    "commission government board service system"
)
SORTS = frozenset(stem(word) for word in _SORT_WORDS.split())
# Where a place or an owner is asked, these make another thing of the same name.
_MAKES_ANOTHER_WORDS = "river lake university college state bay gulf party street airport"
MAKES_ANOTHER = frozenset(_MAKES_ANOTHER_WORDS.split())
_CONTRASTS_TABLE = (
    "north south east west northern southern eastern western "
    "northeast northwest southeast southwest|"
    "male female|father mother|brother sister|son daughter|husband wife|king queen|"
    "prince princess|uncle aunt|boy girl|man woman|actor actress|before after|high low|"
    "upper lower|left right|inner outer|internal external|increase decrease|more less few|"
    "old new|positive negative|long short|hot cold|"
    "black white red blue green yellow brown orange purple pink gray|import export|"
    "primary secondary tertiary|major minor|maximum minimum|top bottom|front back|"
    "anterior posterior|superior inferior|dorsal ventral|proximal distal|acute chronic|"
    "large small|big little|light dark|morning evening night afternoon|"
    "summer winter spring autumn fall|senate house|"
    "monday tuesday wednesday thursday friday saturday sunday|artery vein|full empty|win lose|"
    "start end|begin end|birth death|single double triple|dense light|early late|"
    "fire water air|gold silver bronze copper|left right|hydrogen nitrogen oxygen carbon|"
    "senior junior|commons lords|ascending descending|arctic antarctic|home away|love hate|"
    "protestant catholic orthodox|democrat republican|democratic republican|"
    "conservative liberal labour|afc nfc|american national|rise fall|gain lose|grow shrink|"
    "modern ancient medieval"
)
CONTRASTS: dict[str, set[str]] = {}
for _group in _CONTRASTS_TABLE.split("|"):
    for _word in map(stem, _group.split()):
        CONTRASTS.setdefault(_word, set()).update({stem(w) for w in _group.split()} - {_word})
_DISTINGUISHES_WORDS = (
    "north south east west new vice deputy anti non papua equatorial sub co step ex assistant "
    "less least great-grand grand half pseudo neo proto un former acting"
)
DISTINGUISHES = frozenset(_DISTINGUISHES_WORDS.split())
# Right before a name, these make another one even where nothing tells a name from a word.
_BEFORE_WORDS = "deputy vice assistant non anti ex step"
BEFORE = frozenset(_BEFORE_WORDS.split())
_BEFORE_PLACES_WORDS = "new north south east west papua equatorial"
BEFORE_PLACES = frozenset(_BEFORE_PLACES_WORDS.split())
_DIRECTION_WORDS = (
    "rise rose risen increase increased grow grew grown gain gained climb climbed|"
    "fall fell fallen decrease decreased drop dropped decline declined shrink shrank lose lost"
)
UP, DOWN = (frozenset(words.split()) for words in _DIRECTION_WORDS.split("|"))
_VAGUE_WORDS = (
    "large small big little great good tiny huge high long short single average typical special "
    "general particular whole own"
)
VAGUE = frozenset(_VAGUE_WORDS.split())
_NEGATIONS_WORDS = (
    "not no never without neither none cannot non prevent prevented stop refuse refused lack "
    "lacking instead rather unlike except don't doesn't didn't isn't wasn't aren't weren't "
    "won't can't couldn't wouldn't"
)
NEGATIONS = frozenset(_NEGATIONS_WORDS.split())
