"""One training, from the command line of a launcher: python -m tests.training.processes PATH OUT."""

from __future__ import annotations

import os
import sys

import torch
from safetensors.torch import save_file

from tests.tiny import tiny_model
from tests.training.learning import spec, trainer


def main(path: str, out: str) -> None:
    torch.set_num_threads(1)
    world = int(os.environ.get("WORLD_SIZE", "1"))
    # Sixteen rows: batches of 5, 5, 5 and 1, so that a process has nothing of the last.
    given = spec(path=path, batch_size=5)
    backend = {"ddp_backend": "gloo"} if world > 1 else {}
    loop = trainer(tiny_model().double(), given, **backend)
    loop.train()
    assert loop.args.world_size == world
    sent = 0
    if world > 1:
        assert type(loop.model_wrapped).__name__ == "DistributedDataParallel"
        sent = sum(p.numel() for p in loop.model_wrapped.parameters() if p.requires_grad)
    model = loop._update.finish(loop.accelerator.unwrap_model(loop.model))
    if loop.args.process_index == 0:
        weights = {n: p.detach().clone() for n, p in model.named_parameters()}
        save_file(weights, out, metadata={"world": str(world), "sent": str(sent)})


if __name__ == "__main__":
    main(*sys.argv[1:])
