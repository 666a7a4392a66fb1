"""Gates: what a pipeline requires of a model, or of a tuning, before it goes on."""

from __future__ import annotations

import operator
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from iabench.errors import ConfigError, near_match
from iabench.records import Difference, Estimate

__all__ = ["Crossed", "Required", "Worse", "required", "worse"]

Crossed = Literal["passed", "crossed", "cannot tell"]

_REQUIRED = re.compile(r"\s*(\w+)\s*(>=|<=|>|<)\s*(\d*\.?\d+)\s*")
_WORSE = re.compile(r"\s*(\w+)\s*:\s*(\d*\.?\d+)\s*")
_SIGNS = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt}


@dataclass(frozen=True, slots=True, kw_only=True)
class Required:
    """`METRIC >= NUMBER`, of one run."""

    metric: str
    sign: str
    bound: float

    def judge(self, found: Estimate, *, strict: bool = False) -> tuple[Crossed, str]:
        """Return whether an estimate passes, which one without a value does not, and a line.

        With `strict` its whole interval must pass.
        """
        name = f"{self.metric} {self.sign} {self.bound:g}"
        if found.value is None:
            return "crossed", f"{name}: no value ({found.reason})"
        passes = _SIGNS[self.sign]
        line = f"{name}: it is {found.value:.3f}"
        if not passes(found.value, self.bound):
            return "crossed", line
        ends = [end for end in (found.lo, found.hi) if end is not None]
        if strict and not all(passes(end, self.bound) for end in ends):
            return "cannot tell", f"{line}, [{ends[0]:.3f}, {ends[-1]:.3f}] with n {found.n:,}"
        return "passed", line


@dataclass(frozen=True, slots=True, kw_only=True)
class Worse:
    """`METRIC:TOL`: worse by more than TOL, of a paired difference."""

    metric: str
    tolerance: float

    def judge(self, found: Difference, parts: Sequence[Difference] = ()) -> tuple[Crossed, str]:
        """Return whether the whole interval is worse by more, none of it is, or neither.

        Args:
            found: the difference that is judged.
            parts: the same of its tasks; where the gate is crossed, the worst of them are named.
        """
        name = f"{self.metric} worse by more than {self.tolerance:g}"
        if found.value is None or found.lo is None or found.hi is None:
            return "cannot tell", f"{name}: cannot tell with {found.n:,} pairs ({found.reason})"
        # By how much it is worse, at least and at most.
        least, most = (-found.hi, -found.lo) if found.higher_is_better else (found.lo, found.hi)
        shown = f"{found.value:+.3f} [{found.lo:+.3f}, {found.hi:+.3f}]"
        if least > self.tolerance:
            moved = f"{found.base:.3f} -> {found.tuned:.3f} over {found.n:,} pairs"
            return "crossed", f"{name}: yes, {shown}, all of it worse: {moved}{_most(parts)}"
        if most <= self.tolerance:
            return "passed", f"{name}: no, {shown}"
        return "cannot tell", f"{name}: cannot tell with {found.n:,} pairs, {shown}"


def _most(parts: Sequence[Difference]) -> str:
    """Return where the loss is, by the tasks that show one, the worst first."""
    lost = [one for one in parts if one.shown == "worse" and one.value is not None]
    lost.sort(key=lambda one: -abs(one.value or 0.0))
    named = ", ".join(f"{one.task} {one.value:+.3f}" for one in lost[:3])
    return f"; in {named}" if named else ""


def required(texts: Sequence[str], known: Sequence[str]) -> list[Required]:
    """Return the gates of `--require`.

    Raises:
        ConfigError: one is none, or of a metric that there is not.
    """
    found = []
    for text in texts:
        match = _REQUIRED.fullmatch(text)
        if match is None:
            raise ConfigError(f'--require "{text}" is no condition.', "'accuracy >= 0.9'")
        _check(match[1], known, "--require")
        found.append(Required(metric=match[1], sign=match[2], bound=float(match[3])))
    return found


def worse(texts: Sequence[str], known: Sequence[str]) -> list[Worse]:
    """Return the gates of `--fail-if-worse`; raises as `required`."""
    found = []
    for text in texts:
        match = _WORSE.fullmatch(text)
        if match is None:
            raise ConfigError(
                f'--fail-if-worse "{text}" is no METRIC:TOLERANCE.', "refusal_accuracy:0.05"
            )
        _check(match[1], known, "--fail-if-worse")
        found.append(Worse(metric=match[1], tolerance=float(match[2])))
    return found


def _check(metric: str, known: Sequence[str], option: str) -> None:
    if metric not in known:
        raise ConfigError(
            f'{option}: no metric "{metric}".',
            near_match(metric, known) or ", ".join(sorted(known)),
        )
