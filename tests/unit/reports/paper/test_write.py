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
from iabench.grading.error_rates import error_rates
from iabench.reports.paper import study
from iabench.reports.paper.bib import references
from iabench.reports.paper.latex import escape
from iabench.reports.paper.write import write_paper
from iabench.reports.study.words import COLUMNS, number
from iabench.training.base import PRESETS
from tests.unit.reports.hostile_strings import HOSTILE
from tests.unit.reports.report_runs import build

BOARD = Path(__file__).resolve().parents[4] / "leaderboards" / "organism-seat"
NAMES = {"table.tex", "figure.pdf", "figure.svg", "methods.txt", "methods.tex", "refs.bib"}
PAPER = r"""\documentclass[twocolumn]{article}
\usepackage[T1]{fontenc}
\usepackage{booktabs,textcomp,graphicx}
\begin{document}
\input{table}
\begin{figure}[t]\includegraphics[width=\columnwidth]{figure.pdf}\caption{F}\end{figure}
\input{methods}
\bibliographystyle{plain}
\bibliography{refs}
\end{document}
"""


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of the published study, whose answers are not in its folder."""
    out = tmp_path_factory.mktemp("paper")
    assert {path.name for path in write_paper(BOARD, out)} == NAMES
    return out


def rows(folder: Path) -> dict[str, list[str]]:
    lines = (folder / "table.tex").read_text(encoding="utf-8").splitlines()
    cells = [line.removesuffix(r" \\").split(" & ") for line in lines if line.endswith(r" \\")]
    return {row[0].removesuffix("{*}"): row[1:] for row in cells}


def test_numbers_are_those_of_the_study(paper: Path) -> None:
    table: dict[str, Any] = json.loads((BOARD / "study.json").read_text())
    found = rows(paper)
    for row in table["rows"]:
        for (figure, *_), cell in zip(COLUMNS, found[row["method"]], strict=True):
            plain = re.sub(r"\\textbf\{([^}]*)\}|\$\^\\dagger\$", r"\1", cell)
            plain = re.sub(r"\{\\scriptsize(.*)\}", r"\1", plain)
            plain = plain.replace("$-$", "−").replace(r"$\pm$", "± ")
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
    table.pop("not_told_apart", None)
    told = study.alike(table)["refusal_accuracy"]
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
    # Where the study itself tested against its best, that stands.
    table["not_told_apart"] = {"accuracy": {"best": best_of(table, "accuracy"), "alike": ["ewc"]}}
    assert study.alike(table)["accuracy"] == frozenset({"ewc"})
    table["not_told_apart"]["accuracy"]["best"] = "lora"
    assert study.alike(table)["accuracy"] is None


def best_of(table: dict[str, Any], figure: str) -> str:
    rows = [row for row in table["rows"] if row["method"] != "base"]
    return str(max(rows, key=lambda row: row[figure]["mean"])["method"])


def test_a_study_of_questions_has_the_columns_of_its_mix(tmp_path: Path) -> None:
    table = json.loads((BOARD / "study.json").read_text())
    table |= {"teaches": "questions", "questions": "a mix of facts"}
    for at, row in enumerate(table["rows"]):
        one = {"mean": 0.5 - at / 100, "sd": 0.01, "values": [0.5 - at / 100]}
        row["mix"] = {name: {"aed": one} for name in ("mix_same", "mix_other")}
        row["finetuning_accuracy"] = {"mean": None, "sd": None, "values": [None]}
    (tmp_path / "study.json").write_text(json.dumps(table))
    write_paper(tmp_path, tmp_path / "paper")
    found = rows(tmp_path / "paper")
    last = table["rows"][-1]["method"]
    assert found[last][0] == r"\textbf{.410} {\scriptsize$\pm$.010}"
    assert "AED" in (tmp_path / "paper/table.tex").read_text(encoding="utf-8")
    assert "on a mix of facts by each method" in (tmp_path / "paper/methods.txt").read_text()


def test_the_figure_is_of_a_columns_width_and_grey(paper: Path) -> None:
    svg = (paper / "figure.svg").read_text(encoding="utf-8")
    assert 'width="241.2pt"' in svg
    colours = set(re.findall(r"#[0-9a-fA-F]{6}\b", svg))
    assert colours
    assert all(len({c[1:3], c[3:5], c[5:7]}) == 1 for c in colours)
    pdf = (paper / "figure.pdf").read_bytes()
    assert pdf.startswith(b"%PDF-")
    # In points, of the page.
    assert re.search(rb"/MediaBox ?\[0 0 241\.2", pdf)
    # Every word of the drawing is in a font that the file brings along.
    assert "Helvetica" not in svg


def test_methods_say_what_a_reviewer_asks(paper: Path) -> None:
    said = (paper / "methods.txt").read_text(encoding="utf-8")
    assert said.count("\n") == 1
    table: dict[str, Any] = json.loads((BOARD / "study.json").read_text())
    for words in (
        "120 new facts",
        "3 seeds",
        *table["judged_by"],
        "95 %",
        "Holm",
        "sensitivity" if error_rates(table["judged_by"][0]) else "No error rates of",
    ):
        assert words in said
    for model, weights in table["weights"].items():
        assert f"{model} (weights {weights})" in said
    for row in table["rows"][1:]:
        assert re.search(rf"(?:\. |\) ){row['method']}(?: \[@\w+\])*: ", said), row["method"]
        chosen = next(t for t in table["trials"] if t["method"] == row["method"] and t["chosen"])
        assert f"learning rate {chosen['settings']['learning_rate']:g}, " in said


def test_references_are_entries_each_once(paper: Path) -> None:
    text = (paper / "refs.bib").read_text(encoding="utf-8")
    keys = re.findall(r"^@\w+\{(\w+),$", text, re.MULTILINE)
    assert len(keys) == len(set(keys))
    assert {"iabench", "shen2025seat", "holm1979", "hu2021lora"} <= set(keys)
    assert text.count("{") == text.count("}")
    assert "wortsman" not in references(["arXiv 2106.09685"])
    said = (paper / "methods.tex").read_text(encoding="utf-8")
    cited = set(re.findall(r"\\cite\{(\w+)\}", said))
    assert {"shen2025seat", "hu2021lora", "holm1979"} <= cited <= set(keys)
    assert "[@shen2025seat]" in (paper / "methods.txt").read_text(encoding="utf-8")


def test_every_reference_has_a_title_and_names_of_people() -> None:
    sources = [PRESETS.get(name).source for name in PRESETS.names()]
    made = references(sources)
    entries = re.findall(
        r"author = \{(.*)\},\n  title = \{(.*)\},\n  year = .*,\n  eprint = \{(.*)\}", made
    )
    named = set(re.findall(r"\b\d{4}\.\d{5}\b", " ".join(sources)))
    assert named <= {eprint for _, _, eprint in entries}
    for author, title, eprint in entries:
        assert ", " in author, eprint
        assert eprint not in title


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


WILD = (
    r"\input{x} & % $ _ \write18{touch pwned}"
    + " ".join(HOSTILE).encode("utf-8", "replace").decode()
)


def wild_study(folder: Path) -> Path:
    """Return a study whose every word from elsewhere is hostile."""
    folder.mkdir()
    table = json.loads((BOARD / "study.json").read_text())
    table["rows"][1]["method"] = "* [2em]" + WILD[:3000]
    table["rows"][2] |= {"says": WILD, "source": WILD}
    table |= {"weights": {WILD: WILD}, "facts": WILD, "judged_by": [WILD, WILD]}
    (folder / "study.json").write_text(json.dumps(table))
    write_paper(folder, folder / "paper")
    return folder / "paper"


def test_hostile_names_of_methods_stay_text(tmp_path: Path) -> None:
    paper = wild_study(tmp_path / "s")
    for name in ("table.tex", "methods.tex"):
        made = (paper / name).read_text(encoding="utf-8")
        assert not re.search(r"\\(?:input|write|immediate|end\{document)", made)
        assert r"\textbackslash{}input\{x\} \& \% \$ \_" in made
    for path in paper.glob("*.[tb]*"):
        assert not re.search("[\u202a-\u202e\u200b\x1b\x9b\x00]", path.read_text(encoding="utf-8"))
    assert (paper / "methods.txt").read_text(encoding="utf-8").count("\n") == 1
    assert "<script" not in (paper / "figure.svg").read_text(encoding="utf-8")
    assert "pwned" not in (paper / "refs.bib").read_text(encoding="utf-8")


def test_what_is_neither_a_run_nor_a_study_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is no run and no study"):
        write_paper(tmp_path, tmp_path / "paper")


@pytest.mark.slow
def test_it_compiles(paper: Path, tmp_path: Path) -> None:
    """What is published, a run, hostile words, and every letter that is written as it is."""
    if shutil.which("pdflatex") is None:
        pytest.skip("no TeX here")
    run = tmp_path / "run"
    write_paper(build(run, "inventive"), run / "paper")
    letters = tmp_path / "letters"
    shutil.copytree(paper, letters)
    text = " ".join(map(chr, [*range(32, 127), *range(0xA1, 0x180)]))
    (letters / "methods.tex").write_text(escape(text), encoding="utf-8")
    other = tmp_path / "other"
    write_paper(BOARD.with_name("organism-se-tuning"), other)
    for folder in (paper, other, run / "paper", wild_study(tmp_path / "wild"), letters):
        shutil.copytree(folder, place := tmp_path / "tex", dirs_exist_ok=True)
        (place / "p.tex").write_text(PAPER)
        latex = ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", "-shell-escape", "p.tex"]
        for command in (latex, ["bibtex", "p"], latex, latex):
            done = subprocess.run(command, cwd=place, capture_output=True, check=False)
            # In what was published every paper is cited that a style knows how to print.
            assert done.returncode == 0 or command[0] == "bibtex", done.stdout[-2000:]
        assert not (place / "pwned").exists()
        log = (place / "p.log").read_text(encoding="utf-8", errors="replace")
        if folder in (paper, other):
            assert "undefined" not in log
            assert "Overfull" not in log
