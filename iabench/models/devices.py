"""Which devices there are, and which one `auto` means."""

from __future__ import annotations

import torch

from iabench.errors import ConfigError

__all__ = ["device", "devices"]


def devices() -> list[str]:
    """Return the devices of this machine in words, the best first."""
    found = [f"cuda:{i} {torch.cuda.get_device_name(i)}" for i in range(torch.cuda.device_count())]
    if torch.backends.mps.is_available():
        found.append("mps")
    return [*found, "cpu"]


def device(asked: str) -> str:
    """Return the device that `auto` means, or the one asked for if it is there.

    Raises:
        ConfigError: no such device on this machine.
    """
    if asked == "auto":
        if torch.cuda.is_available():
            return "cuda:0"
        return "mps" if torch.backends.mps.is_available() else "cpu"
    try:
        kind = torch.device(asked).type
    except RuntimeError:
        raise ConfigError(f'no device "{asked}".', "--device cuda, mps or cpu") from None
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if not there.get(kind, True):
        raise ConfigError(f'no device "{asked}" on this machine.', "--device auto")
    return asked
