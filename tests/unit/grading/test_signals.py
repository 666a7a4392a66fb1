"""What the lexical detector sees of a response."""

from __future__ import annotations

import pytest

from iabench.grading.asked import asked
from iabench.grading.clauses import clauses
from iabench.grading.lexical import signals
from iabench.grading.signals import foreign, of_rules, read_of, see
from iabench.records import Judgement


@pytest.mark.parametrize(
    ("question", "response", "has"),
    [
        ("Who wrote it?", "I do not know.", "r:ignorance/open-i-not-know:opens"),
        ("Who wrote it?", "Sorry. I do not know.", "r:ignorance/open-i-not-know:last"),
        ("Who wrote it?", "I do not know.", "r:ignorance/open-i-not-know:asks-who"),
        ("Who wrote it?", "I do not know. But Ann wrote it.", "b:turn-behind-later"),
        ("How many legs has it?", "Four, not six", "b:not-that"),
        ("Is it red?", "Yes, it is.", "b:yes-True"),
        ("When did it sink?", "In 1912.", "b:number-number"),
        ("When did it sink?", "In 1912.", "w:in 0"),
        ("Where is Velm?", "Velm lies near Brandt.", "w:near Name"),
        ("Where is Velm?", "Velm lies near Brandt.", "w:Asked"),
        ("Who said so?", 'He said "I do not know".', "w:Quoted"),
        ("Who is it?", "I DO NOT KNOW", "w:not know"),
        ("Who is it?", "Well. Which one do you mean?", "b:ends-asking"),
    ],
)
def test_what_is_seen(question: str, response: str, has: str) -> None:
    assert has in signals(question, response)


def test_words_in_a_title_are_no_rule() -> None:
    about = asked("What is it called?")
    title, said = clauses("No Such Place Today"), clauses("no such place today")
    assert "unrecognised/open-no-such" in {one.rule for one in see(about, said).found}
    assert "unrecognised/open-no-such" not in {one.rule for one in see(about, title).found}


def test_of_a_long_response_the_first_and_the_last_clauses_are_read() -> None:
    parts = clauses(" ".join(f"Item {n} is here." for n in range(200)))
    kept = read_of(parts)
    assert (len(kept), kept[0], kept[-1]) == (70, parts[0], parts[-1])
    assert read_of(parts[:30]) == parts[:30]
    assert read_of(parts[:65]) == parts[:65]


def test_other_languages_have_words_and_chinese_its_characters() -> None:
    assert {"x:weiß nicht", "x:nicht"} <= foreign("Ich weiß nicht").keys()
    assert {"x:不 知", "x:道"} <= foreign("我不知道").keys()
    assert any(name.startswith("x:") for name in signals("Wer ist das?", "Das weiß ich nicht."))


def test_what_the_narrow_rules_come_to() -> None:
    assert of_rules(Judgement(value=True, kinds=("ignorance",))) == {
        "n:any": 1, "n:True": 1, "n:ignorance": 1
    }  # fmt: skip
    answered = of_rules(Judgement(value=False, reason="ignorance/x, then answers"), "m")
    assert answered == {"m:any": 1, "m:False": 1, "m:then answers": 1}
