"""Text and tables in LaTeX: no letter of anybody's text acts.

What pdfLaTeX has no letter for (signs of other scripts, marks, emoji) is written by its number, so
that a table with hostile names still compiles and shows what they were.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from iabench.reports.shown import one_line

__all__ = ["escape", "table"]

_SIGNS = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "`": r"\textasciigrave{}",
    "'": r"\textquotesingle{}",
    "[": "{[}",
    "]": "{]}",
    # Two hyphens would be a dash.
    "-": "{-}",
    "“": "``",
    "”": "''",
    "’": "'",
    "–": "--",
    "—": "---",
    "…": r"\dots{}",
    "±": r"$\pm$",
    "−": "$-$",
    "×": r"$\times$",
    "·": r"$\cdot$",
    "→": r"$\to$",
    "⟨": r"$\langle$",
    "⟩": r"$\rangle$",
}
# Letters of Latin-1 and Latin Extended-A, which the font encoding T1 has.
_LETTER = re.compile("[ -~\u00a1-\u017e]")


def escape(text: str) -> str:
    """Return text that LaTeX prints as it is, on one line."""
    return "".join(map(_sign, one_line(text)))


def _sign(sign: str) -> str:
    if sign in _SIGNS:
        return _SIGNS[sign]
    return sign if _LETTER.fullmatch(sign) else f"{{[}}U+{ord(sign):04X}{{]}}"


def table(
    head: Sequence[str],
    groups: Sequence[Sequence[Sequence[str]]],
    *,
    caption: str,
    label: str,
) -> str:
    """Return a booktabs table of cells that are LaTeX already; a rule stands between groups."""
    lines = [
        "% Needs \\usepackage{booktabs}, \\usepackage[T1]{fontenc} and \\usepackage{textcomp}.",
        r"\begin{table}[t]",
        r"\centering",
        r"\small",
        rf"\caption{{{caption}}}",
        rf"\label{{{label}}}",
        rf"\begin{{tabular}}{{l{'c' * (len(head) - 1)}}}",
        r"\toprule",
        " & ".join(head) + r" \\",
    ]
    for rows in groups:
        lines += [r"\midrule", *(" & ".join(row) + r" \\" for row in rows)]
    lines += [r"\bottomrule", r"\end{tabular}", r"\end{table}"]
    return "\n".join(lines) + "\n"
