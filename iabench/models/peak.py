"""How much memory something took at its peak: of the device that it ran on."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from iabench.models.devices import device as find_device

__all__ = ["Peak", "peak_memory"]

_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


@dataclass(slots=True)
class Peak:
    """Bytes at the peak; None where nobody can tell."""

    bytes: int | None = None


@contextlib.contextmanager
def peak_memory(device: str) -> Iterator[Peak]:
    """Lend a peak that is filled in at the end.

    Of a card, what torch held on it; of a CPU the resident memory of this process, whose mark is
    set back at the start where Linux lets one (`/proc/self/clear_refs`). Elsewhere None.
    """
    import torch

    peak = Peak()
    where = find_device(device)
    on_card = where.startswith("cuda")
    if on_card:
        torch.cuda.reset_peak_memory_stats(where)
    reset = on_card
    with contextlib.suppress(OSError):
        _CLEAR.write_text("5")
        reset = True
    try:
        yield peak
    finally:
        if on_card:
            peak.bytes = int(torch.cuda.max_memory_allocated(where))
        elif reset:
            peak.bytes = _resident()


def _resident() -> int | None:
    with contextlib.suppress(OSError):
        for line in _STATUS.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return 1024 * int(line.split()[1])
    return None
