from __future__ import annotations

from typing import Any

import pytest

from iabench.errors import ModelError
from iabench.models.rendering import Renderer
from iabench.prompts.chat import plain, split_thinking
from iabench.records import Message
from tests.tiny import CHAT, tiny_tokenizer

USER = (Message(role="user", content="Hi"),)
TALK = (
    Message(role="system", content="Be brief."),
    Message(role="user", content="Hi"),
    Message(role="assistant", content="Hello."),
    Message(role="user", content="Who?"),
)


def test_the_tokenizers_own_template_is_taken() -> None:
    renderer = Renderer(tiny_tokenizer())
    assert renderer.text(USER) == "<s><|user|>Hi<|end|><|assistant|>"
    assert renderer.digest
    assert renderer.text(TALK).startswith("<s><|system|>Be brief.<|end|><|user|>Hi")


def bos_first(tokenizer: Any) -> Any:
    from tokenizers.processors import TemplateProcessing

    tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
        single="<s> $A", special_tokens=[("<s>", 0)]
    )
    return tokenizer


@pytest.mark.parametrize(
    "template", [CHAT, "{{ bos_token }}" + CHAT, CHAT.removeprefix("{{ bos_token }}")]
)
def test_exactly_one_bos(template: str) -> None:
    tokenizer = bos_first(tiny_tokenizer(chat=template))
    assert Renderer(tokenizer).ids(USER).count(0) == 1
    assert Renderer(tokenizer, "none").ids(USER).count(0) == 1


def test_no_bos_where_the_model_has_none() -> None:
    tokenizer = tiny_tokenizer(chat=CHAT.removeprefix("{{ bos_token }}"))
    assert 0 not in Renderer(tokenizer).ids(USER)
    tokenizer.bos_token = None
    assert 0 not in Renderer(tokenizer).ids(USER)


def test_without_a_template_it_is_question_and_answer() -> None:
    renderer = Renderer(tiny_tokenizer(chat=None))
    assert renderer.digest is None
    assert renderer.text(USER) == "Question: Hi\nAnswer:"
    assert plain(TALK) == "Be brief.\n\nQuestion: Hi\nAnswer: Hello.\n\nQuestion: Who?\nAnswer:"
    assert Renderer(tiny_tokenizer(), "none").text(USER) == "Question: Hi\nAnswer:"


def test_a_template_without_system_role_gets_it_with_the_question() -> None:
    stern = (
        "{% for m in messages %}{% if m['role'] == 'system' %}{{ raise_exception('no system') }}"
        "{% endif %}[{{ m['role'] }}]{{ m['content'] }}{% endfor %}"
    )
    renderer = Renderer(tiny_tokenizer(chat=stern))
    assert renderer.folds_system
    assert renderer.text(TALK) == "[user]Be brief.\n\nHi[assistant]Hello.[user]Who?"
    assert renderer.text(USER) == "[user]Hi"


def test_thinking_is_off_where_the_template_knows_the_word() -> None:
    template = "{{ enable_thinking }}{{ messages[0]['content'] }}"
    assert Renderer(tiny_tokenizer(), template).text(USER) == "FalseHi"
    assert Renderer(tiny_tokenizer(), template, {"enable_thinking": True}).text(USER) == "TrueHi"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [("false", "False"), ("False", "False"), ("true", "True"), ("3", "3"), ("None", "None"),
     ("low", "low"), ('"false"', "false")],
)  # fmt: skip
def test_what_is_typed_for_a_template_means_what_it_says(typed: str, shown: str) -> None:
    template = "{{ enable_thinking }}|{{ messages[0]['content'] }}"
    renderer = Renderer(tiny_tokenizer(), template, {"enable_thinking": typed})
    assert renderer.text(USER) == f"{shown}|Hi"


def test_a_template_that_drops_the_system_message_gets_it_with_the_question() -> None:
    deaf = "{% for m in messages %}{% if m['role'] == 'user' %}{{ m['content'] }}{% endif %}{% endfor %}"
    renderer = Renderer(tiny_tokenizer(chat=deaf))
    assert renderer.folds_system
    assert renderer.text(TALK).startswith("Be brief.")


def test_a_template_that_does_not_render() -> None:
    with pytest.raises(ModelError, match="does not render"):
        Renderer(tiny_tokenizer(), "{{ raise_exception('never') }}").text(USER)


def test_a_prompt_may_end_inside_a_thinking_span() -> None:
    renderer = Renderer(tiny_tokenizer(), "{{ messages[0]['content'] }}<think>\n")
    assert renderer.opens_thinking(renderer.ids(USER))
    assert not Renderer(tiny_tokenizer()).opens_thinking(Renderer(tiny_tokenizer()).ids(USER))


@pytest.mark.parametrize(
    ("text", "opened", "answer", "thinking", "unclosed"),
    [
        ("Paris.", False, "Paris.", None, False),
        ("<think>Lyon?</think>\n\nParis. ", False, "Paris.", "Lyon?", False),
        ("Lyon?</think>Paris.", True, "Paris.", "Lyon?", False),
        ("Lyon?</think>Paris.", False, "Paris.", "Lyon?", False),
        ("<think>Lyon", False, "", "Lyon", True),
        ("Lyon", True, "", "Lyon", True),
        ("<thinking>a</thinking>b", False, "b", "a", False),
        ("I <think> so", False, "I <think> so", None, False),
        ("Sure. <think>no</think> Paris.", False, "Sure.  Paris.", "no", False),
        ("<think>a</think>x<think>b</think>y", False, "xy", "a\nb", False),
        ("a</think><think>b", True, "", "a\nb", True),
    ],
)
def test_thinking_spans(
    text: str, opened: bool, answer: str, thinking: str | None, unclosed: bool
) -> None:
    said = split_thinking(text, opened=opened)
    assert (said.answer, said.thinking, said.open) == (answer, thinking, unclosed)
