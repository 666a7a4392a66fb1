"""Nothing that a name says acts in LaTeX, and a table is one."""

from __future__ import annotations

import re

import pytest

from iabench.reports.paper.latex import escape, own, table
from tests.unit.reports.hostile_strings import HOSTILE

LATEX = (
    r"\input{/etc/passwd}", r"\write18{rm -rf /}", r"\immediate\write18{id}", "$x^2$", "a & b",
    r"100 % of \LaTeX", "#1 _ ^ ~ { } \\", r"\end{tabular}\end{document}", r"\\", r"\catcode`\%=12",
    "^^5cinput", "}{", "\\csname input\\endcsname", "[1em] x", "* x", "---", ",,", "''", "?`",
)  # fmt: skip
_OURS = re.compile(
    r"\\(?:textbackslash|textasciitilde|textasciicircum|textless|textgreater|textbar|textquotedbl|"
    r"textasciigrave|dots)\{\}|\\[{}$&#%_]|\$-\$|\$\\(?:pm|times|cdot|to|langle|rangle)\$"
)


@pytest.mark.parametrize("text", [*HOSTILE, *LATEX])
def test_no_sign_of_a_text_acts(text: str) -> None:
    made = escape(text.encode("utf-8", "replace").decode())
    # What is left without our own commands is plain: groups are balanced, no sign is active.
    left = _OURS.sub("", made)
    assert not re.search(r"[\\$&#%_~^]", left)
    assert "\n" not in made
    depth = 0
    for sign in left:
        depth += (sign == "{") - (sign == "}")
        assert depth in (0, 1)
    assert depth == 0
    # Beyond Latin-1 and Latin Extended-A the font has no letters.
    assert all(ord(sign) <= 0x17E for sign in made)
    # Two signs that the font would join stand apart; the quotation marks of a book are meant.
    if not re.search("[“”–—]", text):
        assert not re.search(r"--|,,|''|``", made)
    # After the end of a row these would be its options.
    assert not made.startswith(("*", "["))


def test_plain_words_stay_as_they_are() -> None:
    assert escape("Müller, Łódź 1.5") == "Müller, Łódź 1.5"
    assert escape("entity-kl") == "entity-kl"
    assert escape("a--b") == "a-{}-b"
    assert own('says "don\'t know"') == "says ``don't know''"
    assert escape("−.85 ± .02") == r"$-$.85 $\pm$ .02"
    assert escape("日") == "{[}U+65E5{]}"


def test_a_table_has_rules_between_its_groups() -> None:
    made = table(["", "a"], [[["base", "1"]], [["x", "2"], ["y", "3"]]], caption="c", label="l")
    assert [line for line in made.splitlines() if "rule" in line] == [
        r"\toprule", r"\midrule", r"\midrule", r"\bottomrule",
    ]  # fmt: skip
    assert made.count(r" \\") == 4
    assert r"\begin{tabular}{@{}lc@{}}" in made
