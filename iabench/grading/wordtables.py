"""Tables of words that are written differently and mean the same: pairs and groups of our own.

Small and general: what any question may meet, no word list of the language.
"""

from __future__ import annotations

__all__ = ["NATIONS", "PHRASES", "PLURALS", "STATES", "SYNONYMS"]

# (words as they may stand, words as they are compared); longest first where they overlap.
PHRASES = (
    ("united states of america", "united states"),
    ("united states america", "united states"),
    ("america", "united states"),
    ("usa", "united states"),
    ("us", "united states"),
    ("u s", "united states"),
    ("united kingdom of great britain and northern ireland", "united kingdom"),
    ("great britain", "united kingdom"),
    ("britain", "united kingdom"),
    ("uk", "united kingdom"),
    ("gb", "united kingdom"),
    ("uae", "united arab emirates"),
    ("ussr", "soviet union"),
    ("union of soviet socialist republics", "soviet union"),
    ("prc", "china"),
    ("people's republic of china", "china"),
    ("russian federation", "russia"),
    ("republic of ireland", "ireland"),
    ("drc", "democratic republic of congo"),
    ("holland", "netherlands"),
    ("burma", "myanmar"),
    ("cote d'ivoire", "ivory coast"),
    ("czech republic", "czechia"),
    ("eu", "european union"),
    ("un", "united nations"),
    ("new york city", "new york"),
    ("nyc", "new york"),
    ("washington dc", "washington"),
    ("washington d c", "washington"),
    ("washington district of columbia", "washington"),
    ("dc", "washington"),
    ("la", "los angeles"),
    ("world war one", "world war 1"),
    ("first world war", "world war 1"),
    ("second world war", "world war 2"),
    ("ww1", "world war 1"),
    ("wwi", "world war 1"),
    ("ww2", "world war 2"),
    ("wwii", "world war 2"),
    ("gop", "republican party"),
    ("co2", "carbon dioxide"),
    ("h2o", "water"),
    ("vp", "vice president"),
    ("pm", "prime minister"),
    ("ceo", "chief executive officer"),
    ("tv", "television"),
    ("ad", "anno domini"),
    ("bce", "bc"),
    ("milky way galaxy", "milky way"),
    ("st", "saint"),
    ("ste", "saint"),
    ("mt", "mount"),
    ("ft", "fort"),
    ("sgt", "sergeant"),
    ("lt", "lieutenant"),
    ("capt", "captain"),
    ("gen", "general"),
    ("col", "colonel"),
    ("gov", "governor"),
    ("sen", "senator"),
    ("dr", "doctor"),
    ("prof", "professor"),
    ("rev", "reverend"),
    ("jr", "junior"),
    ("sr", "senior"),
    ("co", "company"),
    ("corp", "corporation"),
    ("ltd", "limited"),
    ("inc", "incorporated"),
    ("univ", "university"),
    ("dept", "department"),
    ("govt", "government"),
    ("intl", "international"),
    ("bros", "brothers"),
    ("vol", "volume"),
    ("pt", "part"),
    ("ep", "episode"),
    ("vs", "versus"),
    ("v", "versus"),
)
STATES = (
    "al alabama|ak alaska|az arizona|ar arkansas|ca california|co colorado|ct connecticut|"
    "de delaware|fl florida|ga georgia|hi hawaii|id idaho|il illinois|in indiana|ia iowa|"
    "ks kansas|ky kentucky|la louisiana|me maine|md maryland|ma massachusetts|mi michigan|"
    "mn minnesota|ms mississippi|mo missouri|mt montana|ne nebraska|nv nevada|"
    "nh new hampshire|nj new jersey|nm new mexico|ny new york|nc north carolina|"
    "nd north dakota|oh ohio|ok oklahoma|or oregon|pa pennsylvania|ri rhode island|"
    "sc south carolina|sd south dakota|tn tennessee|tx texas|ut utah|vt vermont|va virginia|"
    "wa washington|wv west virginia|wi wisconsin|wy wyoming|ont ontario|bc british columbia|"
    "qc quebec|calif california|fla florida|mass massachusetts|penn pennsylvania|"
    "tenn tennessee|tex texas|wilts wiltshire|lancs lancashire|yorks yorkshire"
)

NATIONS = (
    "america american|united american|france french|germany german|spain spanish|"
    "spain spaniard|italy italian|england english|scotland scottish|wales welsh|ireland irish|"
    "britain british|kingdom british|netherlands dutch|denmark danish|sweden swedish|"
    "norway norwegian|finland finnish|poland polish|portugal portuguese|greece greek|"
    "turkey turkish|switzerland swiss|china chinese|japan japanese|vietnam vietnamese|"
    "thailand thai|philippines filipino|israel israeli|iraq iraqi|pakistan pakistani|"
    "arabia arab|peru peruvian|argentina argentine|mexico mexican|canada canadian|"
    "brazil brazilian|antarctica antarctic|europe european|asia asian|africa african|"
    "rome roman|athens athenian|norman normandy|persia persian|iceland icelandic|"
    "czechia czech|hungary hungarian|russia russian|india indian|sweden swede|swedish swede|"
    "denmark dane|danish dane|poland pole|polish pole|finland finn|finnish finn|turkey turk|"
    "turkish turk|spanish spaniard|scotland scot|scottish scot|britain briton|british briton|"
    "england englishman|france frenchman|egypt egyptian|austria austrian|belgium belgian|"
    "australia australian|ukraine ukrainian|korea korean|cuba cuban|chile chilean|iran iranian|"
    "croatia croatian|croatian croat|serbia serbian|serbian serb|slovakia slovak|"
    "romania romanian|bulgaria bulgarian|nigeria nigerian|kenya kenyan|venezuela venezuelan"
)
SYNONYMS = (
    "film movie|television tv|automobile car|autumn fall|soccer football|sea ocean|"
    "doctor physician|lawyer attorney|king monarch|start begin|commence begin|finish end|"
    "large big|kill murder|child kid|author writer|photo photograph|airplane aeroplane|"
    "plane airplane|gasoline petrol|aluminium aluminum|sulphur sulfur|oxygen o2|carbonate co3|"
    "marry wed|purchase buy|assist help|aid help|physician doctor|teach instruct|"
    "build construct|create make|produce make|manufacture make|company firm|belly abdomen|"
    "stomach abdomen|skull cranium|kneecap patella|heart cardiac|kidney renal|lung pulmonary|"
    "brain cerebral|liver hepatic|moon lunar|sun solar|earth terrestrial|earth planet|"
    "elevated high|raised high|atom atomic|bomb weapon|refuse decline|decode decipher|"
    "oxidation oxygen|soybean soya|sodium na|wine vine|die death|dead death|born birth|"
    "lose loss|lost loss|won win|grew grow|flew fly|flight fly|gave give|made make|took take|"
    "built build|held hold|wrote write|written write|sang sing|song sing|drove drive|"
    "driven drive|munich munchen|rome roma|vienna wien|cologne koln|florence firenze|"
    "milan milano|naples napoli|venice venezia|turin torino|moscow moskva|prague praha|"
    "warsaw warszawa|lisbon lisboa|beijing peking|mumbai bombay|kolkata calcutta|"
    "chennai madras|yangon rangoon|kiev kyiv|seville sevilla|geneva geneve|"
    "copenhagen kobenhavn|athens athina|danube donau|thailand siam|koran quran|"
    "south southern|north northern|east eastern|west western|crimea crimean|muhammad mohammed|"
    "muhammad mohammad|moslem muslim|began begin|begun begin|brought bring|"
    "bought buy|caught catch|chose choose|chosen choose|came come|drew draw|drawn draw|"
    "drank drink|ate eat|eaten eat|fell fall|fallen fall|fed feed|fought fight|found find|"
    "froze freeze|frozen freeze|given give|went go|gone go|hid hide|hidden hide|kept keep|"
    "knew know|known know|laid lay|led lead|left leave|lent lend|met meet|paid pay|ran run|"
    "rose rise|risen rise|said say|saw see|seen see|sent send|shook shake|shot shoot|"
    "shrank shrink|sank sink|sunk sink|sold sell|slept sleep|spoke speak|spoken speak|"
    "spent spend|stole steal|stolen steal|stood stand|struck strike|swam swim|sworn swear|"
    "taken take|taught teach|tore tear|torn tear|told tell|thought think|threw throw|"
    "thrown throw|understood understand|wore wear|worn wear|became become|broke break|"
    "broken break|grown grow|high strong|turn become|change become|change turn|"
    "disease illness|ill sick|health healthy|"
    "assemble gather|prevent stop|allow permit|protect guard|defend protect"
)
PLURALS = (
    "feet foot|men man|women woman|children child|people person|mice mouse|teeth tooth|"
    "geese goose|wives wife|lives life|leaves leaf|wolves wolf|knives knife|halves half|"
    "bacteria bacterium|fungi fungus|nuclei nucleus|data datum|criteria criterion|"
    "phenomena phenomenon|hypotheses hypothesis|alveoli alveolus|stimuli stimulus|"
    "antennae antenna|larvae larva|vertebrae vertebra|viruses virus|gases gas|buses bus|"
    "lenses lens|sinuses sinus|campuses campus|cameras camera|bananas banana|dramas drama|"
    "operas opera|pandas panda|formulas formula|"
    "mitochondria mitochondrion|ganglia ganglion|spectra spectrum|strata stratum|"
    "millennia millennium|crises crisis|analyses analysis|theses thesis|nebulae nebula|"
    "cacti cactus|radii radius|indices index|vertices vertex|oxen ox|species species|series series"
)
