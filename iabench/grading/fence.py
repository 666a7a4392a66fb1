"""Text to be judged, fenced off from the words of the judge's prompt.

Whoever wrote a response may have written it for the judge. So it stands between lines with a mark,
a digest of the whole case, which no text can hold of itself; each of its lines begins with "| ", so
that nothing in it looks like a line of ours, quoted or not; hidden characters are left out; and
whatever a tokenizer may read as a turn of its own (`<|im_start|>`, `</s>`, `[INST]`) is taken apart
by a space.
"""

from __future__ import annotations

import re
import unicodedata

from iabench.rng import digest

__all__ = ["fenced", "mark_of", "middle_cut", "shown"]

_TURN = re.compile(r"(?<=<)(?=\S)|(?<=\[)(?=/?[A-Z_]+\])")
_BLANKS = re.compile(r"\n[ \t]*(?:\n[ \t]*){2,}")
_JOINERS = "\u200c\u200d"
"""Without them some scripts and emoji are other words."""


class _Plain(dict[int, str]):
    """Translation table, filled as characters come: no controls, no hidden or half characters."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        category = unicodedata.category(char)
        if char in "\r\v\f\x1c\x1d\x1e\x85\u2028\u2029":
            plain = "\n"
        elif char in "\n\t" or char in _JOINERS:
            plain = char
        elif category in ("Cc", "Cf"):
            plain = ""
        else:
            plain = "\ufffd" if category == "Cs" else char
        self[code] = plain
        return plain


_plain = _Plain()


def shown(text: str) -> str:
    """Return text as a judge is shown it: nothing hidden, no tokenizer's marks, few blanks."""
    text = text.replace("\r\n", "\n").translate(_plain)
    return _BLANKS.sub("\n\n", _TURN.sub(" ", text)).strip()


def mark_of(*parts: str) -> str:
    """Return the mark of a case: a digest of all its text, so that none of it can hold it."""
    return digest("fence", *parts)


def middle_cut(text: str, most: int) -> tuple[str, int, str]:
    """Return (beginning, characters left out, end) of a text, two thirds of `most` in front."""
    if len(text) <= most:
        return text, 0, ""
    head = most * 2 // 3
    return text[:head], len(text) - most, text[len(text) - (most - head) :]


def fenced(name: str, text: str, mark: str, most: int) -> str:
    """Return text between two lines with its name and mark, cut in the middle to `most` characters.

    Args:
        name: "response", "question", ...
        text: hostile.
        mark: of the case, by `mark_of`.
        most: characters kept; a line says how many are left out.
    """
    head, left_out, tail = middle_cut(shown(text), most)
    lines = [f"===== {name} {mark} =====", *_quoted(head)]
    if left_out:
        lines += [f"===== {left_out:,} characters left out {mark} =====", *_quoted(tail)]
    return "\n".join([*lines, f"===== end of {name} {mark} ====="])


def _quoted(text: str) -> list[str]:
    return [f"| {line}".rstrip() for line in text.split("\n")]
