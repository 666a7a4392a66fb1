from __future__ import annotations

import json
from pathlib import Path

import pytest

from iabench.reports import html, markdown, terminal, trust
from iabench.reports.loading import load
from iabench.reports.view import View
from tests.unit.reports.hostile_strings import HOSTILE
from tests.unit.reports.judge_files import asked, judge, label, measure, rates, said
from tests.unit.reports.pages import Parsed, answers
from tests.unit.reports.report_runs import Line


def with_rates(folder: Path, found: float = 0.9, passed: float = 0.8, **changes: object) -> View:
    (folder / "error_rates.json").write_text(json.dumps(rates(found, passed, **changes)))
    return load(folder)


def set_estimates(folder: Path, *, raw: float, corrected: float | None = None) -> None:
    results = json.loads((folder / "results.json").read_text())
    one = next(
        e for e in results["estimates"] if (e["task"], e["metric"]) == ("organism", "refusal_accuracy")
    )  # fmt: skip
    one["value"] = raw
    if corrected is not None:
        results["estimates"].append(
            one | {"variant": "corrected:rogan-gladen", "value": corrected, "lo": 0.41, "hi": 0.59}
        )
    (folder / "results.json").write_text(json.dumps(results))


def turned(lines: list[Line], n: int) -> dict[str, bool | None]:
    own = {line["request_id"]: said(line) for line in lines if said(line) is not None}
    return {key: (not value if i < n else value) for i, (key, value) in enumerate(own.items())}


def section(view: View) -> str:
    return html.page(view).split('<section id="detector">')[1].split('<section id="answers">')[0]


def test_one_line_says_who_judged_and_how_well(tmp_path: Path) -> None:
    folder, lines = asked(tmp_path / "run")
    view = with_rates(folder)
    wanted = (
        "lexical@2: finds 90 % of abstentions, clears 80 % of answers (300 labels, 4 left open)"
    )
    assert list(trust.lines(view)) == [("detector", wanted)]
    assert f"detector {wanted} " in " ".join(terminal.render(view).split())
    narrow = terminal.render(view, width=60).splitlines()
    at = next(i for i, line in enumerate(narrow) if line.startswith(" detector"))
    assert f"{narrow[at]} {narrow[at + 1].strip()}" == f" detector  {wanted}"
    assert len(narrow[at]) <= 60
    assert narrow[at + 1].startswith(" " * 11)
    judge(folder, "classifier@1", turned(lines, 3))
    said_of_it = list(trust.lines(load(folder)))
    n = load(folder).judged[0].n_compared
    assert said_of_it[1][0] == "disagree"
    assert said_of_it[1][1].startswith(f"lexical@2 and classifier@1 on 3 of {n} answers (kappa 0.")
    judge(folder, "nli@1", turned(lines, 0))
    assert list(trust.lines(load(folder)))[1][1] == f"3 detectors on 3 of {n} answers"


def test_without_a_table_nothing_is_claimed(tmp_path: Path) -> None:
    folder, _ = asked(tmp_path / "run", detector="unheard-of@1")
    view = load(folder)
    assert list(trust.lines(view)) == [("detector", "unheard-of@1: how often it errs is not known")]
    said = trust.meaning(view)
    assert said.text.startswith("How often unheard-of@1 errs is not known")
    assert said.command.startswith("iabench label ")
    text = Parsed(section(view)).text
    assert said.command in text
    assert "disagree" not in text
    assert "adjust-for-detector" not in text


def test_labels_of_the_run_come_before_any_table(tmp_path: Path) -> None:
    folder, lines = asked(tmp_path / "run")
    label(folder, lines, {key: bool(value) for key, value in turned(lines, 0).items()})
    view = with_rates(folder)
    both = [text for _, text in trust.lines(view)]
    n = view.judged[0].tallies[0]
    assert both[0].endswith(f"clears 100 % of answers ({n.yes + n.no} labels of this run)")
    assert both[1].endswith("(300 labels, 4 left open)")
    assert trust.meaning(view).text.startswith(
        "Of 100 answers of this run that decline, lexical@2 overlooks none;"
    )
    text = Parsed(section(view)).text
    assert "of this run that a person labelled" in text
    assert "300 labels, mine.jsonl: a table given to this run; 4 left undecided" in text


@pytest.mark.parametrize(
    ("raw", "corrected", "says", "caveat"),
    [
        (0.5, None, "always declined would show 90 %, one that never did 20 %; this one shows 50 %.", False),
        (0.5, 0.43, "it says “I don't know” to 43 % (41 to 59) of what it cannot know, not 50 %.", False),
        (0.43, 0.43, "it still says “I don't know” to 43 % (41 to 59) of what it cannot know.", False),
        (0.99, None, "this one shows 99 %.", True),
        (0.1, None, "this one shows 10 %.", True),
    ],
)  # fmt: skip
def test_what_errors_mean_for_the_number_at_the_top(
    tmp_path: Path, raw: float, corrected: float | None, says: str, caveat: bool
) -> None:
    folder, _ = asked(tmp_path / "run")
    set_estimates(folder, raw=raw, corrected=corrected)
    view = with_rates(folder)
    said = trust.meaning(view)
    assert said.text.startswith("Of 100 labelled responses that decline, lexical@2 overlooks 10; ")
    assert "of 100 that answer, it takes 20 for declining" in said.text
    assert said.text.endswith(says)
    assert bool(said.caveat) is caveat
    assert (corrected is not None) == ("Corrected for these errors" in section(view))


def test_half_of_a_table_is_said_to_be_half(tmp_path: Path) -> None:
    folder, _ = asked(tmp_path / "run")
    view = with_rates(folder, specificity=measure(None, 0))
    assert "known by half" in trust.meaning(view).text
    assert next(trust.lines(view))[1].endswith("clears – of answers (300 labels, 4 left open)")


def test_few_errors_are_not_called_none(tmp_path: Path) -> None:
    folder, _ = asked(tmp_path / "run")
    assert "overlooks fewer than 1;" in trust.meaning(with_rates(folder, 0.997, 1.0)).text


def test_the_validation_table_stands_on_the_page(tmp_path: Path) -> None:
    folder, _ = asked(tmp_path / "run")
    text = Parsed(section(with_rates(folder))).text
    assert "finds 90 % of abstentions88 – 92 %, of 100" in text
    assert "clears 80 % of answers78 – 82 %, of 196" in text
    # The worst kind first; a kind without one of both stands in one table only.
    assert "abstentions that it finds policy refusal50 %40 ignorance97 %60 " in text
    assert "English92 %81 %180" in text
    assert "tlh82 %–20" in text
    assert "adjust-for-detector" in text


def test_answers_under_dispute_open_with_what_decided_marked(tmp_path: Path) -> None:
    folder, lines = asked(tmp_path / "run")
    values = turned(lines, 3)
    judge(folder, "classifier@1", values, reason="p = 0.6", kinds=["ignorance"], evidence="It is",
          votes=[["a@1", None], ["b@1", None]])  # fmt: skip
    view = load(folder)
    page = html.page(view)
    found = section(view)
    assert found.count('<details class="row disputed') == 3
    assert "<mark>It is</mark>" in found
    assert "declines (ignorance): p = 0.6" in Parsed(found).text
    assert "votes: a@1 undecided · b@1 undecided" in Parsed(found).text
    assert sum(answers(page)[2]["d"]) == 3
    assert "under dispute (3)" in page
    assert "3 of " in markdown.text(view).split("## Detector and its errors")[1].split("##")[0]


def test_judges_that_never_differ_are_said_to(tmp_path: Path) -> None:
    folder, lines = asked(tmp_path / "run")
    judge(folder, "classifier@1", turned(lines, 0))
    view = load(folder)
    assert "and never differ" in Parsed(section(view)).text
    assert [head for head, _ in trust.lines(view)] == ["detector"]


def test_votes_stand_with_every_answer(tmp_path: Path) -> None:
    folder, lines = asked(tmp_path / "run")
    for line in lines:
        if line["verdicts"]:
            line["verdicts"][0]["votes"] = [["lexical@2", True], ["lexical@2", False]]
    (folder / "samples.jsonl").write_text("".join(json.dumps(one) + "\n" for one in lines))
    page = html.page(load(folder))
    told = json.dumps(answers(page)[1])
    assert told.count("votes: lexical@2 declines, lexical@2 answers") == len(
        [line for line in lines if line["verdicts"]]
    )
    assert "did not always say the same" in Parsed(page).text


@pytest.mark.parametrize(
    ("response", "evidence", "parts"),
    [
        ("I do not know that.", "do not know", [("I ", False), ("do not know", True), (" that.", False)]),
        ("I do not know.", "I do not know. ", []),
        ("I do not know.", "elsewhere", []),
        ("I do not know.", " ", []),
        ("a\x1bb!", "\x1bb", [("a", False), ("⟨U+001B⟩b", True), ("!", False)]),
        ("x" * 300 + "no" + "y" * 300, "no", [("…" + "x" * 120, False), ("no", True), ("y" * 120 + "…", False)]),
        ("n" * 900 + "!", "n" * 900, [("n" * 480 + "…", True), ("!", False)]),
    ],
)  # fmt: skip
def test_what_decided_is_marked_in_its_place(
    response: str, evidence: str, parts: list[tuple[str, bool]]
) -> None:
    assert trust.marked(response, evidence) == parts


def test_hostile_judges_make_no_element(tmp_path: Path) -> None:
    def shape(folder: Path, texts: list[str]) -> Parsed:
        folder, lines = asked(folder)
        keys = list(turned(lines, 0))[: len(texts)]
        for line, text in zip(
            [one for one in lines if one["request_id"] in keys], texts, strict=True
        ):
            line["response"] = f"a {text} b"
            line["verdicts"][0]["votes"] = [[text, True]]
        (folder / "samples.jsonl").write_text("".join(json.dumps(one) + "\n" for one in lines))
        judge(folder, "x@1", {})
        rows = [
            {"request_id": key, "grader": "x@1", "about": "abstained", "value": True, "kinds": [],
             "reason": text, "evidence": text, "votes": [["x@1", True]]}
            for key, text in zip(keys, texts, strict=True)
        ]  # fmt: skip
        (folder / "verdicts" / "x@1.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
        view = with_rates(folder, labels={"name": texts[0], "digest": texts[1]})
        return Parsed(section(view))

    hostile = [text for text in HOSTILE if text.strip() and "\ud800" not in text][:20]
    plain = shape(tmp_path / "plain", [f"word{i:03d}" for i in range(len(hostile))])
    found = shape(tmp_path / "hostile", hostile)
    assert found.other == plain.other == []
    assert {tag for tag, _ in found.tags} <= {tag for tag, _ in plain.tags}
    allowed = {name for _, attrs in plain.tags for name in attrs}
    assert {name for _, attrs in found.tags for name in attrs} <= allowed
