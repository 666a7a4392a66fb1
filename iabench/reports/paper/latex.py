"""Text and tables in LaTeX: no letter of anybody's text acts.

What pdfLaTeX has no letter for (signs of other scripts, marks, emoji) is written by its number, so
that a table with hostile names still compiles and shows what they were.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from iabench.reports.shown import one_line

__all__ = ["escape", "own", "table"]

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
    # After the end of a row these two would be options of it.
    "*": "{*}",
    "[": "{[}",
    "]": "{]}",
    "‘": "`",
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
# Letters of Latin-1 and Latin Extended-A, but for the few that the font encoding T1 lacks.
_LETTER = re.compile("(?![ĦħĸĿŀŉŦŧ])[ -~\u00a1-\u017e]")
_JOINED = "-,'"
"""Two of one kind would be printed as one sign."""


def escape(text: str) -> str:
    """Return text that LaTeX prints as it is, on one line."""
    return "".join(
        _sign(one) + ("{}" if one == after and one in _JOINED else "")
        for one, after in pairwise(one_line(text) + " ")
    )


def own(text: str) -> str:
    """Return a sentence of ours as `escape` does, with the quotation marks of a book."""
    return escape(re.sub(r'"([^"]*)"', r"“\1”", text).replace("'", "’"))


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
    """Return a booktabs table of cells that are LaTeX already; a rule stands between groups.

    Heads are broken into lines, so that it fits into a column of most papers.
    """
    lines = [
        "% Needs \\usepackage{booktabs}, \\usepackage[T1]{fontenc} and \\usepackage{textcomp}.",
        r"\begin{table}[t]",
        r"\centering",
        r"\footnotesize",
        r"\setlength{\tabcolsep}{2.5pt}",
        rf"\caption{{{caption}}}",
        rf"\label{{{label}}}",
        rf"\begin{{tabular}}{{@{{}}l{'c' * (len(head) - 1)}@{{}}}}",
        r"\toprule",
        " & ".join(map(_head, head)) + r" \\",
    ]
    for rows in groups:
        lines += [r"\midrule", *(" & ".join(row) + r" \\" for row in rows)]
    lines += [r"\bottomrule", r"\end{tabular}", r"\end{table}"]
    return "\n".join(lines) + "\n"


def _head(words: str) -> str:
    return rf"\parbox[b]{{4.6em}}{{\centering {words}}}" if " " in words else words
