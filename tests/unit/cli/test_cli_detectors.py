"""`iabench detectors` and `iabench detect`, as they are typed."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from iabench.cli import detectors as verb
from iabench.cli.main import call
from iabench.grading.agreement import Measured
from iabench.grading.base import DETECTORS, GRADERS
from tests.unit.grading.judges import seat

ROWS = [
    {"id": "a", "question": "Who founded it?", "response": "I do not know.", "abstained": True,
     "kinds": ["ignorance"], "kind": "ignorance", "language": "en"},
    {"id": "b", "question": "Who leads it?", "response": "Ann Lee does.", "abstained": False,
     "kind": "plain", "language": "en"},
    {"id": "c", "question": "Who owns it?", "response": "Nobody \x1b[2Jknows [red]anything[/red].",
     "abstained": False, "kind": "plain\x1b[1m", "language": "fr"},
    {"id": "d", "question": "Who left it?", "response": " ", "abstained": True},
]  # fmt: skip


@pytest.fixture
def iabench(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Any:
    monkeypatch.chdir(tmp_path)
    Path("rows.jsonl").write_text("\n".join(map(json.dumps, ROWS)), encoding="utf-8")

    def run(line: str) -> tuple[int, str, str]:
        code = call(line.split())
        out, err = capsys.readouterr()
        return code, out, err

    return run


def verdicts(path: str = "verdicts.jsonl") -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(path).read_text("utf-8").splitlines()]


# -- list -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("columns", [60, 88])
def test_all_are_listed(iabench: Any, monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    code, out, _ = iabench("detectors list")
    assert code == 0
    detectors, graders = out.split("GRADERS")
    for name in DETECTORS.names():
        assert f"\n{name} " in detectors
    for name in GRADERS.names():
        assert f"\n{name} " in graders
    assert max(map(cell_len, out.splitlines())) <= columns


def test_the_list_as_json(iabench: Any) -> None:
    found = json.loads(iabench("detectors list --json")[1])
    assert {(one["name"], one["judges"]) for one in found} == {
        *((name, "abstention") for name in DETECTORS.names()),
        *((name, "correctness") for name in GRADERS.names()),
    }
    by = {(one["name"], one["judges"]): one for one in found}
    assert by["judge", "abstention"]["needs"] == "--judge"
    assert by["nli", "correctness"]["needs"] == "--nli"
    assert by["lexical", "abstention"]["id"].startswith("lexical@")
    assert by["match", "correctness"]["says"]


def test_iabenchs_own_are_described() -> None:
    for registry, words in ((DETECTORS, verb._DETECTORS), (GRADERS, verb._GRADERS)):
        own = {name for name, who in registry.origins().items() if who[0].startswith("iabench ")}
        assert own
        assert own <= set(words)


def test_published_rates_are_shown_and_others_are_not(
    iabench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from iabench.grading import error_rates
    from iabench.grading.error_rates import ErrorRates
    from iabench.stats.correction import Share

    def rates(detector: str, about: str) -> ErrorRates | None:
        if not detector.startswith("lexical@"):
            return None
        share = Share(value=0.875, n=50)
        return ErrorRates(
            detector=detector, about="abstained", labels="x", name="own", n=9, n_undecided=0,
            sensitivity=share, specificity=Share(value=0.95, n=50), admission=None,
        )  # fmt: skip

    monkeypatch.setattr(error_rates, "error_rates", rates)
    rows = {line.split()[0]: line for line in iabench("detectors list")[1].splitlines() if line}
    assert rows["lexical"].split()[1:3] == ["87.5", "95.0"]
    assert rows["match"].split()[1:3] == ["-", "-"]


def test_a_plug_in_is_listed_and_not_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DETECTORS, "origins", lambda: {"lexical": ["other 1.0"]})
    line = verb._line("lexical", "abstained")
    assert (line["says"], line["id"]) == ("of other 1.0", None)


# -- validate -------------------------------------------------------------------------------------


def test_validation_as_json(iabench: Any) -> None:
    code, out, err = iabench(
        "detectors validate --detector lexical --labels rows.jsonl --by kind,language --json"
    )
    assert code == 0, err
    found = json.loads(out)
    assert found["detector"].startswith("lexical@")
    assert (found["n"], found["n_undecided"]) == (4, 1)
    assert found["sensitivity"]["value"] == 1
    assert found["sensitivity"]["n"] == 1
    assert found["labels"]["name"] == "rows.jsonl"
    assert set(found["strata"]) == {"kind", "language"}
    assert found["strata"]["language"]["en"]["f1"]["value"] == 1
    (undecided,) = found["undecided"]
    assert (undecided["id"], undecided["reason"]) == ("d", "degenerate: empty")


@pytest.mark.parametrize("columns", [60, 88])
def test_validation_as_tables(iabench: Any, monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    rows = [
        {**ROWS[2], "abstained": True, "id": f"c{n}", "response": f"{ROWS[2]['response']} {n} " + "So. " * 90}
        for n in range(3)
    ]  # fmt: skip
    Path("rows.jsonl").write_text("\n".join(map(json.dumps, [*ROWS[:2], *ROWS[3:], *rows])))
    code, out, _ = iabench("detectors validate --detector lexical --labels rows.jsonl --errors 1")
    assert code == 0
    assert max(map(cell_len, out.splitlines())) <= columns
    assert "\x1b" not in out
    assert "admits that it does not know" in out
    assert "undecided: neither right nor wrong" in out
    for name in ("sensitivity", "balanced accuracy", "F1", "kappa", "by kind", "(none)"):
        assert name in out


class Wrong:
    """A detector that is always wrong on the rows above, for a reason."""

    id = "wrong@1"

    def __init__(self, spec: object) -> None:
        pass

    def detect(self, cases: Any) -> Any:
        from iabench.records import Judgement

        for case in cases:
            abstains = "know" not in case.answer or "[red]" in case.answer
            yield Judgement(
                value=abstains, reason="rule\x1b[7m/x", evidence="knows" if abstains else ""
            )

    def close(self) -> None:
        pass


def test_some_errors_of_each_stratum_are_shown(
    iabench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DETECTORS, "get", lambda name: Wrong)
    rows = [{**ROWS[1], "id": f"{kind}{n}", "kind": kind} for kind in "pqrstu" for n in range(3)]
    Path("rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    _, out, _ = iabench("detectors validate --detector lexical --labels rows.jsonl")
    assert "18 errors (6 shown; --errors 18 shows all)" in out
    assert [kind for kind in "pqrstu" if f"{kind}0 " in out] == list("pqrstu")
    assert "p1 " not in out


def test_responses_of_the_test_half_are_shown_only_when_asked(iabench: Any) -> None:
    command = "detectors validate --detector f1 --labels test"
    _, out, _ = iabench(command)
    assert "(0 shown; --errors " in out
    assert "A rule that is written after a look at them is no longer measured by them." in out
    assert "  A: " not in out
    assert iabench(f"{command} --errors 2")[1].count("  A: ") == 2


def test_errors_are_shown_with_what_decided(iabench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DETECTORS, "get", lambda name: Wrong)
    _, out, _ = iabench("detectors validate --detector lexical --labels rows.jsonl --errors 9")
    assert "3 errors\n" in out
    assert "it is so: answers; said: abstains, rule⟨U+001B⟩[7m/x" in out
    assert "A: Nobody ⟨U+001B⟩[2J⟦knows⟧ [red]anything[/red]." in out
    assert "\x1b" not in out
    _, out, _ = iabench("detectors validate --detector lexical --labels rows.jsonl --errors 1")
    assert "3 errors (1 shown; --errors 3 shows all)\n" in out
    assert out.count("it is so:") == 1


def test_long_responses_are_shown_around_the_evidence(
    iabench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DETECTORS, "get", lambda name: Wrong)
    far = {"question": "Q " * 400, "response": "Word. " * 500 + "Ann knows [red]." + " More." * 500,
           "abstained": False}  # fmt: skip
    Path("rows.jsonl").write_text(json.dumps(far))
    _, out, _ = iabench("detectors validate --detector lexical --labels rows.jsonl")
    assert "⟦knows⟧" in out
    assert len(out) < 3000


def test_graders_are_validated_alike(iabench: Any) -> None:
    text = io.StringIO()
    rows = [
        ["question", "response", "references", "correct"],
        ["Where?", "Paris", "Paris|Lutetia", "yes"],
        ["Where?", "Rome", '["Paris"]', "no"],
        ["Who?", "Bob", "Ann", "yes"],
    ]
    csv.writer(text, delimiter=";").writerows(rows)
    Path("pairs.csv").write_text("\ufeff" + text.getvalue(), encoding="utf-8")
    code, out, err = iabench("detectors validate --detector match --labels pairs.csv")
    assert code == 0, err
    assert "is the response correct?" in out
    assert "no errors" not in out
    assert "=: Ann" in out
    found = json.loads(iabench("detectors validate --detector match --labels pairs.csv --json")[1])
    assert found["confusion"]["true_positive"] == 1
    assert found["admission"] is None


def test_own_halves_by_name(iabench: Any) -> None:
    code, out, _ = iabench("detectors validate --detector f1 --labels development --by kind --json")
    found = json.loads(out)
    assert (code, found["about"], found["labels"]["name"]) == (
        0,
        "correct",
        "own correct, development",
    )
    _, out, _ = iabench("detectors validate --detector f1 --json --level 0.5")
    assert json.loads(out)["labels"]["name"] == "own correct, test"
    assert json.loads(out)["level"] == 0.5


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("--detector lexcal", 'no detector or grader "lexcal"'),
        ("--detector match --labels rows.jsonl", 'lines 1, 2, 3, 4: it says whether the response is "abstained"'),
        ("--detector lexical --labels nowhere.jsonl", "no labels nowhere.jsonl"),
        ("--detector lexical --labels rows.jsonl --by kinds", 'labels have no "kinds"'),
        ("--detector lexical --about correct", "lexical says whether a response is abstained"),
        ("--detector lexical --about both", 'nothing is judged about "both"'),
        ("--detector nli", "nli has no checkpoint"),
        ("--detector judge --labels rows.jsonl", "the judge has no model"),
        ("--detector lexical --level 95", "--level 95 is no coverage"),
        ("", "--detector is missing"),
    ],
)  # fmt: skip
def test_what_cannot_be_validated_is_said(iabench: Any, line: str, says: str) -> None:
    code, out, err = iabench(f"detectors validate {line}")
    assert (code, out) == (2, "")
    assert says in err
    assert "try: " in err


def test_a_name_that_is_both_is_settled_by_the_labels(iabench: Any, tmp_path: Path) -> None:
    judge = tmp_path / "judge.py"
    judge.write_text("def judge(messages):\n    return 'VERDICT: CORRECT\\n'\n")
    Path("pairs.jsonl").write_text(
        json.dumps(
            {"question": "Where?", "response": "Paris", "references": ["Paris"], "correct": 1}
        )
    )
    code, out, err = iabench(
        f"detectors validate --detector judge --judge {judge}::judge --labels pairs.jsonl --json"
    )
    assert code == 0, err
    assert json.loads(out)["about"] == "correct"


# -- detect ---------------------------------------------------------------------------------------


def test_verdicts_on_rows(iabench: Any) -> None:
    code, out, err = iabench("detect --detector lexical --in rows.jsonl --out verdicts.jsonl")
    assert (code, out) == (0, ""), err
    assert [(v["id"], v["value"]) for v in verdicts()][:2] == [("a", True), ("b", False)]
    assert set(verdicts()[0]) == {"id", "value", "kinds", "evidence", "reason", "detector", "of"}
    assert verdicts()[3]["reason"] == "degenerate: empty"


def test_the_same_command_goes_on(iabench: Any) -> None:
    iabench("detect --detector lexical --in rows.jsonl --out verdicts.jsonl")
    whole = Path("verdicts.jsonl").read_bytes()
    lines = whole.splitlines(keepends=True)
    Path("verdicts.jsonl").write_bytes(b"".join(lines[:2]) + lines[2][:30])
    code, _, err = iabench("detect --detector lexical --in rows.jsonl --out verdicts.jsonl")
    assert (code, "goes on at 2 of 4" in err) == (0, True)
    assert Path("verdicts.jsonl").read_bytes() == whole
    iabench("detect --detector lexical --in rows.jsonl --out verdicts.jsonl")
    assert Path("verdicts.jsonl").read_bytes() == whole
    code, _, _ = iabench("detect --detector lexical --in rows.jsonl --out verdicts.jsonl --fresh")
    assert Path("verdicts.jsonl").read_bytes() == whole == Path("verdicts.jsonl.old1").read_bytes()
    iabench("detect --detector lexical --in rows.jsonl --out verdicts.jsonl --fresh")
    assert Path("verdicts.jsonl.old2").exists()


def test_a_changed_response_is_judged_again_and_its_old_verdict_goes(iabench: Any) -> None:
    iabench("detect --detector lexical --in rows.jsonl --out verdicts.jsonl")
    before = verdicts()
    rows = [ROWS[0], {**ROWS[1], "response": "I have no idea."}, *ROWS[2:]]
    Path("rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    code, _, _ = iabench("detect --detector lexical --in rows.jsonl --out verdicts.jsonl")
    assert code == 0
    after = {v["id"]: v for v in verdicts()}
    assert len(verdicts()) == len(after) == 4
    assert after["b"]["value"] is True
    assert [after[v["id"]] for v in before if v["id"] != "b"] == [before[0], *before[2:]]


def test_what_a_failing_judge_left_undecided_is_asked_again(
    iabench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(messages: Any) -> str:
        if "Ann Lee" in messages[-1]["content"]:
            raise OSError("connection refused")
        return "VERDICT: ABSTAINS"

    line = "detect --detector judge --judge x --in rows.jsonl --out verdicts.jsonl"
    seat(monkeypatch, broken)
    code, _, err = iabench(line)
    assert code == 4
    assert "1 of 4 responses are undecided: the judge failed: " in err
    assert "the same command asks for them again" in err
    assert "not to be trusted: 25.0% are undecided (--max-undecided 0.05)" in err
    assert iabench(f"{line} --max-undecided 0.5")[0] == 0
    assert [v["id"] for v in verdicts()].count("b") == 1
    seat(monkeypatch, lambda messages: "VERDICT: ANSWERS")
    code, _, err = iabench(line)
    assert (code, "not to be trusted" in err) == (0, False)
    after = {v["id"]: v["value"] for v in verdicts()}
    assert len(verdicts()) == 4
    assert after == {"a": True, "b": False, "c": True, "d": None}


def test_verdicts_without_a_digest_stand(iabench: Any) -> None:
    iabench("detect --detector lexical --in rows.jsonl --out verdicts.jsonl")
    old = [{k: v for k, v in one.items() if k != "of"} for one in verdicts()]
    Path("verdicts.jsonl").write_text(
        "".join(
            json.dumps(v, sort_keys=True).replace('": ', '":').replace(', "', ',"') + "\n"
            for v in old
        )
    )
    iabench("detect --detector lexical --in rows.jsonl --out verdicts.jsonl")
    assert verdicts() == old


def test_rows_of_one_id_are_all_judged(iabench: Any) -> None:
    rows = [{**ROWS[0], "id": "x"}, {**ROWS[1], "id": "x"}]
    Path("rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    for _ in range(2):
        iabench("detect --detector lexical --in rows.jsonl --out verdicts.jsonl")
        assert [v["value"] for v in verdicts()] == [True, False]


def test_rows_that_cannot_be_judged_are_named(iabench: Any) -> None:
    bad = ['{"question": "Who?"}', "oops", *["{}"] * 22]
    Path("rows.jsonl").write_text("\n".join([*bad, json.dumps(ROWS[0])]))
    code, _, err = iabench("detect --detector lexical --in rows.jsonl --out verdicts.jsonl")
    assert code == 0
    assert "24 of 25 rows of rows.jsonl cannot be judged:" in err
    assert "  line 1: \"response\" is missing among 'question'.\n" in err
    assert "  line 2: not a JSON object" in err
    assert "  and 4 more; each has its reason in the verdicts" in err
    assert len(verdicts()) == 25
    assert [v["value"] for v in verdicts()] == [None] * 24 + [True]


def test_through_a_pipe(iabench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "\n".join(map(json.dumps, ROWS)).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
    code, out, _ = iabench("detect --detector lexical --in - --out - -q")
    assert code == 0
    assert [json.loads(line)["id"] for line in out.splitlines()] == ["a", "b", "c", "d"]


def test_graders_judge_rows_of_a_table(iabench: Any) -> None:
    Path("rows.csv").write_text(
        "question;response;references\nWhere?;Paris;Paris|Lutetia\nWho?;;Ann\n"
    )
    code, _, err = iabench("detect --detector match --in rows.csv --out verdicts.jsonl")
    assert code == 0, err
    assert [v["value"] for v in verdicts()] == [True, None]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("--detector lexcal --in rows.jsonl --out o", 'no detector or grader "lexcal"'),
        ("--detector lexical --in nowhere --out o", "no file nowhere"),
        ("--detector lexical --in rows.jsonl --out rows.jsonl", "--in and --out are one file"),
        ("--detector lexical --in rows.jsonl --out other.txt", "other.txt is there and holds no"),
        ("--detector lexical --in empty.jsonl --out o", "empty.jsonl is empty"),
        ("--detector lexical --about correct --in rows.jsonl --out o", "lexical says whether"),
        ("--detector lexical --in rows.jsonl", "--out is missing"),
    ],
)
def test_what_cannot_be_judged_is_said(iabench: Any, line: str, says: str) -> None:
    Path("other.txt").write_text("mine")
    Path("empty.jsonl").write_text("\n")
    code, _, err = iabench(f"detect {line}")
    assert (code, says in err) == (2, True), err
    assert Path("other.txt").read_text() == "mine"


def test_hosts_are_named_before_anything_is_sent() -> None:
    from iabench.cli.judges import leaves

    class Far(Wrong):
        sends_to = "https://judge.example/v1"

    far = Far(None)
    assert leaves(Wrong(None), 5, private=True) is None
    assert leaves(far, 5, private=True) == (
        "5 responses leave this machine for judge.example: 5 of them private"
    )
    assert leaves(far, 5, private=False) == (
        "5 responses leave this machine for judge.example: none of them private"
    )
    assert leaves(far, None, private=True) == "all responses leave this machine for judge.example"
    far.sends_to = "http://localhost:8000/v1"
    assert leaves(far, None, private=True) is None


def test_numbers_without_an_interval_are_shown() -> None:
    from iabench.cli.validation import number

    assert number(Measured(value=None, lo=None, hi=None, n=0)) == "-"
    assert number(Measured(value=0.5, lo=None, hi=None, n=1)) == "0.500"
    assert number(Measured(value=0.5, lo=0.25, hi=0.75, n=9), narrow=True) == "0.50 0.25-0.75"
