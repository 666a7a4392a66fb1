"""What `check` refuses, each with its reason; and that what stands, stands."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from iabench.errors import ConfigError, StoreError
from iabench.leaderboards import board as boards
from iabench.leaderboards import check as module
from iabench.leaderboards import entry as entries
from iabench.leaderboards.board import Board
from iabench.leaderboards.check import check

Change = Callable[[dict[str, Any]], None]


def refused(folder: Path, name: str = "random") -> str:
    (found,) = check(folder, boards.read(folder), [name])
    return found.refused


def edit(folder: Path, change: Change, name: str = "random") -> None:
    path = folder / "entries" / f"{name}.json"
    value = json.loads(path.read_text())
    change(value)
    path.write_text(json.dumps(value))


def edit_answers(folder: Path, change: Callable[[list[dict[str, Any]]], Any]) -> None:
    """Change the answers and say so in the entry: only what they hold is wrong then."""
    path = folder / "entries/random.jsonl.gz"
    lines = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
    lines = change(lines) or lines
    path.write_bytes(gzip.compress(b"".join(json.dumps(line).encode() + b"\n" for line in lines)))
    digest = entries.digest_of(folder, "random")
    edit(folder, lambda value: value["answers"].update(sha256=digest, n=len(lines)))


def test_what_stands_stands(folder: Path, board: Board) -> None:
    found = list(check(folder, board))
    assert [one.name for one in found] == ["oracle", "random"]
    assert all(not one.refused and one.n == 364 and one.numbers > 20 for one in found)
    assert {one.status for one in found} == {"self-reported"}


def test_processes_find_the_same(
    folder: Path, board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_FEW", 100)
    edit(folder, _number)
    alone, together = (list(check(folder, board, processes=n)) for n in (1, 2))
    assert together == alone
    assert [bool(one.refused) for one in together] == [False, True]


def _number(value: dict[str, Any]) -> None:
    one = next(e for e in value["parts"][0]["estimates"] if e["metric"] == "accuracy")
    one["value"] = 0.99


def _interval(value: dict[str, Any]) -> None:
    one = next(e for e in value["parts"][0]["estimates"] if e["metric"] == "accuracy")
    one["lo"] += 1e-6


def _ledger(value: dict[str, Any]) -> None:
    ledger = value["parts"][0]["ledger"]
    first = ledger["long-tail-facts"][0]
    ledger["long-tail-facts"] = ("d" if first == "c" else "c") + ledger["long-tail-facts"][1:]


def _version(value: dict[str, Any]) -> None:
    value["parts"][0]["tasks"][0]["version"] = 7


def _questions(value: dict[str, Any]) -> None:
    value["parts"][0]["tasks"][0]["checksum"] = "0" * 64


def _limited(value: dict[str, Any]) -> None:
    value["parts"][0]["tasks"][0]["n"] = 20


def _less(value: dict[str, Any]) -> None:
    value["parts"][0]["estimates"].pop()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (_number, r"accuracy of long-tail-facts is 0.99 in its file; its answers give 0"),
        (_interval, "lo of accuracy of long-tail-facts is"),
        (_ledger, "outcome 1 of long-tail-facts is "),
        (_version, "asked version 7 of underspecified-questions; the board asks version"),
        (_questions, "asked other questions of underspecified-questions: 000000"),
        (_limited, "is limited: 20 of 208 probes of underspecified-questions"),
        (_less, "or in its file or its answers only"),
        (lambda v: v["parts"][0]["tasks"].pop(), "lacks the task"),
        (lambda v: v["parts"].append(v["parts"][0]), "one twice"),
        (lambda v: v["asked"].update(limit=5), "is of a limited run"),
        (lambda v: v["asked"].update(system_prompt="x"), "was asked with system_prompt 'x'"),
        (lambda v: v.update(detector="lexical@1"), "was judged by lexical@1"),
        (lambda v: v.update(board="other"), 'an entry of "other"'),
        (lambda v: v.update(name="oracle"), 'says that its name is "oracle"'),
        (lambda v: v.update(file="../../board.toml"), "names a file that is not its own"),
        (lambda v: v["about"].update(licence=" "), 'does not say "licence"'),
        (lambda v: v["about"].update(model="Oracle"), '"oracle" and "random" are called the same'),
        (lambda v: v["answers"].update(sha256="0"), "are not those that it was made of"),
        (lambda v: v["answers"].update(n=9), "says 9 answers; there are 364"),
        (lambda v: v.update(status="verified"), 'unknown key "status"'),
        (lambda v: v.update(schema_version=99), "written by a newer iabench"),
        (lambda v: v["parts"][0]["estimates"][0].update(value=float("nan")), "NaN is no number of"),
        (lambda v: v["parts"][0]["estimates"][0].update(value=-float("inf")), "-Infinity is no num"),
        (lambda v: v["about"].update({str(n): "x" for n in range(99)}), "102 things of itself"),
    ],
)  # fmt: skip
def test_what_was_edited_is_refused(folder: Path, change: Change, says: str) -> None:
    edit(folder, change)
    assert says in refused(folder)


def _better(lines: list[dict[str, Any]]) -> None:
    for line in lines:
        line["response"] = "I don't know."


def _verdict(lines: list[dict[str, Any]]) -> None:
    lines[0]["verdicts"][0]["evidence"] = "because"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda lines: lines[3:], "lacks 3 of 364 probes: "),
        (lambda lines: [*lines, lines[0]], "twice"),
        (lambda lines: [*lines[1:], {**lines[0], "id": "real-facts/1"}], "lacks 1 of 364 probes"),
        (
            lambda lines: [*lines, {**lines[0], "id": "x/1"}],
            "answers x/1, which the board does not",
        ),
        (lambda lines: [*lines, {**lines[0], "cell": "x"}], "answers of 'x', which is no cell"),
        (_better, "judged again it is abstained"),
        (_verdict, "are not what its judges say"),
        (lambda lines: lines[0].update(outcome="correct2"), "is not what its verdicts say"),
        (lambda lines: lines[0].update(extra=1), 'unknown key "extra"'),
    ],
)
def test_answers_that_give_other_numbers_are_refused(
    folder: Path, change: Callable[[list[dict[str, Any]]], Any], says: str
) -> None:
    edit_answers(folder, change)
    assert says in refused(folder)


def test_files_that_are_none_are_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, answers = (folder / "entries" / f"random.{end}" for end in ("json", "jsonl.gz"))
    whole = path.read_bytes()
    path.write_text("{not json")
    assert "random.json is not JSON" in refused(folder)
    path.write_text("[" * 100_000)
    assert "random.json is not JSON" in refused(folder)
    path.write_text("[]")
    assert "holds no JSON object" in refused(folder)
    path.write_bytes(whole)
    monkeypatch.setattr(entries, "MOST_UNPACKED", 5_000)
    assert "unpacks to more than" in refused(folder)
    monkeypatch.setattr(entries, "MOST_LINE", 50)
    assert "line 1: has more than 0 MB" in refused(folder)
    answers.write_bytes(b"no gzip")
    edit(folder, lambda v: v["answers"].update(sha256=entries.digest_of(folder, "random")))
    assert "random.jsonl.gz, line 1" in refused(folder)
    answers.unlink()
    assert "random.jsonl.gz" in refused(folder)


def test_an_entry_of_100_mb_is_not_read(folder: Path) -> None:
    for end in ("jsonl.gz", "json"):
        path = folder / "entries" / f"random.{end}"
        # Sparse: it takes no space, and nothing of it is read.
        os.truncate(path, 100_000_000)
        assert f"random.{end} has 100 MB" in refused(folder)


def test_a_path_that_leads_elsewhere_is_not_followed(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("{}")
    for end in ("jsonl.gz", "json"):
        path = folder / "entries" / f"random.{end}"
        path.unlink()
        path.symlink_to(tmp_path / "secret")
        assert "leads elsewhere" in refused(folder)


def test_a_board_without_entries_and_an_entry_that_is_none(folder: Path, board: Board) -> None:
    with pytest.raises(StoreError, match="has no entry nobody"):
        list(check(folder, board, ["nobody"]))
    for path in (folder / "entries").iterdir():
        path.unlink()
    with pytest.raises(StoreError, match="has no entries"):
        list(check(folder, board))
    with pytest.raises(StoreError, match="no board at"):
        boards.read(folder / "entries")


def test_other_judges_and_other_questions_are_not_taken(folder: Path) -> None:
    path = folder / "board.toml"
    text = path.read_text()
    path.write_text(text.replace('grader = "match@', 'grader = "match@9'))
    with pytest.raises(ConfigError, match="is judged by match@9"):
        list(check(folder, boards.read(folder)))
    path.write_text(text.replace("version = 1", "version = 9", 1))
    with pytest.raises(StoreError, match="pins .* version 9 .*; at hand is version 1"):
        list(check(folder, boards.read(folder)))


def test_a_rerun_that_leads_elsewhere_or_is_too_deep_is_refused(
    folder: Path, tmp_path: Path
) -> None:
    there = folder / "verified"
    there.mkdir(exist_ok=True)
    (tmp_path / "other.json").write_text("{}")
    entry = folder / "entries" / "random.json"
    (there / entry.name).symlink_to(tmp_path / "other.json")
    assert "leads elsewhere" in refused(folder)
    (there / entry.name).unlink()
    (there / entry.name).write_text("[" * 100_000)
    assert "is not JSON" in refused(folder)


def test_a_line_of_answers_that_is_too_deep_is_refused(folder: Path) -> None:
    entry = folder / "entries" / "random.jsonl.gz"
    entry.write_bytes(gzip.compress(b"[" * 200_000 + b"\n"))
    assert refused(folder)
