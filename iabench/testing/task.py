"""What every task keeps to."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from iabench.tasks import catalog
from iabench.tasks.base import UNREFERENCED, Task
from iabench.tasks.limit import limited
from iabench.tasks.validate import Checked, validate

__all__ = ["TaskContract"]


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
            bare = task.spec.metrics == UNREFERENCED
            assert (probe.expect == "answer" and not bare) == bool(probe.references), probe.id
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
