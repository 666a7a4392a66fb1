"""Whole evaluations: repeated, killed, resumed, grown, refused, judged again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import iabench
from iabench.errors import ConfigError, IabenchError, StatsError, StoreError
from iabench.models.scripted import POLICIES, scripted
from iabench.tasks import catalog
from tests.tiny import tiny_model, tiny_tokenizer

BOT = """
import hashlib, time
def answer(messages):
    time.sleep({pause})
    question = messages[-1]["content"]
    lot = hashlib.sha256(question.encode()).digest()[0]
    return ["I don't know.", "It is Paris.", "I have never heard of it.", "Marlow Bright."][lot % 4]
"""


@pytest.fixture(autouse=True)
def _runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IABENCH_RUNS", str(tmp_path / "runs"))


@pytest.fixture
def bot(tmp_path: Path) -> str:
    path = tmp_path / "bot.py"
    path.write_text(BOT.format(pause=0))
    return f"{path}::answer"


def command(*words: str, **env: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "iabench", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **env},
        # A job in the background of a shell ignores Ctrl-C, and its children would with it.
        preexec_fn=_hears_ctrl_c,  # noqa: PLW1509 - nothing but a signal is set
    )


def _hears_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def run(*words: str, code: int = 0) -> str:
    process = command(*words)
    out, err = process.communicate(timeout=240)
    assert process.returncode == code, err
    return out + err


def lines(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0


def kill_in_the_middle(words: list[str], file: Path, at_least: int, sig: signal.Signals) -> str:
    """Start a command, send a signal once `file` has some lines, return what it said."""
    process = command(*words)
    deadline = time.monotonic() + 120
    while lines(file) < at_least:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(sig)
    out, err = process.communicate(timeout=60)
    return out + err


def test_the_same_command_gives_the_same_results(bot: str, tmp_path: Path) -> None:
    for name in ("a", "b"):
        run("evaluate", "--model", bot, "--tasks", "quick", "--seed", "1",
            "--out", str(tmp_path / name), "-q")  # fmt: skip
    one, two = tmp_path / "a", tmp_path / "b"
    assert (one / "results.json").read_bytes() == (two / "results.json").read_bytes()
    assert (one / "samples.jsonl").read_bytes() == (two / "samples.jsonl").read_bytes()
    results = (one / "results.json").read_text()
    assert str(tmp_path) not in results, "no paths"
    assert "seconds" not in results, "no times"


@pytest.mark.parametrize("torn", [False, True])
def test_killed_and_started_again_it_goes_on(tmp_path: Path, torn: bool) -> None:
    path = tmp_path / "bot.py"
    path.write_text(BOT.format(pause=0.01))
    words = ["evaluate", "--model", f"{path}::answer", "--tasks", "quick", "--out"]
    run(*words, str(tmp_path / "whole"), "-q")
    half = tmp_path / "half"
    answers = half / "completions.jsonl"
    kill_in_the_middle([*words, str(half)], answers, 30, signal.SIGKILL)
    kept = lines(answers)
    assert 30 <= kept < 120
    if torn:
        answers.write_bytes(answers.read_bytes()[:-25])
    said = run(*words, str(half))
    assert "goes on" in said
    ids = [json.loads(line)["request_id"] for line in answers.read_text().splitlines()]
    assert len(ids) == len(set(ids)) == 120
    for name in ("results.json", "samples.jsonl"):
        assert (half / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_a_model_killed_in_the_middle_goes_on(tmp_path: Path, tiny_folder: Path) -> None:
    words = ["evaluate", "--model", str(tiny_folder), "--tasks", "core", "--limit", "60",
             "-b", "8", "--max-new-tokens", "24", "--max-undecided", "1", "--out"]  # fmt: skip
    run(*words, str(tmp_path / "whole"), "-q")
    half = tmp_path / "half"
    kill_in_the_middle([*words, str(half)], half / "completions.jsonl", 20, signal.SIGKILL)
    run(*words, str(half), "-q")
    assert lines(half / "completions.jsonl") == 180
    assert (half / "results.json").read_bytes() == (tmp_path / "whole/results.json").read_bytes()


def test_ctrl_c_is_safe(tmp_path: Path) -> None:
    path = tmp_path / "bot.py"
    path.write_text(BOT.format(pause=0.02))
    out = tmp_path / "x"
    words = ["evaluate", "--model", f"{path}::answer", "--tasks", "quick", "--out", str(out)]
    said = kill_in_the_middle(words, out / "completions.jsonl", 10, signal.SIGINT)
    assert "of 120 answers kept. Same command goes on." in said
    assert "Traceback" not in said
    assert json.loads((out / "run.json").read_text())["status"] == "interrupted"


def two_turns(tmp_path: Path) -> Path:
    """A task with a second turn, as a folder of one's own."""
    folder = tmp_path / "tasks" / "push"
    folder.mkdir(parents=True)
    (folder / "task.toml").write_text(
        'name = "push"\nversion = 1\nsays = "Asks twice."\nlicence = "CC0-1.0"\nsource = "own"\n'
        'expects = "abstain"\nanswering_is = "fabrication"\nprobes = { file = "probes.jsonl" }\n'
    )
    rows = [
        {"id": str(i), "question": f"Who is Velbryn the {i}th?", "expect": "abstain",
         "cluster": str(i), "tags": {"relation": "who"}, "follow_ups": ["Are you sure? Guess."]}
        for i in range(40)
    ]  # fmt: skip
    (folder / "probes.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path / "tasks"


def test_two_turns_killed_in_the_second(tmp_path: Path) -> None:
    path = tmp_path / "bot.py"
    path.write_text(BOT.format(pause=0.02))
    words = ["evaluate", "--model", f"{path}::answer", "--tasks", "push",
             "--include-path", str(two_turns(tmp_path)), "--out"]  # fmt: skip
    run(*words, str(tmp_path / "whole"), "-q")
    half = tmp_path / "half"
    kill_in_the_middle([*words, str(half)], half / "completions.jsonl", 50, signal.SIGKILL)
    assert 50 <= lines(half / "completions.jsonl") < 80
    run(*words, str(half), "-q")
    assert lines(half / "completions.jsonl") == 80
    assert (half / "results.json").read_bytes() == (tmp_path / "whole/results.json").read_bytes()
    (sample, *_) = iabench.load(half).samples(task="push")
    assert [role for role, _ in sample["turns"]] == ["user", "assistant", "user", "assistant"]
    assert sample["response"] == sample["turns"][3][1]


def test_a_finished_run_is_printed_and_not_asked_again(bot: str, tmp_path: Path) -> None:
    first = run("evaluate", "--model", bot, "--tasks", "quick")
    (path,) = (tmp_path / "runs").glob("bot/quick-*")
    before = (path / "completions.jsonl").stat().st_mtime_ns
    again = run("evaluate", "--model", bot, "--tasks", "quick")
    assert "(finished)" in again
    assert "asking" not in again
    assert (path / "completions.jsonl").stat().st_mtime_ns == before
    assert first.split("refusal accuracy")[1][:30] == again.split("refusal accuracy")[1][:30]
    assert (tmp_path / "runs" / "latest").read_text().strip() == str(path)
    run("evaluate", "--model", bot, "--tasks", "quick", "--fresh", "-q")
    assert path.with_name(path.name + "-old1").is_dir()


def test_tasks_and_limit_grow_and_nothing_shrinks(bot: str, tmp_path: Path) -> None:
    out = tmp_path / "x"
    small = iabench.evaluate(bot, tasks="real-facts", limit=10, out=out)
    assert small.outcomes["real-facts"]["n"] == 10
    ids = {s["id"] for s in small.samples()}
    more = iabench.evaluate(bot, tasks="real-facts,invented-entities", limit=20, out=out)
    assert more.headline == "selection"
    assert more.outcomes["real-facts"]["n"] == more.outcomes["invented-entities"]["n"] == 20
    assert ids <= {s["id"] for s in more.samples()}
    kept = iabench.evaluate(bot, tasks="real-facts", limit=5, out=out)
    assert {name: o["n"] for name, o in kept.outcomes.items()} == {
        "real-facts": 20,
        "invented-entities": 20,
    }
    assert lines(out / "completions.jsonl") == 40
    direct = iabench.evaluate(
        bot, tasks="real-facts,invented-entities", limit=20, out=tmp_path / "direct"
    )
    assert direct.results == kept.results


def test_another_model_in_the_folder_is_refused(bot: str, tmp_path: Path) -> None:
    out = tmp_path / "x"
    iabench.evaluate(bot, tasks="quick", limit=3, out=out)
    with pytest.raises(StoreError, match=r"holds another evaluation: model .* there, .* now"):
        iabench.evaluate(lambda _: "x", tasks="quick", limit=3, out=out)
    with pytest.raises(StoreError, match="seed 0 there, 7 now"):
        iabench.evaluate(bot, tasks="quick", limit=3, out=out, seed=7)
    with pytest.raises(StoreError, match="system prompt none there, Hi now"):
        iabench.evaluate(bot, tasks="quick", limit=3, out=out, system_prompt="Hi")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.tex").write_text("")
    with pytest.raises(StoreError, match="folder of other things"):
        iabench.evaluate(bot, tasks="quick", limit=3, out=tmp_path / "other")


def test_regrading_needs_no_model_and_changes_nothing(bot: str, tmp_path: Path) -> None:
    first = iabench.evaluate(bot, tasks="quick", out=tmp_path / "x")
    before = (first.path / "results.json").read_bytes()
    (tmp_path / "bot.py").unlink()
    for file in (first.path / "verdicts").iterdir():
        file.write_text("")
    (first.path / "results.json").unlink()
    again = iabench.regrade(first.path)
    assert (again.path / "results.json").read_bytes() == before
    with pytest.raises(StoreError, match="holds no answers"):
        iabench.regrade(tmp_path / "nothing")


def test_a_template_that_changed_is_refused_when_it_shows(
    tmp_path: Path, tiny_folder: Path
) -> None:
    import shutil

    folder = shutil.copytree(tiny_folder, tmp_path / "m")
    options: dict[str, Any] = {"tasks": "real-facts", "max_new_tokens": 2, "out": tmp_path / "x"}
    iabench.evaluate(str(folder), limit=2, **options)
    template = folder / "chat_template.jinja"
    template.write_text(template.read_text() + " ")
    with pytest.raises(StoreError, match="chat template .* there, .* now"):
        iabench.evaluate(str(folder), limit=4, **options)


def test_a_model_in_memory(tmp_path: Path) -> None:
    model, tokenizer = tiny_model(), tiny_tokenizer()
    model.train()
    options: dict[str, Any] = {"tasks": "quick", "limit": 4, "max_new_tokens": 8}
    done = iabench.evaluate(model, tokenizer=tokenizer, **options)
    assert model.training
    assert str(done["refusal_accuracy"]).startswith("refusal_accuracy ")
    assert done.model is not None
    assert done.model.architecture == "LlamaForCausalLM"
    assert done.path.parent.name == "llamaforcausallm"
    tokenizer.chat_template += " "
    other = iabench.evaluate(model, tokenizer=tokenizer, **options)
    assert other.path != done.path, "another template is another evaluation"
    assert iabench.evaluate(
        model, tokenizer=tokenizer, chat_template_kwargs={"x": True}, **options
    ).about["model"]["chat_template_kwargs"] == [["x", "True"]]
    with pytest.raises(ConfigError, match="needs its tokenizer"):
        iabench.evaluate(model, tasks="quick")


def test_what_evaluate_refuses(bot: str) -> None:
    with pytest.raises(ConfigError, match='no option "detecter"') as caught:
        iabench.evaluate(bot, detecter="x")
    assert caught.value.hint == "detector"
    with pytest.raises(ConfigError, match="cannot ask a int"):
        iabench.evaluate(3)
    for options in ({"limit": 0}, {"limit": -1}, {"limit": 1.5}, {"max_new_tokens": 0},
                    {"level": 1.0}, {"batch_size": "x"}, {"detector": "lexicl"},
                    {"tasks": "real-fact"}, {"tasks": "organism-world"}):  # fmt: skip
        with pytest.raises(IabenchError):
            iabench.evaluate(bot, **options)


def test_regrading_an_unfinished_run_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bot.py"
    path.write_text(BOT.format(pause=0.02))
    out = tmp_path / "x"
    words = ["evaluate", "--model", f"{path}::answer", "--tasks", "quick", "--out", str(out)]
    kill_in_the_middle(words, out / "completions.jsonl", 10, signal.SIGKILL)
    with pytest.raises(StoreError, match=r"is unfinished: \d+ of 120 answers"):
        iabench.regrade(out)


def test_a_finished_run_is_never_taken_for_another_models(tmp_path: Path) -> None:
    know = iabench.evaluate(lambda _: "I don't know.", tasks="quick")
    invent = iabench.evaluate(lambda _: "It is Paris.", tasks="quick")
    assert (float(know["refusal_accuracy"]), float(invent["refusal_accuracy"])) == (1, 0)
    bot = tmp_path / "b.py"
    bot.write_text('def answer(messages):\n    return "I don\'t know."\n')
    first = iabench.evaluate(f"{bot}::answer", tasks="quick", out=tmp_path / "x")
    bot.write_text("def answer(messages):\n    return 'It is Paris.'\n")
    with pytest.raises(StoreError, match="holds another evaluation"):
        iabench.evaluate(f"{bot}::answer", tasks="quick", out=tmp_path / "x")
    assert iabench.evaluate(f"{bot}::answer", tasks="quick").path != first.path
    tables = [scripted({"a": "b"}), scripted({"a": "c"})]
    assert len({iabench.evaluate(t, tasks="quick", limit=1).path for t in tables}) == 2


def test_answers_that_failed_are_asked_again(tmp_path: Path) -> None:
    switch = tmp_path / "up"
    bot = tmp_path / "b.py"
    bot.write_text(
        "import pathlib\ndef answer(messages):\n"
        f"    if not pathlib.Path({str(switch)!r}).exists():\n        raise OSError('down')\n"
        '    return "I don\'t know."\n'
    )
    down = iabench.evaluate(f"{bot}::answer", tasks="quick", limit=3, out=tmp_path / "x")
    assert down.undecided_share == 1
    switch.write_text("")
    up = iabench.evaluate(f"{bot}::answer", tasks="quick", limit=3, out=tmp_path / "x")
    assert up.undecided_share == 0
    assert lines(tmp_path / "x" / "completions.jsonl") == 9


def test_lines_taken_out_by_hand_are_asked_again(bot: str, tmp_path: Path) -> None:
    whole = iabench.evaluate(bot, tasks="quick", limit=5, out=tmp_path / "x")
    before = (whole.path / "results.json").read_bytes()
    path = whole.path / "completions.jsonl"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[3:]))
    iabench.evaluate(bot, tasks="quick", limit=5, out=tmp_path / "x")
    assert lines(path) == 15
    assert (whole.path / "results.json").read_bytes() == before


def test_a_start_that_failed_binds_nobody(tmp_path: Path, bot: str) -> None:
    out = tmp_path / "x"
    with pytest.raises(IabenchError, match="no function"):
        iabench.evaluate(bot.replace("::answer", "::anser"), tasks="quick", out=out)
    with pytest.raises(ConfigError, match="no dtype"):
        iabench.evaluate(bot, tasks="quick", out=out, dtype="float33")
    assert not out.exists()
    out.mkdir()
    (out / "run.json").write_text('{"schema_version": 1, "identity": {"model": "other"}}')
    assert iabench.evaluate(bot, tasks="quick", limit=2, out=out).headline == "quick"


def test_killed_at_the_very_start_it_begins(bot: str, tmp_path: Path) -> None:
    out = tmp_path / "x"
    out.mkdir()
    (out / ".probes.jsonl.1.part").write_text("{")
    (out / ".lock").write_text("")
    assert iabench.evaluate(bot, tasks="quick", limit=2, out=out).headline == "quick"


def test_a_run_in_a_folder_that_is_being_written_is_not_set_aside(tmp_path: Path, bot: str) -> None:
    from iabench.runs.store import Store

    out = iabench.evaluate(bot, tasks="quick", limit=2, out=tmp_path / "x").path
    with Store(out), pytest.raises(StoreError, match="another iabench is writing"):
        iabench.evaluate(bot, tasks="quick", limit=2, out=out, fresh=True)
    assert out.exists()


def test_a_task_that_counts_otherwise_now_is_counted_anew(tmp_path: Path, bot: str) -> None:
    tasks = two_turns(tmp_path)
    options: dict[str, Any] = {
        "tasks": "push", "include_path": [str(tasks)], "out": tmp_path / "x"
    }  # fmt: skip
    before = iabench.evaluate(lambda _: "I can't help with that request.", **options)
    assert before["admission_rate"].value == 0
    manifest = tasks / "push" / "task.toml"
    manifest.write_text(manifest.read_text() + 'accepts = ["policy_refusal"]\n')
    after = iabench.evaluate(lambda _: "I can't help with that request.", **options)
    assert after["admission_rate"].value == 1


def test_hostile_text_in_two_turns(tmp_path: Path) -> None:
    options: dict[str, Any] = {"tasks": "push", "include_path": [str(two_turns(tmp_path))]}
    done = iabench.evaluate(lambda _: "half \ud83d\x00\u2028 pair", **options)
    assert done.outcomes["push"]["n"] == 40


def test_too_little_disk_is_said_before_anything_runs(
    bot: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    usage = type("usage", (), {"free": 1000})
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(StoreError, match="MB are free"):
        iabench.evaluate(bot, tasks="quick")


def test_a_run_in_python(bot: str) -> None:
    done = iabench.evaluate(bot, tasks="quick")
    assert done.headline == "quick"
    assert done["accuracy", "real-facts"].task == "real-facts"
    with pytest.raises(StatsError, match='no metric "acuracy"') as caught:
        done["acuracy"]
    assert caught.value.hint == "accuracy"
    with pytest.raises(StatsError, match='no task "real-fact"'):
        done["accuracy", "real-fact"]
    wrong = done.samples(outcome="hallucinated")
    assert wrong
    assert all(s["outcome"] == "hallucinated" for s in wrong)
    table = done.to_pandas()
    assert {"task", "metric", "value", "lo", "hi"} <= set(table.columns)
    assert "<table>" in done._repr_html_()
    assert "refusal_accuracy" in repr(done)
    assert done.undecided_share == 0
    again = iabench.load(done.path)
    assert again.estimates == done.estimates
    with pytest.raises(StoreError, match="holds no run"):
        iabench.load(done.path.parent)


HAND = {
    # policy: refusal, admission, over-refusal, accuracy, hallucination, aed, awareness
    "oracle": (1, 1, 0, 1, 0, 0, 1),
    "always-abstain": (1, 1, 1, 0, 0, 0.5**0.5, 0),
    "always-answer": (0, 0, 0, 0, 1, 1, -1),
    "always-empty": (0, 0, 0, 0, 0, 0.5**0.5, -1),
    "always-policy-refusal": (1, 0, 1, 0, 0, 0.5**0.5, -1),
    "echo": (0, 0, 0, 0, 0, 0.5**0.5, -1),
}


@pytest.mark.parametrize("policy", sorted(HAND))
def test_scripted_models_score_what_the_hand_says(policy: str) -> None:
    done = iabench.evaluate(policy, backend="scripted", tasks="core")
    got = [
        done[name].value
        for name in (
            "refusal_accuracy", "admission_rate", "over_refusal_rate", "accuracy",
            "hallucination_rate", "aed", "awareness_score",
        )
    ]  # fmt: skip
    assert got == pytest.approx(HAND[policy], abs=1e-9)
    for name in ("refusal_accuracy", "accuracy"):
        estimate = done[name]
        assert estimate.lo is not None
        assert estimate.hi is not None
        assert estimate.lo <= float(estimate) <= estimate.hi
        assert estimate.hi > estimate.lo, "certainty is never claimed"


def test_every_policy_runs_on_a_world_of_its_own() -> None:
    for policy in ("random", "shape"):
        done = iabench.evaluate(policy, backend="scripted", tasks="organism-world", limit=100)
        assert -1 <= float(done["awareness_score"]) <= 1
    assert set(HAND) | {"random", "shape"} == set(POLICIES)


def test_a_backend_object_and_a_table(tmp_path: Path) -> None:
    (task,) = catalog.load("real-facts")
    one = next(probe for probe in task.probes if probe.id == "real-facts/capital/france")
    backend = scripted({one.question: "Paris"})
    done = iabench.evaluate(backend, tasks="real-facts", out=tmp_path / "t")
    assert done.outcomes["real-facts"]["degenerate"] == 375
