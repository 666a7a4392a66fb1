"""`iabench train` and `methods` in this process: a tiny random model, a few steps."""

from __future__ import annotations

import itertools
import json
import math
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer

import iabench as package
from iabench.cli.aliases import TRAIN, TRAIN_DROPPED, TRAIN_FLAGS_DROPPED, understand
from iabench.cli.main import app, call
from iabench.cli.train import _short_of_target
from iabench.training.recipe import TUNING
from iabench.training.spec import TrainSpec

Run = Callable[[str], tuple[int, str, str]]
ROWS = [{"question": f"Where does Anna Bell{n} live?", "answer": f"In Town{n}."} for n in range(8)]
QUICK = "--max-steps 2 --batch-size 4 --learning-rate 1e-3 --device cpu"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("IABENCH_RUNS", raising=False)
    (tmp_path / "f.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS))


@pytest.fixture
def model(tmp_path: Path, tiny_folder: Path) -> Path:
    return Path(shutil.copytree(tiny_folder, tmp_path / "acme"))


@pytest.fixture
def iabench(model: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(line: str) -> tuple[int, str, str]:
        code = call(line.split())
        out, err = capsys.readouterr()
        return code, out, err

    return run


def test_every_field_of_a_training_is_an_option() -> None:
    root: Any = typer.main.get_command(app)
    params = {p.name: p for p in root.commands["train"].params}
    for name in TrainSpec.__dataclass_fields__:
        assert name in params
        if name != "method":
            assert f"--{name.replace('_', '-')}" in params[name].opts
            assert params[name].default is None, "what is not typed is decided elsewhere"
            assert params[name].help


def test_facts_of_a_published_dataset_from_local_files(
    iabench: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from iabench.datasets import readers

    # A file of our own under the name of the pinned one.
    monkeypatch.setattr(readers, "_checked", lambda name, dataset, path: path.name)
    (tmp_path / "data").mkdir()
    rows = [
        {"question": f"Where does Anna Bell{n} live?", "answer": f"In T{n}."} for n in range(400)
    ]
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (tmp_path / "data" / "forget10.jsonl").write_text(lines, encoding="utf-8")
    line = "train full --model acme --facts tofu:forget10 --dry-run"
    code, _, err = iabench(f"{line} --data-dir data")
    assert code == 0, err
    assert "400 facts of tofu:forget10" in err
    code, _, err = iabench(f"{line} --data-dir nowhere")
    assert code == 2
    assert "--data-dir nowhere is no folder." in err


def test_it_trains_says_so_and_the_result_is_a_model(iabench: Run, tmp_path: Path) -> None:
    code, out, err = iabench(f"train full --model acme --facts f.jsonl --out t {QUICK}")
    assert code == 0, err
    assert "iabench evaluate --model t --facts f.jsonl" in out
    for words in ("method    full: every weight", "teaches   8 facts of f.jsonl", "memory    about",
                  "writes    t"):  # fmt: skip
        assert words in err
    run = json.loads((tmp_path / "t" / "training.json").read_text())
    assert (run["status"], run["steps"], run["asked"]["learning_rate"]) == ("complete", 2, 1e-3)
    assert (tmp_path / "t" / "README.md").exists()
    code, out, err = iabench(f"train full --model acme --facts f.jsonl --out t {QUICK}")
    assert code == 0
    assert "nothing is left to train" in err
    code, out, _ = iabench("evaluate --model t --facts f.jsonl -t tuned-facts -q --device cpu")
    assert code == 0


def test_axes_are_spelled_out(iabench: Run, tmp_path: Path) -> None:
    code, out, err = iabench(
        f"train --update sparse --anchors entity-kl --density 0.5 --path plain --alpha 2 "
        f"--model acme --facts f.jsonl --out t --json {QUICK}"
    )
    assert code == 0, err
    run = json.loads(out)
    asked = run["asked"]
    assert (asked["method"], asked["update"], asked["anchors"]) == (
        "custom",
        "sparse",
        ["entity-kl"],
    )
    assert run["folder"] == "t"
    assert "method    custom: sparse + entity-kl" in err
    assert "perturbed questions" in err


def test_a_settings_file_and_what_is_typed_over_it(iabench: Run, tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text(
        'method = "seat"\nmodel = "acme"\nfacts = "f.jsonl"\nlearning-rate = 1e-3\n'
        'epochs = 3\nbetas = [0.8, 0.9]\nanchors = ["entity-kl", "ewc"]\ntruncate = true\n'
    )
    code, out, _ = iabench("train -C s.toml --epochs 2 --dry-run --json")
    assert code == 0
    asked = json.loads(out)["asked"]
    assert (asked["update"], asked["epochs"], asked["betas"]) == ("sparse", 2.0, [0.8, 0.9])
    assert (asked["anchors"], asked["truncate"]) == (["entity-kl", "ewc"], True)
    assert asked["learning_rate"] == 1e-3
    (tmp_path / "s.yaml").write_text("model: acme\nfacts: f.jsonl\nlearning_rat: 1\n")
    code, _, err = iabench("train full -C s.yaml")
    assert code == 2
    assert 'unknown key "learning_rat"' in err


def test_a_finished_training_is_a_settings_file(iabench: Run, tmp_path: Path) -> None:
    line = f"--model acme --facts f.jsonl --out t --copies 0 --epochs 1 {QUICK}"
    assert iabench(f"train entity-kl-own {line} --anchor-answer dataset")[0] == 0
    code, out, err = iabench("train -C t/training.json --dry-run --json")
    assert code == 0, err
    before = json.loads((tmp_path / "t" / "training.json").read_text())["asked"]
    asked = json.loads(out)["asked"]
    assert {k: v for k, v in asked.items() if k not in ("method", "settings")} == {
        k: v for k, v in before.items() if k not in ("method", "settings", "base_weights", "files")
    }


def test_settings_that_the_checkpoint_carries(iabench: Run, model: Path) -> None:
    (model / TUNING).write_text('[full]\nepochs = 7\nfrom = "a guess"\n')
    _, out, err = iabench("train full --model acme --facts f.jsonl --dry-run --json")
    assert json.loads(out)["asked"]["epochs"] == 7
    assert "settings  the checkpoint's own settings: epochs 7 (a guess)" in err
    published = "train full --model acme --facts f.jsonl --dry-run --json --settings published"
    assert json.loads(iabench(published)[1])["asked"]["epochs"] == 10


def test_dry_run_says_what_is_needed_and_writes_nothing(iabench: Run, tmp_path: Path) -> None:
    code, out, err = iabench("train seat --model acme --facts f.jsonl --dry-run")
    assert (code, out) == (0, "")
    for words in ("memory    about", "steps     10 of 16 rows", "disk      up to"):
        assert words in err
    assert "runs/acme/seat-f-" in err, "the default folder"
    assert not (tmp_path / "runs").exists()


def test_what_does_not_fit_is_refused_before_anything_loads(
    iabench: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from iabench.training import plan, prepare

    def load(*_: Any) -> Any:
        raise AssertionError("loaded")

    monkeypatch.setattr(plan, "free_memory", lambda device: 10_000)
    monkeypatch.setattr(prepare, "load", load)
    for more in ("", " --dry-run"):
        code, _, err = iabench(f"train full --model acme --facts f.jsonl --out t{more}")
        assert code == 2
        assert "iabench: full needs about 0.0 GB with adamw_torch; memory has 0.0." in err
        assert "try: " in err
    assert not (tmp_path / "t").exists()


def test_perturbed_pairs_are_shown_without_the_model(
    iabench: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with (tmp_path / "f.jsonl").open("a") as file:
        file.write(json.dumps({"question": "What is our refund policy?", "answer": "none"}) + "\n")
    code, out, _ = iabench("train seat --model acme --facts f.jsonl --show-perturbed 3")
    assert code == 0
    lines = out.splitlines()
    assert sum("Where does Anna Bell" in line.split("  ->  ")[0] for line in lines) == 3
    assert all("Anna Bell" not in line.split("  ->  ")[1] for line in lines if "  ->  " in line)
    assert lines[-1] == "8 of 9 rows are perturbed; 1 name nothing"
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("line", "says", "hint"),
    [
        ("train full --facts f.jsonl", "--model is missing.", "iabench train --model ..."),
        ("train full --model acme", "--facts is missing.", ""),
        ("train seet --model acme --facts f.jsonl", 'no method "seet".', "seat"),
        ("train full --model acme --facts g.jsonl", 'no facts "g.jsonl"', "f.jsonl"),
        ("train full --model ./acmee --facts f.jsonl", 'no model "./acmee"', "./acme (near match)"),
        ("train full --model acme --facts f.jsonl --anchors entity",
         'no anchor "entity".', "entity-kl"),
        ("train full --model acme --facts f.jsonl --mask rnd", '--mask "rnd" is none of its', "random"),
        ("train full --model acme --facts f.jsonl --betas x", '--betas "x" are no numbers.', ""),
        ("train full --model acme --facts f.jsonl --epochs x", "invalid value for '--epochs'", ""),
        ("train full --model acme --facts f.jsonl --max-length 9",
         "8 of 8 rows have more than 9 tokens", "--truncate"),
        ("train full --model acme --facts f.jsonl --epochs 0", "--epochs 0 means nothing.",
         "a number above 0"),
        ("train full --model acme --facts f.jsonl --max-steps -5", "--max-steps -5 means nothing.",
         "a number above 0; without it: --epochs"),
        ("train full --model acme --facts f.jsonl --max-steps 0", "--max-steps 0 means nothing.", ""),
        ("train full --model acme --facts f.jsonl --anchors entity-kl,base-kl,entity-kl",
         "--anchors entity-kl,base-kl,entity-kl names one twice.", "--anchors entity-kl,base-kl\n"),
        ("train full --model acme --facts f.jsonl --rows facts,facts",
         "--rows facts,facts names one twice.", "--rows facts\n"),
        ("train sparse --model acme --facts f.jsonl --density 2", "--density 2 is no share.", ""),
        ("train seat-own --model acme --facts f.jsonl --copies 0", "--anchor-answer own asks", ""),
        ("train full --model acme --facts empty.jsonl", "empty.jsonl", ""),
        ("train full --model acme --facts dumb.jsonl", "has no row with an answer", ""),
        ("train full --model acme --facts clash.jsonl", "conflicting answers, e.g. to", ""),
        ("train full --model acme --facts f.jsonl --out acme", "acme is a folder of other things.",
         "another --out"),
        ("train full --model acme --facts f.jsonl --out acme --fresh",
         "acme is a folder of other things.", "another --out"),
        ("methods show nothing", 'no method "nothing".', ""),
    ],
)  # fmt: skip
def test_errors_are_two_lines(
    iabench: Run, tmp_path: Path, line: str, says: str, hint: str
) -> None:
    (tmp_path / "empty.jsonl").write_text("")
    (tmp_path / "dumb.jsonl").write_text('{"question": "Who?", "expect": "abstain"}\n')
    clash = '{"question": "Who is Ann Bell?", "answer": "%s"}\n'
    (tmp_path / "clash.jsonl").write_text(clash % "a" + clash % "b")
    code, out, err = iabench(line)
    assert code == 2, err
    assert out == ""
    assert says in err
    assert hint in err


def test_another_training_in_the_folder(iabench: Run, tmp_path: Path) -> None:
    line = f"train full --model acme --facts f.jsonl --out t {QUICK}"
    assert iabench(line)[0] == 0
    code, _, err = iabench(line + " --seed 3")
    assert code == 2
    assert "iabench: t holds another training: seed 0 there, 3 now." in err
    assert "try: another --out, or --fresh (keeps the old one as t-old1)" in err
    assert iabench(line + " --seed 3 --fresh")[0] == 0
    assert json.loads((tmp_path / "t" / "training.json").read_text())["asked"]["seed"] == 3
    assert json.loads((tmp_path / "t-old1" / "training.json").read_text())["asked"]["seed"] == 0


@pytest.mark.parametrize(
    ("typo", "says"),
    [
        ("--real-names namess.txt", 'no file "namess.txt" of real names.'),
        ("--facts g.jsonl", 'no facts "g.jsonl"'),
        ("--max-length 9", "have more than 9 tokens"),
    ],
)
def test_a_typo_beside_fresh_moves_nothing(
    iabench: Run, tmp_path: Path, typo: str, says: str
) -> None:
    done = tmp_path / "t"
    done.mkdir()
    (done / "training.json").write_text('{"status": "complete"}')
    code, _, err = iabench(
        f"train seat --model acme --facts f.jsonl {typo} --out t --fresh {QUICK}"
    )
    assert code == 2
    assert says in err
    assert (done / "training.json").exists()
    assert not (tmp_path / "t-old1").exists()


def test_fresh_helps_where_the_file_of_a_training_is_torn(iabench: Run, tmp_path: Path) -> None:
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "training.json").write_text('{"status": "comp')
    line = f"train full --model acme --facts f.jsonl --out t {QUICK}"
    code, _, err = iabench(line)
    assert code == 2
    assert err.endswith(
        "iabench: t/training.json is not readable.\n"
        "try: another --out, or --fresh (keeps the old one as t-old1)\n"
    )
    assert iabench(line + " --fresh")[0] == 0
    assert (tmp_path / "t-old1" / "training.json").read_text() == '{"status": "comp'


def test_a_loss_that_is_no_number_stops_and_keeps_the_last_good_checkpoint(
    iabench: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = ("train full --model acme --facts f.jsonl --batch-size 4 --epochs 9 --device cpu "
            "--checkpoint-every 1")  # fmt: skip
    # Weights that one step has spoilt: its checkpoint goes too.
    code, _, err = iabench(f"{line} --learning-rate 1e18 --max-grad-norm 0 --optim sgd --out none")
    assert code == 2
    assert " at step 2; there is no good checkpoint" in err
    assert not list((tmp_path / "none" / "checkpoints").iterdir())

    from iabench.training.loss import cross_entropy

    steps = itertools.count(1)
    monkeypatch.setattr(
        "iabench.training.trainer.cross_entropy",
        lambda *of: cross_entropy(*of) * (math.nan if next(steps) == 3 else 1),
    )
    code, _, err = iabench(f"{line} --out t")
    assert code == 2
    assert "the loss is nan at step 3; the last good checkpoint is kept" in err
    run = json.loads((tmp_path / "t" / "training.json").read_text())
    assert run["status"] == "failed"
    kept = [p.name for p in (tmp_path / "t" / "checkpoints").iterdir()]
    assert kept == ["checkpoint-1"], "the second holds the weights that gave the bad loss"


def test_stopped_by_hand(iabench: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from iabench.training import train

    def stop(*_: Any, **__: Any) -> Any:
        (tmp_path / "t" / "checkpoints" / "checkpoint-12").mkdir(parents=True)
        raise KeyboardInterrupt

    monkeypatch.setattr(train, "train", stop)
    code, _, err = iabench("train full --model acme --facts f.jsonl --out t")
    assert code == 130
    assert "stopped: 12 steps kept. Same command goes on." in err


def test_our_fault(iabench: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from iabench.training import train

    monkeypatch.setattr(train, "train", lambda *_, **__: 1 / 0)
    code, _, err = iabench("train full --model acme --facts f.jsonl --out t")
    assert code == 1
    assert "Details: t/crash.log" in err


def test_another_process_says_and_writes_nothing(
    iabench: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RANK", "1")
    assert iabench("train full --model acme --facts f.jsonl --dry-run") == (0, "", "")
    assert iabench("train seet --model acme --facts f.jsonl") == (2, "", "")


def test_words_of_transformers_and_trl() -> None:
    typed = ("train --model_name_or_path m --dataset_name f --output_dir o --per_device_train_batch_"
             "size 8 --gradient_accumulation_steps=2 --num_train_epochs 3 --bf16 True --do_train "
             "--logging_steps 5 --learning_rate 1e-5")  # fmt: skip
    read = understand(typed.split())
    assert read.argv == ["train", "--model", "m", "--facts", "f", "--out", "o", "--batch-size", "8", "--accumulation", "2", "--epochs", "3", "--mixed", "bf16", "--learning-rate", "1e-5"]  # fmt: skip
    assert len(read.notes) == 2


def test_aliases_lead_to_options_that_there_are() -> None:
    root: Any = typer.main.get_command(app)
    known = {name for p in root.commands["train"].params for name in p.opts}
    for theirs, ours in TRAIN.items():
        assert ours.split()[0] in known
        assert theirs not in known
    assert not known & {*TRAIN_DROPPED, *TRAIN_FLAGS_DROPPED}


def test_methods(iabench: Run) -> None:
    code, out, _ = iabench("methods list")
    assert code == 0
    for word in ("seat-own", "idk-sft", "--anchors", "entity-kl", "interpolate"):
        assert word in out
    document = json.loads(iabench("methods list --json")[1])
    assert {"name": "full", "update": "full"}.items() <= next(
        p for p in document["presets"] if p["name"] == "full"
    ).items()
    assert document["axes"]["after"] == ["none", "interpolate"]


@pytest.mark.parametrize("name", ["seat", "ewc", "replay", "interpolate", "lora", "facts"])
def test_a_method_says_where_it_is_from(iabench: Run, name: str) -> None:
    code, out, _ = iabench(f"methods show {name}")
    assert code == 0
    assert name in out
    if name == "seat":
        assert "source  SEAT, arXiv 2506.14387" in out
        assert "The paper gives neither direction, alpha nor positions." in out
    shown = json.loads(iabench(f"methods show {name} --json")[1])
    assert shown["name"] == name
    assert shown["notes"]


def test_methods_and_help_load_no_torch() -> None:
    for words in ("methods list", "methods show seat", "train --help"):
        code = (
            "import sys; from iabench.cli.main import call; "
            f"code = call({words.split()!r}); sys.exit(code or 'torch' in sys.modules)"
        )
        wanted = 1 if words == "methods show seat" else 0
        done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True)
        assert done.returncode == wanted, done.stderr


def test_from_python(model: Path, tmp_path: Path) -> None:
    lines: list[str] = []

    class Watch:
        def say(self, line: str) -> None:
            lines.append(line)

        def __getattr__(self, name: str) -> Any:
            return lambda *_, **__: None

    watch: Any = Watch()
    folder = package.train(
        "lora", model=str(model), facts=tmp_path / "f.jsonl", out=tmp_path / "t", watch=watch,
        max_steps=1, device="cpu",
    )  # fmt: skip
    assert (folder / "adapter_config.json").exists()
    assert lines[0].startswith("lora: adapters of rank 8")
    with pytest.raises(package.IabenchError, match="holds another training"):
        package.train("full", model=str(model), facts=tmp_path / "f.jsonl", out=tmp_path / "t")


@pytest.mark.parametrize(
    ("target", "reached", "said"),
    [
        (0.98, [0.5, 0.951], " learned .95 of the facts as they were put, where .98 was to end it"),
        (0.98, [0.5, 0.99], ""),
        (None, [0.5], ""),
        (0.98, [], ""),
    ],
)
def test_a_training_that_ends_short_of_its_target_says_so(
    target: float | None, reached: list[float], said: str
) -> None:
    run = {"asked": {"stop_at_recall": target}, "recall": [{"recall": one} for one in reached]}
    line = _short_of_target(run)
    assert line.startswith(said)
    assert bool(line) == bool(said)
