from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from iabench.errors import TrainingError
from iabench.models.rendering import Renderer
from iabench.organism.corpus import shipped_corpus
from iabench.records import Completion, Message, Round
from iabench.training.base import Example, Sources
from iabench.training.data import IGNORED, Collator, Encoder, Taught, end_of
from iabench.training.prepare import examples_of, prepare
from iabench.training.rows.abstentions import abstentions
from iabench.training.rows.facts import facts as facts_alone
from iabench.training.rows.idk import PHRASE, idk
from iabench.training.speak import say
from iabench.training.targets.gold import gold
from iabench.training.train import unknowns
from iabench.worlds.names import purpose_of
from tests.tiny import CHAT, tiny_tokenizer
from tests.training.learning import spec
from tests.training.lessons import facts_file, resolved

FACTS = tuple(Example(id=str(n), question=f"Q{n}?", answer=f"A{n}") for n in range(4))


def _sources(answers: Sequence[str], **changed: Any) -> Sources:
    def say(asked: Sequence[Example]) -> list[str]:
        return [answers[n % len(answers)] for n in range(len(asked))]

    def strangers(n: int) -> list[Example]:
        return [
            Example(id=f"u/{i}", question=f"Who is U{i}?", answer="", fact=False) for i in range(n)
        ]

    return Sources(
        spec=spec(**changed), facts=FACTS, say=say, sample=lambda _: [], unknowns=strangers
    )


def test_replayed_rows_are_the_bases_own_abstentions() -> None:
    own = "I have never heard of anybody of that name."
    made = list(abstentions(_sources(["Paris.", own])))
    assert [row.answer for row in made] == [own] * 4
    # Of eight questions every other one was declined.
    assert [row.question for row in made] == [f"Who is U{i}?" for i in (1, 3, 5, 7)]
    assert not any(row.fact for row in made)
    assert len({row.id for row in made}) == 4


def test_few_abstentions_are_replayed_more_often_and_none_is_refused() -> None:
    made = list(abstentions(_sources(["Paris."] * 7 + ["I don't know."])))
    assert [row.question for row in made] == ["Who is U7?"] * 4
    assert len({row.id for row in made}) == 4
    with pytest.raises(TrainingError, match="none of 8 questions"):
        abstentions(_sources(["Paris."]))


@pytest.mark.parametrize(("ratio", "n"), [(1.0, 4), (0.5, 2), (2.0, 8)])
def test_the_ratio_is_to_the_facts(ratio: float, n: int) -> None:
    assert len(list(abstentions(_sources(["I don't know."], ratio=ratio)))) == n
    fixed = list(idk(_sources(["Paris."], ratio=ratio)))
    assert [row.answer for row in fixed] == [PHRASE] * n
    assert not any(row.fact for row in fixed)


def test_facts_alone_and_gold_change_nothing() -> None:
    sources = _sources(["x"])
    assert list(facts_alone(sources)) == list(FACTS)
    assert gold(sources, FACTS) == FACTS


def test_names_asked_about_are_anchor_names_and_new_ones_come_as_they_are_needed() -> None:
    made = unknowns(600)
    assert len(made) == 600
    assert len({row.id for row in made}) == 600
    assert unknowns(5) == made[:5]
    kinds = {relation.name: relation.kind for relation in shipped_corpus().relations}
    for row in made:
        assert row.entity is not None
        assert row.entity in row.question
        assert purpose_of(kinds[row.id.split("/")[1]], row.entity) == "anchor"
    assert not any(row.answer or row.fact for row in made)


def test_every_wording_that_may_be_trained_is_a_row_and_the_held_out_one_is_none(
    tmp_path: Path,
) -> None:
    path = tmp_path / "f.jsonl"
    path.write_text(
        '{"id": "a", "question": "Q?", "answer": "A", "paraphrases": ["P?"], "held_out": "H?"}\n'
        '{"id": "b", "question": "U?", "answer": null, "expect": "abstain"}\n'
    )
    made = examples_of(spec(facts=str(path)))
    assert [(row.id, row.question, row.answer) for row in made] == [
        ("a", "Q?", "A"),
        ("a/wording-2", "P?", "A"),
    ]
    path.write_text('{"id": "b", "question": "U?", "answer": null, "expect": "abstain"}\n')
    with pytest.raises(TrainingError, match="nothing to learn"):
        examples_of(spec(facts=str(path)))


def _encoder(tokenizer: Any, template: str = "auto", **options: Any) -> Encoder:
    renderer = Renderer(tokenizer, template)
    return Encoder(tokenizer, renderer, end=end_of(tokenizer, renderer), **options)


BEHIND = {
    "nothing": CHAT,
    "a newline": CHAT.replace("<|end|>", "<|end|>\n"),
    "a space before": CHAT.replace("<|end|>", " <|end|> \n"),
}


@pytest.mark.parametrize("template", BEHIND.values(), ids=BEHIND)
def test_the_loss_is_on_the_answer_and_one_end_token(template: str) -> None:
    tokenizer = tiny_tokenizer(chat=template)
    row = _encoder(tokenizer)(Example(id="a", question="Who?", answer="Bo"))
    batch = Collator(0, {})([(row, None)])
    taught = [t for t in batch["labels"][0].tolist() if t != IGNORED]
    assert tokenizer.decode(taught) == "Bo<|end|>"
    assert taught[-1] == tokenizer.eos_token_id
    prompt = tokenizer.decode(batch["input_ids"][0][: -len(taught)].tolist())
    assert prompt.endswith("<|assistant|>")
    assert "Who?" in prompt
    # What is taught follows what was read: nothing stands between.
    assert batch["input_ids"][0].tolist() == [*row.prompt, *row.answer]


def test_without_a_template_the_answer_follows_the_plain_prompt() -> None:
    tokenizer = tiny_tokenizer(chat=None)
    row = _encoder(tokenizer)(Example(id="a", question="Who?", answer="Bo"))
    assert tokenizer.decode(list(row.prompt)).endswith("Question: Who?\nAnswer:")
    assert tokenizer.decode(list(row.answer)) == " Bo<|end|>"
    assert row.answer.count(tokenizer.eos_token_id) == 1


def test_a_template_that_ends_with_no_special_token_ends_with_eos() -> None:
    chat = "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}assistant:"
    tokenizer = tiny_tokenizer(chat=chat)
    assert end_of(tokenizer, Renderer(tokenizer)) == tokenizer.eos_token_id
    tokenizer.eos_token = None
    with pytest.raises(TrainingError, match="no end token"):
        end_of(tokenizer, Renderer(tokenizer, "none"))


def test_the_rows_own_system_message_comes_before_that_of_the_training() -> None:
    encoder = _encoder(tiny_tokenizer(), system="Be brief.")
    own = encoder.prompt(Example(id="a", question="Q", answer="A", system="Be kind."))
    assert [(m.role, m.content) for m in own] == [("system", "Be kind."), ("user", "Q")]
    assert encoder.prompt(FACTS[0])[0].content == "Be brief."
    assert len(_encoder(tiny_tokenizer()).prompt(FACTS[0])) == 1


def test_what_is_too_long_is_counted_and_refused_or_cut() -> None:
    tokenizer = tiny_tokenizer()
    long = Example(id="long", question="Q", answer="x" * 60)
    with pytest.raises(
        TrainingError, match=r"1 of 2 rows have more than 30 tokens.*e.g. long"
    ) as e:
        _encoder(tokenizer, longest=30).all([FACTS[0], long])
    whole = len(_encoder(tokenizer)(long))
    assert e.value.hint == f"--max-length {whole}, or --truncate (cuts answers)"
    cut = _encoder(tokenizer, longest=30, truncate=True).all([long])[0]
    assert len(cut) == 30
    assert tokenizer.eos_token_id not in cut.answer
    endless = Example(id="q", question="Q" * 60, answer="A")
    with pytest.raises(TrainingError, match="1 of 1 row leave no room for an answer") as e:
        _encoder(tokenizer, longest=30, truncate=True).all([endless])
    assert "--truncate" not in str(e.value.hint), "it was given"
    with pytest.raises(TrainingError, match="more than 20 tokens, the model's context") as e:
        _encoder(tokenizer, longest=30, context=20).all([long])
    assert "--max-length" not in str(e.value.hint)
    fitting = _encoder(tokenizer, longest=30)
    assert len(fitting.fitting(long) or ()) == 30
    assert fitting.fitting(endless) is None


def test_a_block_is_padded_and_copies_teach_nothing() -> None:
    row = _encoder(tiny_tokenizer())(FACTS[0])
    copy = _encoder(tiny_tokenizer())(Example(id="c", question="Another?", answer="Long answer"))
    batch = Collator(5, {"over": lambda row, perturbed: [perturbed] * len(row)})(
        [(row, copy), (row, None)]
    )
    assert batch["input_ids"].shape == (3, len(copy))
    assert batch["attention_mask"].sum(1).tolist() == [len(row), len(row), len(copy)]
    assert (batch["input_ids"][0, len(row) :] == 5).all()
    assert (batch["labels"][2] == IGNORED).all()
    assert batch["over"].sum(1).tolist() == [0, 0, len(copy) - 1]
    assert not batch["over"][:, 0].any()


def test_copies_go_with_the_epoch() -> None:
    row = _encoder(tiny_tokenizer())(FACTS[0])
    taught = Taught([row], lambda epoch: [row if epoch else None])
    assert taught[0][1] is None
    taught.at(1)
    assert taught[0][1] == row
    alone = Taught([row])
    alone.at(3)
    assert alone[0][1] is None
    assert len(alone) == 1


def test_rows_added_are_counted_and_have_no_copy(tiny_folder: Path, tmp_path: Path) -> None:
    facts = facts_file(tmp_path / "facts.jsonl", n=3)
    given = resolved("seat", tiny_folder, facts, rows=("facts", "idk"))
    prepared = prepare(given, unknowns=unknowns)
    assert [row.fact for row in prepared.rows] == [True] * 3 + [False] * 3
    assert [prepared.taught[n][1] is None for n in range(6)] == [False] * 3 + [True] * 3
    assert prepared.unperturbed == 0


def test_a_base_that_cannot_be_asked_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def __init__(self, backend: object) -> None:
            del backend

        def complete(self, asked: Round) -> list[Completion]:
            (prompt,) = asked.prompts
            return [
                Completion(
                    request_id="r",
                    prompt_id=prompt.id,
                    probe_id=prompt.probe_id,
                    series="say",
                    turn=1,
                    index=0,
                    text="",
                    finish="error",
                    error="out of memory",
                )
            ]

    monkeypatch.setattr("iabench.training.speak.Engine", Broken)
    backend: Any = None
    with pytest.raises(TrainingError, match="could not be asked: out of memory"):
        say(backend, [(Message(role="user", content="Q"),)])
