"""Sentences that the paragraphs of runs and of studies share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from iabench import __version__
from iabench.grading.described import SAYS
from iabench.grading.error_rates import error_rates
from iabench.reports.shown import one_line

__all__ = ["in_figure", "judges", "percent", "software"]

_LONGEST = 40


def in_figure(name: str) -> str:
    """Return a name as a figure shows it: the renderer dies of very long text, process and all."""
    return one_line(name)[:_LONGEST]


def percent(share: float) -> str:
    """Return `95 %`."""
    return f"{100 * share:g} %"


def judges(detector: str, grader: str) -> Iterator[str]:
    """Yield who judged, how, and how often the detector errs as far as that is published."""
    says = SAYS["abstained"].get(detector.partition("@")[0], "")
    yield f"Whether a response abstains was decided by {detector}{f' ({says})' if says else ''},"
    yield f"blind to what was expected; whether it is right by {grader}."
    rates = error_rates(detector)
    if rates is not None:
        yield (
            f"On {rates.n:,} labelled responses ({rates.name}) the detector has a sensitivity of "
            f"{rates.sensitivity.value:.3f} and a specificity of {rates.specificity.value:.3f}; "
            "the rates here are not corrected for its errors."
        )
    else:
        yield f"No error rates of {detector} are published."


def software(packages: Mapping[str, object]) -> str:
    """Return what was used."""
    listed = [
        f"{name} {packages[name]}" for name in ("torch", "transformers") if packages.get(name)
    ]
    return f"Made with {', '.join([f'iabench {__version__}', *listed])}."
