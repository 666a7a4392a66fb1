from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import pytest

from iabench.reports import html, words
from iabench.reports.answers import CODES
from iabench.reports.loading import load
from iabench.reports.shown import visible
from iabench.reports.view import View
from tests.unit.reports.hostile_strings import HOSTILE
from tests.unit.reports.pages import Parsed, answers
from tests.unit.reports.report_runs import build, samples


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> View:
    return load(build(tmp_path_factory.mktemp("page") / "run", "inventive"))


@pytest.fixture(scope="module")
def page(view: View) -> str:
    return html.page(view)


def part(page: str, name: str) -> str:
    after = page.split(f'<section id="{name}">')[1]
    return re.split(
        r'<section id="(?:parts|estimates|plane|outcomes|detector|answers|card)">|<footer>', after
    )[0]


def test_it_is_one_file_that_asks_for_nothing(page: str) -> None:
    parsed = Parsed(page)
    assert not {"link", "img", "iframe", "object", "embed", "form"} & {
        tag for tag, _ in parsed.tags
    }
    scripts = [attrs for tag, attrs in parsed.tags if tag == "script" and attrs]
    assert {attrs["type"] for attrs in scripts} == {"application/json", "text/plain"}
    links = {attrs["href"] for tag, attrs in parsed.tags if "href" in attrs}
    beside = {"results.csv", "results.json", "results.md"}
    assert beside <= links
    assert all(link and link.startswith("#") for link in links - beside)
    assert not re.search(r"url\((?!#)|@import", page)
    targets = {attrs.get("id") for _, attrs in parsed.tags}
    assert {str(link)[1:] for link in links - beside} <= targets


def test_the_policy_lets_only_its_own_script_run(page: str) -> None:
    import base64
    import hashlib

    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    assert len(scripts) == 1
    digest = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    policy = next(
        attrs["content"] or ""
        for tag, attrs in Parsed(page).tags
        if attrs.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy.startswith("default-src 'none';")
    assert f"script-src 'sha256-{digest}'" in policy
    assert "unsafe-eval" not in policy
    assert policy.count("unsafe-inline") == 1
    # It stands before anything that it is to hold.
    assert page.index("Content-Security-Policy") < page.index("<style")


def test_every_estimate_of_results_json_stands_on_the_page(view: View, page: str) -> None:
    results = json.loads((view.path / "results.json").read_text())
    text = part(page, "estimates")
    rows = re.findall(
        r'<tr[^>]*><th scope="row">([^<]*?)(?: <span class="muted">([^<]*)</span>)?</th>'
        r'<td class="num">([^<]*)</td><td>.*?</td><td[^>]*>([^<]*)</td><td class="num">([^<]*)</td>'
        r'<td class="num">([^<]*)</td>',
        text,
    )
    wanted = sorted(
        (
            one["task"],
            "" if one["slice"] == "all" else one["slice"].replace("=", " "),
            words.number(one["value"], 3),
            f"[{words.number(one['lo'], 3)}, {words.number(one['hi'], 3)}]",
            f"{one['n']:,}",
            str(one["n_undecided"]),
        )
        for one in results["estimates"]
        if one["value"] is not None
    )
    assert sorted(rows) == wanted
    without = [one for one in results["estimates"] if one["value"] is None]
    assert without
    assert text.count("No value for ") == 1
    said = re.findall(r'<p class="without">No value for (.*?): (.*?)\.</p>', text)
    assert said == [(", ".join(one["task"] for one in without), without[0]["reason"])]


def test_variants_stand_folded_beside_the_slices(tmp_path: Path) -> None:
    folder = build(tmp_path / "run", sizes={"real-facts": 40})
    results = json.loads((folder / "results.json").read_text())
    plain = next(one for one in results["estimates"] if one["metric"] == "accuracy")
    results["estimates"].append(plain | {"variant": "leave-one-relation-out", "value": 0.123})
    (folder / "results.json").write_text(json.dumps(results))
    folded = part(html.page(load(folder)), "estimates").split(
        "<summary>by relation, wording, leave one relation out"
    )
    assert len(folded) == 2
    assert "0.123" not in folded[0]
    assert "0.123" in folded[1]


def test_every_count_of_results_json_stands_on_the_page(view: View, page: str) -> None:
    text = part(page, "outcomes")
    for side, key in (("an answer", "answerable"), ("“I don&#39;t know”", "unanswerable")):
        for task, found in json.loads((view.path / "results.json").read_text())["outcomes"].items():
            counts = found[key]
            if not counts["n"]:
                continue
            row = re.search(
                rf'<th scope="row">{task}</th><td class="muted once">{side}</td>(.*?)</tr>', text
            )
            assert row, (task, side)
            cells = re.findall(r'<td class="num">(.*?)</td>', row[1])
            shown = [name for name in words.OUTCOMES if getattr(view.total, name)]
            assert cells == [
                *(str(counts[n]) if counts[n] else "·" for n in shown),
                str(counts["n"]),
            ]


def test_the_top_says_sentence_numbers_and_examples(view: View, page: str) -> None:
    text = Parsed(page.split('<section id="estimates">')[0]).text
    assert words.reading(view).text in text
    refusal = view.estimate("refusal_accuracy")
    assert refusal is not None
    assert refusal.value is not None
    assert f"when it should{100 * refusal.value:.0f} %" in text
    assert f"of {view.total.n:,}" in text
    assert page.count('<div class="card ') == 3
    assert "iabench evaluate -C" in text


def test_every_probe_is_there_with_its_answer_and_verdict(view: View, page: str) -> None:
    texts, details, index = answers(page)
    assert len(texts) == len(details) == len(index["t"]) == len(view.samples)
    by_id = {row[0]: (row, told) for row, told in zip(texts, details, strict=True)}
    for sample in view.samples:
        (_, question, _, code, response), told = by_id[sample.id]
        assert (question, response) == (visible(sample.question), visible(sample.response or ""))
        assert code == CODES[words.outcome(sample)]
        assert told[-1] == ["probe", f"{sample.id} · " + " · ".join(map(" ".join, sample.tags))]
    told_all = "\n".join(text for told in details for _, text in told)
    for said in ("answers", "declines (ignorance)", "right: exact", "wrong: no alias found"):
        assert said in told_all
    options = [
        attrs["value"] for tag, attrs in Parsed(part(page, "answers")).tags if tag == "option"
    ]
    assert all(re.fullmatch(r"|\d+|[a-z]|long|short", option or "") for option in options)


def test_the_card_says_what_was_asked(view: View, page: str) -> None:
    text = Parsed(part(page, "card")).text
    for wanted in ("lexical", "certificate", "GeoNames", "AUROC 0.58", "3f9a2c", "torch 2.13.0",
                   "up to 128 tokens", "interval seed", "iabench evaluate --model ./acme-8b"):  # fmt: skip
        assert wanted in text or wanted == "lexical"


def test_a_doubtful_run_says_so_at_the_top(tmp_path: Path) -> None:
    folder = build(
        tmp_path / "run", sizes={"real-facts": 10, "invented-entities": 10}, limit=10, seed=5,
        run={"status": "interrupted", "notes": ["the machine was tired", "cut early"]}, notes=["cut early"],
    )  # fmt: skip
    view = load(folder)
    page = html.page(view)
    top = Parsed(page.split("<main>")[0]).text
    for caution in (*words.reading(view).cautions, "the machine was tired", "cut early"):
        assert caution in top
    assert top.count("cut early") == 1
    assert "private set, seed 5" in top
    assert 'class="cautions"' not in html.page(load(build(tmp_path / "fine", "careful")))


def test_rare_fields_are_shown(tmp_path: Path) -> None:
    lines = samples("careful", {"real-facts": 3, "invented-entities": 2})
    lines[0] |= {
        "system": "Be terse.",
        "context": "A passage.",
        "thinking": "Hmm.",
        "finish": "length",
    }
    lines[1] |= {
        "turns": [["user", "q1"], ["assistant", "a1"], ["user", "Are you sure?"], ["assistant", "a2"]],
        "finish": "error", "outcome": "undecided", "reason": "backend error", "verdicts": [],
    }  # fmt: skip
    lines[2] |= {
        "outcome": "incorrect",
        "references": ["The right one"],
        "tags": [["wording", "0"]],
    }
    view = load(build(tmp_path / "run", lines=lines, headline=None))
    page = html.page(view)
    texts, details, _ = answers(page)
    text = json.dumps([texts, details], ensure_ascii=False)
    for wanted in ("Be terse.", "A passage.", "Hmm.", "cut at the token limit", "Are you sure?",
                   "the harness failed", "backend error", "expected: The right one"):  # fmt: skip
        assert wanted in text
    assert "backend error" in Parsed(part(page, "detector")).text


def test_many_probes_stay_small_and_whole(tmp_path: Path) -> None:
    folder = build(
        tmp_path / "run", "inventive",
        sizes={"real-facts": 1500, "invented-entities": 1500, "fictional-people": 1000, "organism-world": 1000},
    )  # fmt: skip
    page = html.page(load(folder))
    assert [len(part) for part in answers(page)[:2]] == [5000, 5000]
    assert page.count('class="texts"') == 10
    assert len(page.encode()) < 3_000_000


def hostile_folder(path: Path, strings: Sequence[str]) -> Path:
    lines = []
    for number, text in enumerate(strings):
        line = samples("inventive", {"invented-entities": 1})[0]
        line |= {
            "id": f"t{number % 3}/{number}", "task": f"{strings[number % 3]}", "question": text,
            "response": text, "context": text or None, "system": text or None, "thinking": text or None,
            "references": [text], "cluster": text, "origin": text, "entities": [text],
            "expect": "answer" if number % 2 else "abstain",
            "outcome": "incorrect" if number % 2 else "hallucinated",
            "tags": [["relation", text], [text or "key", text]], "kinds": [],
            "reason": text, "turns": [["user", text], ["assistant", text], [text, text]],
            "verdicts": [{"grader": text, "about": "abstained", "value": False, "kinds": [],
                          "reason": text + "!", "evidence": text + "?"}],
        }  # fmt: skip
        lines.append(line)
    folder = build(
        path, lines=lines, headline=strings[0], notes=list(strings),
        detector=strings[0], grader=strings[1],
        run={"notes": list(strings), "command": list(strings), "started": strings[0],
             "finished": strings[1], "iabench": strings[2],
             "packages": {text: text for text in strings}, "host": {text: text for text in strings},
             "seconds": dict.fromkeys(strings, 1.0), "tokens": dict.fromkeys(strings, 1)},
    )  # fmt: skip
    results = json.loads((folder / "results.json").read_text())
    for number, task in enumerate(results["tasks"]):
        text = strings[number]
        task |= {"says": text, "licence": text, "source": text, "checksum": text, "requires": text,
                 "facts": [[one, one] for one in strings]}  # fmt: skip
    for number, estimate in enumerate(results["estimates"]):
        text = strings[number % len(strings)]
        estimate |= {"variant": text, "method": text, "reason": text}
        if number % 5 == 0:
            estimate |= {"value": None, "bounds": None}
    (folder / "results.json").write_text(json.dumps(results))
    run = json.loads((folder / "run.json").read_text())
    run["model"] |= dict.fromkeys(("name", "revision", "architecture", "dtype", "quantize", "adapter", "weights"), strings[0])  # fmt: skip
    run["asked"] |= {"model": strings[0], "tasks": list(strings), "system_prompt": strings[1]}
    (folder / "run.json").write_text(json.dumps(run))
    return folder


STRINGS = tuple(text for text in HOSTILE if text)


def test_hostile_text_makes_no_element_and_no_attribute(tmp_path: Path) -> None:
    # The same run with harmless words in the same places has the same tags and attributes.
    harmless = tuple(f"word{i:03d}" for i in range(len(STRINGS)))
    hostile = html.page(load(hostile_folder(tmp_path / "hostile", STRINGS)))
    plain = html.page(load(hostile_folder(tmp_path / "plain", harmless)))
    found, wanted = Parsed(hostile), Parsed(plain)
    assert found.other == wanted.other == []

    def shape(parsed: Parsed) -> list[tuple[str, tuple[str, ...]]]:
        return sorted(one for one in parsed.shape if one[0] not in ("svg", "g", "path", "text"))

    assert shape(found) == shape(wanted)
    values = " ".join(
        value for tag, attrs in found.tags for name, value in attrs.items()
        if value and name not in ("content", "title")
    )  # fmt: skip
    assert "invalid" not in values
    assert "PWNED" not in values.upper()
    odd = {c for c in found.text if unicodedata.category(c) in ("Cc", "Cs", "Cn", "Zl", "Zp", "Cf")}
    assert odd <= {"\u200c", "\u200d"}
    said = "\n".join(row[1] for row in answers(hostile)[0])
    for text in STRINGS:
        assert visible(text)[:4000] in said
