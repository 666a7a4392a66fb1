"""Docs that cannot lie: made pages are up to date, links lead somewhere, what is said is so."""

from __future__ import annotations

import ast
import importlib.util
import json
import re
import shlex
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import typer

import iabench
from iabench import records
from iabench.cli.main import app
from iabench.decode import decode
from iabench.metrics.answering import aed
from iabench.records import RunSpec

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.glob("*.md"), *DOCS.glob("reference/*.md")])
HAND_WRITTEN = [page for page in PAGES if page.parent.name != "reference"]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def generate() -> Any:
    sys.path.insert(0, str(DOCS))
    spec = importlib.util.spec_from_file_location("docs_generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def prose(page: Path) -> str:
    """A page without its code blocks."""
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def blocks(page: Path, language: str) -> list[str]:
    return [body for lang, body in FENCE.findall(page.read_text("utf-8")) if lang == language]


def commands(page: Path) -> list[list[str]]:
    """What stands behind `$ iabench` in the console blocks of a page."""
    lines = "\n".join(blocks(page, "console")).replace("\\\n", " ").splitlines()
    typed = [line[2:].split("   #")[0] for line in lines if line.startswith("$ ")]
    typed = [line.split(" | ")[0] for line in typed]
    return [shlex.split(line) for line in typed if line.startswith("iabench ")]


def rows(page: Path, first: str) -> list[list[str]]:
    """The body of the table whose first head is `first`."""
    lines = page.read_text(encoding="utf-8").splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith(f"| {first} |"))
    found = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        found.append([cell.strip().strip("`") for cell in line.strip("|").split("|")])
    return found


# -- what is made from the code -------------------------------------------------------------------


def test_made_pages_are_up_to_date(generate: Any, capsys: pytest.CaptureFixture[str]) -> None:
    code = generate.main(["--check"])
    assert code == 0, f"run: python docs/generate.py\n{capsys.readouterr().err}"


def test_check_writes_nothing_and_fails_on_a_difference(
    generate: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = DOCS / "reference" / "cli.md"
    before = page.read_text(encoding="utf-8")
    monkeypatch.setattr(generate, "made", lambda: {page: before + "one line more\n"})
    assert generate.main(["--check"]) == 1
    assert page.read_text(encoding="utf-8") == before
    assert "+one line more" in capsys.readouterr().err


def test_writing_puts_the_difference_right(
    generate: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    page = tmp_path / "new" / "page.md"
    monkeypatch.setattr(generate, "made", lambda: {page: "made\n"})
    assert generate.main([]) == 0
    assert page.read_text(encoding="utf-8") == "made\n"
    assert generate.main(["--check"]) == 0


def test_the_command_line_page_does_not_depend_on_the_terminal(
    generate: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = set()
    for columns in ("40", "200"):
        monkeypatch.setenv("COLUMNS", columns)
        pages.add(generate.cli())
    assert len(pages) == 1


def test_every_verb_and_option_is_on_the_command_line_page() -> None:
    page = (DOCS / "reference" / "cli.md").read_text(encoding="utf-8")
    evaluate = page.split("## iabench evaluate")[1].split("\n## ")[0]
    root: Any = typer.main.get_command(app)
    for param in root.commands["evaluate"].params:
        for name in param.opts:
            if name not in ("-h", "--help"):
                assert re.search(rf"`(-\w, )?{re.escape(name)}\b", evaluate), name
    for verb in root.commands:
        assert f"## iabench {verb}" in page


def test_schemas_hold_every_field_with_what_it_says(generate: Any) -> None:
    for name in generate.RECORDS:
        made = json.loads(generate.schema_of(name))
        record: Any = getattr(records, name)
        assert set(made["properties"]) == {field.name for field in fields(record)}
        assert made["additionalProperties"] is False
    probe = json.loads(generate.schema_of("Probe"))
    assert "unit of resampling" in probe["properties"]["cluster"]["description"]


def test_making_a_schema_leaves_decoding_as_it_was(generate: Any) -> None:
    generate.schema_of("Message")
    with pytest.raises(iabench.IabenchError, match="unknown key"):
        decode(records.Message, {"role": "user", "content": "", "contents": ""}, where="here")


# -- links ----------------------------------------------------------------------------------------


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub and MyST give to headings."""
    found: set[str] = set()
    for line in prose(page).splitlines():
        if heading := re.match(r"#+ (.+)", line):
            text = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading[1]).strip().lower()
            found.add(re.sub(r"[^\w\- ]", "", text).replace(" ", "-"))
    return found


def links(page: Path) -> Iterator[str]:
    text = prose(page)
    yield from re.findall(r"\]\(([^)\s]+)\)", text)
    yield from re.findall(r"(?:src|srcset|href)=\"([^\"]+)\"", text)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for link in links(page):
        if re.match(r"[a-z]+:", link):
            continue
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        assert target.exists(), f"{page.name}: no {link}"
        assert target.is_relative_to(ROOT)
        if anchor:
            assert anchor in anchors(target), f"{page.name}: no heading for {link}"


def test_every_page_is_in_the_table_of_contents() -> None:
    listed = re.findall(r"^([a-z/-]+)$", (DOCS / "index.md").read_text("utf-8"), re.MULTILINE)
    pages = {str(p.relative_to(DOCS))[:-3] for p in DOCS.rglob("*.md") if "_build" not in p.parts}
    assert set(listed) == pages - {"index"}


# -- what is said is so ---------------------------------------------------------------------------


def test_defaults_are_those_of_the_program() -> None:
    root: Any = typer.main.get_command(app)
    options = {max(p.opts, key=len): p for p in root.commands["evaluate"].params}
    plain = {field.name: field.default for field in fields(RunSpec)}
    words = {"none": None, "off": False}
    table = rows(DOCS / "defaults.md", "option")
    assert len(table) >= 17
    for option, said, _ in table:
        param = options[option]
        expected = words.get(said, said)
        if option == "--tasks":
            assert param.default is None
            assert plain["tasks"] == (said,)
            continue
        if option == "--seed":
            # Several may be named.
            assert param.default == said == str(plain["seed"])
            continue
        assert expected == param.default or said == str(param.default), option
        if param.name in plain:
            held = plain[param.name]
            assert (held if held != () else None) == param.default, option


@pytest.mark.parametrize("page", HAND_WRITTEN, ids=lambda page: page.name)
def test_commands_are_understood(page: Path) -> None:
    from iabench.cli.aliases import understand

    root: Any = typer.main.get_command(app)
    for words in commands(page):
        argv = understand(words[1:]).argv
        if argv[:1] in ([], ["--version"]):
            continue
        command = root.commands[argv[0]]
        if hasattr(command, "commands"):
            command = command.commands[argv[1]]
        known = {name for param in command.params for name in param.opts}
        for word in argv:
            if word.startswith("-") and not word[1:2].isdigit():
                assert word in known, f"{page.name}: {' '.join(words)}"


def test_the_command_of_lm_eval_is_read_as_the_docs_say() -> None:
    from iabench.cli.aliases import understand

    typed, read_as, *_ = commands(DOCS / "from-lm-eval.md")
    assert understand(typed[1:]).argv == read_as[1:]


@pytest.mark.parametrize("page", HAND_WRITTEN, ids=lambda page: page.name)
def test_python_names_exist(page: Path) -> None:
    known = {"iabench": set(iabench.__all__) | {"models", "metrics"}, "run": set(dir(iabench.Run))}
    known["run"] |= {"estimates", "path", "results", "about"}
    options = {field.name for field in fields(RunSpec)}
    options |= {"tokenizer", "tasks", "out", "fresh", "watch"}
    for source in blocks(page, "python"):
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                assert node.attr in known.get(node.value.id, {node.attr}), ast.unparse(node)
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "iabench.evaluate":
                assert {k.arg for k in node.keywords} <= options, ast.unparse(node)
            if isinstance(node, ast.ImportFrom) and node.module:
                module = importlib.import_module(node.module)
                assert all(hasattr(module, alias.name) for alias in node.names)


def test_exit_codes_are_those_of_the_program() -> None:
    from iabench.cli.main import main

    said = {row[0] for row in rows(DOCS / "runs.md", "code")}
    assert said == set(re.findall(r"\b\d+\b", main.__doc__ or ""))


def test_kinds_and_outcomes_are_all_explained() -> None:
    from typing import get_args

    from iabench.records import Kind, Outcome

    assert {row[0] for row in rows(DOCS / "outcomes.md", "kind")} == set(get_args(Kind))
    assert {row[0] for row in rows(DOCS / "outcomes.md", "outcome")} == set(get_args(Outcome))


def test_purposes_are_those_of_the_names() -> None:
    from iabench.rng import digest
    from iabench.worlds.names import purpose_of

    place: dict[int, str] = {}
    for row in rows(DOCS / "tasks.md", "remainder"):
        low, high = map(int, row[0].split(" to "))
        place |= dict.fromkeys(range(low, high + 1), row[1])
    assert sorted(place) == list(range(100))
    for number in range(2000):
        name = f"Name {number}"
        assert purpose_of("city", name) == place[int(digest("city", name, size=64), 16) % 100]


def test_keys_of_a_task_are_all_explained() -> None:
    from iabench.tasks.manifest import Manifest

    cells = ",".join(row[0] for row in rows(DOCS / "tasks.md", "key of `task.toml`"))
    said = {key.strip("` ") for key in cells.split(",")}
    assert said == {field.name for field in fields(Manifest)}


def test_the_task_of_ones_own_can_be_asked(tmp_path: Path) -> None:
    from iabench.tasks import catalog

    page = DOCS / "tasks.md"
    folder = tmp_path / "house-products"
    folder.mkdir()
    (folder / "task.toml").write_text(blocks(page, "toml")[0], encoding="utf-8")
    (folder / "probes.jsonl").write_text(blocks(page, "json")[0], encoding="utf-8")
    (task,) = catalog.load("house-products", include_path=(str(tmp_path),))
    assert [probe.expect for probe in task.probes] == ["answer", "abstain"]
    assert len({probe.pair for probe in task.probes}) == 1


@pytest.mark.parametrize("row", rows(DOCS / "metrics.md", "n_correct"), ids=lambda row: row[3])
def test_aed_has_the_values_that_the_docs_give(row: list[str]) -> None:
    correct, incorrect, n = map(int, row[:3])
    assert f"{aed(n_correct=correct, n_incorrect=incorrect, n=n):.6f}" == row[3]


def test_scripted_models_have_the_values_that_the_docs_give(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IABENCH_RUNS", str(tmp_path))
    page = DOCS / "metrics.md"
    head = next(
        line for line in page.read_text("utf-8").splitlines() if line.startswith("| scripted model")
    )
    metrics = [cell.strip() for cell in head.strip("|").split("|")][1:]
    table = rows(page, "scripted model")
    assert len(table) >= 6
    for name, *values in table:
        run = iabench.evaluate(name, backend="scripted", tasks="core", limit=6, out=tmp_path / name)
        found = {metric: float(run[metric]) for metric in metrics}
        said = dict(zip(metrics, map(float, values), strict=True))
        assert found == pytest.approx(said, abs=5e-7), name


def test_the_citation_names_this_version_and_its_sources() -> None:
    import yaml

    about = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert about["version"] == iabench.__version__
    assert about["license"] == "Apache-2.0"
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## [{iabench.__version__}]" in changes


# -- what is shown was seen -----------------------------------------------------------------------

SHOWN = {
    "awareness": "awareness_score",
    "refusal accuracy": "refusal_accuracy",
    "over-refusal": "over_refusal_rate",
    "accuracy": "accuracy",
    "AED": "aed",
    "hallucination": "hallucination_rate",
}


def figures(output: str) -> dict[str, float]:
    """The main numbers in a pasted output, by metric."""
    found = {}
    for line in output.splitlines():
        head, *numbers = re.split(r"\s{2,}", line.strip())
        if head in SHOWN and numbers:
            found[SHOWN[head]] = float(numbers[0].replace("−", "-"))
    return found


def outputs(page: Path) -> list[str]:
    return [text for text in blocks(page, "console") if "refusal accuracy" in text]


def hold(output: str, folder: Path, tolerance: float) -> None:
    """Compare the figures of a pasted output with those of a run of its command."""
    words = shlex.split(output.splitlines()[0].removeprefix("$ "))
    options = dict(zip(words[2::2], words[3::2], strict=True))
    run = iabench.evaluate(options["--model"], tasks=options["--tasks"], out=folder)
    shown = figures(output)
    assert set(shown) == set(SHOWN.values())
    assert {m: float(run[m]) for m in shown} == pytest.approx(shown, abs=tolerance), (
        "run: python docs/show.py"
    )


def test_the_quickstart_shows_what_comes_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IABENCH_RUNS", str(tmp_path))
    shown = outputs(DOCS / "quickstart.md")
    assert len(shown) == 2
    for number, output in enumerate(shown):
        # One answer of the 40 of a task may differ between machines.
        hold(output, tmp_path / str(number), tolerance=0.03)


@pytest.mark.slow
def test_the_readme_shows_what_comes_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IABENCH_RUNS", str(tmp_path))
    (output,) = outputs(ROOT / "README.md")
    hold(output, tmp_path / "run", tolerance=0.01)


def test_the_commands_of_the_quickstart_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from iabench.cli.main import call

    monkeypatch.chdir(tmp_path)
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    ran = 0
    for words in commands(DOCS / "quickstart.md"):
        model = words[words.index("--model") + 1] if "--model" in words else ""
        if model in ("", "organism", "shape"):
            assert call(words[1:]) == 0, (words, capsys.readouterr().err)
            ran += 1
    assert ran >= 7
    assert len(opened) == 1


def test_the_page_of_detectors_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import io
    import sys

    from iabench.cli.main import call

    page = DOCS / "detectors.md"
    monkeypatch.chdir(tmp_path)
    labels = blocks(page, "json")[0]
    Path("labels.jsonl").write_text(labels, encoding="utf-8")
    Path("rows.jsonl").write_text(labels, encoding="utf-8")
    typed = "\n".join(blocks(page, "console")).replace("cat rows.jsonl | ", "").splitlines()
    ran = [shlex.split(line.removeprefix("$ ")) for line in typed if line]
    assert len(ran) == 7
    for words in ran:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(labels.encode())))
        assert call(words[1:]) == 0, (words, capsys.readouterr().err)
    verdicts = [json.loads(line) for line in Path("verdicts.jsonl").read_text().splitlines()]
    assert [verdict["value"] for verdict in verdicts] == [True, False, False]
    said = {key for head in ("key",) for key, *_ in rows(page, head)}
    assert set(verdicts[0]) | {"votes"} == said
    for code in blocks(page, "python"):
        exec(code, {})
    assert "Measured(" in capsys.readouterr().out


def test_the_page_of_uncertainty_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from iabench.cli.main import call
    from iabench.metrics.expressed import ExpressedGap
    from iabench.metrics.selective import SELECTIVE
    from iabench.uncertainty.base import SCORERS

    page = DOCS / "uncertainty.md"
    monkeypatch.chdir(tmp_path)
    (typed,) = blocks(page, "console")
    assert call([*shlex.split(typed.removeprefix("$ "))[1:], "--limit", "2"]) == 0
    results = json.loads(Path("u/results.json").read_text())
    assert "semantic-entropy@1+one-cluster+equality" in results["scorers"]
    assert {one.strip("`") for one, *_ in rows(page, "scorer")} == set(SCORERS.origins())
    told = {name.strip("`") for one, *_ in rows(page, "metric") for name in one.split(", ")}
    assert told == {*SELECTIVE, ExpressedGap.id}


def test_pictures_are_small_enough_to_load() -> None:
    for scheme in ("light", "dark"):
        assert (DOCS / "images" / f"page-{scheme}.png").stat().st_size < 300_000
