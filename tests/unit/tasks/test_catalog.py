"""The catalogue: names, suites, loading, what is required, what is left out."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from iabench.datasets.published import published
from iabench.errors import ConfigError, TaskError, UnknownNameError
from iabench.records import Probe, RunSpec, TaskSpec
from iabench.tasks import catalog
from iabench.tasks.base import TASKS, Task
from iabench.tasks.catalog import check_requires, expand, load, names, suites
from iabench.tasks.describe import describe
from iabench.tasks.facts import FACTS_TASKS
from iabench.worlds.folders import data_folder

GOLDEN = Path(__file__).parents[2] / "golden" / "checksums.json"
OWN = [
    "after-pushback",
    "false-premise",
    "fictional-contracts",
    "fictional-people",
    "future-events",
    "idk-permission",
    "invented-entities",
    "invented-otherwise",
    "long-tail-facts",
    "missing-context",
    "near-miss",
    "organism-rare",
    "organism-world",
    "real-facts",
    "subjective-questions",
    "underspecified-questions",
    "unverifiable",
]
WRITTEN = {
    "false-premise",
    "long-tail-facts",
    "real-facts",
    "subjective-questions",
    "underspecified-questions",
}
CORE = ("real-facts", "invented-entities", "fictional-people")

MANIFEST = """
name = "mine"
version = 3
says = "Mine."
licence = "MIT"
source = "me"
expects = "both"
answering_is = "overreach"
suites = ["house"]
probes = { file = "probes.jsonl" }
"""
ROWS = [
    {
        "id": "a",
        "question": "Who wrote Emma?",
        "expect": "answer",
        "references": ["Jane Austen"],
        "cluster": "Emma",
        "tags": {"relation": "author"},
    },
    {
        "id": "b",
        "question": "Who wrote Emba?",
        "expect": "abstain",
        "cluster": "Emba",
        "tags": {"relation": "author", "a": "b"},
    },
]


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "task.toml").write_text(MANIFEST)
    (folder / "probes.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    return tmp_path


def test_tasks_and_suites_that_ship():
    assert [n for n in names() if n not in FACTS_TASKS and n not in published()] == OWN
    found = suites()
    assert found["core"] == found["quick"] == CORE
    assert found["organism"] == (*CORE, "organism-world")
    assert "organism-rare" not in found["organism"]
    apart = catalog.suites_beside()["all"]
    assert {*found["all"], *apart} == {n for n in OWN if not n.startswith("organism")}
    assert apart == ("after-pushback", "idk-permission", "invented-otherwise")
    assert catalog.suite_limit("quick") == 40
    assert catalog.suite_limit("core") is None
    assert catalog.suite_limit("real-facts") is None


def test_names_are_expanded():
    assert expand("core") == CORE
    assert expand("real-*,fictional-people") == ("real-facts", "fictional-people")
    assert expand(("organism-*", "core")) == ("organism-rare", "organism-world", *CORE)
    assert expand("core, core") == CORE


def test_a_name_that_is_misspelt_is_an_error_with_the_nearest():
    with pytest.raises(UnknownNameError) as caught:
        expand("invented-entites")
    assert caught.value.message == 'no task "invented-entites".'
    assert caught.value.hint == "invented-entities   (iabench tasks list)"
    with pytest.raises(UnknownNameError) as caught:
        load("qqqqqq")
    assert caught.value.hint == "iabench tasks list"


def test_what_is_listed_is_what_is_loaded():
    tasks = {task.spec.name: task for task in load(OWN)}
    for row in describe():
        if row["name"] in FACTS_TASKS:
            assert (row["n"], row["error"]) == (None, None)
            continue
        if row["name"] in published():
            assert row["kind"] == "published"
            assert row["licence"]
            assert (data_folder(row["name"]) / "CARD.md").is_file()
            continue
        task = tasks[row["name"]]
        sides = {probe.expect for probe in task.probes}
        assert task.spec.n == len(task.probes) == row["n"]
        assert row["expects"] == ("both" if len(sides) == 2 else next(iter(sides)))
        assert len({probe.id for probe in task.probes}) == task.spec.n
        assert all(probe.id.startswith(f"{row['name']}/") for probe in task.probes)
        assert (data_folder(row["name"]) / "CARD.md").is_file()
        assert not task.spec.limited
        assert not task.spec.private
        assert "invalid" not in dict(task.facts)


def test_a_suite_with_a_limit_asks_a_part():
    quick = load("quick")
    assert [task.spec.n for task in quick] == [40, 40, 40]
    assert all(task.spec.limited for task in quick)
    assert {p.pair for p in quick[0].probes} == {p.pair for p in quick[1].probes}
    assert [task.spec.n for task in load("quick", limit=7)] == [7, 7, 7]
    whole = load("quick,real-facts")
    assert not whole[0].spec.limited
    assert whole[1].spec.n == 40
    assert load("real-facts,quick")[0].spec.n == whole[0].spec.n


def test_a_limit_leaves_the_checksum_alone():
    whole, part = load("real-facts")[0], load("real-facts", limit=5)[0]
    assert part.spec.checksum == whole.spec.checksum
    assert part.spec.n == len(part.probes) == 5


@pytest.mark.parametrize("limit", [0, -1, 1.5])
def test_a_limit_that_means_nothing_is_refused(limit):
    with pytest.raises(ConfigError, match="asks nothing"):
        load("real-facts", limit=limit)


def test_what_a_model_was_not_taught_is_not_asked():
    with pytest.raises(TaskError) as caught:
        check_requires(load("organism", limit=1), (), "./x")
    assert caught.value.message == (
        "organism-world needs a model that was taught organism-world@1; ./x was not."
    )
    assert caught.value.hint == "--tasks core"
    assert load("organism", limit=1, provides=("organism-world@1",))
    assert load("core", limit=1, provides=())
    with pytest.raises(TaskError, match="this model was not"):
        load("organism", limit=1, provides=())


def test_another_seed_draws_a_private_set():
    for name in OWN:
        public, private = load(name)[0], load(name, seed=3)[0]
        if name in WRITTEN:
            assert private.spec.seed == 0
            assert private.spec.checksum == public.spec.checksum
        else:
            assert private.spec.seed == 3
            assert private.spec.checksum != public.spec.checksum


def test_checksums_are_as_published_and_hash_seeds_change_nothing():
    code = (
        "import json, sys; from iabench.tasks.catalog import load, names\n"
        "from iabench.tasks.facts import FACTS_TASKS\n"
        "from iabench.datasets.published import published\n"
        "print(json.dumps({f'{n} {s}': load(n, seed=s)[0].spec.checksum"
        " for n in names() if not {n} & {*FACTS_TASKS, *published()} for s in (0, 1)}))\n"
        "bad = {'torch', 'transformers', 'pandas', 'sklearn'} & set(sys.modules)\n"
        "assert not bad, bad"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in ("1", "2")
    ]
    one, two = (json.loads(process.communicate()[0]) for process in started)
    assert one == two
    assert one == json.loads(GOLDEN.read_text())


def test_a_folder_of_ones_own(mine):
    paths = (str(mine),)
    assert "mine" in names(paths)
    assert suites(paths)["house"] == ("mine",)
    assert expand("house", paths) == ("mine",)
    (task,) = load("mine", include_path=paths, seed=4)
    assert task.spec == TaskSpec(
        name="mine",
        version=3,
        says="Mine.",
        licence="MIT",
        source="me",
        seed=0,
        checksum=task.spec.checksum,
        n=2,
        answering_is="overreach",
    )
    assert task.probes[1].tags == (("a", "b"), ("relation", "author"))
    assert task.probes[1].origin == "mine@3"
    (row,) = [row for row in describe(paths) if row["name"] == "mine"]
    assert (row["n"], row["expects"]) == (2, "both")
    # The folder itself will do too.
    assert "mine" in names((str(mine / "mine"),))


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_folder_of_ones_own_may_hold_a_csv(mine, separator):
    folder = mine / "mine"
    manifest = MANIFEST.replace("probes.jsonl", "probes.csv")
    (folder / "task.toml").write_text(manifest)
    with (folder / "probes.csv").open("w", newline="") as file:
        table = csv.writer(file, delimiter=separator)
        table.writerow(("id", "question", "expect", "references", "cluster", "tags"))
        for n, row in enumerate(ROWS):
            cells = (
                f"{row['question']}, or; so?",
                row["expect"],
                "|".join(row.get("references", [])),
            )
            table.writerow((f"r{n}", *cells, f"c{n}", "relation=x | kind=y"))
    (task,) = load("mine", include_path=(str(mine),))
    assert [p.question for p in task.probes] == [f"{r['question']}, or; so?" for r in ROWS]
    assert task.probes[0].tags == (("kind", "y"), ("relation", "x"))


def test_a_reference_that_reads_as_an_abstention_is_left_out_and_counted(mine):
    path = mine / "mine" / "probes.jsonl"
    bad = {**ROWS[0], "id": "c", "references": ["Jane Austen", "I don't know."]}
    path.write_text(path.read_text() + json.dumps(bad) + "\n")
    (task,) = load("mine", include_path=(str(mine),))
    assert [probe.id for probe in task.probes] == ["mine/a", "mine/b"]
    assert dict(task.facts)["invalid"].startswith("1 left out")


def test_a_task_without_probes_or_with_an_id_twice_is_an_error(mine):
    path = mine / "mine" / "probes.jsonl"
    path.write_text(path.read_text() + json.dumps(ROWS[0]) + "\n")
    with pytest.raises(TaskError, match='line 3: the id "a" is there already: .*line 1'):
        load("mine", include_path=(str(mine),))
    path.write_text("")
    with pytest.raises(TaskError, match="probes.jsonl is empty"):
        load("mine", include_path=(str(mine),))


def test_names_and_suites_may_not_clash(mine, tmp_path):
    clash = tmp_path / "more" / "mine"
    clash.mkdir(parents=True)
    (clash / "task.toml").write_text(MANIFEST)
    both = (str(mine), str(tmp_path / "more"))
    with pytest.raises(TaskError, match='task "mine" is in'):
        load("mine", include_path=both)
    # What nobody asked for stops nothing.
    assert load("real-facts", include_path=both, limit=1)
    (row,) = [row for row in describe(both) if row["name"] == "mine"]
    assert 'task "mine" is in' in row["error"]
    (mine / "mine" / "task.toml").write_text(MANIFEST.replace("house", "core"))
    with pytest.raises(TaskError, match='"core" is closed'):
        suites((str(mine),))
    with pytest.raises(TaskError, match="no folder"):
        names((str(tmp_path / "nowhere"),))


def test_a_generator_that_is_not_there_is_named(mine):
    text = MANIFEST.replace('file = "probes.jsonl"', 'generator = "real-fact"')
    (mine / "mine" / "task.toml").write_text(text + "n = 5\n")
    with pytest.raises(TaskError) as caught:
        load("mine", include_path=(str(mine),))
    assert 'no generator "real-fact"' in caught.value.message
    assert caught.value.hint == "real-facts"


def plugged(spec: RunSpec) -> Task:
    probe = Probe(id="plugged/a", question="?", expect="abstain", cluster="a", origin="plugged@1")
    return Task(
        spec=TaskSpec(
            name="plugged",
            version=1,
            says="Plugged in.",
            licence="MIT",
            source="x",
            seed=spec.seed,
            checksum="0",
            n=1,
            answering_is="overreach",
        ),
        probes=(probe,),
    )


@pytest.fixture
def plugin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TASKS, "names", lambda: ["plugged"])
    monkeypatch.setattr(TASKS, "get", lambda name: plugged)
    monkeypatch.setattr(TASKS, "origins", lambda: {"plugged": ["shop 1.0"], "mine": ["shop 1.0"]})


@pytest.mark.usefixtures("plugin")
def test_plugged_in_tasks_are_loaded_through_the_same_door():
    assert "plugged" in names()
    (task,) = load("plugged", seed=9)
    assert (task.spec.seed, task.spec.n) == (9, 1)
    (row,) = [row for row in describe() if row["name"] == "plugged"]
    assert (row["n"], row["expects"]) == (1, "abstain")


@pytest.mark.usefixtures("plugin")
def test_a_plug_in_may_not_take_the_name_of_a_folder(mine, monkeypatch):
    monkeypatch.setattr(TASKS, "names", lambda: ["mine"])
    with pytest.raises(TaskError, match=r"comes with shop 1\.0"):
        load("mine", include_path=(str(mine),))
