"""Tasks that Python gives: made by hand, from a file, from a distribution."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import iabench
from iabench.errors import IabenchError, PluginError, TaskError
from iabench.records import Probe
from iabench.tasks import catalog
from iabench.tasks.base import TASKS
from iabench.tasks.outside import from_python, plugged, ready

KNOWN = {
    "id": "a",
    "question": "What is the capital of France?",
    "expect": "answer",
    "references": ["Paris"],
    "cluster": "France",
    "tags": {"relation": "capital"},
}
UNKNOWN = {
    "id": "b",
    "question": "What is the capital of Frelland?",
    "expect": "abstain",
    "cluster": "Frelland",
    "tags": {"relation": "capital"},
}
SAYS: dict[str, Any] = {"says": "Capitals.", "licence": "CC0-1.0"}

FILE = f"""
from dataclasses import dataclass
import iabench

KNOWN = {KNOWN!r}
UNKNOWN = {UNKNOWN!r}

@dataclass
class Fact:
    name: "str"

def whole(spec):
    return iabench.task("caps", [KNOWN, UNKNOWN], says="x", licence="MIT", seed=spec.seed,
                        answering_is="fabrication")

def only_probes():
    "Capitals of countries.\\n\\nMore."
    yield KNOWN

def unsaid():
    return [UNKNOWN]

def number():
    return 3

def fails():
    raise KeyError("x")

def fails_late():
    yield KNOWN
    raise KeyError("late")

def real_facts():
    return [KNOWN]

ready = whole
constant = iabench.task("constant", [KNOWN], says="x", licence="MIT")
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "own.py"
    path.write_text(FILE)
    return path


def test_a_task_is_made_of_mappings_or_records():
    made = iabench.task("caps", [KNOWN, UNKNOWN], answering_is="fabrication", seed=3, **SAYS)
    assert [probe.id for probe in made.probes] == ["caps/a", "caps/b"]
    assert made.probes[0].origin == "caps@1, seed 3"
    assert (made.spec.n, made.spec.seed, made.spec.licence) == (2, 3, "CC0-1.0")
    again = iabench.task("caps", made.probes, answering_is="fabrication", seed=3, **SAYS)
    assert again == made
    assert dict(iabench.task("c", [KNOWN], facts={"k": "v"}, **SAYS).facts) == {"k": "v"}


def test_what_is_wrong_with_a_mapping_names_it():
    with pytest.raises(TaskError, match='caps, probe 2: unknown key "refs"'):
        iabench.task("caps", [KNOWN, UNKNOWN | {"refs": []}], **SAYS)
    with pytest.raises(TaskError, match="caps, probe 1: a str, not a mapping"):
        iabench.task("caps", ["Who?"], **SAYS)  # type: ignore[list-item]
    with pytest.raises(TaskError, match="is no name of a task"):
        iabench.task("Caps, and more", [KNOWN], **SAYS)


def test_a_function_in_a_file_gives_a_task(file):
    task = from_python(f"{file}::whole", 5)
    assert (task.spec.name, task.spec.seed, task.spec.n) == ("caps", 5, 2)
    assert from_python(f"{file}::ready", 5) == task
    assert from_python(f"{file}::constant", 0).spec.name == "constant"
    bare = from_python(f"{file}::only_probes", 0).spec
    assert (bare.name, bare.says, bare.n) == ("only-probes", "Capitals of countries.", 1)
    assert bare.licence == "not stated"
    loaded = catalog.load((f"{file}::whole", "real-facts"), limit=1)
    assert [task.spec.name for task in loaded] == ["caps", "real-facts"]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("unsaid", "does not say what an answer is"),
        ("number", "own.py::number gives a int, no task"),
        ("fails", "own.py::fails fails: KeyError: 'x'"),
        ("fails_late", "own.py::fails_late fails: KeyError: 'late'"),
        ("whle", 'own.py has no function "whle"'),
        ("", 'own.py has no function ""'),
    ],
)
def test_a_function_that_gives_none_is_named(file, name, says):
    with pytest.raises(IabenchError, match=says) as caught:
        from_python(f"{file}::{name}", 0)
    if name == "whle":
        assert caught.value.hint == f"{file}::whole"


def test_ids_that_occur_twice_are_looked_up_where_the_task_is(file):
    twice = file.read_text() + "\ndef dup():\n    return [KNOWN, KNOWN]\n"
    file.write_text(twice)
    with pytest.raises(TaskError, match='probe 2: the id "a" is there already: probe 1') as caught:
        from_python(f"{file}::dup", 0)
    assert caught.value.hint == f"iabench tasks validate {file}::dup"


def test_files_that_cannot_be_imported(tmp_path):
    with pytest.raises(PluginError, match=r"no file .*gone\.py"):
        from_python(f"{tmp_path}/gone.py::x", 0)
    for text, says in (("raise SystemExit(3)", "SystemExit: 3"), ("def", "SyntaxError")):
        (tmp_path / "bad.py").write_text(text)
        with pytest.raises(PluginError, match=says):
            from_python(f"{tmp_path}/bad.py::x", 0)


def test_a_file_that_has_changed_is_read_again(file):
    assert from_python(f"{file}::only_probes", 0).spec.n == 1
    file.write_text(FILE.replace('"Capitals of countries', '"Cities of countries'))
    assert from_python(f"{file}::only_probes", 0).spec.says == "Cities of countries."


def test_a_name_is_taken_once(file):
    with pytest.raises(TaskError, match='there is a task "real-facts" already'):
        catalog.load(f"{file}::real_facts")
    with pytest.raises(TaskError, match='two tasks are called "caps"'):
        catalog.load((f"{file}::whole", f"{file}::ready"))


def test_what_a_distribution_offers_is_checked(monkeypatch):
    made = iabench.task("caps", [KNOWN, UNKNOWN], answering_is="fabrication", **SAYS)
    monkeypatch.setattr(TASKS, "origins", lambda: {"caps": ["shop 1.0"]})
    monkeypatch.setattr(TASKS, "get", lambda name: made)
    assert plugged("caps", 0) == made
    monkeypatch.setattr(TASKS, "get", lambda name: lambda: 3)
    with pytest.raises(PluginError, match=r'task "caps" of shop 1\.0 is a int, no task'):
        plugged("caps", 0)

    def closed() -> None:
        raise TaskError("closed.")

    monkeypatch.setattr(TASKS, "get", lambda name: closed)
    with pytest.raises(TaskError, match="closed"):
        plugged("caps", 0)


def test_a_task_is_as_it_says():
    made = iabench.task("caps", [KNOWN, UNKNOWN], answering_is="fabrication", **SAYS)
    lying = replace(made, spec=replace(made.spec, n=99, checksum="0"))
    assert ready(lying, "caps", "here").spec == made.spec
    known: Probe = made.probes[0]
    for task, says in (
        (replace(made, spec=replace(made.spec, name="other")), 'calls itself "other"'),
        (replace(made, probes=(replace(known, id="x"),)), 'the id "x" is not "caps/..."'),
        (replace(made, probes=(replace(known, references=()),)), "references are given exactly"),
        (replace(made, probes=(known, known)), 'probe 2: the id "a" is there already: probe 1'),
        (
            replace(made, probes=(known, replace(known, id="caps/c", references=("Lyon",)))),
            "caps/c: it asks what is asked in caps/a and expects another answer",
        ),
        (
            replace(made, probes=(replace(known, references=("I don't know",)),)),
            'asked, e.g. caps/a: "I don\'t know" reads as an abstention',
        ),
        (replace(made, probes=()), "no probe that can be asked"),
    ):
        with pytest.raises(TaskError, match=says):
            ready(task, "caps", "here")
    evasive = replace(known, id="caps/c", references=("I don't know.",))
    assert dict(ready(replace(made, probes=(known, evasive)), "caps", "here").facts) == {
        "invalid": "1 left out: a reference reads as an abstention"
    }
