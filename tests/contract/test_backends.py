from __future__ import annotations

from collections.abc import Iterator

import pytest

from iabench.models.base import Backend
from iabench.models.callable import CallableBackend
from iabench.models.hf import HFBackend
from iabench.models.openai_http import open_backend
from iabench.models.scripted import POLICIES, ScriptedBackend, scripted
from iabench.records import ModelSpec, RunSpec
from iabench.testing import BackendContract
from tests.fake_server import FakeServer
from tests.tiny import tiny_model, tiny_tokenizer


class HFContract(BackendContract):
    architecture = "llama"

    def open(self) -> Backend:
        return HFBackend(
            tiny_model(self.architecture), tiny_tokenizer(), spec=ModelSpec(backend="hf", name="t")
        )


class TestLlama(HFContract):
    architecture = "llama"


class TestGPT2(HFContract):
    architecture = "gpt2"


class TestSlidingWindow(HFContract):
    architecture = "sliding"


class TestPlainText(BackendContract):
    def open(self) -> Backend:
        return HFBackend(
            tiny_model(), tiny_tokenizer(chat=None), spec=ModelSpec(backend="hf", name="t")
        )


class TestTable(BackendContract):
    def open(self) -> Backend:
        return scripted({"Who?": "Nobody knows."})


class TestFunction(BackendContract):
    def open(self) -> Backend:
        return CallableBackend(lambda messages: messages[-1]["content"].upper(), name="shout")


class TestServer(BackendContract):
    server: FakeServer

    @pytest.fixture(autouse=True)
    def _served(self) -> Iterator[None]:
        with FakeServer(takes_no=["max_tokens", "seed"]) as self.server:
            yield

    def open(self) -> Backend:
        return open_backend(RunSpec(model="fake-model", base_url=self.server.url), ())


@pytest.mark.parametrize("policy", sorted(POLICIES))
def test_every_scripted_policy_keeps_the_contract(policy: str) -> None:
    class Contract(BackendContract):
        def open(self) -> Backend:
            return ScriptedBackend(POLICIES[policy](()), name=policy)

    contract = Contract()
    for name in dir(contract):
        if name.startswith("test_"):
            getattr(contract, name)()
