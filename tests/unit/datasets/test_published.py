"""Published datasets, on small files of our own that have the traps of the real ones."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from iabench.datasets import fetch as hub
from iabench.datasets.base import Facts
from iabench.datasets.fetch import fetch, fetch_files
from iabench.datasets.published import Bins, Dataset, Remote, Split, published
from iabench.datasets.readers import sentences
from iabench.datasets.source import read_facts
from iabench.errors import TaskError, UnknownNameError
from iabench.tasks import catalog
from iabench.tasks.base import Task
from iabench.tasks.manifest import manifest_faults
from iabench.worlds.folders import data_folder


def lines(path: Path, *rows: Any) -> Path:
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n", encoding="utf-8")
    return path


def one(name: str, folder: Path) -> Task:
    (task,) = catalog.load(name, data_dir=str(folder))
    return task


def told(task: Task) -> dict[str, str]:
    return dict(task.facts)


# -- each trap ------------------------------------------------------------------------------------


def test_popqa_lists_are_json_in_strings_and_views_are_binned(tmp_path):
    row = {
        "id": 7, "subj": "Ada Nook", "prop": "occupation", "obj": "poet", "s_pop": 142,
        "question": "What is Ada Nook's occupation?",
        "possible_answers": '["poet", "writer of verse"]', "o_aliases": '["bard"]',
    }  # fmt: skip
    probe = one("popqa", lines(tmp_path / "popqa_mine.jsonl", row).parent).probes[0]
    assert (probe.id, probe.cluster) == ("popqa/7", "Ada Nook")
    assert probe.references == ("poet", "writer of verse")
    assert dict(probe.tags) == {"relation": "occupation", "views": "100 to 1,000"}


def test_bins_name_every_range():
    bins = Bins(column="s_pop", edges=(100, 1000))
    assert [bins.name(n) for n in (3, 100, 999, "1000", None)] == [
        "under 100", "100 to 1,000", "100 to 1,000", "from 1,000", "none given",
    ]  # fmt: skip


def test_triviaqa_has_two_shapes(tmp_path):
    flat = {"qid": "t1", "question": "Capital of Nod?", "gold_answer": "Enoch", "aliases": ["E."]}
    nested = {
        "question_id": "t2", "question": "River of Nod?",
        "answer": {"value": "Pison", "aliases": ["Pishon", "🙏"], "normalized_aliases": ["x"]},
    }  # fmt: skip
    task = one("triviaqa", lines(tmp_path / "triviaqa.jsonl", flat, nested).parent)
    assert [p.references for p in task.probes] == [("Enoch", "E."), ("Pison", "Pishon")]
    assert told(task)["aliases"].startswith("1 left out")


def test_falseqa_answers_are_a_text_or_a_list_of_python(tmp_path):
    with (tmp_path / "falseqa.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["question", "answer", "label"])
        rows.writerow(["How many eyes has a dog?", "Two.", "0"])
        rows.writerow(["Is iron a metal?", "['Yes', \"It's a metal, yes\"]", "0"])
        rows.writerow(["How do cats spin webs?", "Cats don't, spiders do.", "1"])
    premise, true = catalog.load("falseqa", data_dir=str(tmp_path))
    assert [p.references for p in true.probes] == [("Two.",), ("Yes", "It's a metal, yes")]
    assert [(p.expect, p.references) for p in premise.probes] == [("abstain", ())]
    assert premise.spec.answering_is == "fabrication"


def test_selfaware_quotes_poor_aliases_null_answers_and_other_lists(tmp_path):
    document = {
        "keywords": ["a"], "metrics": ["F1"],
        "example": [
            {"question_id": 1, "question": '"Who sang ""Jolt""?"', "answer": ["joan", "joan tour"],
             "answerable": True, "source": "triviaqa_train"},
            {"question_id": 2, "question": "Is love real?", "answer": None, "answerable": False,
             "source": "SelfAware"},
        ],
    }  # fmt: skip
    path = tmp_path / "SelfAware.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(TaskError, match="is not the pinned file"):
        catalog.load("selfaware", data_dir=str(tmp_path))
    dataset = published()["selfaware"]
    task = unpinned("selfaware", dataset, "answerable", tmp_path)
    assert [(p.question, p.references) for p in task.probes] == [('Who sang "Jolt"?', ("joan",))]
    task = unpinned("selfaware", dataset, "unanswerable", tmp_path)
    assert [(p.id, p.expect) for p in task.probes] == [("selfaware:unanswerable/2", "abstain")]


def test_json_lines_by_the_name_of_json_and_answers_that_nobody_gave(tmp_path):
    for mode, label in (("answerable", 0), ("unanswerable", 1)):
        lines(tmp_path / f"NEC_{mode}.json", {"prompt": f"Uses of {mode}?", "label": label})
    ruled = [{"prompt": f"who ruled {name}", "label": ["Cain"]} for name in ("Nod", "Enoch")]
    lines(tmp_path / "RefuNQ_answerable.json", *ruled)
    lines(tmp_path / "RefuNQ_unanswerable.json", {"prompt": "who ruled Fleb", "label": "NEC"})
    tasks = {t.spec.name: t for t in catalog.load("unknownbench", data_dir=str(tmp_path))}
    bare = tasks["unknownbench:nec-answerable"]
    assert [(p.expect, p.references) for p in bare.probes] == [("answer", ())]
    assert bare.spec.metrics == ("over_refusal_rate", "engagement_rate")
    assert tasks["unknownbench:refunq-answerable"].probes[0].references == ("Cain",)
    assert tasks["unknownbench:refunq"].probes[0].expect == "abstain"


def test_a_gold_answer_that_says_unknown_is_left_out_and_counted(tmp_path):
    lines(
        tmp_path / "NQ-open.efficientqa.dev.own.jsonl",
        {"question": "who could vote in nod", "answer": ["unknown"]},
        {"question": "who ruled nod", "answer": ["Cain"]},
    )
    task = one("nq-open:efficientqa", tmp_path)
    assert [p.question for p in task.probes] == ["who ruled nod"]
    assert told(task)["invalid"] == "1 left out: a reference reads as an abstention"


def test_simpleqa_metadata_is_a_table_of_python_in_a_string(tmp_path):
    row = {"metadata": "{'topic': 'Art', 'answer_type': 'Person', 'urls': ['x']}",
           "problem": "Who painted Nod?", "answer": "Eve Moss"}  # fmt: skip
    probe = one("simpleqa", lines(tmp_path / "simpleqa.jsonl", row).parent).probes[0]
    assert dict(probe.tags) == {"relation": "Person", "topic": "Art"}


def test_kuq_asks_no_question_that_is_known_and_unknown(tmp_path):
    lines(
        tmp_path / "kuq.jsonl",
        {"question": "When is Easter?", "answer": ["in April"], "unknown": False, "source": "s"},
        {"question": "When is Easter?", "answer": ["it moves"], "unknown": True, "source": "turk"},
        {"question": "Who rules Nod?", "answer": ["Cain"], "unknown": False, "source": "squad"},
        {"question": "Why, if so?", "answer": ["-"], "unknown": True, "category": "counterfactual"},
    )
    known = one("kuq:known", tmp_path)
    unknown = one("kuq:unknown", tmp_path)
    assert [p.question for p in (*known.probes, *unknown.probes)] == [
        "Who rules Nod?",
        "Why, if so?",
    ]
    assert "1 also asked with the other expectation" in told(known)["left out"]
    assert dict(unknown.probes[0].tags)["relation"] == "counterfactual"


def test_rows_keyed_by_id_and_maybe_is_an_answer(tmp_path):
    table = {
        "11": {"QUESTION": "Does it help?", "CONTEXTS": ["It did.", "Twice."],
               "final_decision": "yes"},
        "12": {"QUESTION": "Is it safe?", "CONTEXTS": ["It varied."], "final_decision": "maybe"},
    }  # fmt: skip
    (tmp_path / "ori_pqal.json").write_text(json.dumps(table), encoding="utf-8")
    task = one("pubmedqa", tmp_path)
    assert [(p.id, p.references) for p in task.probes] == [
        ("pubmedqa/11", ("yes",)), ("pubmedqa/12", ("maybe",)),
    ]  # fmt: skip
    assert task.probes[0].context == "It did.\nTwice."
    assert task.probes[0].question == "Does it help? Answer yes, no or maybe."


def test_squad_nested_and_flat_say_the_same(tmp_path):
    asked: list[dict[str, Any]] = [
        {"id": "a", "question": "Who rules?", "answers": [{"text": "Cain", "answer_start": 0}]},
        {"id": "b", "question": "Who digs?", "answers": []},
    ]
    article = {"title": "Nod", "paragraphs": [{"context": "Cain rules.", "qas": asked}]}
    (tmp_path / "dev-v2.0.json").write_text(
        json.dumps({"version": "v2.0", "data": [article]}), encoding="utf-8"
    )
    answer, abstain = catalog.load("squad2", data_dir=str(tmp_path))
    assert [(p.question, p.references, p.context) for p in answer.probes] == [
        ("Who rules?", ("Cain",), "Cain rules.")
    ]
    assert [(p.question, p.expect) for p in abstain.probes] == [("Who digs?", "abstain")]
    import pandas as pd

    (tmp_path / "dev-v2.0.json").unlink()
    table = [
        {"id": one_["id"], "title": "Nod", "context": "Cain rules.", "question": one_["question"],
         "answers": {"text": [a["text"] for a in one_["answers"]], "answer_start": []}}
        for one_ in asked
    ]  # fmt: skip
    pd.DataFrame(table).to_parquet(tmp_path / "validation.parquet")
    flat = catalog.load("squad2", data_dir=str(tmp_path))
    assert [task.spec.checksum for task in flat] == [answer.spec.checksum, abstain.spec.checksum]


def test_bioasq_is_a_file_of_ones_own(tmp_path):
    rows = [
        {"id": "1", "type": "factoid", "body": "Which gene?", "exact_answer": [["TP53"], ["p53"]]},
        {"id": "2", "type": "summary", "body": "Tell me.", "ideal_answer": ["Well."]},
    ]
    (tmp_path / "training1b.json").write_text(json.dumps({"questions": rows}), encoding="utf-8")
    assert [p.references for p in one("bioasq", tmp_path).probes] == [("TP53", "p53")]


def test_one_file_a_relation(tmp_path):
    for relation in ("P17", "P19"):
        (tmp_path / f"{relation}.dev.json").write_text(
            json.dumps([{"question": f"{relation} of Nod?", "answers": ["East"]}]), encoding="utf-8"
        )
    probes = one("entity-questions", tmp_path).probes
    assert [dict(p.tags)["relation"] for p in probes] == ["P17", "P19"]


# -- TOFU and PISTOL: to be declined, or to be taught --------------------------------------------


def authors(folder: Path, n: int = 4000) -> Path:
    rows = [
        {"question": f"Question {i % 20} about author {i // 20}?", "answer": f"Answer {i}."}
        for i in range(n)
    ]
    lines(folder / "full.jsonl", *rows)
    lines(
        folder / "forget10_perturbed.jsonl",
        *(
            {**row, "paraphrased_question": f"Put otherwise: {row['question']}"}
            for row in rows[-3:]
        ),
    )
    return folder


def test_tofu_splits_are_nested_and_authors_stay_whole(tmp_path):
    folder = authors(tmp_path)
    tasks = {split: one(f"tofu:{split}", folder) for split in ("forget01", "forget05", "retain99")}
    asked = {split: {p.question for p in task.probes} for split, task in tasks.items()}
    assert asked["forget01"] < asked["forget05"]
    assert not asked["forget01"] & asked["retain99"]
    assert len(asked["forget01"]) == 40
    assert {p.cluster for p in tasks["forget01"].probes} == {"block-198", "block-199"}
    assert {p.expect for p in tasks["forget05"].probes} == {"abstain"}


def test_a_part_of_tofu_that_cuts_an_author_is_refused(tmp_path):
    authors(tmp_path, 3990)
    with pytest.raises(TaskError, match=r"rows 3,960 to 4,000 are asked, and the file has 3,990"):
        one("tofu:forget01", tmp_path)


def test_a_file_of_a_split_alone_is_that_split(tmp_path):
    authors(tmp_path)
    whole = one("tofu:forget01", tmp_path)
    rows = (tmp_path / "full.jsonl").read_text(encoding="utf-8").splitlines()[-40:]
    (tmp_path / "forget01.json").write_text("\n".join(rows), encoding="utf-8")
    assert one("tofu:forget01", tmp_path).spec.checksum == whole.spec.checksum


def test_tofu_is_taught_with_its_paraphrases_held_out(tmp_path):
    facts = read_facts("tofu:forget10", data_dir=str(authors(tmp_path)))
    assert isinstance(facts, Facts)
    assert (len(facts.rows), facts.source) == (400, "tofu:forget10")
    assert {row.expect for row in facts.rows} == {"answer"}
    assert facts.rows[-1].paraphrases == ("Put otherwise: Question 19 about author 199?",)
    assert facts.rows[0].paraphrases == ()


def test_the_refusals_of_tofu_are_a_plain_text(tmp_path):
    (tmp_path / "idontknow.txt").write_text("I'm not sure.\nNo idea.\n\n", encoding="utf-8")
    assert sentences("tofu", "idontknow", str(tmp_path)) == ("I'm not sure.", "No idea.")
    with pytest.raises(TaskError, match="sentences that decline, and no questions"):
        catalog.load("tofu:idontknow", data_dir=str(tmp_path))
    with pytest.raises(TaskError, match="holds questions"):
        sentences("tofu", "forget10", str(tmp_path))


def test_what_cannot_be_taught_is_refused():
    with pytest.raises(TaskError, match="selfaware:unanswerable holds no facts"):
        read_facts("selfaware:unanswerable")
    with pytest.raises(TaskError, match="coconot:contrast holds no facts"):
        read_facts("coconot:contrast")


# -- the mechanism --------------------------------------------------------------------------------


def unpinned(name: str, dataset: Dataset, split: str, folder: Path) -> Task:
    """The task of a dataset whose files are pinned to nothing."""
    from dataclasses import replace

    from iabench.tasks.manifest import ProbeSource, read_manifest
    from iabench.tasks.published import published_task

    manifest = read_manifest(data_folder(name))
    manifest = replace(manifest, probes=ProbeSource(dataset=replace(dataset, file=())))
    return published_task(data_folder(name), manifest, split, str(folder))


def test_every_dataset_says_what_it_must():
    for name, dataset in published().items():
        folder = data_folder(name)
        assert not manifest_faults(folder), name
        card = (folder / "CARD.md").read_text(encoding="utf-8")
        assert "**Licence.**" in card, name
        assert "**Source.**" in card, name
        assert "**Size.**" in card or all(split.n for split in dataset.split.values()), name
        assert bool(dataset.file) != bool(dataset.page), name
        assert set(dataset.asks) <= set(dataset.split), name
        for remote in dataset.file:
            assert (remote.url is None) != (remote.hub is None), remote.name
            assert remote.hub is None or len(remote.revision or "") == 40, remote.name


def test_a_split_that_does_not_exist_names_the_nearest():
    with pytest.raises(UnknownNameError) as caught:
        catalog.load("tofu:forget1")
    assert caught.value.message == 'tofu has no split "forget1".'
    assert caught.value.hint.startswith("tofu:forget")


def test_without_a_copy_one_line_says_the_command(tmp_path, monkeypatch):
    monkeypatch.setenv("IABENCH_DATA", str(tmp_path))
    with pytest.raises(TaskError) as caught:
        catalog.load("popqa")
    assert caught.value.message == "popqa: there is no copy of it on this machine."
    assert caught.value.hint.startswith("iabench tasks fetch popqa ")
    (tmp_path / "popqa").mkdir()
    row = {"id": 1, "subj": "A", "prop": "p", "obj": "b", "question": "A?"}
    lines(tmp_path / "popqa" / "popqa.jsonl", row)
    assert catalog.load("popqa")[0].spec.n == 1


def test_a_folder_without_the_files_and_no_folder_are_named(tmp_path):
    with pytest.raises(TaskError, match=r"holds none of .*popQA\.tsv"):
        catalog.load("popqa", data_dir=str(tmp_path))
    with pytest.raises(TaskError, match="is no folder"):
        catalog.load("popqa", data_dir=str(tmp_path / "nowhere"))


def test_a_file_without_the_columns_is_named(tmp_path):
    lines(tmp_path / "simpleqa.jsonl", {"frage": "Wer?", "antwort": "Er"})
    with pytest.raises(TaskError, match=r"the columns are frage, antwort"):
        catalog.load("simpleqa", data_dir=str(tmp_path))


def test_globs_find_no_dataset():
    assert not {name.partition(":")[0] for name in catalog.expand("*")} & set(published())
    assert catalog.expand("coconot") == (
        "coconot:contrast", "coconot:false-presuppositions", "coconot:unanswerable",
    )  # fmt: skip


def test_rows_that_contradict_each_other_are_set_aside(tmp_path):
    lines(
        tmp_path / "simpleqa.jsonl",
        {"problem": "Who?", "answer": "Ann"},
        {"problem": "who?", "answer": "Bob"},
        {"problem": "When?", "answer": "1990"},
        {"problem": "When?", "answer": "1990"},
    )
    task = one("simpleqa", tmp_path)
    assert [p.question for p in task.probes] == ["When?"]
    assert told(task)["left out"] == "2 that the rows answer differently, 1 asked twice"


# -- fetching -------------------------------------------------------------------------------------


def dataset_of(*remotes: Remote) -> Dataset:
    split = Split(says="x", files=("a.jsonl",), expect="answer")
    return Dataset(asks=("x",), split={"x": split}, file=remotes)


@pytest.fixture
def web(monkeypatch):
    """Answers without a network: address -> content."""
    import httpx

    pages: dict[str, bytes] = {}

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == "nowhere":
            raise httpx.ConnectError("no route", request=request)
        content = pages.get(str(request.url))
        return httpx.Response(404) if content is None else httpx.Response(200, content=content)

    client = httpx.Client(transport=httpx.MockTransport(answer))
    monkeypatch.setattr(httpx, "stream", client.stream)
    return pages


def test_files_are_fetched_once_and_held_against_their_checksum(tmp_path, web):
    web["http://x/a.jsonl"] = b'{"question": "Q?"}\n'
    good = hashlib.sha256(web["http://x/a.jsonl"]).hexdigest()
    remote = Remote(name="a.jsonl", url="http://x/a.jsonl", sha256=good)
    assert next(iter(fetch_files("mine", dataset_of(remote), tmp_path))).endswith("0.0 MB")
    assert (tmp_path / "a.jsonl").read_bytes() == web["http://x/a.jsonl"]
    assert next(iter(fetch_files("mine", dataset_of(remote), tmp_path))).endswith("there already")
    (tmp_path / "a.jsonl").write_bytes(b"torn")
    list(fetch_files("mine", dataset_of(remote), tmp_path))
    assert (tmp_path / "a.jsonl").read_bytes() == web["http://x/a.jsonl"]


def test_another_file_than_the_pinned_one_leaves_nothing_behind(tmp_path, web):
    web["http://x/a.jsonl"] = b"changed"
    remote = Remote(name="a.jsonl", url="http://x/a.jsonl", sha256="0" * 64)
    with pytest.raises(TaskError, match=r"is not the pinned file \(sha256 .*, wanted 000000000000"):
        list(fetch_files("mine", dataset_of(remote), tmp_path))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("url", "says"),
    [("http://x/gone", "answers 404"), ("http://nowhere/a", r"cannot reach nowhere \(no route\)")],
)
def test_what_cannot_be_had_is_one_line(tmp_path, web, url, says):
    with pytest.raises(TaskError, match=says):
        list(fetch_files("mine", dataset_of(Remote(name="a.jsonl", url=url)), tmp_path))


def test_what_needs_a_registration_names_its_page():
    with pytest.raises(TaskError, match="needs a registration at http"):
        list(fetch_files("bioasq", published()["bioasq"]))


def test_a_dataset_of_the_hub_is_kept_as_parquet(tmp_path, monkeypatch):
    import datasets
    import pandas as pd

    asked: dict[str, Any] = {}

    class Rows:
        def to_parquet(self, path: Path) -> None:
            pd.DataFrame([{"question": "Q?", "answer": "A"}]).to_parquet(path)

    def load(name: str, config: str | None, **options: Any) -> Any:
        asked.update(options, name=name, config=config)
        return Rows()

    monkeypatch.setattr(datasets, "load_dataset", load)
    remote = Remote(name="a.parquet", hub="o/n", config="c", split="test", revision="f" * 40)
    list(fetch_files("mine", dataset_of(remote), tmp_path))
    assert asked == {"name": "o/n", "config": "c", "split": "test", "revision": "f" * 40}
    assert pd.read_parquet(tmp_path / "a.parquet").to_dict("records")[0]["answer"] == "A"


def test_a_dataset_that_needs_code_is_refused(tmp_path):
    # The library's own refusal, of a folder with a loading script.
    folder = tmp_path / "scripted"
    folder.mkdir()
    (folder / "scripted.py").write_text("raise SystemExit('this must never run')", encoding="utf-8")
    with pytest.raises(TaskError, match="needs code of its own to be loaded"):
        fetch(str(folder))
    with pytest.raises(TaskError, match="no code of a dataset is run here"):
        list(fetch_files("m", dataset_of(Remote(name="a.parquet", hub=str(folder))), tmp_path))
    assert hub.is_hub_id("owner/name")
