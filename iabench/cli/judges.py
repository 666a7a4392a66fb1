"""Detectors and graders as the command line names them: which is meant, and where it sends text."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

from iabench.errors import ConfigError, UnknownNameError, near_match
from iabench.grading.base import DETECTORS, GRADERS, Detector, Grader
from iabench.records import About, RunSpec

__all__ = ["ABOUT", "about_of", "judges", "leaves", "opened"]

ABOUT: dict[str, About] = {"abstained": "abstained", "correct": "correct"}


def judges(name: str) -> list[About]:
    """Return what a name judges: abstention, correctness, or both in this order.

    Raises:
        UnknownNameError: neither a detector nor a grader.
    """
    found: list[About] = []
    if name in DETECTORS:
        found.append("abstained")
    if name in GRADERS:
        found.append("correct")
    if not found:
        known = sorted({*DETECTORS.names(), *GRADERS.names()})
        near = near_match(name, known)
        raise UnknownNameError(
            f'no detector or grader "{name}".', near or f"one of: {', '.join(known)}"
        )
    return found


def about_of(name: str, asked: str | None) -> About | None:
    """Return what a detector or grader is to judge, or None where its name leaves both open.

    Raises:
        ConfigError: it does not judge what is asked for.
        UnknownNameError: there is no such detector or grader.
    """
    found = judges(name)
    if asked is None:
        return found[0] if len(found) == 1 else None
    if asked not in ABOUT:
        raise ConfigError(f'nothing is judged about "{asked}".', f"--about {' or '.join(ABOUT)}")
    if ABOUT[asked] not in found:
        raise ConfigError(
            f"{name} says whether a response is {found[0]}, not whether it is {asked}.",
            "iabench detectors list",
        )
    return ABOUT[asked]


@contextmanager
def opened(name: str, about: About, spec: RunSpec) -> Iterator[Detector | Grader]:
    """Open a detector or grader, and close it at the end."""
    judge: Detector | Grader
    judge = DETECTORS.get(name)(spec) if about == "abstained" else GRADERS.get(name)(spec)
    with closing(judge):
        yield judge


def leaves(judge: Detector | Grader, n: int | None, *, private: bool) -> str | None:
    """Return the line that names the host before a response is sent to it; None for this machine.

    Args:
        judge: may send to a server.
        n: responses; None: nobody knows how many.
        private: they come from somebody's own file.
    """
    from iabench.models.endpoint import leaving

    url = getattr(judge, "sends_to", None)
    if url is None:
        return None
    line = leaving(url, n or 0, n or 0 if private else 0, what="responses")
    if line is None or n is not None:
        return line
    return "all responses " + line.removeprefix("0 responses ").partition(":")[0]
