"""lm-evaluation-harness's README commands with only the program's name changed."""

from __future__ import annotations

import pytest

from iabench.cli.aliases import understand


@pytest.mark.parametrize(
    ("typed", "read", "noted"),
    [
        (
            "--model hf --model_args pretrained=EleutherAI/gpt-j-6B --tasks core --device cuda:0 "
            "--batch_size 8",
            "evaluate --backend hf --model EleutherAI/gpt-j-6B --tasks core --device cuda:0 "
            "--batch-size 8",
            "--backend hf --model EleutherAI/gpt-j-6B",
        ),
        (
            "run --model hf --model_args pretrained=EleutherAI/pythia-160m,revision=step100000,"
            'dtype="float" --tasks core,quick --device cuda:0 --batch_size auto:4',
            "evaluate --backend hf --model EleutherAI/pythia-160m --revision step100000 "
            "--dtype float32 --tasks core,quick --device cuda:0 --batch-size auto",
            "auto:4 is read as auto",
        ),
        (
            "run --model hf --model_args pretrained=gpt2 dtype=float32 --tasks core",
            "evaluate --backend hf --model gpt2 --dtype float32 --tasks core",
            "--backend hf",
        ),
        (
            "--model hf --model_args pretrained=E/gpt-j-6b,parallelize=True,load_in_4bit=True,"
            "peft=nomic-ai/gpt4all-j-lora --tasks core",
            "evaluate --backend hf --model E/gpt-j-6b --quantize 4bit "
            "--adapter nomic-ai/gpt4all-j-lora --tasks core",
            "parallelize=True is left out",
        ),
        (
            "--model hf --model_args=pretrained=gpt2,trust_remote_code=True --tasks core "
            "--apply_chat_template --system_instruction Hi --num_fewshot 5 --limit 10 "
            "--gen_kwargs max_gen_toks=64,temperature=0 --output_path res --log_samples "
            "--seed 1 --include_path my --wandb_args project=x --use_cache a",
            "evaluate --backend hf --model gpt2 --trust-remote-code --tasks core "
            "--chat-template auto --system-prompt Hi --limit 10 --max-new-tokens 64 --out res "
            "--seed 1 --include-path my",
            "without examples",
        ),
        (
            "eval --model_name_or_path ./m --output_dir o --load_in_8bit --no_chat_template",
            "evaluate --model ./m --out o --quantize 8bit --chat-template none",
            "",
        ),
        ("evaluate -m m --apply_chat_template default -L 3",
         "evaluate -m m --chat-template auto -L 3", ""),
        ("--tasks list --model hf", "tasks list", ""),
        ("ls tasks", "tasks list", ""),
        ("score runs/x", "regrade runs/x", ""),
        ("evaluate --model m --gen_kwargs temperature=0.7", "evaluate --model m", "is greedy"),
        (
            "evaluate --model m --model_args enable_thinking=True,device=cpu,foo=1",
            "evaluate --model m --chat-template-kwargs enable_thinking=true --device cpu",
            "foo=1 is left out",
        ),
        (
            "--model local-chat-completions --model_args model=llama3,"
            "base_url=http://localhost:8000/v1/chat/completions,num_concurrent=8 --tasks core",
            "evaluate --backend openai --model llama3 "
            "--base-url http://localhost:8000/v1/chat/completions --concurrency 8 --tasks core",
            "--backend openai --model llama3",
        ),
        ("evaluate --model m --backend local-chat-completions",
         "evaluate --model m --backend openai", ""),
        ("evaluate --model m --enable_thinking True",
         "evaluate --model m --chat-template-kwargs enable_thinking=true", ""),
        ("evaluate --model m --no_enable_thinking",
         "evaluate --model m --chat-template-kwargs enable_thinking=false", ""),
    ],
)  # fmt: skip
def test_other_peoples_words(typed: str, read: str, noted: str) -> None:
    import shlex

    got = understand(shlex.split(typed, posix=False) if '"' in typed else typed.split())
    assert " ".join(got.argv) == read
    assert noted in " ".join(got.notes)


def test_other_verbs_are_left_alone() -> None:
    assert understand(["tasks", "list", "--json"]).argv == ["tasks", "list", "--json"]
    assert understand([]).argv == []
    assert understand(["--help"]).argv == ["--help"]


def test_a_backend_alone_is_left_for_the_error() -> None:
    assert understand(["evaluate", "--model", "hf"]).argv == ["evaluate", "--model", "hf"]


def test_two_equal_models_do_not_crash() -> None:
    assert understand(["evaluate", "--model", "hf", "--model", "hf"]).argv[0] == "evaluate"
