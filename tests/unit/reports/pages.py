"""A page taken apart by the standard parser."""

from __future__ import annotations

import base64
import gzip
import json
import re
from html.parser import HTMLParser
from typing import Any

VOID = {"meta", "link", "input", "br", "img", "hr"}


class Parsed(HTMLParser):
    """Tags with their attributes, the text a reader sees, and text by element."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.shape: list[tuple[str, tuple[str, ...]]] = []
        self.other: list[str] = []
        self.words: list[str] = []
        self._inside: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.shape.append((tag, tuple(name for name, _ in attrs)))
        if tag not in VOID:
            self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.shape.append((f"/{tag}", ()))
        while self._inside and self._inside.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not self._inside or self._inside[-1] not in ("style", "script"):
            self.words.append(data)

    def handle_comment(self, data: str) -> None:
        self.other.append(data)

    def unknown_decl(self, data: str) -> None:
        self.other.append(data)

    def handle_pi(self, data: str) -> None:
        self.other.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


def _unpacked(block: str) -> Any:
    return json.loads(gzip.decompress(base64.b64decode(block)))


def answers(page: str) -> tuple[list[list[Any]], list[list[list[str]]], dict[str, list[int]]]:
    """Return the texts, the details and the index of a page's answers."""
    texts, details = (
        [row for block in re.findall(f'class="{kind}">([^<]*)<', page) for row in _unpacked(block)]
        for kind in ("texts", "details")
    )
    return texts, details, _unpacked(re.findall('id="index">([^<]*)<', page)[0])
