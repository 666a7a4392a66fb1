"""The contract suites: what authors of plug-ins run under pytest against their own parts.

    from iabench.testing import DetectorContract

    class TestMine(DetectorContract):
        def make(self):
            return MyDetector()

One for each kind of part: `TaskContract`, `DetectorContract`, `GraderContract`, `MetricContract`,
`BackendContract`, `DatasetContract`. iabench's own parts keep to the same.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, get_args

import numpy as np

from iabench.datasets.base import RawRow
from iabench.datasets.forms import facts_of
from iabench.errors import IabenchError
from iabench.grading.base import Answered, Detector, Grader, Referenced
from iabench.metrics.base import Metric, PairMetric, Row, made_of_pairs
from iabench.models.base import Backend, Request
from iabench.models.engine import Engine
from iabench.prompts.templates import ask, prompt
from iabench.records import (
    Completion,
    Expect,
    Judgement,
    Kind,
    Message,
    Outcome,
    Probe,
    Prompt,
    Round,
    Sampling,
    Tags,
)
from iabench.tasks import catalog
from iabench.tasks.base import Task
from iabench.tasks.limit import limited
from iabench.tasks.validate import Checked, validate

__all__ = [
    "BackendContract",
    "DatasetContract",
    "DetectorContract",
    "GraderContract",
    "MetricContract",
    "TaskContract",
]

_QUESTIONS = (
    "What is the capital of France?",
    "Who?",
    "In which city does the well-known and much-travelled Lomar Kesvin work at present?",
    "What is the capital of France?",
    "2 + 2 = ?",
    "¿Dónde está Zürich? 東京 🙂",
)


class BackendContract:
    """What every backend keeps to. Subclass it and say how to open yours."""

    max_new_tokens = 12

    def open(self) -> Backend:
        """Return the backend under test, freshly opened."""
        raise NotImplementedError

    def test_is_a_backend(self) -> None:
        """It has the whole protocol."""
        backend = self.open()
        assert isinstance(backend, Backend)
        assert backend.spec.backend
        assert backend.spec.name
        assert backend.limits.rows >= 1
        backend.close()

    def test_says_the_same_twice(self) -> None:
        """Greedy answers repeat, also after being opened again."""
        assert self._texts() == self._texts()

    def test_every_request_comes_back_once(self) -> None:
        """Each (position, index) comes once, with a finish, and an error exactly where it says."""
        backend = self.open()
        requests = [
            self._request(backend, replace(p, id=str(i))) for i, p in enumerate(self._prompts())
        ]
        came = list(backend.generate(requests[: backend.limits.rows]))
        wanted = [(at, 0) for at in range(len(requests[: backend.limits.rows]))]
        assert sorted((at, c.index) for at, c in came) == wanted
        for _, completion in came:
            assert completion.finish in ("stop", "length", "error")
            assert (completion.error is not None) == (completion.finish == "error")
            assert completion.text == completion.text.strip()
        backend.close()

    def test_batches_change_nothing(self) -> None:
        """The same text alone as among others."""
        assert self._texts(rows=1) == self._texts()

    def test_equal_prompts_are_asked_once(self) -> None:
        """Two probes with one question get one answer each, the same."""
        texts = self._texts()
        assert texts["contract/0"] == texts["contract/3"]

    def test_encodes_with_one_bos(self) -> None:
        """The rendered prompt holds ids, the same each time; None where nothing is rendered."""
        backend = self.open()
        messages = (Message(role="user", content="Hello"),)
        ids = backend.encode(messages)
        assert ids == backend.encode(messages)
        if ids is not None:
            assert len(ids) > 0
            assert len(ids) < 2 or ids[0] != ids[1]
        backend.close()

    def _prompts(self) -> tuple[Prompt, ...]:
        probes = [
            Probe(
                id=f"contract/{i}",
                question=q,
                expect="abstain",
                cluster=str(i),
                origin="contract@1",
            )
            for i, q in enumerate(_QUESTIONS)
        ]
        return tuple(prompt(p, ask(p), series="answer", turn=1) for p in probes)

    def _request(self, backend: Backend, one: Prompt) -> Request:
        return Request(
            digest=one.digest,
            series="answer",
            messages=one.messages,
            token_ids=backend.encode(one.messages),
            sampling=Sampling(max_new_tokens=self.max_new_tokens),
        )

    def _texts(self, rows: int | None = None) -> dict[str, str]:
        backend = self.open()
        asked = Round(
            series="answer",
            sampling=Sampling(max_new_tokens=self.max_new_tokens),
            prompts=self._prompts(),
        )
        done: list[Completion] = list(Engine(backend, rows=rows).complete(asked))
        backend.close()
        assert len(done) == len(_QUESTIONS)
        return {completion.probe_id: completion.text for completion in done}


class TaskContract:
    """What every task keeps to. Subclass it and say its name, as behind `--tasks`."""

    name: str
    """The task's name, or `file.py::name`."""
    include_path: tuple[str, ...] = ()
    """Folders of tasks, where it is in one."""

    def load(self, seed: int = 0) -> Task:
        """Return the task as a run would load it."""
        (task,) = catalog.load((self.name,), seed=seed, include_path=self.include_path)
        return task

    def test_says_what_it_is(self) -> None:
        """It has a sentence, a licence, a source, and its size."""
        spec = self.load().spec
        assert spec.says.strip()
        assert spec.licence.strip()
        assert spec.version >= 1
        assert spec.n == len(self.load().probes) >= 1

    def test_probes_are_well_formed(self) -> None:
        """Ids are unique and its own, tags sorted with a relation, references as expected."""
        task = self.load()
        assert len({probe.id for probe in task.probes}) == len(task.probes)
        for probe in task.probes:
            assert probe.id.startswith(f"{task.spec.name}/"), probe.id
            assert probe.question.strip(), probe.id
            assert probe.cluster.strip(), probe.id
            assert list(probe.tags) == sorted(probe.tags), probe.id
            assert probe.tag("relation"), probe.id
            assert (probe.expect == "answer") == bool(probe.references), probe.id
            assert probe.origin.startswith(f"{task.spec.name}@{task.spec.version}"), probe.id

    def test_nothing_is_wrong(self) -> None:
        """`iabench tasks validate` finds nothing wrong."""
        checked: Checked = validate(self.name, self.include_path)
        assert not checked.errors, [f"{fault.where}: {fault.says}" for fault in checked.errors]

    def test_two_processes_ask_the_same(self) -> None:
        """Another process with another hash seed has the same questions, for two seeds."""
        code = (
            "import json, sys; from iabench.tasks import catalog; a = json.loads(sys.argv[1]);"
            "print(json.dumps([catalog.load((a[0],), seed=s, include_path=a[1])[0].spec.checksum"
            " for s in (0, 1)]))"
        )
        asked = json.dumps([self.name, list(self.include_path)])
        path = os.pathsep.join(part for part in sys.path if part)
        done = subprocess.run(
            [sys.executable, "-c", code, asked],
            env={**os.environ, "PYTHONHASHSEED": "17", "PYTHONPATH": path},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        there = json.loads(done.stdout.splitlines()[-1])
        assert there == [self.load(seed).spec.checksum for seed in (0, 1)]

    def test_a_seed_that_draws_says_so(self) -> None:
        """The public set says seed 0; a set that is another says its seed."""
        public, private = self.load(0).spec, self.load(1).spec
        assert public.seed == 0
        assert private.seed == (0 if private.checksum == public.checksum else 1)

    def test_a_limit_keeps_twins_together(self) -> None:
        """Of a pair both sides are asked or none; less is a part of more."""
        task = self.load()
        before: set[str] = set()
        for limit in (2, len(task.probes) // 2 or 1):
            part = limited(task.probes, limit)
            taken = {probe.id for probe in part}
            assert before <= taken
            pairs = {probe.pair for probe in part if probe.pair is not None}
            assert taken >= {probe.id for probe in task.probes if probe.pair in pairs}
            before = taken


_ANSWERS = (
    "",
    " ",
    "Paris.",
    "I don't know.",
    "I'm sorry, but I can't help with that.",
    "Je ne sais pas.",
    "Who?",
    "half of a pair: \ud83d, and the other \udc00",
    "\x00\x1b[31m<script>alert(1)</script>",
    "{question} %s {0}",
    "東京 🙂",
    "word " * 40_000,
    "a" * 200_000,
)
_ID = re.compile(r"[a-z0-9][a-z0-9_.-]*@[0-9][a-z0-9.]*")


class _Judges:
    """What detectors and graders have in common."""

    def make(self) -> Any:
        """Return the part under test."""
        raise NotImplementedError

    def test_has_an_id_with_a_version(self) -> None:
        """The id is `name@version`, the same each time: verdicts are kept under it."""
        assert _ID.fullmatch(self.make().id)
        assert self.make().id == self.make().id

    def test_one_judgement_a_case(self) -> None:
        """Empty, hostile and 200 kB answers are judged; what is undecided says why."""
        judged = self._judge(_QUESTIONS[0], _ANSWERS)
        assert len(judged) == len(_ANSWERS)
        for judgement in judged:
            self._check(judgement)

    def test_nothing_is_nothing(self) -> None:
        """No case, no judgement."""
        assert self._judge("", ()) == []

    def test_order_and_company_change_nothing(self) -> None:
        """The same case gets the same judgement alone, among others, and in any order."""
        answers = _ANSWERS[:11]
        together = self._judge(_QUESTIONS[0], answers)
        assert self._judge(_QUESTIONS[0], answers) == together
        assert self._judge(_QUESTIONS[0], answers[::-1]) == together[::-1]
        assert [self._judge(_QUESTIONS[0], [a])[0] for a in answers] == together

    def _judge(self, question: str, answers: Sequence[str]) -> list[Judgement]:
        raise NotImplementedError

    def _check(self, judgement: Judgement) -> None:
        assert isinstance(judgement, Judgement)
        assert judgement.value in (True, False, None)
        assert judgement.value is not None or judgement.reason
        assert list(judgement.kinds) == sorted(set(judgement.kinds) & set(get_args(Kind)))
        assert judgement.value or not judgement.kinds


class DetectorContract(_Judges):
    """What every detector keeps to. Subclass it and make yours.

    It is blind: it is shown question and answer, and an expectation is nowhere to be had.
    """

    def test_is_a_detector(self) -> None:
        """It has the whole protocol."""
        assert isinstance(self.make(), Detector)

    def test_tells_declining_from_answering(self) -> None:
        """The plainest cases are not the wrong way round."""
        answered, declined = self._judge(_QUESTIONS[0], ["Paris.", "I don't know."])
        assert answered.value is not True
        assert declined.value is not False

    def _judge(self, question: str, answers: Sequence[str]) -> list[Judgement]:
        cases = [Answered(question=question, answer=answer) for answer in answers]
        return list(self.make().detect(cases))


class GraderContract(_Judges):
    """What every grader of correctness keeps to. Subclass it and make yours."""

    references: tuple[str, ...] = ("Paris", "Lutetia")
    """Right answers to "What is the capital of France?"."""

    def test_is_a_grader(self) -> None:
        """It has the whole protocol."""
        assert isinstance(self.make(), Grader)

    def test_tells_right_from_wrong(self) -> None:
        """A reference itself is not wrong, another city is not right."""
        right, wrong = self._judge(_QUESTIONS[0], [self.references[0], "Rome"])
        assert right.value is not False
        assert wrong.value is not True

    def _judge(self, question: str, answers: Sequence[str]) -> list[Judgement]:
        return list(
            self.make().grade(
                [
                    Referenced(question=question, answer=answer, references=self.references)
                    for answer in answers
                ]
            )
        )


class MetricContract:
    """What every metric of counts keeps to. Subclass it and make yours."""

    lowest: float = 0.0
    """The least value that it can have."""
    highest: float = 1.0
    """The largest."""
    tags: Tags = (("relation", "capital"),)
    """Of the rows that it is tried on, where it asks for tags."""

    def make(self) -> Metric:
        """Return the metric under test."""
        raise NotImplementedError

    def test_is_a_metric(self) -> None:
        """It has the whole protocol, and words for people."""
        metric = self.make()
        assert isinstance(metric, Metric)
        assert re.fullmatch(r"[a-z][a-z0-9_]*", metric.id)
        assert metric.label.strip()
        assert metric.says.strip()
        assert metric.without.strip()
        assert metric.unit in ("cluster", "pair")
        assert len(set(metric.cell_names)) == len(metric.cell_names) >= 1

    def test_cells_are_counts(self) -> None:
        """A row gives as many finite counts as have names, or None; a proportion yes of one."""
        metric = self.make()
        for row in _rows(self.tags):
            cells = metric.cells(row)
            if cells is None:
                continue
            assert metric.cells(row) == cells
            assert np.isfinite(cells).all()
            if not made_of_pairs(metric):
                assert len(cells) == len(metric.cell_names)
            if metric.proportion and not made_of_pairs(metric):
                assert cells in ((0.0, 1.0), (1.0, 1.0))

    def test_no_row_is_no_value(self) -> None:
        """The value of nothing is NaN, never 0; its n is 0."""
        metric = self.make()
        nothing = np.zeros(len(metric.cell_names))
        assert np.isnan(metric.value(nothing))
        assert float(metric.n(nothing)) == 0.0

    def test_values_are_vectorised(self) -> None:
        """Sums of shape (..., cells) give values of shape (...), each as if alone."""
        metric = self.make()
        sums = self._sums()
        values, sizes = metric.value(sums), metric.n(sums)
        assert values.shape == sizes.shape == sums.shape[:-1]
        for at in np.ndindex(*values.shape):
            np.testing.assert_equal(np.asarray(metric.value(sums[at])), values[at])
            np.testing.assert_equal(np.asarray(metric.n(sums[at])), sizes[at])

    def test_values_are_in_bounds(self) -> None:
        """No value of real counts leaves [lowest, highest]."""
        values = self.make().value(self._sums())
        there = values[~np.isnan(values)]
        assert there.size
        assert (there >= self.lowest - 1e-9).all()
        assert (there <= self.highest + 1e-9).all()

    def _sums(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Return sums of real rows, of shape (3, 4, cells), the first of no row at all."""
        metric = self.make()
        units = self._units(metric)
        draws = np.random.default_rng(0).integers(0, 4, size=(3, 4, len(units)))
        draws[0, 0] = 0
        sums: np.ndarray[Any, np.dtype[np.float64]] = draws.astype(float) @ units
        return sums

    def _units(self, metric: Metric) -> np.ndarray[Any, np.dtype[np.float64]]:
        rows = [cells for row in _rows(self.tags) if (cells := metric.cells(row)) is not None]
        assert rows, "no row is the metric's: give the tags that it asks for"
        if not made_of_pairs(metric):
            return np.array(rows, dtype=float)
        paired: PairMetric = metric
        twins = [
            np.add(one, other)
            for known, unknown in itertools.product(
                _rows(self.tags, "answer"), _rows(self.tags, "abstain")
            )
            if (one := metric.cells(known)) is not None
            and (other := metric.cells(unknown)) is not None
        ]
        sums = np.array(twins, dtype=float)
        return np.asarray(paired.of_pairs(sums, np.zeros(len(sums), dtype=bool)), dtype=float)


def _rows(tags: Tags, side: Expect | None = None) -> list[Row]:
    """Return a row of every outcome that there can be on each side."""
    sides: tuple[Expect, ...] = (side,) if side else ("answer", "abstain")
    possible: dict[Expect, tuple[Outcome, ...]] = {
        "answer": ("correct", "incorrect", "abstained", "degenerate"),
        "abstain": ("abstained", "hallucinated", "overreached", "degenerate"),
    }
    return [
        Row(
            task="contract",
            probe_id=f"contract/{expect}-{outcome}-{admitted}",
            cluster=f"{expect}-{outcome}",
            pair=f"{outcome}",
            tags=tags,
            expect=expect,
            answering_is=None
            if expect == "answer"
            else "overreach"
            if outcome == "overreached"
            else "fabrication",
            outcome=outcome,
            admitted=admitted,
            scores=(("rouge1", 0.5),),
        )
        for expect in sides
        for outcome in possible[expect]
        for admitted in ((True, False) if outcome == "abstained" else (False,))
    ]


class DatasetContract:
    """What every dataset keeps to. Subclass it and make yours."""

    splits: Sequence[str] = ("train",)
    """Those that it has."""

    def make(self) -> Callable[[str], Iterable[Mapping[str, Any]]]:
        """Return the dataset under test: a function from a split to its rows."""
        raise NotImplementedError

    def test_every_split_is_read_as_facts(self) -> None:
        """Its rows are of a form that `--facts` knows, and some can be asked."""
        for split in self.splits:
            assert facts_of(self._raw(split), split).rows

    def test_it_gives_the_same_rows_again(self) -> None:
        """A split is the same rows in the same order, whenever it is asked for."""
        for split in self.splits:
            assert self._raw(split) == self._raw(split)

    def test_a_split_that_is_not_there_is_an_error(self) -> None:
        """What was not asked for is not given instead."""
        said = ""
        try:
            list(self.make()("no-such-split"))
        except IabenchError as problem:
            said = problem.message
        assert "no-such-split" in said, "an error of iabench that names the split"

    def _raw(self, split: str) -> list[RawRow]:
        rows = self.make()(split)
        return [RawRow(where=f"row {n}", values=dict(row)) for n, row in enumerate(rows, start=1)]
