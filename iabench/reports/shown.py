"""What a model said, made safe to show: nothing hidden, nothing acted upon.

A model's text may hold escape sequences for terminals, marks that turn the reading direction
around, and characters that nobody sees. They are shown by name, so that what is read is what was
said.
"""

from __future__ import annotations

import re

__all__ = ["cut", "one_line", "visible"]

# C0 and C1 controls but tab and newline; marks of direction (Unicode TR9), of no width, and tags;
# line and paragraph separators; half surrogate pairs; non-characters.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ufdd0-\ufdef\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)
_MARK = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]"
_MARKS = re.compile(f"({_MARK}{{5}}){_MARK}+")


def _name(found: re.Match[str]) -> str:
    return f"⟨U+{ord(found.group()):04X}⟩"


def visible(text: str) -> str:
    """Return the text with hidden and directing characters shown by name; newlines stay.

    Piles of combining marks are cut at five, as they would cover other lines.
    """
    text = text.replace("\r\n", "\n")
    return _MARKS.sub(r"\1", _HIDDEN.sub(_name, text))


def one_line(text: str) -> str:
    """Return `visible` text on one line, runs of white space as one space."""
    return " ".join(visible(text).split())


def cut(text: str, cells: int) -> str:
    """Return the text in at most so many terminal cells, an ellipsis where it was cut."""
    from rich.cells import cell_len, set_cell_size

    if cell_len(text) <= cells:
        return text
    return set_cell_size(text, max(cells - 1, 0)).rstrip() + "…" if cells > 0 else ""
