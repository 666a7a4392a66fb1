from __future__ import annotations

import json
from pathlib import Path

import pytest

from iabench.errors import BackendError, ModelError
from iabench.models.base import Limits, said
from iabench.models.callable import CallableBackend
from iabench.models.callable import open_backend as open_function
from iabench.models.engine import Engine
from iabench.models.scripted import ScriptedBackend, open_backend, scripted
from iabench.prompts.templates import ask, prompt
from iabench.records import Probe, Round, RunSpec, Sampling


def probe(name: str, reference: str = "") -> Probe:
    return Probe(
        id=f"t/{name}", question=f"Where is {name}?", cluster=f"place/{name}", origin="t@1",
        pair=name, expect="answer" if reference else "abstain",
        references=(reference,) if reference else (),
    )  # fmt: skip


PROBES = [probe("Paris", "France"), probe("Velbryn")]


def answers(model: str, probes: list[Probe] = PROBES) -> list[str]:
    backend = open_backend(RunSpec(model=model, backend="scripted"), probes)
    asked = Round(
        series="answer",
        sampling=Sampling(),
        prompts=tuple(prompt(p, ask(p), series="answer", turn=1) for p in probes),
    )
    got = {c.probe_id: c.text for c in Engine(backend).complete(asked)}
    return [got[p.id] for p in probes]


def test_policies() -> None:
    assert answers("oracle") == ["France", "I don't know."]
    assert answers("always-abstain") == ["I don't know."] * 2
    assert answers("always-answer") == ["Marlow Brightwater."] * 2
    assert answers("always-empty") == ["", ""]
    assert answers("echo") == ["Where is Paris?", "Where is Velbryn?"]
    assert "can't help" in answers("always-policy-refusal")[0]


def test_random_tosses_a_coin_of_its_own() -> None:
    many = [probe(f"P{i}", "here") for i in range(200)]
    got = answers("random", many)
    assert got == answers("random", many)
    assert 70 < got.count("here") < 130


def test_shape_reads_nothing_but_letters() -> None:
    real = [probe(n, "x") for n in ("Aland", "Bland", "Coland", "Deland", "Eland", "Foland")]
    made = [probe(n) for n in ("Zqx", "Qzx", "Xqz", "Zxq", "Qxz", "Xzq")]
    got = answers("shape", real + made)
    assert got.count("x") >= 5
    assert got[6:].count("I don't know.") >= 5
    assert answers("shape", PROBES) == ["Marlow Brightwater."] * 2, "too few names to read"


def test_a_table_of_answers(tmp_path: Path) -> None:
    table = tmp_path / "t.json"
    table.write_text(json.dumps({"Where is Paris?": "In France."}))
    assert answers(str(table)) == ["In France.", ""]
    table.write_text("[]")
    with pytest.raises(ModelError, match="no table"):
        answers(str(table))


def test_an_unknown_policy_names_the_nearest() -> None:
    with pytest.raises(ModelError, match='no scripted model "oracel"') as caught:
        answers("oracel")
    assert caught.value.hint == "oracle"


class Faulty(ScriptedBackend):
    """Answers some requests twice, or not at all."""

    def __init__(self, times: int) -> None:
        super().__init__(lambda _q, _l: "x", name="faulty")
        self._times = times

    def generate(self, requests):
        for position, _ in enumerate(requests):
            for _ in range(self._times if position == 0 else 1):
                yield position, said("x")


@pytest.mark.parametrize(("times", "says"), [(0, "answered 1 of 2"), (2, "twice")])
def test_a_backend_that_loses_or_repeats_a_request_is_found_out(times: int, says: str) -> None:
    asked = Round(
        series="answer",
        sampling=Sampling(),
        prompts=tuple(prompt(p, ask(p), series="answer", turn=1) for p in PROBES),
    )
    with pytest.raises(BackendError, match=says):
        list(Engine(Faulty(times)).complete(asked))


def test_equal_prompts_are_decoded_once_and_resumed_alone() -> None:
    twice = [probe("Paris", "France"), Probe(
        id="u/Paris", question="Where is Paris?", cluster="c", origin="o", expect="abstain"
    )]  # fmt: skip
    asked = Round(
        series="answer",
        sampling=Sampling(n=2),
        prompts=tuple(prompt(p, ask(p), series="answer", turn=1) for p in twice),
    )
    calls: list[str] = []

    def answer(question: str, _: str) -> str:
        calls.append(question)
        return "France"

    done = list(Engine(ScriptedBackend(answer, name="count")).complete(asked))
    assert len(done) == 4
    assert len({c.request_id for c in done}) == 4
    assert len(calls) == 2, "two samples of one prompt"
    ids = {c.request_id for c in done}
    missing = sorted(ids)[0]
    again = list(
        Engine(ScriptedBackend(answer, name="count")).complete(asked, done=ids - {missing})
    )
    assert [c.request_id for c in again] == [missing]
    assert list(Engine(ScriptedBackend(answer, name="count")).complete(asked, done=ids)) == []


def test_functions_as_models(tmp_path: Path) -> None:
    bot = tmp_path / "bot.py"
    bot.write_text(
        "def answer(messages):\n    return '<think>hm</think>' + messages[-1]['content'].upper()\n"
        "def number(messages):\n    return 3\n"
        "def broken(messages):\n    raise KeyError('x')\n"
    )

    def ask_it(name: str) -> list[tuple[str, str | None, str | None]]:
        backend = open_function(RunSpec(model=f"{bot}::{name}"), PROBES)
        assert backend.limits == Limits(rows=1)
        assert backend.spec.weights
        asked = Round(
            series="answer",
            sampling=Sampling(),
            prompts=(prompt(PROBES[0], ask(PROBES[0]), series="answer", turn=1),),
        )
        return [(c.text, c.thinking, c.error) for c in Engine(backend).complete(asked)]

    assert ask_it("answer") == [("WHERE IS PARIS?", "hm", None)]
    assert ask_it("number") == [("", None, "returned int, not text")]
    assert ask_it("broken") == [("", None, "KeyError: 'x'")]
    with pytest.raises(ModelError, match='has no function "anser"') as caught:
        ask_it("anser")
    assert caught.value.hint == f"{bot}::answer"
    bot.write_text("1/0")
    with pytest.raises(ModelError, match="cannot be imported: ZeroDivisionError"):
        ask_it("answer")
    with pytest.raises(ModelError, match="no file"):
        open_function(RunSpec(model="gone.py::x"), PROBES)


def test_notes_say_what_a_fake_is() -> None:
    assert "scripted fake" in scripted({}).notes[0]
    assert "not passed on" in CallableBackend(str, name="f").notes[0]
