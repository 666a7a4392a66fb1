"""An answer of `/v1/chat/completions`, taken apart: text, thinking, how it ended, what it cost."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from iabench.models.base import NoLogprobsError, Request, failed, said
from iabench.prompts.chat import split_thinking
from iabench.records import Completion

__all__ = ["completions"]


def completions(value: Any, request: Request, index: int) -> list[Completion]:
    """Return the completions in an answer.

    Raises:
        ValueError: it is none.
        NoLogprobsError: it has no log-probabilities, and they were asked for.
    """
    choices = value.get("choices") if isinstance(value, dict) else None
    if not isinstance(choices, list) or not choices:
        raise ValueError("the server answers JSON without choices")
    usage = value.get("usage")
    usage = usage if isinstance(usage, dict) else {}
    generated = _count(usage.get("completion_tokens"))
    return [
        # Of several choices the server tells only the tokens of all together.
        _completion(choice, request, index + at, _count(usage.get("prompt_tokens")),
                    _share(generated, len(choices), at))
        for at, choice in enumerate(choices)
    ]  # fmt: skip


def _completion(
    choice: Any, request: Request, index: int, n_prompt: int, n_generated: int
) -> Completion:
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(message, dict):
        raise ValueError("the server answers a choice without a message")
    split = split_thinking(_text(message.get("content")) or _text(message.get("refusal")))
    reasoning = _text(message.get("reasoning_content")) or _text(message.get("reasoning"))
    thinking = [part.strip() for part in (reasoning, split.thinking or "") if part.strip()]
    cuts = [at for stop in request.sampling.stop if stop and (at := split.raw.find(stop)) >= 0]
    answer = split.raw[: min(cuts)].strip() if cuts else split.answer
    finish = choice.get("finish_reason")
    if finish == "content_filter" and not answer:
        return failed("the server's content filter withheld the answer", index)
    logprobs = _logprobs(choice)
    if request.logprobs and logprobs is None:
        raise NoLogprobsError(request.series)
    return replace(
        said(answer, index),
        thinking="\n".join(thinking) if thinking else split.thinking,
        finish="length" if split.open or finish in ("length", "max_tokens") else "stop",
        logprobs=logprobs if request.logprobs else None,
        n_prompt=n_prompt,
        n_generated=n_generated,
    )


def _text(content: Any) -> str:
    """Return the text of a message's content: a string, a list of parts, or nothing."""
    if isinstance(content, list):
        parts = [part.get("text") if isinstance(part, dict) else part for part in content]
        return "".join(part for part in parts if isinstance(part, str))
    return content if isinstance(content, str) else ""


def _logprobs(choice: dict[str, Any]) -> tuple[float | None, ...] | None:
    held = choice.get("logprobs")
    tokens = held.get("content") if isinstance(held, dict) else None
    if not isinstance(tokens, list) or not tokens:
        return None
    values = [token.get("logprob") if isinstance(token, dict) else None for token in tokens]
    numbers = [float(value) for value in values if isinstance(value, int | float)]
    if len(numbers) < len(values):
        return None
    # -inf and NaN have no place in JSON; some servers send them, others a number like -9999.
    return tuple(one if one == one and one > -1e9 else None for one in numbers)


def _count(value: Any) -> int:
    return value if isinstance(value, int) and value >= 0 else 0


def _share(total: int, n: int, at: int) -> int:
    """Return a part of a total over n, so that the parts add up."""
    return total // n + (at < total % n)
