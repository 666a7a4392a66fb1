"""The files of a paper: their numbers are those of `study.json` and `results.json`."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from iabench.errors import StoreError
from iabench.reports.paper import study
from iabench.reports.paper.bib import references
from iabench.reports.paper.write import write_paper
from iabench.reports.study.words import COLUMNS, number
from tests.unit.reports.hostile_strings import HOSTILE
from tests.unit.reports.report_runs import build

BOARD = Path(__file__).resolve().parents[4] / "leaderboards" / "organism-seat"
NAMES = {"table.tex", "figure.pdf", "figure.svg", "methods.txt", "refs.bib"}


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of the published study, whose answers are not in its folder."""
    out = tmp_path_factory.mktemp("paper")
    assert {path.name for path in write_paper(BOARD, out)} == NAMES
    return out


def rows(folder: Path) -> dict[str, list[str]]:
    lines = (folder / "table.tex").read_text(encoding="utf-8").splitlines()
    cells = [line.removesuffix(r" \\").split(" & ") for line in lines if line.endswith(r" \\")]
    return {row[0].replace("{-}", "-").rstrip("*"): row[1:] for row in cells}


def test_numbers_are_those_of_the_study(paper: Path) -> None:
    table: dict[str, Any] = json.loads((BOARD / "study.json").read_text())
    found = rows(paper)
    for row in table["rows"]:
        for (figure, *_), cell in zip(COLUMNS, found[row["method"]], strict=True):
            plain = re.sub(r"\\textbf\{([^}]*)\}|\$\^\\dagger\$", r"\1", cell)
            plain = plain.replace("$-$", "−").replace(r"$\pm$", "±")
            wanted = number(row[figure]["mean"])
            if row[figure]["sd"] is not None:
                wanted += f" ± {number(row[figure]['sd'])}"
            assert plain == wanted


def test_the_best_method_of_each_column_is_bold_and_the_base_never(paper: Path) -> None:
    table: dict[str, Any] = json.loads((BOARD / "study.json").read_text())
    found = rows(paper)
    assert "textbf" not in "".join(found["base"])
    for at, (figure, *_) in enumerate(COLUMNS):
        bold = [name for name, cells in found.items() if "textbf" in cells[at]]
        means = {
            row["method"]: row[figure]["mean"]
            for row in table["rows"]
            if row["method"] != "base" and not row["incomplete"]
        }
        best = (min if figure == "over_refusal_rate" else max)(means.values())
        assert set(bold) == {name for name, mean in means.items() if mean == best}


def test_daggers_stand_where_a_test_told_nothing_apart() -> None:
    table: dict[str, Any] = json.loads((BOARD / "study.json").read_text())
    seat = next(row for row in table["rows"] if row["method"] == "seat")
    for row in table["rows"]:
        if row["method"] != "base":
            row["refusal_accuracy"] = {**row["refusal_accuracy"], "mean": 0.1}
    seat["refusal_accuracy"]["mean"] = 0.9
    told = study.alike(BOARD, table)["refusal_accuracy"]
    wanted = frozenset(
        row["method"]
        for row in table["rows"]
        if row["method"] != "base"
        and (row.get("against") or {}).get("refusal_accuracy", {}).get("verdict")
        == "not told apart"
    )
    assert told == wanted
    made = study.tex(table, {figure: None for figure, *_ in COLUMNS} | {"refusal_accuracy": told})
    assert made.count(r"$^\dagger$") == len(wanted) + 1
    assert "Not tested against the best" in made


def test_the_figure_is_of_a_columns_width_and_grey(paper: Path) -> None:
    svg = (paper / "figure.svg").read_text(encoding="utf-8")
    assert 'width="241.2pt"' in svg
    colours = set(re.findall(r"#[0-9a-fA-F]{6}\b", svg))
    assert colours
    assert all(len({c[1:3], c[3:5], c[5:7]}) == 1 for c in colours)
    assert (paper / "figure.pdf").read_bytes().startswith(b"%PDF-")


def test_methods_say_what_a_reviewer_asks(paper: Path) -> None:
    said = (paper / "methods.txt").read_text(encoding="utf-8")
    assert said.count("\n") == 1
    table: dict[str, Any] = json.loads((BOARD / "study.json").read_text())
    for words in (
        "120 new facts",
        "3 seeds",
        "lexical@5",
        "match@4",
        "95 %",
        "Holm",
        "sensitivity",
    ):
        assert words in said
    for model, weights in table["weights"].items():
        assert f"{model} (weights {weights})" in said
    for row in table["rows"][1:]:
        assert f"{row['method']}: " in said


def test_references_are_entries_each_once(paper: Path) -> None:
    text = (paper / "refs.bib").read_text(encoding="utf-8")
    keys = re.findall(r"^@\w+\{(\w+),$", text, re.MULTILINE)
    assert len(keys) == len(set(keys))
    assert {"iabench", "shen2025seat", "holm1979", "hu2021lora"} <= set(keys)
    assert text.count("{") == text.count("}")
    assert "wortsman" not in references(["arXiv 2106.09685"])


def test_a_run_has_a_paper_too(tmp_path: Path) -> None:
    folder = build(tmp_path / "run", "inventive")
    write_paper(folder, tmp_path / "paper")
    made = (tmp_path / "paper/table.tex").read_text(encoding="utf-8")
    results = json.loads((folder / "results.json").read_text())
    shown = [
        e
        for e in results["estimates"]
        if e["metric"] == "accuracy" and (e["slice"], e["variant"]) == ("all", "raw") and e["value"]
    ]
    assert shown
    for one in shown:
        assert f"& {one['value']:.3f} & " in made
        assert f"& {one['n']:,} &" in made
    assert "textbf" not in made
    said = (tmp_path / "paper/methods.txt").read_text(encoding="utf-8")
    assert "decoded greedily" in said


def test_hostile_names_of_methods_stay_text(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    folder.mkdir()
    table = json.loads((BOARD / "study.json").read_text())
    table["rows"][1]["method"] = (
        r"\input{x} & % $ _" + " ".join(HOSTILE).encode("utf-8", "replace").decode()[:3000]
    )
    (folder / "study.json").write_text(json.dumps(table))
    write_paper(folder, tmp_path / "paper")
    made = (tmp_path / "paper/table.tex").read_text(encoding="utf-8")
    assert r"\input" not in made
    assert r"\textbackslash{}input\{x\} \& \% \$ \_" in made
    assert "<script" not in (tmp_path / "paper/figure.svg").read_text(encoding="utf-8")


def test_what_is_neither_a_run_nor_a_study_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is no run and no study"):
        write_paper(tmp_path, tmp_path / "paper")


@pytest.mark.slow
def test_it_compiles(paper: Path, tmp_path: Path) -> None:
    if shutil.which("pdflatex") is None:
        pytest.skip("no TeX here")
    shutil.copy(paper / "table.tex", tmp_path)
    (tmp_path / "p.tex").write_text(
        "\\documentclass{article}\\usepackage[T1]{fontenc}\\usepackage{booktabs,textcomp}"
        "\\begin{document}\\input{table}\\end{document}"
    )
    subprocess.run(["pdflatex", "-interaction=nonstopmode", "p.tex"], cwd=tmp_path, check=True)
