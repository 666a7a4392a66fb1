"""The organisms: small language models that ship with iabench, and the recipe that trains them."""

from iabench.organism.shipped import path

__all__ = ["path"]
