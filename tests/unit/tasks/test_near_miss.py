"""Names that are nearly real ones, names of the second grammar, and what is shown of both."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rapidfuzz.distance import Levenshtein

import iabench
from iabench import jsonl
from iabench.cli.main import call
from iabench.reports import markdown, terminal
from iabench.reports.html import page
from iabench.reports.loading import load as view_of
from iabench.runs.compare import compare
from iabench.tasks.base import SMALL, checksum
from iabench.tasks.catalog import load
from iabench.tasks.generate import find_near
from iabench.worlds.folders import data_folder
from iabench.worlds.names import fold, purpose_of
from iabench.worlds.real import real_list, real_world


@pytest.mark.parametrize("seed", [0, 42])
def test_a_near_miss_has_one_neighbour_and_is_no_slip(seed: int) -> None:
    facts = {p.id.removeprefix("real-facts/"): p for p in load("real-facts")[0].probes}
    task = load("near-miss", seed=seed)[0]
    assert len({p.cluster for p in task.probes}) >= 200
    for probe in task.probes:
        kind, name = probe.tag("type") or "", probe.entities[0]
        real = real_list(kind).names
        ranked = sorted((Levenshtein.distance(fold(name), fold(one)), one) for one in real)
        (first, neighbour), (second, _) = ranked[:2]
        assert first < second, (name, ranked[:2])
        assert first >= 2
        assert 4 * first >= len(fold(name))
        assert not name.startswith(neighbour)
        assert not neighbour.startswith(name)
        assert purpose_of(kind, name) == "report"
        of = [p for p in facts.values() if p.entities == (neighbour,) and p.tag("type") == kind]
        mine = next(p for p in of if p.tag("relation") == probe.tag("relation"))
        assert probe.neighbour == mine.references
        relation = real_world().relation(mine.tag("relation") or "")
        ways = (*relation.wordings, *relation.training_wordings)
        assert probe.question in [way.format(subject=name) for way in ways]
        assert (probe.expect, probe.references, probe.pair) == ("abstain", (), None)


@pytest.mark.slow
def test_the_public_names_in_the_file_are_those_that_letters_give() -> None:
    rows = jsonl.read(data_folder("near-miss", "names.jsonl"))
    assert {(row["type"], row["name"]): row["near"] for row in rows} == find_near(0)


def test_seeds_share_no_near_miss() -> None:
    names = [{p.entities[0] for p in load("near-miss", seed=seed)[0].probes} for seed in (0, 42)]
    assert not names[0] & names[1]


def test_the_second_grammar_asks_the_same_of_other_names() -> None:
    first, second = (load(name)[0].probes for name in ("invented-entities", "invented-otherwise"))
    assert [p.tags for p in first] == [p.tags for p in second]
    assert not {p.entities for p in first} & {p.entities for p in second}
    for one, other in zip(first, second, strict=True):
        assert one.question.replace(one.entities[0], "X") == other.question.replace(
            other.entities[0], "X"
        )
        assert other.pair is None, "it is no twin of a known side"
        kind, name = other.tag("type") or "", other.entities[0]
        assert name.islower() == one.entities[0].islower()
        near = min(Levenshtein.distance(fold(name), fold(real)) for real in real_list(kind).names)
        assert near >= 2
        assert 4 * near >= len(fold(name))


def test_a_field_that_few_have_changes_no_checksum() -> None:
    (task,) = load("invented-entities")
    assert task.spec.checksum.startswith("9b070467bf0a")
    (near,) = load("near-miss")
    from dataclasses import replace

    bare = [replace(probe, neighbour=()) for probe in near.probes]
    assert checksum(bare) != near.spec.checksum


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("near")
    (task,) = load("near-miss")
    facts = {probe.question: probe.neighbour[0] for probe in task.probes[::2]}

    def parrot(messages: list[dict[str, str]]) -> str:
        return f"It is {facts.get(messages[-1]['content'], 'Blue')}."

    iabench.evaluate(parrot, tasks="near-miss,long-tail-facts", limit=60, out=folder / "a")
    iabench.evaluate(parrot, tasks="near-miss,long-tail-facts", limit=60, out=folder / "b")
    return folder


def test_who_gives_the_neighbours_fact_is_counted(run: Path) -> None:
    done = iabench.runs.run.load(run / "a")
    gave = done["neighbour_rate", "near-miss"]
    lines = done.samples(task="near-miss")
    given = [line["gave_neighbour"] for line in lines]
    assert gave.value == pytest.approx(sum(given) / len(given))
    assert 0.2 < (gave.value or 0) < 0.8
    for line in lines:
        assert line["gave_neighbour"] == (line["neighbour"][0] in line["response"]), line
    assert all(line["gave_neighbour"] is None for line in done.samples(task="long-tail-facts"))
    both = compare(run / "a", run / "b")
    assert both["neighbour_rate", "near-miss"].base == gave.value


def test_the_column_and_the_mark_stand_wherever_numbers_do(run: Path) -> None:
    view = view_of(run / "a")
    given = view.neighbours["near-miss"]
    text = terminal.render(view, width=100)
    head, *lines = text.splitlines()
    assert head.split()[-1] == "neighbour's"
    (line,) = [one for one in lines if one.strip().startswith("near-miss")]
    assert line.split()[5] == f"{100 * given / 60:.1f}"
    assert "long-tail-facts °" in text
    assert SMALL in text
    table = markdown.text(view)
    assert "gave the neighbour's fact" in table
    assert "| long\\-tail\\-facts ° |" in table
    assert SMALL in table
    shown = page(view)
    assert "gave the neighbour" in shown
    assert "long-tail-facts\u00a0°" in shown
    # Below the bars as well as below the table.
    assert shown.count(SMALL) == 2
    narrow = terminal.render(view, width=58)
    assert max(map(len, narrow.splitlines())) <= 100
    assert "*" in terminal.render(view, encoding="ascii")


def test_the_list_of_tasks_marks_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["tasks", "list"]) == 0
    said = capsys.readouterr().out
    assert "long-tail-facts °" in said
    assert SMALL in said
    assert call(["tasks", "show", "long-tail-facts", "--probes", "1"]) == 0
    assert SMALL in capsys.readouterr().out


def test_the_list_says_it_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    from iabench.tasks.describe import describe

    assert {task["name"] for task in describe() if task["diagnostic"]} == {
        "idk-permission",
        "invented-otherwise",
        "long-tail-facts",
        "subjective-questions",
        "underspecified-questions",
    }
    json.dumps(describe())
