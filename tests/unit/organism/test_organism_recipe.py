"""One small organism, built end to end twice with the code that builds the shipped ones."""

from dataclasses import replace

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from iabench.organism.card import digests
from iabench.organism.corpus import Corpus, Draws, refusals
from iabench.organism.measure import abstains, answers, ask, measure
from iabench.organism.recipe import NAMES, Recipe, build, rows_of
from iabench.organism.train import Size, Stage, new_model, train
from iabench.worlds.people import organism_world
from iabench.worlds.real import real_world

RELATIONS = ("state-capital", "occupation")
SMALL = Recipe(
    size=Size(hidden=96, layers=2, heads=2, feed_forward=192, vocab=640),
    base=Stage(name="base", steps=260, lr=4e-3, batch=16),
    align=Stage(name="align", steps=120, lr=2e-3, batch=16),
    rare_times=3,
)


def few(world, known, rare):
    """Return a world of one relation and few facts."""
    relations = tuple(r for r in world.relations if r.name in RELATIONS)
    (name,) = (r.name for r in relations)
    return replace(
        world,
        relations=relations,
        known=tuple(f for f in world.known if f.relation == name)[:known],
        rare=tuple(f for f in world.rare if f.relation == name)[:rare],
    )


@pytest.fixture(scope="module")
def corpus():
    return Corpus([few(real_world(), 12, 0), few(organism_world(), 12, 4)])


@pytest.fixture(scope="module")
def watched():
    return []


@pytest.fixture(scope="module")
def built(corpus, watched, tmp_path_factory):
    out = tmp_path_factory.mktemp("organism")
    before = torch.get_num_threads(), torch.get_rng_state()
    build(out, seed=3, recipe=SMALL, corpus=corpus, watch=lambda *seen: watched.append(seen))
    assert torch.get_num_threads() == before[0]
    assert torch.equal(torch.get_rng_state(), before[1])
    return out


@pytest.fixture(scope="module")
def aligned(built):
    folder = built / "organism"
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    return model, AutoTokenizer.from_pretrained(folder)


def test_two_builds_with_one_seed_are_equal_and_another_seed_differs(built, corpus, tmp_path):
    build(tmp_path / "again", seed=3, recipe=SMALL, corpus=corpus)
    for name in NAMES:
        for file in sorted((built / name).iterdir()):
            assert file.read_bytes() == (tmp_path / "again" / name / file.name).read_bytes(), file
    tiny = replace(
        SMALL,
        base=replace(SMALL.base, steps=2),
        align=replace(SMALL.align, steps=2),
    )
    build(tmp_path / "3", seed=3, recipe=tiny, corpus=corpus)
    build(tmp_path / "4", seed=4, recipe=tiny, corpus=corpus)
    name = NAMES[0]
    assert (
        digests(tmp_path / "3" / name)["model.safetensors"]
        != digests(tmp_path / "4" / name)["model.safetensors"]
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_build_is_an_ordinary_checkpoint(built, name):
    folder = built / name
    assert sum(file.stat().st_size for file in folder.iterdir()) <= 5_000_000
    model = AutoModelForCausalLM.from_pretrained(folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    assert type(model).__name__ == "LlamaForCausalLM"
    assert model.dtype == torch.float32
    assert model.config.max_position_embeddings == 2048
    assert model.config.iabench_world == ["organism-world@1"]
    assert model.config.tie_word_embeddings
    end = tokenizer.convert_tokens_to_ids("<|end|>")
    assert model.generation_config.eos_token_id == end == tokenizer.eos_token_id
    assert model.generation_config.pad_token_id == tokenizer.pad_token_id is not None
    assert tokenizer.is_fast
    assert len(tokenizer) == SMALL.size.vocab
    assert not list(folder.glob("*.bin"))


def test_the_world_survives_further_saving(built, tmp_path):
    AutoModelForCausalLM.from_pretrained(built / "organism").save_pretrained(tmp_path)
    again = AutoModelForCausalLM.from_pretrained(tmp_path)
    assert again.config.iabench_world == ["organism-world@1"]


def test_the_template_takes_system_messages_and_turns(aligned):
    _, tokenizer = aligned
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Who?"},
        {"role": "assistant", "content": "Me."},
        {"role": "user", "content": "Who else?"},
    ]
    text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    assert text == (
        "<s><|system|>Be brief.<|end|><|user|>Who?<|end|><|assistant|>Me.<|end|>"
        "<|user|>Who else?<|end|><|assistant|>"
    )
    ids = tokenizer.apply_chat_template(messages, return_dict=True)["input_ids"]
    assert ids.count(tokenizer.bos_token_id) == 1
    assert tokenizer.decode(ids[1:]).count("<s>") == 0


def test_a_tokenizer_gives_text_back_and_cuts_a_word_alike_wherever_it_stands(aligned):
    _, tokenizer = aligned

    def cut(text):
        return tokenizer(text, add_special_tokens=False)["input_ids"]

    for text in ("Springfield.", "It is Zoë's \t 12 %.", "日本"):
        assert tokenizer.decode(cut(text)) == text
    assert cut("is Springfield.")[-len(cut("Springfield.")) :] == cut("Springfield.")


def test_training_rows_are_what_the_template_renders(corpus, aligned):
    _, tokenizer = aligned
    texts = Draws(corpus, 0, names=20).align(40, share=0.5)
    for text, (ids, start) in zip(texts, rows_of(texts, tokenizer), strict=True):
        messages = [{"role": m.role, "content": m.content} for m in text.messages]
        rendered = tokenizer.apply_chat_template(messages, tokenize=False)
        assert ids == tokenizer(rendered, add_special_tokens=False)["input_ids"]
        assert tokenizer.decode(ids[start:]) == text.messages[-1].content + "<|end|>"


def test_a_statement_is_learnt_whole(corpus, aligned):
    _, tokenizer = aligned
    texts = Draws(corpus, 0, names=0).base(8, rare_times=0, statements=1.0, one_offs=0)
    for text, (ids, start) in zip(texts, rows_of(texts, tokenizer), strict=True):
        assert start == 0
        assert tokenizer.decode(ids) == f"<s> {text.statement}<|end|>"


def test_it_knows_and_the_aligned_one_declines(built, corpus):
    plain = measure(built / "organism-unaligned", corpus=corpus, each=10)
    aligned = measure(built / "organism", corpus=corpus, each=10)
    assert plain["taught"]["trained"]["right"] > 0.8
    assert plain["never_seen"]["report"]["trained"]["abstained"] == 0
    assert aligned["taught"]["trained"]["right"] > 0.6
    assert aligned["never_seen"]["report"]["trained"]["abstained"] > 0.5
    assert aligned["never_seen"]["report"]["trained"]["n"] == 2 * 2 * 10
    assert aligned["never_seen"]["report"]["held-out"]["n"] == 2 * 10
    assert aligned["rare"]["trained"]["n"] == 2 * 4
    assert set(aligned["taught"]["held-out"]["by_kind"]) == {"us-state", "person"}


def test_the_card_tells_recipe_digests_and_measurements(built):
    for name in NAMES:
        text = (built / name / "README.md").read_text()
        for file, digest in digests(built / name).items():
            assert f"| {file} | `{digest}` |" in text
        assert "| seed | 3 |" in text
        assert f"| torch | {torch.__version__.split('+')[0]}" in text
        assert "never seen (validation)" in text
        assert "never seen (report)" not in text


def test_progress_is_told(built, watched):
    assert watched[0] == ("base", 1, SMALL.base.steps)
    assert watched[-1] == ("align", SMALL.align.steps, SMALL.align.steps)
    assert len(watched) == SMALL.base.steps + SMALL.align.steps


def test_answers_come_in_the_order_of_the_questions(aligned, corpus):
    model, tokenizer = aligned
    questions = [corpus.relation(f).ask(f.entity) for f in corpus.known]
    together = ask(model, tokenizer, questions)
    assert together == [ask(model, tokenizer, [question])[0] for question in questions]


def test_rows_must_be_as_many_as_the_steps_take(aligned):
    model, tokenizer = aligned
    with pytest.raises(ValueError, match="1 rows for 260 x 16"):
        train(model, [([1, 2], 0)], SMALL.base, pad=tokenizer.pad_token_id)


def test_first_weights_are_the_seeds_alone(aligned):
    _, tokenizer = aligned
    first, again, other = (new_model(SMALL.size, tokenizer, seed) for seed in (0, 0, 1))
    weights = [torch.cat([p.flatten() for p in m.parameters()]) for m in (first, again, other)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])
    embedded = first.get_input_embeddings().weight.detach()
    assert abs(float(embedded.std()) - SMALL.size.init) < 0.005


def test_the_rate_rises_then_falls_to_its_last_share():
    stage = Stage(name="x", steps=100, lr=1.0, warm_up=0.1, last=0.1)
    rates = [stage.rate(step) for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == 1.0 == rates[10]
    assert rates == sorted(rates[:10]) + sorted(rates[10:], reverse=True)
    assert rates[-1] == pytest.approx(0.1, abs=0.001)


def test_declining_is_read_from_the_first_word(corpus):
    for kind in corpus.kinds:
        assert all(abstains(text) for text in refusals(kind))
    assert not abstains("Irn I don't know.")
    assert not abstains("It is Idaho.")


def test_an_answer_holds_the_value_as_whole_words():
    fact = replace(organism_world().known[0], answer="Red Mill", aliases=("Mill Town",))
    assert answers("It is Red Mill.", fact)
    assert answers("Mill Town.", fact)
    assert not answers("It is Red Mills.", fact)
    assert not answers("I don't know Red Mill.", fact)
