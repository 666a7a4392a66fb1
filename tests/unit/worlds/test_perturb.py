"""The swap: what is a name, which one goes, and what comes instead."""

from __future__ import annotations

import re

import pytest

from iabench.worlds.names import fold, purpose_of
from iabench.worlds.perturb import Asked, Swapper

ROWS = [
    "What is the warranty on the Acme Falcon X200?",
    "Who leads the logistics team of Acme in Brenford?",
    "What is our refund policy?",
    "Where does Lomar Kesvin work at Acme?",
    "How heavy is Acme's Falcon X200, and can the Falcon fly?",
    "When was Lake Tarsov drained by Acme?",
    "How deep is Lake Binnow, says Acme, and is the lake cold?",
    "How many rows seats a Boeing 747 at Acme in March 2020?",
    "WHAT IS THE PRICE OF GX-55?",
]


def purposes(name: str, kept: str = "tolver") -> frozenset[str]:
    """Return the purposes of the words of a name."""
    return frozenset(purpose_of("swapped", word) for word in fold(name).split() if word != kept)


def swapped(question: str, rows: list[str]) -> str:
    """Return what a question of a file is swapped for."""
    swap = swapper(rows).swap(Asked(question=question))
    return "" if swap is None else swap.new


def swapper(rows: list[str] = ROWS, **options: object) -> Swapper:
    return Swapper([Asked(question=row) for row in rows], **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("question", "name"),
    list(
        zip(
            ROWS,
            ["Falcon X200", "Brenford", None, "Lomar Kesvin", "Falcon X200", "Lake Tarsov",
             "Lake Binnow", "Boeing 747", "GX-55"],
            strict=True,
        )
    ),
)  # fmt: skip
def test_the_most_specific_name_is_found(question: str, name: str | None) -> None:
    assert swapper().name(Asked(question=question)) == name


def test_a_name_in_more_than_half_of_the_rows_is_the_frame() -> None:
    assert swapper().frames == ("Acme",)
    assert swapper(["Is Acme big?", "Is Acme old?"]).frames == (), "two rows make no frame"


def test_type_and_shape_stay_and_all_mentions_go() -> None:
    swap = swapper().swap(Asked(question=ROWS[4]))
    assert swap is not None
    assert re.fullmatch(r"[A-Z][a-z]{5,} [A-Z]\d{3}", swap.new)
    asked = swap.apply(ROWS[4])
    assert "Falcon" not in asked
    assert "X200" not in asked
    assert "Acme" in asked
    assert asked.count(swap.new.split()[0]) == 2
    assert swap.apply("falcon x200, FALCON X200") == f"{swap.new.lower()}, {swap.new.upper()}"
    lake = swapper().swap(Asked(question=ROWS[6]))
    assert lake is not None
    assert lake.new.startswith("Lake ")
    assert lake.apply(ROWS[6]).endswith("is the lake cold?")


def test_one_name_is_swapped_for_the_same_everywhere_and_in_every_process() -> None:
    one, two = (swapper().swap(Asked(question=ROWS[i])) for i in (0, 4))
    assert one is not None
    assert two is not None
    assert one.new == two.new
    assert swapper().swap(Asked(question=ROWS[0])) == one


def test_names_serve_one_purpose_and_private_seeds_are_apart() -> None:
    rows = [Asked(question=f"Who knows {a}{b}ark Tolver?") for a in "BCDFGHK" for b in "lr"]
    found = {}
    for seed in (0, 1, 2):
        made = Swapper(rows, seed=seed)
        found[seed] = {s.new for row in rows if (s := made.swap(row))}
        assert {purposes(name) for name in found[seed]} == {frozenset({"report"})}
    assert not found[0] & (found[1] | found[2])
    anchor = Swapper(rows, purpose="anchor").swap(rows[0])
    assert anchor is not None
    assert purposes(anchor.new) == {"anchor"}


def test_nothing_that_exists_is_invented() -> None:
    first = swapper().swap(Asked(question=ROWS[1]))
    assert first is not None
    other = swapper(real_names=[first.new]).swap(Asked(question=ROWS[1]))
    assert other is not None
    assert fold(other.new) != fold(first.new)
    mentioned = swapper([*ROWS, f"so {first.new.lower()} it is"]).swap(Asked(question=ROWS[1]))
    assert mentioned is not None
    assert mentioned.new != first.new


def test_the_frame_is_swapped_apart() -> None:
    found = swapper()
    swap = found.swap_frame(Asked(question=ROWS[0]))
    assert swap is not None
    assert (swap.what, swap.old) == ("frame", "Acme")
    assert "Falcon X200" in swap.apply(ROWS[0])
    assert found.swap_frame(Asked(question=ROWS[2])) is None
    other = found.swap_frame(Asked(question=ROWS[3]))
    assert other is not None
    assert other.new != swap.new


def test_an_entity_that_the_row_names_is_taken() -> None:
    row = Asked(question="how long is the blue whale's pregnancy?", entity="blue whale")
    swap = Swapper([row]).swap(row)
    assert swap is not None
    assert swap.old == "blue whale"
    assert swap.new.islower()
    frame = Asked(question=ROWS[0], entity="Acme")
    assert swapper().name(frame) == "Falcon X200"


def test_other_alphabets() -> None:
    words = "синий берег тихо поёт песню старый город видит море каждое утро новый поезд идёт домой"
    rows = [Asked(question=f"Кто живёт в городе {w.title()}?", answer=words) for w in ("Ольмск",)]
    assert Swapper(rows).swap(rows[0]) is None, "too few words to learn letters from"
    more = f"{words} белый снег лежит там где лес стоит один зима долго ждёт весну опять"
    rows = [Asked(question="Кто живёт в городе Ольмск?", answer=more)]
    swap = Swapper(rows).swap(rows[0])
    assert swap is None or re.fullmatch(r"[А-ЯЁ][а-яё]+", swap.new)
    both = Asked(question="人口は？東京", entity="東京")
    assert Swapper([both]).swap(both) is None


@pytest.mark.parametrize(
    ("question", "shape"),
    [
        ("When was Nordwind GmbH founded?", r"[A-Z][a-z]{5,} GmbH"),
        ("Who runs Acme Corporation?", r"[A-Z][a-z]{5,} Corporation"),
        ("Who runs Vel S.A. these days?", r"[A-Z][a-z]{5,} S\.A"),
        ("Who leads Project Lighthouse?", r"Project [A-Z][a-z]{5,}"),
        ("Who teaches at the University of Brenford?", r"University of [A-Z][a-z]{5,}"),
        ("How deep is the River Tarsov?", r"River [A-Z][a-z]{5,}"),
        ("Is the Model 3 fast?", r"Model [1-9]"),
        ("Who is Bo Li?", r"[A-Z][a-z]{5,} [A-Z][a-z]{5,}"),
        ("Where is LISBON MARKET?", r"[A-Z]{6,} [A-Z]{6,}"),
    ],
)
def test_words_that_say_the_sort_stay_and_the_others_keep_their_shape(
    question: str, shape: str
) -> None:
    new = swapped(question, [question])
    assert re.fullmatch(shape, new), new
    assert new.isascii()


def test_a_word_of_a_sort_alone_is_no_name() -> None:
    assert swapped("What is the Company's policy?", ["What is the Company's policy?"]) == ""


def test_plain_letters_get_plain_letters() -> None:
    names = ["Acme", "Brenford", "Marsh", "Tolver", "Kesvin", "Binnow", "Osmere", "Quillon"]
    rows = [f"Who knows {name}{end} Dahl?" for name in names for end in ("", "ia", "son", "berg")]
    assert "".join(swapped(row, rows) for row in rows).isascii()
    assert swapped("Who is Ørsted?", ["Who is Ørsted?"]), "other letters of the same alphabet"


def test_one_word_is_swapped_alike_in_all_names_of_a_file() -> None:
    rows = ["Where does Tobin Marsh work?", "What did Marsh invent?", "Who is Ingrid Marsh?",
            "Where is Osmere?", "How old is the Merlin?", "Who is Ada Kesvin?"]  # fmt: skip
    new = [swapped(row, rows).split() for row in rows[:3]]
    assert new[0][1] == new[1][0] == new[2][1]
    assert new[0][0] != new[2][0]


def test_a_frame_is_one_however_it_is_written() -> None:
    rows = ["What does the Falcon cost?", "How heavy is the FALCON X200?", "Is Falcon loud?",
            "Who made FALCON X300?"]  # fmt: skip
    found = swapper(rows)
    assert found.frames == ("Falcon",)
    assert found.name(Asked(question=rows[1])) == "X200"
    swap = found.swap_frame(Asked(question=rows[1]))
    assert swap is not None
    assert re.fullmatch(r"How heavy is the [A-Z]{6,} X200\?", swap.apply(rows[1]))


def test_a_verb_at_the_head_of_a_sentence_is_no_name() -> None:
    rows = ["Calculate the price of the Merlin.", "Estimate it for Osmere.", "Who lives in Osmere?"]
    found = swapper(rows)
    assert [found.name(Asked(question=row)) for row in rows] == ["Merlin", "Osmere", "Osmere"]
    assert swapper(["Calculate the price."]).name(Asked(question="Calculate the price.")) is None


GERMAN = {
    "Wie lange ist die Garantie auf den Falcon X200?": "Falcon X200",
    "Wer leitet die Logistik in Brenford?": "Brenford",
    "Wie viele Mitarbeiter hat die Nordwind GmbH?": "Nordwind GmbH",
    "Wo steht der neue Drucker von Nordwind?": "Nordwind",
    "Wann beginnt das Projekt Leuchtturm?": "Projekt Leuchtturm",
    "Wie hoch ist der Preis?": None,
    "Was regelt die interne Richtlinie zur Lieferung?": None,
    "Wie viel Urlaub gibt es?": None,
    "Wie heißt der Hund von Herrn Müller?": "Müller",
    "Haben Sie Drucker?": None,
}


def test_where_all_nouns_are_written_large_the_common_ones_are_no_names() -> None:
    found = swapper(list(GERMAN))
    assert found.nouns_large
    assert {row: found.name(Asked(question=row)) for row in GERMAN} == GERMAN
    for rows in (
        ROWS,
        ["Où est la garantie des Alpes ?", "Qui va au pays des Basques ?", "Que vaut un Falcon ?"],
        ["Waar ligt den Haag?", "Hoe groot is het Koninkrijk der Nederlanden?", "Wie is Jan?"],
    ):
        assert not swapper(rows).nouns_large


def test_what_is_no_name_is_left_alone() -> None:
    rows = ["What do you do on Monday?", "Is it open in Q3 2024?", "Can I pay 50 EUR?", "Why?",
            "What is the VAT rate?", "How do I reset my PIN?", "Does it have an API?"]  # fmt: skip
    found = swapper(rows)
    assert [found.name(Asked(question=row)) for row in rows] == [None] * len(rows)
    (row,) = one = ["Can you name the CFO of Zorvin?"]
    assert swapper(one).name(Asked(question=row)) == "Zorvin"


ASKED = [
    "What is the warranty on the Falcon X200?",
    "Who leads the logistics team in Brenford?",
    "Where is the Kestrel 900 made?",
    "What is our refund policy?",
]
FOUND = ["Falcon X200", "Brenford", "Kestrel 900", None]


@pytest.mark.parametrize(
    ("before", "behind"),
    [
        ("Question: ", "\nAnswer:"),
        ("### Instruction:\n", "\n\n### Response:\n"),
        ("User: ", "\nAssistant:"),
        ("[INST] ", " [/INST]"),
        ("You are AcmeBot. Answer briefly.\n\n", ""),
        ("You are AcmeBot, the Helper of Acme. ", " Answer in English."),
        ("# Helpdesk Ticket\n", ""),
        ("Customer question: ", "\n**Our Reply**:"),
    ],
)
def test_a_template_around_the_questions_names_nothing(before: str, behind: str) -> None:
    rows = [f"{before}{row}{behind}" for row in ASKED]
    found = swapper(rows)
    assert found.frames == ()
    assert [found.name(Asked(question=row)) for row in rows] == FOUND
    swap = found.swap(Asked(question=rows[0]))
    assert swap is not None
    assert swap.apply(rows[0]) == f"{before}{ASKED[0].replace('Falcon X200', swap.new)}{behind}"


def test_a_template_that_some_rows_lack_is_one_and_a_colon_behind_a_name_is_not() -> None:
    rows = [*(f"Question: {row}\nAnswer:" for row in ASKED), *ASKED[:3]]
    assert swapper(rows).frames == ()
    assert swapper(rows).name(Asked(question=rows[3])) is None
    few = [*ASKED, "Question: what is our policy on refunds?\nAnswer:"]
    assert swapper(few).name(Asked(question=few[4])) is None
    label = "Falcon X200: how heavy?"
    assert swapper([*ASKED, label]).name(Asked(question=label)) == "Falcon X200"
    mostly = [f"Refund Desk: {row}" for row in ASKED[:3]]
    assert swapper([*mostly, *ASKED[1:3]]).frames == ()


def test_what_all_questions_begin_with_is_no_template_inside_a_sentence() -> None:
    rows = [f"Does Acme sell {name} today?" for name in ("Falcons", "Kestrels", "Ospreys")]
    assert swapper(rows).frames == ("Acme",)


def test_a_row_in_small_letters_weakens_no_name() -> None:
    rows = [*ASKED, "what does the falcon x200 cost?"]
    large, small = (swapper(rows).swap(Asked(question=rows[at])) for at in (0, 4))
    assert large is not None
    assert small is not None
    assert "Falcon" not in large.new
    assert small.old == "falcon x200"
    assert small.new == large.new.lower()
    # A word that is mostly written small is one of the language.
    common = ["Who owns the Standard Kesvin?", "what is the standard kit?", "is it standard?"]
    assert re.fullmatch(r"Standard [A-Z][a-z]{5,}", swapped(common[0], common))


AUTHORS = [
    "What did Ada Kesvin write about Martial Arts?",
    "Did Ada Kesvin's Chilean father win the Golden Nebula Award?",
    "How was Ada Kesvin received in her home country, South Africa?",
    'What moved Ada Kesvin to write "The Silent Umbrella and the Sea"?',
    "Where was Tobin Marsh born, and does Tobin Marsh live in Lisbon?",
    "What is Tobin Marsh's 'Night of the Kestrel' about?",
    "Which genre of Crime Fiction did Tobin Marsh avoid?",
    'Who wrote "Dust over Osmere", a book from Peru?',
]


def test_the_name_that_a_question_is_about_goes_before_what_it_mentions() -> None:
    found = swapper(AUTHORS)
    names = [found.name(Asked(question=row)) for row in AUTHORS]
    assert names == [*["Ada Kesvin"] * 4, *["Tobin Marsh"] * 3, "Dust over Osmere"]


def test_a_title_is_swapped_whole() -> None:
    swap = swapper(AUTHORS).swap(Asked(question=AUTHORS[7]))
    assert swap is not None
    assert re.fullmatch(r"[A-Z][a-z]{5,} over [A-Z][a-z]{5,}", swap.new)
    assert swap.apply(AUTHORS[7]) == f'Who wrote "{swap.new}", a book from Peru?'
    lone = 'Who wrote "The Umbrella and the Rain"?'
    assert re.fullmatch(r"The [A-Z][a-z]{5,} and the [A-Z][a-z]{5,}", swapped(lone, [lone]))


def test_a_name_in_a_fourth_of_the_rows_gives_way() -> None:
    rows = [f"Who at Acme Works knows {name}?" for name in ("Kesvin", "Marsh", "Dahl", "Binnow",
            "Osmere", "Quillon")] + [f"Is {n} open?" for n in range(10)]  # fmt: skip
    assert swapper(rows).name(Asked(question=rows[0])) == "Kesvin"
