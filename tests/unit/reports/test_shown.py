from __future__ import annotations

import unicodedata

import pytest
from rich.cells import cell_len

from iabench.reports.shown import cut, one_line, visible
from tests.unit.reports.hostile_strings import HOSTILE


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_hidden_is_left(text: str) -> None:
    for shown in (visible(text), one_line(text)):
        odd = [c for c in shown if unicodedata.category(c) in ("Cc", "Cs", "Cn", "Zl", "Zp")]
        assert set(odd) <= {"\n", "\t"}
        # Of the format characters only the joiners of scripts and emoji are text.
        assert {c for c in shown if unicodedata.category(c) == "Cf"} <= {"\u200c", "\u200d"}
    assert "\n" not in one_line(text)
    assert "\t" not in one_line(text)


def test_hidden_characters_are_shown_by_name() -> None:
    assert visible("a\x1b[31mb") == "a⟨U+001B⟩[31mb"
    assert visible("\u202edcba\u202c") == "⟨U+202E⟩dcba⟨U+202C⟩"
    assert visible("a\x7f\x9bb\x00") == "a⟨U+007F⟩⟨U+009B⟩b⟨U+0000⟩"
    assert visible("\ud800") == "⟨U+D800⟩"


def test_honest_text_is_left_alone() -> None:
    for text in ("Zürich, São Tomé; 東京\n\tπ ≈ 3", "עברית العربية", "👩‍🔬 नमस्ते", "a\u0301"):
        assert visible(text) == text


def test_piles_of_marks_are_cut() -> None:
    assert visible("e" + "\u0301" * 100 + "x") == "e" + "\u0301" * 5 + "x"


def test_one_line_and_cut() -> None:
    assert one_line("  a\r\n b\tc ") == "a b c"
    assert cut("abcdef", 6) == "abcdef"
    assert cut("abcdefg", 6) == "abcde…"
    assert cell_len(cut("東京東京東京", 7)) <= 7
    assert cut("東京東京東京", 7).endswith("…")
    assert cut("abc", 0) == ""
