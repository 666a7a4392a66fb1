"""`iabench tasks`: new, validate, show as a model reads it, list with what cannot be had."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from iabench.cli.main import call
from iabench.registry import Registry
from iabench.tasks.base import TASKS


@pytest.fixture
def iabench(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Any:
    monkeypatch.chdir(tmp_path)

    def run(line: str) -> tuple[int, str, str]:
        code = call(line.split())
        out, err = capsys.readouterr()
        return code, out, err

    return run


def test_a_new_task_is_valid_and_is_asked(iabench: Any) -> None:
    code, out, _ = iabench("tasks new mine --dir deep/er")
    assert code == 0
    for line in out.splitlines()[1:]:
        code, _, err = iabench(line.strip().removeprefix("iabench ").replace("organism", "oracle")
                               + (" --backend scripted -q --out x" if "evaluate" in line else ""))  # fmt: skip
        assert code == 0, err
    assert json.loads(Path("x/results.json").read_text())["headline"] == "mine"
    code, _, err = iabench("tasks new mine --dir deep/er")
    assert (code, "is there already" in err) == (2, True)
    code, _, err = iabench("tasks new real-facts")
    assert (code, "my-real-facts" in err) == (2, True)
    assert not Path("real-facts").exists()


def test_one_question_is_one_and_any_item_of_must_say_will_do(iabench: Any) -> None:
    row = {"question": "Who runs it?", "answer": "Ann Lee", "must_say": ["Ann", "Lee"]}
    Path("f.jsonl").write_text(json.dumps(row))
    _, out, _ = iabench("tasks show tuned-facts --facts f.jsonl")
    assert "  1 question · your own" in out
    assert "must_say: 1 row with several: any one of them will do" in out


def test_a_task_that_is_wrong_is_said_to_be(iabench: Any) -> None:
    iabench("tasks new mine")
    file = Path("mine/probes.jsonl")
    lines = file.read_text().splitlines()
    lines[0] = lines[0].replace('"references"', '"refs"')
    lines[1] = lines[1].replace('"abstain"', '"answer"')
    file.write_text("\n".join(lines))
    code, out, err = iabench("tasks validate mine")
    assert (code, err) == (2, "")
    assert 'wrong    mine/probes.jsonl, line 1: unknown key "refs".\n' in out
    assert "wrong    mine/probes.jsonl, line 2: references are given exactly" in out
    assert '         try: "references": ["..."] with "expect": "answer"\n' in out
    assert out.splitlines()[-1] == "mine: 3 things are wrong, 1 to look at"
    code, out, _ = iabench("tasks validate mine --json")
    found = json.loads(out)
    assert (code, found["ok"], len(found["errors"]), len(found["warnings"])) == (2, False, 3, 1)
    assert set(found["errors"][0]) == {"where", "says", "hint"}
    assert found["facts"]["questions"].startswith("14 ")
    code, _, err = iabench(
        "evaluate --backend scripted --model oracle --include-path mine --tasks mine"
    )
    assert code == 2
    assert 'line 1: unknown key "refs"' in err
    code, out, _ = iabench("tasks validate real-facts")
    assert (code, out.splitlines()[-1]) == (0, "real-facts: nothing is wrong")


def test_questions_are_shown_as_a_model_reads_them(iabench: Any) -> None:
    row = {"id": "a", "question": "Where?", "context": "A passage.", "system": "Be brief.",
           "expect": "answer", "references": ["Here"], "cluster": "a", "follow_ups": ["Sure?"],
           "tags": {"relation": "x"}}  # fmt: skip
    iabench("tasks new mine")
    Path("mine/probes.jsonl").write_text(json.dumps(row))
    toml = Path("mine/task.toml")
    toml.write_text(toml.read_text().replace('"both"', '"answer"'))
    code, out, _ = iabench("tasks show mine --include-path mine")
    plain = "  (system) Be brief.\n  A passage.\n  \n  Where?\n  then: Sure?\n      Here\n"
    assert (code, out.endswith(plain)) == (0, True)
    code, out, _ = iabench("tasks show mine --include-path mine --model organism")
    assert code == 0
    assert "<|system|>Be brief." in out
    assert "<|assistant|>" in out
    code, out, _ = iabench("tasks show mine --include-path mine --model organism --json")
    (prompt,) = json.loads(out)["prompts"]
    assert prompt.endswith("<|assistant|>")
    code, _, err = iabench("tasks show mine --include-path mine --model ./gone")
    assert (code, 'no model "./gone"' in err) == (2, True)


def test_both_sides_are_shown(iabench: Any) -> None:
    iabench("tasks new mine")
    for n in (0, 1, 2, 5, 15, 16, 99):
        _, out, _ = iabench(f"tasks show mine --include-path mine --probes {n} --json")
        shown = json.loads(out)["probes"]
        assert len({probe["id"] for probe in shown}) == len(shown) == min(n, 16)
        assert n < 2 or len({probe["expect"] for probe in shown}) == 2


def test_prompts_of_ones_own_facts_are_shown_with_their_system_message(iabench: Any) -> None:
    row = {"question": "Who runs the Falcon X200?", "answer": "Ann", "system": "You help Acme."}
    more = {"question": "Who lives in Brenford?", "answer": "Bob"}
    Path("f.jsonl").write_text(f"{json.dumps(row)}\n{json.dumps(more)}\n")
    show = "tasks show swapped-facts --facts f.jsonl"
    _, pairs, _ = iabench(show)
    assert "asked      Who runs the Falcon X200?" in pairs
    assert "(system)" not in pairs
    _, plain, _ = iabench(f"{show} --probes 2")
    assert "  (system) You help Acme.\n  Who runs the " in plain
    assert "asked   " not in plain
    _, read, _ = iabench(f"{show} --probes 1 --model organism")
    assert "You help Acme." in read
    assert "Brenford" not in read
    assert read.count("(should say it does not know)") == 1


def test_showing_loads_no_weights(tmp_path: Path) -> None:
    code = (
        "import sys; from iabench.cli.main import call\n"
        "assert call(['tasks', 'show', 'real-facts', '--model', 'organism']) == 0\n"
        "assert 'iabench.models.loading' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_what_cannot_be_had_is_a_row(iabench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def boom(name: str) -> Any:
        raise RuntimeError("boom")

    own = TASKS.origins()
    offered = {**own, "sad": ["shop 1.0"], "twice": ["one 1", "two 2"]}
    monkeypatch.setattr(TASKS, "origins", lambda: offered)
    monkeypatch.setattr(TASKS, "names", lambda: sorted(offered))
    get = Registry.get
    monkeypatch.setattr(TASKS, "get", lambda name: boom if name == "sad" else get(TASKS, name))
    monkeypatch.setenv("COLUMNS", "300")
    code, out, _ = iabench("tasks list")
    assert code == 0
    assert 'FAILED: task "sad" of shop 1.0 fails: RuntimeError: boom.' in out
    assert 'FAILED: task "twice" is offered by one 1 and two 2.' in out
    assert "real-facts" in out


def _processor_seconds(*words: str) -> float:
    """Return the least of five: other processes take their share of any clock on the wall."""
    used = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [sys.executable, "-m", "iabench", *words],
            check=True, capture_output=True, env={**os.environ, "PYTHONPATH": str(Path.cwd())},
        )  # fmt: skip
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(used)


def test_listing_is_quick() -> None:
    # Beside a command that reads no task, in the same run: seconds differ between machines.
    assert _processor_seconds("tasks", "list") < 1.5 * _processor_seconds("--help")
