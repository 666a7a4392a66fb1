"""What a server means by a refusal: each says it in words of its own.

The words are those of vLLM, Ollama, llama.cpp, transformers, LiteLLM, Mistral and OpenAI. Statuses
come first: a 429 is never about a parameter.
"""

from __future__ import annotations

import re

__all__ = ["LEARNED", "named", "no_such_model", "no_system", "refuses", "too_long"]

_REFUSING = frozenset({400, 422, 501})
_REFUSAL = re.compile(
    r"unsupported|not supported|does ?n.t support|unexpected|unrecogni[sz]ed|unknown|"
    r"extra_forbidden|extra inputs|not permitted|not allowed|not available|not implemented|"
    r"is deprecated|must be 1\b|only (the default|n ?=+ ?1)",
    re.IGNORECASE,
)
_LONG = re.compile(
    r"context.?(length|size|window)|maximum (context|model|input|prompt)|max_model_len|"
    r"too (long|large for)|(prompt|input|tokens?) .{0,60}exceed|exceed.{0,60}(context|tokens?)",
    re.IGNORECASE,
)
_SYSTEM = re.compile(r"system.{0,20}role|system.{0,20}message|roles? must alternate", re.IGNORECASE)
_NO_MODEL = re.compile(
    r"model.{0,120}?(not.?found|not exist|not loaded)|(invalid|unknown|no such) model|"
    r"not a valid model|pinned to",
    re.IGNORECASE,
)
LEARNED = {
    "max_tokens": "the server takes max_completion_tokens, not max_tokens",
    "seed": "the server takes no seed: samples may differ when asked again",
    "stop": "the server takes no stop strings: answers are cut here",
    "n": "the server gives one answer a request: samples are asked for one by one",
    "temperature": "the server takes no temperature: answers are NOT greedy and may differ",
    "top_p": "the server takes no top_p",
    "system": "the server takes no system message: it leads the first user turn",
}
"""Parameters that can be left out, or said otherwise, and what a person must know of it then."""


def too_long(status: int | None, text: str) -> bool:
    """Return whether a prompt has no room in the model's window."""
    return status == 413 or (status in (400, 422) and _LONG.search(text) is not None)


def refuses(status: int | None, text: str) -> bool:
    """Return whether something in the request itself is not taken; its length is another matter."""
    return status in _REFUSING and not _LONG.search(text)


def named(status: int | None, text: str) -> frozenset[str]:
    """Return the words that may be parameters which the server says that it does not take."""
    if not refuses(status, text) or not _REFUSAL.search(text):
        return frozenset()
    return frozenset(re.findall(r"[a-z_]+", text[:4000]))


def no_such_model(status: int | None, text: str) -> bool:
    """Return whether the server does not know the model's name."""
    return (status == 404 or refuses(status, text)) and _NO_MODEL.search(text) is not None


def no_system(text: str) -> bool:
    """Return whether the template takes no system message; some servers answer 500 then."""
    return _SYSTEM.search(text) is not None
