from __future__ import annotations

import weakref
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
import torch

from iabench.models.base import Request
from iabench.models.engine import Engine, Plan
from iabench.models.hf import HFBackend
from iabench.models.loading import lend
from iabench.prompts.templates import prompt
from iabench.records import Completion, Message, ModelSpec, Probe, Prompt, Round, RunSpec, Sampling
from tests.tiny import tiny_model, tiny_tokenizer

ARCHITECTURES = ["llama", "gpt2", "sliding"]
QUESTIONS = [
    "Hi",
    "What is the capital of France?",
    "Who wrote a very long book about whales and the sea and everything else?",
    "Why?",
    "Where does Lomar Kesvin work?",
    "2 + 2",
    "Name the river that runs through Brightwater.",
]


def backend(architecture: str = "llama", **options: object) -> HFBackend:
    return HFBackend(
        tiny_model(architecture),
        tiny_tokenizer(),
        spec=ModelSpec(backend="hf", name="tiny"),
        **options,  # type: ignore[arg-type]
    )


def prompts(questions: Sequence[str] = QUESTIONS) -> tuple[Prompt, ...]:
    return tuple(
        prompt(
            Probe(id=f"t/{i}", question=q, expect="abstain", cluster=str(i), origin="test@1"),
            (Message(role="user", content=q),),
            series="answer",
            turn=1,
        )
        for i, q in enumerate(questions)
    )


def complete(one: HFBackend, asked: Round, **options: object) -> dict[tuple[str, int], Completion]:
    engine = Engine(one, **options)  # type: ignore[arg-type]
    return {(c.probe_id, c.index): c for c in engine.complete(asked)}


def texts(done: dict[tuple[str, int], Completion]) -> dict[tuple[str, int], str]:
    return {key: c.text for key, c in done.items()}


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_greedy_is_what_transformers_generates(architecture: str) -> None:
    one = backend(architecture)
    asked = Round(series="answer", sampling=Sampling(max_new_tokens=40), prompts=prompts())
    done = complete(one, asked)
    for p in asked.prompts:
        ids = torch.tensor([one.encode(p.messages)])
        out = one.model.generate(
            ids,
            attention_mask=torch.ones_like(ids),
            max_new_tokens=40,
            do_sample=False,
            pad_token_id=5,
        )
        said = one._decoder._tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True)
        assert done[p.probe_id, 0].text == said.strip()


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_batch_size_changes_no_text(architecture: str, temperature: float) -> None:
    sampling = Sampling(max_new_tokens=24, temperature=temperature, n=3 if temperature else 1)
    asked = Round(series="answer", sampling=sampling, prompts=prompts())
    wide = complete(backend(architecture), asked)
    narrow = complete(backend(architecture), asked, rows=1)
    alone = complete(backend(architecture), replace(asked, prompts=asked.prompts[3:4]))
    assert texts(wide) == texts(narrow)
    assert texts(alone) == {k: t for k, t in texts(wide).items() if k[0] == "t/3"}
    if temperature:
        assert len({c.text for c in wide.values()}) > len(QUESTIONS)


def test_samples_follow_the_distribution() -> None:
    from iabench.models.decoding import _draw
    from iabench.rng import uniform

    logits = torch.tensor([[2.0, 1.0, 0.0, -1.0]])
    p = logits.softmax(-1)[0]
    n = 4000
    drawn = _draw(logits.expand(n, -1), 1.0, [uniform("draw", i) for i in range(n)])
    shares = torch.bincount(drawn, minlength=4) / n
    assert (shares - p).abs().max() < 0.03
    nucleus = _draw(logits.expand(n, -1), 0.8, [uniform("draw", i) for i in range(n)])
    assert set(nucleus.tolist()) == {0, 1}


def test_logprobs_are_those_of_the_chosen_tokens() -> None:
    one = backend()
    asked = Round(
        series="answer", sampling=Sampling(max_new_tokens=8), prompts=prompts()[:3], logprobs=True
    )
    for (probe, _), c in complete(one, asked).items():
        ids = list(one.encode(asked.prompts[int(probe[2:])].messages))
        assert c.logprobs is not None
        assert len(c.logprobs) == c.n_generated
        with torch.no_grad():
            logits = one.model(torch.tensor([ids])).logits[0, -1]
        assert c.logprobs[0] == pytest.approx(float(logits.log_softmax(-1).max()), abs=1e-4)


def test_stop_strings_stop_a_row_alone_and_leave_nothing() -> None:
    free = complete(
        backend(), Round(series="answer", sampling=Sampling(max_new_tokens=30), prompts=prompts())
    )
    text = free["t/1", 0].text
    stop = text[4:6]
    asked = Round(
        series="answer", sampling=Sampling(max_new_tokens=30, stop=(stop,)), prompts=prompts()
    )
    cut = complete(backend(), asked)
    assert cut["t/1", 0].text == text[: text.index(stop)].strip()
    assert cut["t/1", 0].finish == "stop"
    for key, c in cut.items():
        assert stop not in c.text
        assert free[key].text.startswith(c.text)


def test_the_token_limit_is_marked() -> None:
    asked = Round(series="answer", sampling=Sampling(max_new_tokens=3), prompts=prompts())
    done = complete(backend(), asked)
    assert {c.finish for c in done.values()} <= {"stop", "length"}
    assert all(c.n_generated == 3 for c in done.values() if c.finish == "length")
    assert any(c.finish == "length" for c in done.values())


def test_a_prompt_longer_than_the_window_is_an_error_of_its_own() -> None:
    asked = Round(
        series="answer",
        sampling=Sampling(max_new_tokens=500),
        prompts=prompts(["a", "b" * 100]),
    )
    done = complete(backend(), asked)
    assert done["t/1", 0].finish == "error"
    assert "the model holds 512" in str(done["t/1", 0].error)
    assert done["t/0", 0].finish != "error"


OUT_OF_MEMORY = torch.OutOfMemoryError("CUDA out of memory (pretended)")


class Small:
    """Wraps a model so that batches above a size run out of memory."""

    def __init__(self, model: object, most: int) -> None:
        self._inner, self._most = model, most
        self.sizes: list[int] = []
        self.refs: list[Any] = []
        self.freed: list[bool] = []
        self.error: Exception = OUT_OF_MEMORY

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    def __call__(self, *, input_ids: object, **rest: object) -> object:
        self.freed.append(all(ref() is None for ref in self.refs))
        self.sizes.append(input_ids.shape[0])  # type: ignore[attr-defined]
        if input_ids.shape[0] > self._most:  # type: ignore[attr-defined]
            self.refs.append(weakref.ref(input_ids))
            raise type(self.error)(*self.error.args)
        return self._inner(input_ids=input_ids, **rest)  # type: ignore[operator]


def test_out_of_memory_halves_the_batch_and_asks_the_same_rows() -> None:
    asked = Round(series="answer", sampling=Sampling(max_new_tokens=12), prompts=prompts())
    want = texts(complete(backend(), asked))
    one = backend()
    one._decoder._model = small = Small(one.model, 3)
    plans: list[Plan] = []
    engine = Engine(one, on_plan=plans.append)
    got = {(c.probe_id, c.index): c.text for c in engine.complete(asked)}
    assert got == want
    assert len(plans[-1].halved) == 2, "7 -> 4 + 3 -> 2 + 2"
    assert all(small.freed), "what did not fit is let go before the halves are tried"
    # The same run again knows what did not fit and does not try it.
    small.sizes.clear()
    again = Engine(one, plan=plans[-1])
    assert {(c.probe_id, c.index): c.text for c in again.complete(asked)} == want
    assert max(small.sizes) <= 4, "four rows are tried first, whatever was halved"


@pytest.mark.parametrize(
    "says", ["MPS backend out of memory", "DefaultCPUAllocator: can't allocate memory"]
)
def test_other_devices_run_out_of_memory_in_their_own_words(says: str) -> None:
    one = backend()
    one._decoder._model = small = Small(one.model, 3)
    small.error = RuntimeError(says)
    asked = Round(series="answer", sampling=Sampling(max_new_tokens=4), prompts=prompts())
    assert len(complete(one, asked)) == len(QUESTIONS)
    small.error = RuntimeError("something else broke")
    with pytest.raises(RuntimeError, match="something else"):
        complete(one, asked)


def test_rows_of_one_batch_are_each_drawn_their_own_way() -> None:
    one = backend()
    ids = one.encode((Message(role="user", content="Who?"),))
    greedy = Request(digest="d", series="s", messages=(), token_ids=ids,
                     sampling=Sampling(max_new_tokens=8))  # fmt: skip
    drawn = replace(greedy, sampling=Sampling(max_new_tokens=8, temperature=1.5, seed=1))
    narrow = replace(greedy, sampling=Sampling(max_new_tokens=8, temperature=1.5, top_p=0.0))
    together = {at: c.text for at, c in one.generate([greedy, drawn, narrow])}
    (alone,) = one.generate([drawn])
    (plain,) = one.generate([greedy])
    assert together[1] == alone[1].text
    assert together[0] == plain[1].text == together[2], "an empty nucleus holds the likeliest token"
    assert together[1] != together[0]


def test_an_empty_stop_string_stops_nothing() -> None:
    asked = Round(
        series="answer", sampling=Sampling(max_new_tokens=5, stop=("",)), prompts=prompts()
    )
    assert all(c.n_generated > 1 or c.finish == "stop" for c in complete(backend(), asked).values())


def test_one_row_that_does_not_fit_is_an_error_and_the_rest_go_on() -> None:
    one = backend()
    one._decoder._model = Small(one.model, 0)
    asked = Round(series="answer", sampling=Sampling(max_new_tokens=4), prompts=prompts()[:2])
    done = complete(one, asked)
    assert {c.finish for c in done.values()} == {"error"}
    assert "out of memory" in str(done["t/0", 0].error)


def test_a_lent_model_is_given_back_as_it_was_found() -> None:
    model = tiny_model()
    model.train()
    model.model.layers[0].eval()
    before = {m: m.training for m in model.modules()}
    one = lend(model, tiny_tokenizer(), RunSpec(model="in memory"))
    complete(one, Round(series="answer", sampling=Sampling(max_new_tokens=4), prompts=prompts()))
    assert not model.training
    one.close()
    assert {m: m.training for m in model.modules()} == before
    assert all(p.grad is None for p in model.parameters())


def test_a_lent_model_that_was_trained_on_is_another_one() -> None:
    model = tiny_model()
    first = lend(model, tiny_tokenizer(), RunSpec(model="m")).spec
    again = lend(model, tiny_tokenizer(), RunSpec(model="m")).spec
    with torch.no_grad():
        model.model.layers[1].mlp.up_proj.weight += 1e-3
    assert first == again
    assert lend(model, tiny_tokenizer(), RunSpec(model="m")).spec != first


def test_thinking_is_kept_apart() -> None:
    one = backend()
    tokenizer = one._decoder._tokenizer
    row_ids = tokenizer("<think>It may be Lyon.</think> Paris.")["input_ids"]
    from iabench.models.decoding import _Row

    request = Request(digest="d", series="answer", messages=(), token_ids=(1,), sampling=Sampling())
    row = _Row(0, 0, request, (), False, ids=row_ids)
    done = one._decoder._completion(row, "stop")
    assert (done.text, done.thinking, done.finish) == ("Paris.", "It may be Lyon.", "stop")
    row.ids = tokenizer("<think>It may be")["input_ids"]
    unclosed = one._decoder._completion(row, "stop")
    assert (unclosed.text, unclosed.finish) == ("", "length")


def test_the_token_budget_packs_batches() -> None:
    one = backend()
    asked = Round(series="answer", sampling=Sampling(max_new_tokens=8), prompts=prompts())
    engine = Engine(one, plan=Plan(tokens=120, rows=100))
    list(engine.complete(asked))
    assert engine.tally.batches > 2
    assert 0 <= 1 - one.work.read / one.work.padded < 0.5
    assert engine.tally.prompt == sum(len(one.encode(p.messages)) for p in asked.prompts)
