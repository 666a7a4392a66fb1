"""What servers say, in the forms that they say it in."""

from __future__ import annotations

import pytest

from iabench.models.openai_refusals import LEARNED, named, no_such_model, no_system, too_long


@pytest.mark.parametrize(
    ("status", "text", "parameter"),
    [
        (400, "Unsupported parameter: 'max_tokens' is not supported with this model. Use "
              "'max_completion_tokens' instead.", "max_tokens"),
        (400, "Unsupported value: 'temperature' does not support 0 with this model.",
         "temperature"),
        (422, '{"detail":[{"type":"extra_forbidden","loc":["body","seed"],"msg":"Extra inputs are '
              'not permitted"}]}', "seed"),
        (422, "{\"detail\":\"Unexpected fields in the request: {'seed'}\"}", "seed"),
        (400, 'Invalid JSON payload received. Unknown name "seed": Cannot find field.', "seed"),
        (400, "Only n = 1 is supported", "n"),
        (400, "'n' must be 1", "n"),
        (400, "stop: is not allowed here", "stop"),
    ],
)  # fmt: skip
def test_a_parameter_is_named(status: int, text: str, parameter: str) -> None:
    assert named(status, text) & LEARNED.keys() == {parameter}
    assert not too_long(status, text)
    assert not no_such_model(status, text)
    assert named(429, text) == frozenset()


@pytest.mark.parametrize(
    "text",
    [
        "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens.",
        "'max_tokens' or 'max_completion_tokens' is too large: 5000. This model's maximum context "
        "length is 4096 tokens and your request has 100 input tokens, which is not allowed.",
        '{"error":{"code":400,"message":"the request exceeds the available context size"}}',
        '{"error":{"code":"context_length_exceeded"}}',
        "prompt is too long: 9 tokens > 8 maximum",
        "The decoder prompt is longer than the maximum model length, max_model_len",
    ],
)
def test_a_prompt_is_too_long(text: str) -> None:
    assert too_long(400, text)
    assert not too_long(500, text)
    assert not too_long(None, text)
    assert named(400, text) == frozenset()
    assert not no_such_model(400, text)


def test_a_body_that_is_too_large_is_too_long() -> None:
    assert too_long(413, "")


@pytest.mark.parametrize(
    ("status", "text", "is_one"),
    [
        (404, "The model `x` does not exist.", True),
        (404, 'model "x" not found, try pulling it first', True),
        (404, '{"code":"model_not_found"}', True),
        (400, "/chat/completions: Invalid model name passed in model=x", True),
        (400, "x is not a valid model ID", True),
        (400, "Server is pinned to 'y'; requested 'x'.", True),
        (404, '{"detail":"Not Found"}', False),
        (400, "Unknown parameter: 'foo'. See the model's documentation.", False),
        (500, "model not found", False),
    ],
)
def test_a_model_is_not_there(status: int, text: str, is_one: bool) -> None:
    assert no_such_model(status, text) is is_one


def test_a_template_without_a_system_message() -> None:
    assert no_system("jinja2.exceptions.TemplateError: System role not supported")
    assert no_system("Conversation roles must alternate user/assistant/user/assistant/...")
    assert not no_system("no such system")
