"""The command line in this process: error texts, exit codes, what goes to stdout."""

from __future__ import annotations

import errno
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from iabench.cli.main import call

BOT = 'def answer(messages):\n    return "I don\'t know."\n'


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("IABENCH_RUNS", raising=False)
    (tmp_path / "bot.py").write_text(BOT)


@pytest.fixture
def model(tmp_path: Path, tiny_folder: Path) -> Path:
    return Path(shutil.copytree(tiny_folder, tmp_path / "acme-8b"))


@pytest.fixture
def iabench(capsys: pytest.CaptureFixture[str]) -> Any:
    def run(line: str) -> tuple[int, str, str]:
        code = call(line.split())
        out, err = capsys.readouterr()
        return code, out, err

    return run


def config(folder: Path, **fields: object) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))


def test_no_argument_gives_the_first_commands(iabench: Any) -> None:
    code, out, _ = iabench("")
    assert code == 0
    assert "iabench evaluate --model organism --tasks organism" in out


def test_help_and_version(iabench: Any) -> None:
    code, out, _ = iabench("--version")
    assert (code, out.split()[0]) == (0, "iabench")
    code, out, _ = iabench("--help")
    assert code == 0
    for word in ("Measure", "Look inside", "evaluate", "report", "runs", "regrade", "tasks", "env"):
        assert word in out
    assert "organism" not in out, "hidden"
    code, out, _ = iabench("evaluate --help")
    assert "--max-new-tokens" in out


@pytest.mark.parametrize(
    ("line", "says", "hint"),
    [
        ("evaluate --model ./acme-8B", 'no model "./acme-8B": not a folder here, not a hub id.',
         "./acme-8b (near match)"),
        ("evaluate --model hf", '"hf" is a backend, not a model.', "--model ID_OR_FOLDER"),
        ("evaluate --model ./acme-8b --tasks invented-entites", 'no task "invented-entites".',
         "invented-entities   (iabench tasks list)"),
        ("evaluate --model ./acme-8b --tasks organism-world",
         "organism-world needs a model that was taught organism-world@1; ./acme-8b was not.",
         "--tasks core"),
        ("evaluate --model Qwen/Qwen2.5-7B",
         "HF_HUB_OFFLINE is set and Qwen/Qwen2.5-7B is not in ~/.cache/huggingface.",
         "unset HF_HUB_OFFLINE, or give a folder"),
        ("evaluate --model ./acme-8b --limit inf", "--limit inf asks nothing.", "--limit 50"),
        ("evaluate --model ./acme-8b --max-undecided nan", "--max-undecided nan is no share.", ""),
        ("evaluate --model ./acme-8b --chat-template-kwargs tokenize=1",
         "--chat-template-kwargs tokenize is iabench's own.", "leave it out"),
        ("evaluate --model ./acme-8b --limit 0", "--limit 0 asks nothing.",
         "--limit 50 (a task), or --limit 0.1 (a share)"),
        ("evaluate --model ./acme-8b --max-new-tokens 0", "--max-new-tokens 0 leaves no answer.",
         "--max-new-tokens 128"),
        ("evaluate --model ./acme-8b --batch-size 0", "--batch-size 0 is no number of rows.",
         "auto, or 8"),
        ("evaluate --model ./acme-8b --detector lexicl", 'no detector "lexicl".', "lexical"),
        ("evaluate --model ./acme-8b --backend hff", 'no backend "hff".', "hf"),
        ("evaluate --model ./acme-8b --dtype float31 -L 1 -t real-facts", 'no dtype "float31".',
         "--dtype auto, float32, float16, bfloat16"),
        ("evaluate --model ./acme-8b --device cuda:9 -L 1 -t real-facts",
         'no device "cuda:9" on this machine.', "--device auto"),
        ("evaluate --model ./acme-8b --device warp -L 1 -t real-facts", 'no device "warp".',
         "--device cuda, mps or cpu"),
        ("evaluate --model ./acme-8b --quantize 4bit -L 1 -t real-facts",
         "--quantize needs bitsandbytes.", 'pip install "iabench[quant]"'),
        ("evaluate --model ./acme-8b --quantize 3bit -L 1 -t real-facts",
         'no quantization "3bit".', "--quantize 4bit or 8bit"),
        ("evaluate --model ./acme-8b --chat-template gone.jinja", 'no chat template "gone.jinja".',
         "--chat-template auto, none, or a FILE"),
        ("evaluate --model ./acme-8b --system-prompt @gone.txt", "cannot read gone.txt", ""),
        ("evaluate --model ./acme-8b --chat-template-kwargs x", "is no key=value", ""),
        ("evaluate --model ./acme-8b --include-path gone", "no folder gone.", "--include-path"),
        ("evaluate --model ./acme-8b -C gone.toml", "cannot read gone.toml", ""),
        ("evaluate", "--model is missing.", "iabench evaluate --model ..."),
        ("evaluate --model ./acme-8b --limt 3", "no option --limt.", "--limit"),
        ("evaluate --model ./acme-8b --seed one", '--seed "one" is no whole number.', "--seed 0, or 0,42"),
        ("evalute --model x", 'no verb "evalute".', "iabench evaluate"),
        ("report gone", "gone holds no run.", "iabench runs"),
        ("report", "no run yet.", "iabench evaluate --model ID_OR_FOLDER"),
        ("regrade gone", "gone holds no answers.", "iabench evaluate --out gone"),
        ("tasks show real-fact", 'no task "real-fact".', "real-facts   (iabench tasks list)"),
        ("evaluate --model bot.py::anser", 'bot.py has no function "anser".', "bot.py::answer"),
    ],
)  # fmt: skip
def test_errors_are_two_lines(iabench: Any, model: Path, line: str, says: str, hint: str) -> None:
    code, out, err = iabench(line)
    assert code == 2
    assert out == ""
    (first,) = [text for text in err.splitlines() if text.startswith("iabench: ")]
    assert says in first
    tries = [text for text in err.splitlines() if text.startswith("try: ")]
    assert hint in (tries[0] if tries else "")
    assert "Traceback" not in err


def test_a_backend_given_as_a_model_beside_one_is_understood(iabench: Any) -> None:
    code, _, err = iabench("--model hf --model_args pretrained=./gone --tasks core")
    assert code == 2
    assert 'note: read "--model hf" as lm-eval does: --backend hf --model ./gone' in err
    assert 'no model "./gone"' in err


def test_models_that_cannot_be_asked(iabench: Any, model: Path) -> None:
    config(model, architectures=["T5ForConditionalGeneration"], is_encoder_decoder=True)
    _, _, err = iabench("evaluate --model ./acme-8b")
    assert (
        "iabench: ./acme-8b is a T5ForConditionalGeneration; iabench asks causal language models.\n"
        "try: serve it and use --base-url\n" in err
    )
    config(model, architectures=["LlamaForCausalLM"], is_encoder_decoder=False)
    config(model, auto_map={"AutoModelForCausalLM": "modeling_x.X"})
    _, _, err = iabench("evaluate --model ./acme-8b")
    assert (
        "iabench: ./acme-8b needs code from its repository (modeling_x.py).\n"
        "try: --trust-remote-code after reading it\n" in err
    )
    config(model, auto_map={})
    (model / "model.safetensors").rename(model / "pytorch_model.bin")
    _, _, err = iabench("evaluate --model ./acme-8b")
    assert (
        "iabench: ./acme-8b has only pickled weights, which can run code when loaded.\n"
        "try: --allow-pickle if you trust it\n" in err
    )


def test_a_model_that_does_not_fit(
    iabench: Any, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    from iabench.models import locate

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _=None: (int(23.6e9), int(24e9)))
    monkeypatch.setattr(locate, "parameters", lambda _: int(8.03e9))
    _, _, err = iabench("evaluate --model ./acme-8b --device cuda:0 --dtype float32 -t real-facts")
    assert (
        "iabench: Llama 8.0 B in float32 needs 32 GB; cuda:0 has 23.6 free.\n"
        "try: --dtype bfloat16 (16 GB) or --quantize 4bit (6 GB)\n" in err
    )


def test_another_run_in_the_folder(iabench: Any, model: Path) -> None:
    options = "-t real-facts -L 2 --max-new-tokens 2 --max-undecided 1 --out runs/x -q"
    assert iabench(f"evaluate --model ./acme-8b {options}")[0] == 0
    shutil.copytree(model, "acme-7b")
    from safetensors.numpy import load_file, save_file

    weights = load_file("acme-7b/model.safetensors")
    weights["model.norm.weight"] = weights["model.norm.weight"] * 2
    save_file(weights, "acme-7b/model.safetensors", metadata={"format": "pt"})
    code, _, err = iabench(f"evaluate --model ./acme-7b {options}")
    assert code == 2
    assert (
        "iabench: runs/x holds another evaluation: model ./acme-8b there, ./acme-7b now.\n"
        "try: another --out, or --fresh (keeps the old one as runs/x-old1)\n" in err
    )
    assert iabench(f"evaluate --model ./acme-7b --fresh {options}")[0] == 0
    assert Path("runs/x-old1/results.json").exists()


def test_json_is_all_that_goes_to_stdout(iabench: Any) -> None:
    code, out, err = iabench("evaluate --model bot.py::answer --tasks quick --json --out x")
    assert code == 0
    assert json.loads(out) == json.loads(Path("x/results.json").read_text())
    assert "asks" in err
    refusal = [
        e["value"]
        for e in json.loads(out)["estimates"]
        if (e["task"], e["metric"], e["slice"]) == ("quick", "refusal_accuracy", "all")
    ]
    assert refusal == [1.0]
    code, out, err = iabench("report x --json")
    assert json.loads(out)["headline"] == "quick"
    assert err == ""


def test_quiet_says_nothing(iabench: Any) -> None:
    assert iabench("evaluate --model bot.py::answer --tasks quick -q --out x") == (0, "", "")


def test_a_dry_run_writes_nothing(iabench: Any) -> None:
    code, out, err = iabench("evaluate --model bot.py::answer --tasks quick --dry-run")
    assert (code, out) == (0, "")
    assert "120 questions of quick (public set, seed 0)" in err
    assert not Path("runs").exists()


def test_the_table_and_what_comes_with_it(iabench: Any) -> None:
    code, out, _ = iabench("evaluate --model bot.py::answer --tasks quick --seed 3 -L 20")
    assert code == 0
    assert "SHOULD SAY" in out
    assert "report.html" in out
    assert max(map(len, out.splitlines())) <= 88
    (folder,) = Path("runs/bot").glob("quick-*")
    names = {p.name for p in folder.iterdir()} - {".lock"}
    assert names == {
        "run.json", "probes.jsonl", "prompts.jsonl", "completions.jsonl", "verdicts",
        "results.json", "samples.jsonl", "report.html", "results.csv", "results.md",
    }  # fmt: skip
    line = json.loads((folder / "completions.jsonl").read_text().splitlines()[0])
    assert {"request_id", "probe_id", "text", "finish"} <= set(line)
    code, out, _ = iabench("runs")
    assert "complete" in out
    code, out, _ = iabench("runs --json")
    assert json.loads(out)[0]["refusal_accuracy"] == 1.0
    code, out, _ = iabench("report --out page.html")
    assert code == 0
    assert Path("page.html").read_text() == (folder / "report.html").read_text()
    code, out, _ = iabench("regrade --json")
    assert json.loads(out)["headline"] == "quick"


def test_a_run_judged_again_by_a_judge_that_fails_is_not_to_be_trusted(iabench: Any) -> None:
    iabench("evaluate --model bot.py::answer --tasks quick -L 4 --out a -q")
    Path("judge.py").write_text("def judge(messages):\n    raise OSError('gone')\n")
    command = "regrade a --detector judge --judge judge.py::judge -q"
    code, _, err = iabench(command)
    assert code == 4
    assert "of the answers are undecided (--max-undecided 0.05)" in err
    assert iabench(f"{command} --max-undecided 1")[0] == 0
    Path("judge.py").write_text("def judge(messages):\n    return 'VERDICT: ANSWERS'\n")
    assert iabench(command)[0] == 0


def test_a_run_is_a_configuration(iabench: Any) -> None:
    iabench("evaluate --model bot.py::answer --tasks quick --seed 5 -L 4 --out a -q")
    code, _, _ = iabench("evaluate -C a/run.json --out b -q")
    assert code == 0
    assert Path("a/results.json").read_bytes() == Path("b/results.json").read_bytes()
    Path("my.toml").write_text(
        'model = "bot.py::answer"\ntasks = ["quick"]\nlimit = 4\nseed = 5\nout = "c"\n'
        "chat_template_kwargs = { a = 1 }\n"
    )
    assert iabench("evaluate -C my.toml -q")[0] == 0
    Path("my.yaml").write_text("model: bot.py::answer\ntasks: quick\nlimt: 4\n")
    code, _, err = iabench("evaluate -C my.yaml")
    assert code == 2
    assert 'iabench: my.yaml: unknown key "limt".\ntry: limit' in err


def test_every_option_by_environment(iabench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IABENCH_EVALUATE_MODEL", "bot.py::answer")
    monkeypatch.setenv("IABENCH_EVALUATE_TASKS", "quick")
    code, _, err = iabench("evaluate --dry-run")
    assert code == 0
    assert "120 questions of quick" in err


def test_what_is_not_to_be_trusted_is_4(iabench: Any) -> None:
    Path("bad.py").write_text("def answer(messages):\n    raise OSError('gone')\n")
    code, _, err = iabench("evaluate --model bad.py::answer --tasks quick -L 3 --out x")
    assert code == 4
    assert "not to be trusted: 9 questions could not be asked" in err
    assert "100.0% of the answers are undecided (--max-undecided 0.05)" in err


def test_a_bot_that_prints_does_not_get_into_the_json(iabench: Any) -> None:
    Path("loud.py").write_text("def answer(messages):\n    print('hello')\n    return 'Paris'\n")
    code, out, err = iabench("evaluate --model loud.py::answer --tasks quick -L 2 --json")
    assert code == 0
    assert json.loads(out)["headline"] == "quick"
    assert "hello" in err


def test_a_bot_that_exits_ends_only_its_answer(iabench: Any) -> None:
    Path("quit.py").write_text("def answer(messages):\n    raise SystemExit(0)\n")
    code, _, _ = iabench("evaluate --model quit.py::answer --tasks quick -L 2 -q")
    assert code == 4


def test_a_bot_finds_its_neighbours_and_itself(iabench: Any) -> None:
    Path("side.py").write_text("WORD = 'Paris'\n")
    Path("deep.py").write_text(
        "from __future__ import annotations\nfrom dataclasses import dataclass\n"
        "from side import WORD\n@dataclass\nclass A:\n    w: str = WORD\n"
        "def answer(messages):\n    return A().w\n"
    )
    assert iabench("evaluate --model deep.py::answer --tasks quick -L 2 -q")[0] == 0


def test_configuration_by_environment_and_glued(
    iabench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("my.toml").write_text('model = "bot.py::answer"\ntasks = "quick"\njson = true\n')
    assert json.loads(iabench("evaluate -Cmy.toml -L 2")[1])["headline"] == "quick"
    monkeypatch.setenv("IABENCH_EVALUATE_CONFIG", "my.toml")
    assert json.loads(iabench("evaluate -L 2")[1])["headline"] == "quick"


def test_a_folder_that_cannot_be_written_still_shows_its_run(
    iabench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from iabench.reports import write

    iabench("evaluate --model bot.py::answer --tasks quick -L 2 --out x -q")

    def fail(_: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(write, "write_all", fail)
    code, out, err = iabench("report x")
    assert code == 0
    assert "SHOULD SAY" in out
    assert "note: no page written to x: Read-only file system" in err


def test_our_fault_is_1_and_leaves_a_log(iabench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from iabench.runs import runner

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr(runner, "ledger", broken)
    code, _, err = iabench("evaluate --model bot.py::answer --tasks quick -L 2 --out x")
    assert code == 1
    assert "iabench: internal error (our fault). Details: x/crash.log\n" in err
    assert "try: open an issue with that file and: iabench env" in err
    assert "ZeroDivisionError: oh" in Path("x/crash.log").read_text()


def test_a_full_disk(iabench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from iabench import jsonl

    add, n = jsonl.Appender.add, 0

    def full(self: jsonl.Appender, record: object) -> None:
        nonlocal n
        n += type(record).__name__ == "Completion"
        if n > 5:
            raise OSError(errno.ENOSPC, "No space left on device")
        add(self, record)

    line = "evaluate --model bot.py::answer --tasks quick -L 4 --out x"
    with monkeypatch.context() as patched:
        patched.setattr(jsonl.Appender, "add", full)
        code, _, err = iabench(line)
    assert code == 2
    assert (
        "iabench: disk full at x after 5 of 12 answers, all kept.\n"
        "try: free space, same command\n" in err
    )
    assert iabench(line)[0] == 0


def test_tasks_are_listed_and_shown(iabench: Any) -> None:
    code, out, _ = iabench("tasks list")
    assert code == 0
    assert "real-facts" in out
    assert "suite core" in out
    listed = json.loads(iabench("tasks list --json")[1])
    assert {"real-facts", "invented-entities", "fictional-people"} <= {
        t["name"] for t in listed["tasks"]
    }
    assert set(listed["suites"]) >= {"quick", "core", "organism"}
    code, out, _ = iabench("tasks show real-facts --probes 3")
    assert "checksum" in out
    shown = json.loads(iabench("tasks show invented-entities --probes 2 --seed 4 --json")[1])
    assert shown["seed"] == 4
    assert len(shown["probes"]) == 2


def test_env_is_for_bug_reports(iabench: Any) -> None:
    about = json.loads(iabench("env --json")[1])
    assert about["versions"]["torch"].startswith("2.")
    assert "cpu" in about["machine"]["devices"]
    assert "versions" in iabench("env")[1]


def test_facts_of_the_organism_as_files(iabench: Any) -> None:
    code, out, _ = iabench("organism facts new --out new.jsonl")
    assert code == 0
    rows = [json.loads(line) for line in Path("new.jsonl").read_text().splitlines()]
    assert f"{len(rows):,} rows" in out
    assert all({"question", "answer", "entity", "relation"} <= set(row) for row in rows)


def test_a_build_is_told_stage_by_stage(iabench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from iabench.organism import recipe

    def build(out: Path, *, seed: int, watch: Any) -> None:
        assert seed == 3
        for stage, total in (("base", 4), ("align", 2)):
            for done in range(1, total + 1):
                watch(stage, done, total)

    monkeypatch.setattr(recipe, "build", build)
    code, out, _ = iabench("organism build --seed 3 --out orgs")
    assert code == 0
    assert out.split() == ["orgs/organism", "orgs/organism-unaligned"]


def test_the_detector_is_built_where_it_is_asked_for(
    iabench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from iabench.organism import detector, lexicon

    built: list[tuple[Path, int, int]] = []
    weighed: list[tuple[str, int]] = []

    def build(out: Path, *, labels: Any, recipe: Any, watch: Any) -> None:
        watch("cross-validation", 1, 1)
        built.append((out, len(labels), recipe.seed))

    monkeypatch.setattr(detector, "build", build)
    monkeypatch.setattr(
        lexicon, "build", lambda labels, out: weighed.append((out.name, len(labels)))
    )
    monkeypatch.setattr(detector, "training_labels", lambda also: [*also, "own"])
    code, out, _ = iabench("organism build detector --out d.safetensors --seed 2 --also more.csv")
    assert (code, out.strip()) == (0, "d.safetensors")
    assert iabench("organism build detector -q")[0] == 0
    from iabench.grading.classifier import WEIGHTS

    assert built == [(Path("d.safetensors"), 2, 2), (WEIGHTS, 1, 0)]
    assert weighed == [("lexical.json", 2), ("lexical.json", 1)]


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("organism build detector --out folder", "--out folder.safetensors"),
        ("organism build", "--out my-organisms"),
    ],
)
def test_a_build_says_where_it_wants_to_go(iabench: Any, line: str, hint: str) -> None:
    code, _, err = iabench(line)
    assert code == 2
    assert hint in err
