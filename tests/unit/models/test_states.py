"""All ways of decoding say the same, and the fast one reads each token once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch

from iabench.models import states
from iabench.models.engine import Engine, Plan
from iabench.models.hf import HFBackend
from iabench.models.prefix import Prefix
from iabench.models.states import Slab
from iabench.prompts.templates import prompt
from iabench.records import Completion, Message, ModelSpec, Probe, Prompt, Round, Sampling
from tests.tiny import tiny_model, tiny_tokenizer

SHOTS = "Question: What is 1 + 1?\nAnswer: 2\n\n"
GREEDY = Sampling(max_new_tokens=12)
DRAWN = Sampling(max_new_tokens=12, temperature=1.0, n=5, seed=3)
WAYS = ("shared", "padded", "whole")


def backend(architecture: str = "llama") -> HFBackend:
    spec = ModelSpec(backend="hf", name="tiny")
    return HFBackend(tiny_model(architecture), tiny_tokenizer(), spec=spec)


def prompts(n: int = 18, *, shots: str = SHOTS, series: str = "answer") -> tuple[Prompt, ...]:
    return tuple(
        prompt(
            Probe(id=f"t/{i}", question="?", expect="abstain", cluster=str(i), origin="test@1"),
            (Message(role="user", content=f"{shots}Who is {'very ' * (i % 4)}{i * i}?"),),
            series=series,
            turn=1,
        )
        for i in range(n)
    )


def rounds(n: int = 18, **options: str) -> tuple[Round, Round]:
    return (
        Round(series="answer", sampling=GREEDY, prompts=prompts(n, **options)),
        Round(
            series="samples",
            sampling=DRAWN,
            prompts=prompts(n, series="samples", **options),
            logprobs=True,
        ),
    )


Done = dict[tuple[str, str, int], Completion]


def complete(one: HFBackend, *asked: Round, **options: Any) -> Done:
    done = Engine(one, **options).complete(*asked)
    return {(c.series, c.probe_id, c.index): c for c in done}


def texts(done: Done) -> dict[tuple[str, str, int], str]:
    return {key: c.text for key, c in done.items()}


def only(way: str, architecture: str = "llama") -> HFBackend:
    """Return a backend that decodes in one way, unchecked."""
    one = backend(architecture)

    def choose(requests: Any) -> tuple[str, str]:
        one._decoder._unshared(requests)  # finds out about the layers
        return way, ""

    one._decoder._way = choose  # type: ignore[method-assign]
    return one


class Counted:
    """Wraps a model and counts the tokens that it is given."""

    def __init__(self, model: Any) -> None:
        self._inner = model
        self.tokens: list[tuple[int, int]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def __call__(self, *, input_ids: torch.Tensor, **rest: Any) -> Any:
        self.tokens.append((input_ids.shape[0], input_ids.shape[1]))
        return self._inner(input_ids=input_ids, **rest)


@pytest.mark.parametrize("architecture", ["llama", "gpt2"])
def test_every_way_says_the_same(architecture: str) -> None:
    want = texts(complete(only("whole", architecture), *rounds(5)))
    assert len(set(want.values())) > 15
    for way in ("shared", "padded"):
        assert texts(complete(only(way, architecture), *rounds(5))) == want
    for way in ("cascade", "shared"):
        assert texts(complete(only(way, architecture), *rounds(18))).items() >= want.items()
    found = backend(architecture)
    assert texts(complete(found, *rounds(18))).items() >= want.items()
    assert (found.work.way, found.work.why) == ("cascade", "")


@pytest.mark.parametrize("way", ["cascade", "shared"])
def test_a_prefix_is_read_once_and_a_prompt_once_for_all_its_samples(way: str) -> None:
    one = only(way)
    one._decoder._model = counted = Counted(one.model)
    done = complete(one, *rounds())
    lengths = [len(one.encode(p.messages)) for p in prompts()]
    held = done["samples", "t/0", 0].n_prompt - (
        done["answer", "t/0", 0].n_prompt - done["answer", "t/0", 0].n_reused
    )
    assert held > len(SHOTS)
    own = sum(length - held for length in lengths)
    assert one.work.read == own + held
    reads = [rows * width for rows, width in counted.tokens if width > 1]
    assert reads[0] == held
    assert sum(reads[1:]) == one.work.padded - held
    for (series, _, index), c in done.items():
        first = series == "answer" and index == 0
        assert c.n_reused == (held if first else c.n_prompt)


def test_a_model_that_learned_since_is_read_anew() -> None:
    one = backend()
    greedy, _ = rounds()
    before = texts(complete(one, greedy))
    with torch.no_grad():
        one.model.model.layers[0].self_attn.k_proj.weight.mul_(-1.5)
    after = texts(complete(one, greedy))
    assert after != before
    fresh = HFBackend(one.model, one.tokenizer, spec=ModelSpec(backend="hf", name="tiny"))
    assert after == texts(complete(fresh, greedy))


def test_samples_depend_on_seed_prompt_and_index_alone() -> None:
    greedy, drawn = rounds()
    want = texts(complete(backend(), greedy, drawn))
    alone = replace(drawn, prompts=drawn.prompts[3:4])
    assert want.items() >= texts(complete(backend(), alone)).items(), "alone, nothing shared"
    back = replace(drawn, prompts=tuple(reversed(drawn.prompts)))
    assert want.items() >= texts(complete(backend(), back, rows=3)).items(), "in parts of three"
    more = replace(drawn, sampling=replace(DRAWN, n=7))
    assert want.items() - texts(complete(backend(), greedy, more)).items() == set()
    other = replace(drawn, sampling=replace(DRAWN, seed=4))
    assert not want.items() >= texts(complete(backend(), other)).items()


def test_a_resume_goes_on_inside_a_batch() -> None:
    whole = list(Engine(backend(), rows=7).complete(*rounds()))
    kept = whole[: len(whole) // 2]
    ids = {c.request_id for c in kept}
    rest = list(Engine(backend(), rows=7).complete(*rounds(), done=ids))
    assert [*kept, *rest] == whole


def test_logprobs_are_of_the_chosen_tokens_in_every_way() -> None:
    (_, drawn) = rounds(3)
    found = [complete(only(way), drawn) for way in WAYS]
    for key, c in found[0].items():
        assert c.logprobs is not None
        assert len(c.logprobs) == c.n_generated
        for other in found[1:]:
            assert other[key].logprobs == pytest.approx(c.logprobs, abs=1e-4)


def test_a_window_shorter_than_the_text_is_read_the_plain_way() -> None:
    one = backend("sliding")
    got = texts(complete(one, *rounds(18)))
    assert (one.work.way, one.work.why) == ("padded", "a window of attention of 24 tokens")
    assert "prompts are not shared: a window of attention of 24 tokens" in one.notes
    assert got == texts(complete(only("whole", "sliding"), *rounds(18)))
    short = backend("sliding")
    complete(short, Round(series="answer", sampling=Sampling(max_new_tokens=2), prompts=SHORT))
    assert short.work.way == "cascade", "a window that holds all of a text is none"


SHORT = tuple(
    prompt(
        Probe(id=f"t/{q}", question=q, expect="abstain", cluster=q, origin="test@1"),
        (Message(role="user", content=q),),
        series="answer",
        turn=1,
    )
    for q in ("Hi", "Who is A?", "2?")
)


def test_what_was_not_seen_in_the_window_is_found_by_the_check() -> None:
    one = backend("sliding")
    seen = one._decoder._unshared
    one._decoder._unshared = lambda requests: seen(requests) and None  # type: ignore[method-assign]
    complete(one, rounds(18)[0])
    assert (one.work.way, one.work.why) == ("padded", "other tokens than a plain reading gives")


def test_a_model_that_stumbles_over_our_cache_is_read_the_plain_way() -> None:
    class Choosy(Counted):
        def __call__(self, **rest: Any) -> Any:
            layers = getattr(rest.get("past_key_values"), "layers", [])
            if any(isinstance(layer, Slab) for layer in layers):
                raise TypeError("what is this?")
            return self._inner(**rest)

    one = backend()
    one._decoder._model = Choosy(one.model)
    want = texts(complete(backend(), *rounds(3)))
    assert texts(complete(one, *rounds(3))) == want
    assert (one.work.way, one.work.why) == ("padded", "TypeError with a cache of ours")


@pytest.mark.parametrize(
    ("architecture", "why"),
    [
        ("soft-capped", "attention with softcap (NotImplementedError)"),
        ("alibi", "not every layer attends to the prefix (NotImplementedError)"),
    ],
)
def test_where_a_prefix_cannot_stand_apart_it_is_copied(architecture: str, why: str) -> None:
    one = backend(architecture)
    got = texts(complete(one, *rounds(18)))
    assert (one.work.way, one.work.why) == ("shared", why)
    assert f"attention is not shared: {why}" in one.notes
    assert got == texts(complete(only("whole", architecture), *rounds(18)))


def test_a_prefix_apart_that_gives_other_tokens_is_found_by_the_check(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Prefix, "length", property(lambda _: 0))  # as if it did not stand before
    one = backend()
    complete(one, rounds(18)[0])
    assert (one.work.way, one.work.why) == ("shared", "other tokens than a plain reading gives")


def in_half(architecture: str) -> HFBackend:
    model = tiny_model(architecture).to(torch.bfloat16)
    return HFBackend(model, tiny_tokenizer(), spec=ModelSpec(backend="hf", name="tiny"))


def test_rounding_in_half_precision_is_no_reason_to_be_slow() -> None:
    one = in_half("deep")
    exact = HFBackend(one.model.float(), one.tokenizer, spec=ModelSpec(backend="hf", name="tiny"))
    want = texts(complete(exact, *rounds(18)))
    one.model.to(torch.bfloat16)
    got = texts(complete(one, *rounds(18)))
    assert sum(got[key] != want[key] for key in want) > 50, "rounding moves what it says"
    assert (one.work.way, one.work.why) == ("cascade", "")


def test_what_is_wrong_is_found_in_half_precision_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Prefix, "length", property(lambda _: 0))
    for architecture in ("llama", "deep"):
        one = in_half(architecture)
        complete(one, rounds(18)[0])
        assert (one.work.way, one.work.why) == ("shared", "other tokens than a plain reading gives")


def test_prompts_are_read_in_parts_of_like_length(monkeypatch: pytest.MonkeyPatch) -> None:
    want = texts(complete(backend(), *rounds(18)))
    whole = backend()
    complete(whole, *rounds(18))
    monkeypatch.setitem(states._AT_ONCE, "cpu", 64)
    parts = backend()
    assert texts(complete(parts, *rounds(18))) == want
    assert parts.work.read == whole.work.read
    assert parts.work.padded < whole.work.padded


def test_a_recurrent_model_is_asked_without_a_cache() -> None:
    one = backend("mamba")
    got = complete(one, *rounds(3, shots=""))
    assert one.work.way == "whole"
    assert "MambaForCausalLM keeps no cache of keys and values" in one.work.why
    assert any("slow" in note for note in one.notes)
    for p in prompts(3, shots=""):
        ids = torch.tensor([one.encode(p.messages)])
        want = one.model.generate(ids, max_new_tokens=12, do_sample=False, pad_token_id=5)
        said = one.tokenizer.decode(want[0, ids.shape[1] :], skip_special_tokens=True)
        assert got["answer", p.probe_id, 0].text == said.strip()


def test_samples_that_do_not_fit_together_are_split() -> None:
    class Small(Counted):
        def __call__(self, *, input_ids: torch.Tensor, **rest: Any) -> Any:
            if input_ids.shape[0] > 3:
                raise torch.OutOfMemoryError("CUDA out of memory (pretended)")
            return super().__call__(input_ids=input_ids, **rest)

    (_, drawn) = rounds(1)
    want = texts(complete(backend(), drawn))
    one = backend()
    one._decoder._model = Small(one.model)
    plans: list[Plan] = []
    got = Engine(one, on_plan=plans.append).complete(drawn)
    assert {(c.series, c.probe_id, c.index): c.text for c in got} == want
    assert len(plans[-1].halved) == 1, "5 -> 3 + 2"
