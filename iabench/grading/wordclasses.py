"""Classes of words that responses decline, doubt, deny and offer with, in five languages.

A learned detector reads a response once as words and once as the classes of its words, so that what
it has learned of "no record of" holds for "no trace of". A word ending in * stands for all that
begin with it; what is in no class is just a word.
"""

from __future__ import annotations

from functools import lru_cache

__all__ = ["FAINT", "word_class"]

_CLASSES = {
    "not": "no not never none neither nor nothing nobody without hardly nowhere kein* nicht nie "
    "niemand nichts weder ohne ne pas jamais aucun* rien personne ni ningún ninguna ninguno nada "
    "nadie nunca tampoco sin 不 没 无 未 别 非 沒 無",
    "i": "i we me my mine myself ich mir mich wir uns mein* je moi mon ma mes nous yo mí nos mi 我",
    "you": "you your yours yourself u sie ihr ihre ihnen du dir dich dein* vous tu te ton ta tes "
    "votre vos usted tú ti su 你 您",
    "know": "remembers recollects acquaint informed versed conversant sussed fathom comprehend "
    "understand understood "
    "know knowing knew known aware sure certain* familiar recall remember recollect "
    "recognise recognize confident positive acquainted conversant wissen weiß weiss kenne bekannt "
    "sicher sais connais sûr sé conozco seguro recuerdo consta 知 道 清 楚 了 解",
    "unsure": "stumps baffled baffles puzzled lost-for foggiest faintest dunno idk undecided "
    "doubtful hesitant hazy sketchy patchy fuzzy inconclusive escapes eludes slips "
    "blanking flummoxed mystified nonplussed perplexed ill-equipped unqualified "
    "incapable powerless bluffing inventing fabricating guessing speculating speculate "
    "guesswork "
    "unsure uncertain unaware unfamiliar clueless stumped unable uncertainty ignorant "
    "drawing blank beats überfragt ignore desconozco ignoro unsicher",
    "idea": "inkling foggiest idea clue guess hunch notion inkling ahnung idée",
    "information": "specifics facts fact documents document statistics literature archive archives "
    "database databases dataset files file text texts corpus citation* citations "
    "registry register registers biography coverage particulars intel history account "
    "catalogue catalog encyclopedia footage minutes figure "
    "information info data record* detail* source* evidence documentation "
    "documented knowledge mention* reference* trace* entry entries listing material* account* "
    "report* consensus proof statistic* figures training angabe* informationen quelle* "
    "renseignement* información datos registro* constancia 信 息 资 料 记 录",
    "find": "found unearth uncover discover dig spot detect recover match matches matching "
    "recognised recognized substantiate corroborate authenticate validate turn turned "
    "surfaced "
    "find found locate identify trace verify confirm determine establish ascertain "
    "pinpoint retrieve look search browse access finde gefunden trouve trouvé encuentro "
    "encontrado localizo 找 查",
    "exist": "imagin* fabricated nonexistent non-existent myth* mythical fake hoax made-up fabled "
    "legend* "
    "exist* real fictional fictitious invented imaginary hypothetical existe* gibt "
    "existiert 存 在",
    "can": "can could able possible kann können konnte peux puis peut puedo puede pude 能 可 法",
    "have": "have has had having got hold habe hat haben ai avons tengo tiene hay 有",
    "do": "do does did done",
    "be": "is are was were be been being am ist sind bin war est suis es soy 是",
    "say": "says tells answers comment comments supply share disclose reveal pinpoint name "
    "names elaborate advise assist offer respond reply claim vouch swear "
    "say said tell answer* speak comment give provide offer state sagen antworten "
    "beantworten dire répondre decir responder 说 答",
    "sorry": "sorry apologise* apologize* apologies unfortunately afraid regret alas leider "
    "entschuldigung désolé désolée malheureusement hélas lamento lamentablemente perdón "
    "抱 歉 遗 憾",
    "impossible": "unclear untold unanswered unsettled unresolved unproven unsolved undecided "
    "uncertain unnamed unverifiable unexplained undeciphered unspoken unpublished "
    "unrecoverable inscrutable ambiguous speculative speculation mysterious mysteries "
    "secret anonymous hidden irretrievable "
    "impossible unknowable unpredictable undecidable unanswerable unclear unknown "
    "undetermined unresolved disputed debated contested subjective undocumented undisclosed "
    "unreported unrecorded unconfirmed unverified indeterminate inconclusive elusive unspecified "
    "unstated mystery debate unbekannt umstritten unklar inconnu incertain desconocid* imposible",
    "depend": "subjective taste tastes merits strengths perspective viewpoints values priorities "
    "circumstances arguable contentious divisive controversial philosophical beholder "
    "disagree* divided split debate* argue* argument* sides camps proponents critics "
    "opponents supporters whichever whatever neutral "
    "depend* varies vary differ* opinion* preference* taste* matter personal "
    "individual perspective* viewpoint* belief* argue* hängt dépend",
    "future": "will foretold prediction* predictions outcome fate odds speculat* foreseeable "
    "tomorrow "
    "will would future predict* forecast* foresee foretell prophesy tomorrow crystal "
    "zukunft avenir futuro 来",
    "lost": "lost destroyed burned burnt vanished perished disappeared missing gone "
    "silent silence blank "
    "empty grave forgotten buried erased dusty unrecorded survives survive surviving survived "
    "contemporary verloren perdu perdido 失",
    "text": "passage text article document documents context excerpt story paragraph "
    "email transcript "
    "snippet premises options stated states state specifies specified specify mentions mentioned "
    "mention indicated indicates provided given unanswerable",
    "see": "see hear watch listen view open browse access click read taste smell touch call "
    "order book "
    "send perform execute play download upload image images photo picture video audio link links "
    "website internet web online camera calendar screen weather",
    "yes": "yes yeah yep sure certainly absolutely definitely indeed course ja oui sí si 是",
    "maybe": "maybe perhaps possibly probably likely might may presumably seemingly apparently "
    "vielleicht wahrscheinlich vermutlich peut-être probablement quizá* probablemente 概 也 许",
    "think": "think believe suppose assume estimate reckon suspect imagine gather glaube denke "
    "schätze tippe crois pense dirais creo diría supongo 猜 觉 估 计",
    "but": "but however although though still yet nevertheless nonetheless while whereas instead "
    "rather aber jedoch allerdings mais cependant pourtant pero aunque 但 过 然",
    "please": "clarifying provide details detail specifics elaborate narrow referring refer asking "
    "attachment attached uploaded pasted missing ambiguous unclear vague which-one "
    "please clarify clarification specify specif* share context elaborate rephrase mean "
    "meant paste upload attach missing bitte meinen meinst préciser précisez voulez quiere "
    "quieres podrías 请 哪",
    "which": "which what who whom where when how why welche* was wer wann wo quel* qui quand où "
    "comment cuál* qué quién cuándo dónde 什 么 谁 几",
    "refuse": "cannot-help unwilling uncomfortable refrain abstain disallowed prohibited forbidden "
    "permitted allowed unsafe abuse exploit hate* hateful racist violence violent "
    "weapon* drugs crime criminal fraud steal* theft stalk* defam* offensive explicit "
    "copyrighted private personal confidential sensitive comply request condone engage "
    "content legal law laws consent hurt danger* risk* misuse "
    "refuse decline comfortable appropriate inappropriate illegal harmful unethical "
    "dangerous ethical guideline* policy policies against safety violate* privacy harass* "
    "responsible promote encourage assist help",
    "machine": "software algorithm bot chatgpt gpt claude gemini llama trained training artificial "
    "intelligence automated digital text-based assistants "
    "ai language model assistant chatbot computer program virtual bot machine llm human "
    "ki ia asistente sprachmodell 助 手 型 模",
    "feel": "feel feeling experience* consciousness sentient sentience senses ears nose "
    "taste-buds fingers mouth stomach heart childhood family birthday weekend sleep "
    "dream* hungry tired lonely "
    "feelings emotion* opinions consciousness experiences body preferences beliefs feel "
    "physical sense eyes hands memory memories",
    "recent": "real-time live up-to-date september october april today yesterday currently "
    "cutoff update* current* latest recent today now live last",
    "mistake": "premise assumption presumes supposes mix-up mixup confused confuse mistaken "
    "misattributed attributed erroneous inaccurate misleading debunked hoax legend myth* "
    "reality rather instead misnomer "
    "mistake* mistaken confus* mix-up misconception myth incorrect wrong error* "
    "misunderstanding misremember* assumption* premise presuppos* assumes actually fact contrary "
    "false untrue spelling misspel* typo irrtum verwechs* erreur confond* confund* 其 实 误",
    "advise": "search google verify look-up browse reach directory records-office helpline hotline "
    "emergency therapist counsellor counselor psychologist pharmacist physician "
    "specialist dermatologist solicitor attorney accountant adviser advisor vet "
    "veterinarian nurse clinician professionals qualified licensed "
    "try check consult contact visit ask recommend suggest see refer official website "
    "expert professional doctor lawyer archive* library wenden schauen fragen consulter vérifier "
    "consulte pregunte 建 议",
    "anybody": "nobody-else philosophers linguists archaeologists economists "
    "physicists astronomers "
    "biologists critics viewers readers public authorities sources witnesses biographers "
    "humanity mankind humans "
    "anyone anybody someone somebody people experts scientists historians scholars "
    "researchers one everybody",
    "any": "any anything ever such called named exact specific exactly precise",
    "number": "only single two three both first second",
    "they": "he she him her his they them their it its er il elle ils él ella ellos 他 她 它",
    "of": "of in on at to for from by with about into over under between during von zu mit für de "
    "en à pour sur dans para por con",
    "the": "a an the this that these those der die das ein eine le la les un une el los las una",
    "and": "and or so because since as if then und oder et ou y o",
}
FAINT = frozenset(("of", "the", "and"))
"""Classes that say little by themselves."""

_WORDS: dict[str, str] = {}
_BEGINNINGS: list[tuple[str, str]] = []
for _name, _listed in _CLASSES.items():
    for _word in _listed.split():
        if _word.endswith("*"):
            _BEGINNINGS.append((_word[:-1], _name))
        else:
            _WORDS.setdefault(_word, _name)


@lru_cache(maxsize=1 << 15)
def word_class(word: str) -> str:
    """Return the class of a word in lower case, "" for none."""
    found = _WORDS.get(word)
    if found is None:
        found = next((name for start, name in _BEGINNINGS if word.startswith(start)), "")
    return found
