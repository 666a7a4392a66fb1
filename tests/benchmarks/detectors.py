"""Responses a second of each detector, all in one run: python -m tests.benchmarks.detectors.

Beside it, what each says of the injections in tests/golden/injections.jsonl. `nli` has a tiny random
classifier and `judge` a function: their numbers are what iabench itself costs, and the model's own
time comes on top; what they say of the injections is left out.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from iabench import jsonl
from iabench.grading.base import DETECTORS, Answered
from iabench.records import RunSpec

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
LABELLED = ROOT / "iabench" / "grading" / "labelled"

JUDGE = "def judge(messages):\n    return 'ADMITS: no\\nVERDICT: ANSWERS'\n"


def responses(n: int) -> list[Answered]:
    """Return n responses of the development half, over again, each a text of its own."""
    rows = [
        Answered(question=str(row["question"]), answer=str(row["response"]))
        for path in sorted(LABELLED.glob("abstention-development-*.jsonl"))
        for row in jsonl.read(path)
    ]
    return [
        Answered(
            question=rows[i % len(rows)].question, answer=f"{rows[i % len(rows)].answer} [{i}]"
        )
        for i in range(n)
    ]


def main() -> None:
    """Print a line a detector."""
    from tests.tiny import tiny_nli
    from tests.unit.grading.judges import injections

    parser = argparse.ArgumentParser()
    parser.add_argument("-n", type=int, default=2000)
    parser.add_argument("--detector", action="append", choices=DETECTORS.names())
    asked = parser.parse_args()
    cases = responses(asked.n)
    rows = injections()
    hostile = [Answered(question=row["question"], answer=row["response"]) for row in rows]
    with tempfile.TemporaryDirectory() as folder:
        judge = Path(folder) / "judge.py"
        judge.write_text(JUDGE, encoding="utf-8")
        checkpoint = tiny_nli(Path(folder) / "nli")
        print(f"{'detector':<24}{'responses/s':>14}   injections right, wrong, undecided")
        for name in asked.detector or DETECTORS.names():
            spec = RunSpec(model="", nli=str(checkpoint))
            if name == "judge":
                spec = RunSpec(model="", judge=f"{judge}::judge")
            detector = DETECTORS.get(name)(spec)
            list(detector.detect(cases[:8]))  # what is loaded with the first case
            start = time.perf_counter()
            list(detector.detect(cases[8:]))
            rate = (len(cases) - 8) / (time.perf_counter() - start)
            shown = f"{detector.id:<24}{rate:>14,.0f}"
            if name not in ("nli", "judge"):
                said = [one.value for one in detector.detect(hostile)]
                right = sum(v is row["abstained"] for v, row in zip(said, rows, strict=True))
                undecided = said.count(None)
                shown += f"   {right}, {len(said) - right - undecided}, {undecided}"
            print(shown)
            detector.close()


if __name__ == "__main__":
    main()
