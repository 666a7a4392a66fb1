"""Wordings that decline an answer in German, French, Spanish and Chinese.

Patterns read plain lower-case text without marks; Chinese ones read it as it stands. A language
also has the words that it is known by, those that mark a guess or turn back to an answer, and
those that send the asker elsewhere.
"""

# ruff: noqa: E501  (a rule is one line, in its own script)
from __future__ import annotations

import re
from dataclasses import dataclass

from iabench.grading.cues.cue import Cue, cue

__all__ = ["LANGUAGES", "Language"]


@dataclass(frozen=True, slots=True)
class Language:
    """How one language declines, guesses and sends elsewhere."""

    code: str
    known_by: re.Pattern[str]
    cues: tuple[Cue, ...]
    answers: re.Pattern[str]
    """Marks a candidate after a decline: a guess, a turn, a choice."""
    elsewhere: re.Pattern[str]
    """Offers something else than the answer, or says where to look."""
    counts: re.Pattern[str]
    """Asks for a number."""


def _language(
    code: str, known_by: str, rules: dict[str, str], answers: str, elsewhere: str, counts: str
) -> Language:
    cues = tuple(cue(kind, code, pattern) for kind, pattern in rules.items())  # type: ignore[arg-type]
    return Language(
        code,
        re.compile(known_by),
        cues,
        re.compile(answers),
        re.compile(elsewhere),
        re.compile(counts),
    )


_GERMAN = _language(
    "de",
    r"\b(?:der|die|das|und|ist|nicht|ich|wer|wie|was|wann|warum|mir|kein|keine|ein|eine|von|fur|mit|auf|wo|welche|welcher|weiss|sind|es|leider|zu|dazu)\b",
    {
        "capability_refusal": r"\b(?:ich|wir|als|bin|mir|chat)\b.*\b(?:kein\w* (?:zugriff|zugang|korper|gefuhle|meinung\w*|empfindung\w*|augen|kamera|internet\w*|erinnerung\w*|bewusstsein|vorlieben|familie|kinder|wohnung|standort\w*|live|echtzeit\w*|hande|stimme)|(?:nicht|keine \w+) (?:sehen|horen|offnen|anrufen|abspielen|buchen|bestellen|ausfuhren|abrufen|browsen|einsehen|offnen|verschicken|versenden|senden|stellen|fuhlen|schmecken|riechen|anschauen|ansehen|aufrufen|surfen|uberweisen|einkaufen|zeichnen))\b|\b(?:bin|als) (?:nur |ja |bloss |lediglich )?(?:ein|eine|reines?) (?:\w+ ){0,2}(?:ki|sprachmodell|programm|software|textmodell|assistent\w*|chatbot|computerprogramm|maschine)\b|\bausserhalb meiner moglichkeiten\b|\bnur (?:text|mit text)\b|\bkann ich (?:von hier aus |hier |selbst |leider )*nicht (?:sehen|horen|offnen|buchen|ausfuhren|abrufen|anschauen|ansehen)",
        "policy_refusal": r"\b(?:dabei|damit|dazu|das|so etwas|solche\w*|hierbei|hier|ihnen|dir)\b.*\b(?:helfe|unterstutze|schreibe|gebe|erstelle|verfasse|mache|leiste|beteilige|liefere|verrate)\b.*\bnicht\b|\bnicht (?:helfen|unterstutzen|weiterhelfen durfen|behilflich sein|beraten|empfehlen|herausgeben|weitergeben|preisgeben|verraten|schreiben)\b|\b(?:darf|mochte|werde|will) (?:ich|wir) (?:\w+ ){0,6}(?:nicht|keine?n?)\b|\bich (?:darf|werde|mochte) (?:\w+ ){0,6}(?:nicht|keine?n?)\b|\bkeine (?:anleitung\w*|auskunft|auskunfte|rechtsberatung|diagnose\w*|empfehlung\w*|beihilfe|privat\w*|personlichen daten)\b|\blehne (?:ich|das|es)\b|\bich lehne\b|\bstrafbar\b|\bkann ich (?:nicht |leider nicht )?(?:unterstutzen|nicht unterstutzen)\b|\bich (?:mich )?nicht$|\b(?:verstosst|verstiesse) gegen\b|\b(?:arzt|arztin|anwalt|anwaltin|facharzt)\b.*\b(?:entscheiden|klaren|beurteilen|gehort)\b|\bvertraulich\b|\bgehort in (?:arztliche|fachkundige)",
        "premise_rejection": r"\b(?:pramisse|voraussetzung|annahme|vorstellung|behauptung|frage)\b.*\b(?:falsch|stimmt|irrig|nicht|irrtum|unzutreffend|trifft)\b|\b(?:missverstandnis|irrtum|irrglaube|mythos|legende|verwechsl\w+|verwechselt|widerlegt|frei erfunden)\b|\b(?:existiert|existieren|existierte|gibt|gab) (?:es )?(?:\w+ )?(?:nicht|kein\w*|nie\w*)\b|\b(?:hat|haben|hatte|besitzt|besass|fuhrt) (?:\w+ ){0,3}(?:kein\w*|nie|niemals)\b|\b(?:hat|haben|war|ist|wurde|sind|waren|stammt|konnte|schrieb|malte|erfand|starb|lebte|legen|fressen|bluhen|liegt|gewann) (?:\w+ ){0,5}(?:nicht|nie|niemals)\b|\b(?:ist|sind|war|waren) kein\w* \w+$|\b(?:das|dies) (?:stimmt|trifft) (?:so )?nicht\b|\bvielmehr\b",
        "unrecognised": r"\b(?:nie|nichts|noch nie|niemals|nicht) (?:davon |von \w+ )?(?:gehort|begegnet|untergekommen)\b|\b(?:unbekannt|fremd|kein begriff|nicht gelaufig|nicht vertraut|nicht bekannt|nicht bekannte?s?|nichts sagend)\b|\bsagt mir (?:leider |gar |uberhaupt )*nichts\b|\bkenne ich (?:leider |gar |so )*(?:nicht|kein\w*)\b|\bkenne (?:ich )?kein\w*\b|\b(?:finde|fand|konnte|kann|lasst sich|findet sich|fanden sich) (?:\w+ ){0,6}(?:kein\w*|nicht|nirgends|nichts)(?: \w+){0,6}? ?(?:finden|zuordnen|identifizieren|belege?n?|nachweisen|ausmachen|eintrag|treffer|hinweise?|namens|mit diesem namen|dieses namens)?\b|\bmit (?:diesem|dem) namen\b.*\b(?:kein\w*|nicht)\b|\b(?:dieses|des) namens\b|\bnicht (?:beschrieben|zuordnen|identifizieren|nachweisen|nachweisbar|auffindbar|verzeichnet)\b|\bbezweifle\b|\b(?:weder|sind mir|ist mir)\b.*\b(?:begriff|bekannt|gelaufig)\b.*|\berfunden\b|\bkein\w* \w+ (?:namens|mit (?:diesem|dem) (?:titel|namen))\b",
        "unknowable": r"\b(?:niemand|keiner|kein mensch|keine\w* forscher\w*)\b.*\b(?:weiss|wissen|sagen|vorhersagen|kennt|vorhersehen|absehen|voraussagen)\b|\b(?:weiss|kennt|kann) (?:\w+ ){0,3}(?:niemand|keiner|nur)\b|\bsteht in den sternen\b|\b(?:nicht|kaum|schwer|unmoglich|schlicht nicht) (?:\w+ ){0,2}(?:vorhersagen|vorherzusagen|zu sagen|absehen|absehbar|zu beantworten|beantworten|bestimmen|zu bestimmen|ermitteln|feststellen|klaren|entscheiden|uberliefert|dokumentiert|bekannt|geklart|belegt|angegeben|genannt|erwahnt|enthalten|vorhersehbar|rekonstruieren|herleiten|ableiten|entnehmen|hervor)\b|\b(?:text|tabelle|absatz|abschnitt|artikel|kontext|quelle|auszug|vorlage|angaben|passage|nachricht|mail)\b.*\b(?:nicht|kein\w*|nur|nichts|offen)\b|\b(?:meinungen|ansichten|geister|experten|historiker) (?:\w+ )*(?:auseinander|gehen|scheiden|geteilt|streiten|uneins)\b|\b(?:geschmackssache|ansichtssache|geschmacksfrage|subjektiv|reine spekulation|ungewiss|ungeklart|umstritten|offene frage|bleibt ein geheimnis|bleibt offen|ratsel|verschlossen)\b|\b(?:hangt|kommt) (?:\w+ ){0,4}(?:ab|darauf an|drauf an|davon)\b|\bfrage (?:des|der) (?:\w+ )*(?:geschmacks?|wert\w*|personlichen|perspektive)\b|\bbeide(?:s)? (?:hat|haben) (?:\w+ )*(?:vor|reiz|berechtigung)\w*\b|\bkeine (?:eindeutige|allgemeingultige|richtige|einheitliche|objektive) \w+\b|\bgibt es (?:kein\w*|nicht) (?:\w+ )?(?:antwort|richtig|einigkeit|briefe|aufzeichnungen|quellen|belege|mehr)\b",
        "clarification": r"\b(?:konnten|konntest|kannst|konnen|wurden|wurdest) (?:sie|du)\b.*\b(?:mir|bitte|genauer|sagen|nennen|angeben|prazisieren|schicken|mitteilen)\b|\b(?:meinen|meinst) (?:sie|du)\b|\b(?:welche[nrs]?|was|wovon|worum|wen|wohin|wofur|von wo)\b.*\b(?:meinst|meinen|genau|gemeint|geht es|suchst|suchen|legen)\b|\bbrauchte ich\b|\bbrauche ich noch\b|\b(?:mehr|weitere|nahere|genauere) (?:informationen|angaben|details|kontext|infos)\b|\b(?:schick|nenn|sag|verrate|gib|teilen|nennen|schicken|geben)\w* (?:sie )?(?:mir|uns)\b|\bwovon$|\bfehlt (?:mir )?(?:der|die|das|noch)\b|\bnichts angehangt\b|\bkein\w* (?:text|anhang|datei|bild) (?:angehangt|beigefugt|dabei|erhalten)\b|\bda (?:fehlt|ist) (?:nichts|wohl)\b|\bunklar\b.*\b(?:was|welche\w*|wen|worauf)\b",
        "ignorance": r"\b(?:weiss|wusste) (?:ich|wir)?(?: \w+){0,4}? ?(?:nicht|nichts|leider nicht|auch nicht)\b|\bich weiss (?:es |das |leider |dazu |daruber |wirklich |auch )*(?:nicht|nichts)\b|\bkeine?n? (?:blassen |leisesten |leiseste |schimmer|ahnung|angaben|informationen?|daten|kenntnis\w*|auskunft|eintrag|eintrage|unterlagen|seriose|verlassliche\w*|genaue\w*|belege|zahl|antwort|erinnerung|quelle\w*|hinweise?)\b|\b(?:liegt|liegen) (?:mir|uns) (?:\w+ ){0,6}(?:nicht|kein\w*)\b|\bliegen mir\b.*\bkein\w*\b|\b(?:kann|konnte) (?:ich|wir) (?:\w+ ){0,8}(?:nicht|kein\w*|nichts)\b|\bich (?:kann|konnte) (?:\w+ ){0,8}(?:nicht|kein\w*|nichts)\b|\b(?:bin ich|ich bin) (?:mir )?(?:\w+ ){0,2}(?:nicht sicher|uberfragt|unsicher|ratlos)\b|\b(?:muss ich|ich muss)(?: \w+){0,3} passen\b|\bmir (?:ist|sind) (?:\w+ ){0,6}(?:nicht|kein\w*|unbekannt) ?(?:bekannt|gelaufig)?\b|\b(?:sind|ist) mir (?:\w+ ){0,3}(?:nicht|un)\s?bekannt\b|\b(?:entzieht sich|fehlen mir|fehlt mir|woher soll ich|nicht parat|nicht gespeichert|habe ich (?:\w+ ){0,4}(?:nicht|kein\w*|nichts)|hab (?:\w+ ){0,3}(?:nicht|kein\w*)|enthalten (?:\w+ ){0,3}(?:nichts|kein\w*)|ratselraten|fallt mir (?:\w+ )*nicht ein)\b|\bich habe (?:\w+ ){0,6}(?:nicht|kein\w*|nichts)\b|^(?:unbekannt|keine angabe|weiss nicht|weiss ich nicht|keine ahnung|nicht bekannt)$",
    },
    r"\b(?:schatze|schatzung|vermutlich|wahrscheinlich|vermute|tippe|wurde ich|nehme an|ich glaube|ich denke|wohl|unterm strich|deutet|etwa|ungefahr|rund|ca|aber der|aber die|aber das|beschreiben ihn|musste)\b",
    r"\b(?:bitte|wenden|fragen|schauen|nachsehen|nachschlagen|empfehle|konnten sie|konnte man|vielleicht|verwechs\w+|gern\w*|hilft|helfen|weiterhelfen|rufen?|findet sich|finden sie|museums\w*|schau|frag|website|webseite|moglicherweise|eventuell|falls|wenn)\b",
    r"\b(?:wie viele?|wieviele?|wann|wie alt|wie hoch|wie lang|wie weit)\b",
)

_FRENCH = _language(
    "fr",
    r"\b(?:le|la|les|des|est|et|pas|je|ne|que|qui|une|un|du|pour|dans|sur|vous|ce|cette|quel|quelle|combien|j'ai|n'ai|c'est|l'ignore|sais|mon|ma|ca|aucun|aucune|au|aux)\b",
    {
        "capability_refusal": r"\b(?:je n'ai|je ne dispose|sans|n'ai) (?:\w+ )?(?:pas |aucun\w* |ni |d')+(?:de |d'|un |une )?(?:acces|corps|emotions?|sentiments?|opinions?|yeux|oreilles|camera|connexion|memoire|souvenirs?|preferences?|famille|enfants|gout|odorat|vie|localisation|agenda|horloge|voix|mains)\b|\b(?:je ne (?:peux|sais|puis)|impossible de|incapable d\w*|pas capable|je suis incapable)(?: \w+){0,4} (?:pas )?(?:voir|entendre|ouvrir|acceder|naviguer|appeler|reserver|commander|executer|ecouter|consulter|regarder|envoyer|payer|telecharger|gouter|sentir|lire des|visualiser|afficher|dessiner|jouer|chanter)\b|\b(?:je (?:ne )?suis|en tant qu|etant|comme)(?:'|e)? ?(?:qu'|que )?(?:\w+ )?(?:une?|simple|ia|intelligence) ?(?:\w+ )?(?:ia|intelligence artificielle|modele|programme|logiciel|assistant|machine|robot)\b|\bhors de ma portee\b|\bm'est (?:inaccessible|impossible)\b|\bn'en ai pas\b",
        "policy_refusal": r"\b(?:je (?:ne |me )?(?:refuse|prefere|peux|vais|veux|souhaite|dois|saurais|puis)|refus|desole)\b.*\b(?:pas|refuse|refuser|non)\b.*\b(?:aider|fournir|donner|ecrire|rediger|expliquer|divulguer|communiquer|partager|conseiller|participer|encourager|assister|recommander|reveler)\b|\bje (?:me )?(?:refuse|m'y refuse|decline)\b|\bje ne (?:vous |t'|te |)?(?:aiderai|fournirai|donnerai|ecrirai|redigerai|expliquerai|le ferai)\b|\b(?:illegal|illegale|contraire a l'ethique|confidentiel\w*|contre la loi|delit)\b|\b(?:medecin|avocat|professionnel)\b.*\b(?:seul|peut|doit|consulter|trancher)\b|\bpas question\b|\bpas autorise\b|\bje ne (?:fournis|donne|redige|ecris|participe|partage|divulgue)\b|\bseul (?:un|votre|ton) (?:medecin|avocat|pharmacien|professionnel)\b",
        "premise_rejection": r"\b(?:idee recue|legende urbaine|mythe|malentendu|erreur|confusion|confondez|confonds|premisse|fausse|inexact\w*|faux|contrairement|n'a jamais|n'ont jamais|n'est jamais|n'existe pas|n'existe aucun\w*|n'existent pas|n'a donc pas|jamais eu|jamais existe|il n'y a (?:pas|jamais|aucun\w*)|n'y a pas de)\b|\b(?:n'a|n'ont|n'est|n'etait|ne sont|n'avait|n'avaient|n'etaient|ne \w+) (?:\w+ )?(?:pas|aucun\w*|jamais|point|nullement|ni)\b|\bsans (?:\w+ )?existence\b",
        "unrecognised": r"\b(?:jamais (?:entendu|rencontre|vu|lu|croise)|ne (?:me|m') ?dit rien|me dit rien|n'evoque rien|ne connais (?:pas|aucun\w*)|connais pas|inconnue? (?:de moi|au bataillon)|m'est (?:\w+ )?inconnue?|n'(?:ai|en ai) (?:\w+ )?(?:trouve|releve) (?:\w+ )?(?:mention|trace|reference|aucun\w*|nulle)|aucun\w* (?:\w+ ){0,5}(?:de ce nom|portant ce|ne m'est|repond|nomme\w*|intitule\w*|connu\w*|trace|ne correspond)|ne (?:vois|trouve|reconnais|repere|figure|correspond|parviens|retrouve)\b.*\b(?:pas|aucun\w*|nulle|rien)|ni l'\w+ ni|ne me sont (?:pas )?familier\w*|n'existe peut etre pas|identifier|pas identifie|semble(?:nt)? pas exister|nulle part|doute (?:de|que)|invente de toutes)\b",
        "unknowable": r"\b(?:personne (?:ne|n')|nul ne|on (?:ne|l') ?(?:sait|ignore|connait|peut|saura)\w*|l'avenir|impossible (?:de|a) (?:savoir|dire|predire|prevoir|determiner|repondre|deviner|verifier|trancher|connaitre)|imprevisible|depend (?:de|du|des|beaucoup|surtout|avant)|ca depend|cela depend|tout depend|affaire de (?:gout|sensibilite)|question de (?:gout|point|sensibilite|valeurs)|subjecti\w+|chacun (?:se|son|ses)|divise|debat|les avis|partages|n'(?:est|etait) (?:pas |nulle part )?(?:mentionne\w*|precise\w*|indique\w*|connu\w*|documente\w*|donne\w*)|n'est pas (?:\w+ )?(?:mentionne\w*|precise\w*|indique\w*|connu\w*)|ne (?:dit|precise|mentionne|indique|donne|permet|fournit|figure|contient)\b.*\b(?:pas|rien|aucun\w*)|(?:ne |pas )?(?:se )?laisse pas deviner|secret|reste un mystere|mystere|enigme|seul\w* (?:l'avenir|vous|toi|dieu|le temps)|specul\w+|aucun\w* (?:certitude|moyen|reponse|consensus|trace|document|source)|pas de (?:bonne )?reponse|a survecu|les deux (?:ont|se))\b",
        "clarification": r"\b(?:pourriez|pouvez|peux|pourrais) (?:vous|tu|-vous|-tu)?\b.*\b(?:preciser|dire|indiquer|donner|fournir|envoyer|clarifier|m'en dire|coller|reformuler)\b|\b(?:preciser|precisez|precise|donne moi|donnez moi|dites moi|dis moi|envoyez|envoie moi|indiquez|collez|partagez)\b|\b(?:de quel\w*|lequel|laquelle|lesquels|quel\w*|de quoi|qui)\b.*\b(?:parlez|parles|s'agit|pensez|voulez|veux|cherchez|souhaitez)\b|\b(?:lequel|laquelle|de quoi)(?: de quoi)?$|\bplus de (?:details|precisions|contexte|d'informations)\b|\bil (?:me |m')?(?:manque|faudrait|faut (?:votre|ton|vos|tes|le|la|les|savoir))\b|\baucun\w* (?:\w+ )?(?:piece|fichier|texte|document|image) (?:joint\w*|n'est|recu\w*)\b|\bvoulez vous dire\b",
        "ignorance": r"\b(?:je ne (?:le |la |les )?(?:sais|saurais|connais|dispose|possede|detiens|retrouve|suis|peux|puis|me souviens|parviens)|je n'(?:ai|en ai|en sais|ai malheureusement|en suis)|je sais (?:pas|plus)|sais pas|j'(?:en )?(?:ignore|ai pas|avoue)|je l'ignore|j'en ignore|ne sais (?:pas|rien|plus)|pas (?:sur|sure|certain\w*) |aucune (?:idee|information|donnee|info|certitude|trace|source)|pas la moindre|donne ma langue|m'echappe\w*|m'est (?:pas )?(?:in)?connue?|ne m'est pas connue?|n'est pas disponible|ne contiennent|bien en peine|faute d(?:e|')|hors de mes connaissances|au dela de mes|je peux pas|n'en (?:sais|ai)|je manque|ne figure)\b(?!.*\bque\b.*\bsoit\b)|\bme sont inconnus\b|^(?:inconnue?|aucune idee|sais pas|mystere)$",
    },
    r"\b(?:peut etre \d|je (?:dirais|parierais|pense|crois|penche|repondrais|choisirais|suppose)|a vue de nez|environ|autour|sans doute|probablement|pour ma part|je miserais|comptez|estim\w+|le sens est|l'auteur en est|serait la)\b",
    r"\b(?:consulte[zr]?|verifie[zr]|contacte[zr]|demande[zr]|vous pouvez|tu peux|je vous (?:invite|conseille|suggere)|peut etre (?:un|une|s'agit|un jeu)|voyez|essayez|il est possible|pourrait|permettraient|si vous|si tu|volontiers|n'hesitez)\b",
    r"\b(?:combien|quand|quel age|en quelle annee)\b",
)

_SPANISH = _language(
    "es",
    r"\b(?:el|la|los|las|es|de|que|no|se|un|una|en|por|para|con|quien|como|cuando|cual|donde|lo|del|al|su|mi|ni|puedo|tengo|hay|cuantos|cuantas)\b",
    {
        "capability_refusal": r"\b(?:no (?:tengo|dispongo de|poseo|cuento con)|sin|carezco de)(?: \w+){0,2} (?:acceso|cuerpo|sentimientos|emociones|opiniones|ojos|oidos|camara|conexion|memoria|recuerdos|preferencias|familia|hijos|gustos|olfato|vida|ubicacion|calendario|reloj|voz|manos|sentidos)\b|\bno (?:puedo|soy capaz de|me es posible)(?: \w+){0,3}? (?:ver|oir|abrir|acceder|navegar|llamar|reservar|pedir|ejecutar|escuchar|consultar|mirar|enviar|pagar|descargar|probar|oler|visualizar|dibujar|cantar|encargar|abrirlo|verlo|verla|oirlo|hacer (?:llamadas|pedidos))\b|\b(?:soy|como|siendo) (?:solo |simplemente |nada mas que )?(?:una?|el) (?:\w+ )?(?:ia|inteligencia artificial|modelo|programa|asistente|maquina|software)\b|\b(?:fuera de|no estan? a) mi alcance\b|\bni tengo preferencias\b",
        "policy_refusal": r"\bno (?:puedo|voy a|debo|pienso|quiero|estoy autorizad\w)(?: \w+){0,4}? ?(?:ayudar\w*|facilitar\w*|dar\w*|escribir\w*|redactar\w*|explicar\w*|divulgar\w*|compartir\w*|aconsejar\w*|participar|recomendar\w*|revelar\w*|colaborar|proporcionar\w*|asistir\w*|hacer (?:eso|esto))\b|\b(?:me niego|ilegal|delito|confidencial\w*|poco etico|prefiero no|declino|no seria (?:etico|apropiado|correcto|responsable)|ni hablar|lo siento pero no|por privacidad|va contra)\b|\b(?:medico|abogado|profesional|especialista)\b.*\b(?:debe|decidir|valorar|consultar|corresponde)\b",
        "premise_rejection": r"\b(?:mito|bulo|malentendido|error|confusion|confunde\w*|confundes|premisa|falso|falsa|erroneo|inexacto|leyenda urbana|al contrario|en realidad no)\b|\b(?:nunca|jamas) (?:\w+ ){0,2}(?:ha|han|hubo|fue|tuvo|existio|estuvo|gano|escribio|pinto|compuso|\w+o|\w+aron)\b|\bno (?:existe\w*|hay|hubo|tiene\w*|tuvo|fue|fueron|era|eran|es un\w*|son|lo \w+o|la \w+o|ha|han|pudo|florecen|vive\w*|esta|pertenece|gano|escribio|invento|pinto)\b",
        "unrecognised": r"\b(?:nunca (?:he|habia) (?:oido|leido|visto)|no (?:he|habia) (?:oido|encontrado|visto)|no me suena|no conozco (?:a |ningun\w* )?|no (?:lo|la|los|las) conozco|no (?:identifico|reconozco|localizo|encuentro|ubico|hallo|consta|figura|aparece|me consta|me es familiar|me resulta)|ningun\w* (?:\w+ ){0,4}(?:con ese nombre|llamad\w*|titulad\w*|conocid\w*|de ese nombre)|con ese (?:nombre|titulo)|dudo que exista|no he encontrado|no me dice nada|me es (?:del todo )?desconocid\w+|no se de ningun\w*|rastro)\b",
        "unknowable": r"\b(?:nadie (?:sabe|puede|conoce|lo sabe|tiene|ha)|imposible (?:de )?(?:saber|predecir|determinar|decir|prever|responder|conocer|averiguar)|no (?:se|es) (?:posible|puede\w*|sabe\w*|conoce\w*|conserva\w*|puede saber)\b|no hay (?:forma|manera|modo|una vara|una respuesta|respuesta|consenso|certeza|constancia|registro\w*|acuerdo)|depende\b|cuestion de (?:gustos|opinion|preferencias)|subjetiv\w+|opiniones|divid\w+|debate|polemica|cada (?:cual|uno|quien)|(?:texto|contexto|pasaje|articulo|correo|tabla|fragmento|enunciado|noticia|datos)\b.*\b(?:no|solo|sin)|no (?:se )?(?:menciona|especifica|indica|dice|aclara|precisa|figura en el texto)|misterio|enigma|secreto|especul\w+|solo (?:tu|usted|el tiempo|dios|ella|el)\b|el tiempo lo dira|futuro|incierto|ambos (?:tienen|son)|cada uno tiene|desconocid\w+ (?:hasta|para))\b",
        "clarification": r"\b(?:podria\w*|puedes?|pueden)\b.*\b(?:aclarar\w*|precisar\w*|decirme|indicar\w*|darme|especificar\w*|enviar\w*|facilitar\w*|concretar\w*|pegar\w*|compartir\w*)\b|\b(?:a que|a quien|de que|cual|cuales|que)\b.*\b(?:te refieres|se refiere|hablas|quieres decir|buscas|necesitas|prefieres)\b|\b(?:mas (?:detalles|datos|contexto|informacion)|aclar\w+|dime|digame|indicame|indiqueme|cuentame|enviame|pasame|facilitame|necesito saber|necesitaria|falta (?:el|la|saber)|me falta\w*|no (?:has|ha) (?:adjuntado|incluido|indicado|dicho|pegado)|no veo (?:ningun\w* )?(?:texto|archivo|adjunto|imagen|documento))\b",
        "ignorance": r"\b(?:no (?:lo )?se\b|no (?:tengo|dispongo|poseo|cuento con|guardo|recuerdo|sabria|estoy segur\w|conozco|me consta|puedo (?:confirmar\w*|decir\w*|verificar\w*|asegurar\w*|responder\w*|precisar\w*|indicar\w*|saber\w*|ayudarle con ese|contestar\w*|dar\w* (?:una cifra|ese dato))|logro|aparece|figura|hallo|he (?:podido|logrado|encontrado))|ni (?:idea|la mas)|lo (?:ignoro|desconozco)|desconozco|ignoro|se me escapa|en blanco|no (?:hay|existe\w*) (?:informacion|datos|constancia|registros?)|no poseo|a tanto no llego|carezco|sin (?:informacion|datos)|me temo que no|no tengo ni|no esta (?:disponible|en mis)|fuera de mis conocimientos)\b|^(?:desconocido|ni idea|no se sabe|no lo se)$",
    },
    r"\b(?:supongo|diria|calculo|creo que|probablemente|seguramente|apostaria|me quedo con|puestos a|si tuviera que|significara|el autor es|unos \w+cientos|unas \w+cientas|aproximadamente|alrededor de|parece el|la leyenda)\b",
    r"\b(?:consult\w+|puede (?:probar|consultar|preguntar|mirar)|pregunt\w+|convendria|habria que acudir|le recomiendo|te recomiendo|quiza|tal vez|a lo mejor|prueba|pruebe|busca|si quiere\w*|encantad\w+)\b",
    r"\b(?:cuant[oa]s?|cuando|que edad|en que ano)\b",
)

_CHINESE = _language(
    "zh",
    r"[\u4e00-\u9fff]",
    {
        "capability_refusal": r"(?:我|本|作为)[^。！？]{0,12}?(?:没有(?:身体|感情|情感|眼睛|耳朵|意识|实体|味觉|嗅觉|联网|个人|家人|记忆|实时|权限)|无法(?:联网|访问|上网|查看|打开|播放|拨打|预订|下单|执行|看到|听到|感受|浏览|操作|发送|实时|获取实时)|不能(?:联网|上网|看到|听到|打开|拨打|替您下单|帮你打电话|查看|播放|执行|直接))|(?:看不到|看不见|听不到|打不开|查不了|没法(?:联网|看|听|打开|查看|替|帮))|(?:是|作为)(?:一个|一款|一名)?(?:人工智能|AI|ai|语言模型|程序|虚拟助手|聊天机器人)|只能处理文字|不具备",
        "policy_refusal": r"(?:不能|无法|不会|不可以|不便|不方便|没办法|不应)(?:为您|为你|帮您|帮你|协助|提供|透露|教|帮助|参与|给出|告诉|替|写|回答这类|代写|支持|泄露)[^。！？]{0,12}(?:违法|隐私|个人|诊断|处方|投资|建议|方法|内容|信息|要求|忙|步骤|您|你|作弊)|(?:违法|犯罪|不合法|侵犯隐私|违反|不道德|保密|恕难从命|拒绝|恕不|爱莫能助|恕不)|(?:应|请|需)(?:由|咨询)(?:医生|律师|专业)",
        "premise_rejection": r"(?:前提|说法|问题本身|提问)[^。！？]{0,8}(?:不成立|有误|错误|不对|不准确|不正确|误解)|(?:并不是|并非|从未|从来没有|从没|没有|不曾|根本没|不存在|不属于|不是)[^。！？，]{0,14}(?:的|过|发明|存在|海港|这回事|这么回事|一说)?|(?:误传|谣言|误会|误解|张冠李戴|搞混|记错|弄错|混淆|其实不)",
        "unrecognised": r"(?:没有?听(?:说)?过|从来没听|没见过|没见到|不认识|没有印象|没印象|查无|查不到|找不到|未能找到|没有检索到|未检索到|没能认出|认不出|不熟悉|陌生|没有找到|未找到|虚构|似乎(?:没有|并不存在|不存在)|看不到它的踪影|是否存在|没有(?:这|叫|名为)[^。！？]{0,10}|闻所未闻|不了解这|无从查证|怀疑)",
        "unknowable": r"(?:没(?:有)?人|谁也|谁都|无人|没有谁)[^。！？，]{0,10}(?:知道|说|预测|预知|保证|确定|断言|不准|说得准|能)|(?:说不准|说不好|不好说|难说|难以(?:预测|确定|断言|判断|得知|考证)|无法(?:预测|预知|得知|考证|确知|推断|推出|判断|计算|从)|不得而知|未知|成谜|之谜|见仁见智|因人而异|仁者见仁|众说纷纭|尚无定论|没有定论|没有标准答案|没有统一|没有唯一|各有(?:所长|千秋|优|利|道理)|看个人|取决于|要看|难分高下|争议|未(?:给出|提及|说明|提到|写明|注明|发掘|知)|没有(?:提到|提及|说明|给出|写|记载|说|交代|留下)|没(?:提|写|说|给|交代)|并未|只说了|只提到|天知道|只有[^。！？]{1,8}(?:才)?知道|无从(?:知晓|得知|考证|判断)|很难一概而论|不宜简单)",
        "clarification": r"(?:请问|您|你|能否|可以|麻烦|方便)[^。！？]{0,16}(?:指的是|是指|说的是|具体|哪|告诉我|提供|补充|说明|发(?:给|一下|过来)|想)[^。！？]{0,20}|(?:哪一?(?:个|种|位|部|本|款|方面|座|家|天|场|道))[^。！？]{0,8}(?:呢|？|\?|$)|(?:没有看到|没看到|没收到|未收到|没有收到)[^。！？]{0,8}(?:文章|附件|图片|内容|文件|文字)|(?:需要|请)(?:更多|先|提供|补充)",
        "ignorance": r"(?:不知道|不清楚|不晓得|不太清楚|不了解|还不了解|不确定|不太确定|不记得|记不(?:起|得|清|住)|想不起|没有(?:[^。！？，]{0,14})?(?:信息|资料|数据|记录|内容|答案|把握|依据|记载|显示)|无(?:相关|可靠|任何)(?:信息|资料|数据)|无法(?:确定|确认|回答|回复|提供|核实|给出|答|告知|作答)|答不(?:上|出)|猜不到|说不上来|一无所知|毫无头绪|无可奉告|超出[^。！？]{0,8}(?:知识|范围|能力)|未(?:收录|收錄|掌握)|并未收录|無法(?:回覆|回答|確定)|無法确定|没收录|不掌握|不详|没办法确认|推不出|暂无|没法(?:确定|确认|回答|告诉|给))",
    },
    r"(?:估计|大概率|大约|我猜|应该(?:是|就是|在)|可能是|或许是|要我说|我会选|不过按|一般来说|一般认为|我觉得|我认为|我选|作者是|意思)",
    r"(?:建议|可以(?:查|看|去|问|咨询|联系)|请(?:咨询|查阅|联系)|不妨|最好|会不会是|您可以|你可以|如果您|如果你)",
    r"(?:多少|几|何时|哪年|哪一年|什么时候|多大)",
)

LANGUAGES: tuple[Language, ...] = (_CHINESE, _GERMAN, _FRENCH, _SPANISH)
