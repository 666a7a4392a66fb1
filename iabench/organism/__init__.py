"""The organisms: small language models that ship with iabench, and the recipe that trains them."""
