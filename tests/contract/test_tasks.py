"""iabench's own tasks keep the contract that plug-ins are held to."""

from __future__ import annotations

from pathlib import Path

import pytest

from iabench.errors import TaskError
from iabench.tasks.describe import describe
from iabench.tasks.skeleton import write_skeleton
from iabench.testing import TaskContract

OWN_FILE = """
import iabench

ROW = {"cluster": "France", "tags": {"relation": "capital"}}

def capitals(spec):
    rows = [
        ROW | {"id": "a", "question": "What is the capital of France?", "expect": "answer",
               "references": ["Paris"], "pair": "1"},
        ROW | {"id": "b", "question": "What is the capital of Frelland?", "expect": "abstain",
               "cluster": "Frelland", "pair": "1"},
    ]
    return iabench.task("capitals", rows, says="Capitals.", licence="CC0-1.0", source="written by us",
                        answering_is="fabrication")
"""


def keeps(name: str, *paths: str) -> None:
    contract = TaskContract()
    contract.name, contract.include_path = name, paths
    for test in dir(contract):
        if test.startswith("test_"):
            getattr(contract, test)()


@pytest.mark.parametrize(
    "name", [r["name"] for r in describe() if r["kind"] in ("generated", "file")]
)
def test_own_tasks(name: str) -> None:
    keeps(name)


def test_the_skeleton(tmp_path: Path) -> None:
    folder = write_skeleton("mine", tmp_path)

    class Contract(TaskContract):
        include_path = (str(folder),)

        def test_nothing_is_wrong(self) -> None:
            self.name = str(folder)
            super().test_nothing_is_wrong()
            self.name = "mine"

    contract = Contract()
    contract.name = "mine"
    for test in dir(contract):
        if test.startswith("test_"):
            getattr(contract, test)()


def test_a_function_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "own.py"
    file.write_text(OWN_FILE)
    keeps(f"{file}::capitals")


@pytest.mark.parametrize(
    ("change", "test"),
    [
        ('"relation": "capital"', "test_probes_are_well_formed"),
        ('licence="CC0-1.0"', "test_says_what_it_is"),
        ('"id": "a"', "test_two_processes_ask_the_same"),
        ('"question": "What is the capital of Frelland?"', "test_nothing_is_wrong"),
        ("spec):", "test_a_seed_that_draws_says_so"),
    ],
)
def test_a_task_that_breaks_it_is_found(tmp_path: Path, change: str, test: str) -> None:
    instead = {
        '"relation": "capital"': '"relation": ""',
        'licence="CC0-1.0"': 'licence=" "',
        '"id": "a"': '"id": str(hash("a"))',
        '"question": "What is the capital of Frelland?"': '"question": "Is it Paris ?"',
        "spec):": "spec):\n    ROW['cluster'] = str(spec.seed)",
    }[change]
    text = OWN_FILE.replace(change, instead)
    if test == "test_nothing_is_wrong":
        text = text.replace("What is the capital of France?", "Is it Paris?")
    file = tmp_path / "own.py"
    file.write_text(text)
    contract = TaskContract()
    contract.name = f"{file}::capitals"
    # Questions that contradict each other are found before any test: the task does not load.
    with pytest.raises((AssertionError, TaskError)):
        getattr(contract, test)()
