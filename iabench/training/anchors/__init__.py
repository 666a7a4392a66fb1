"""Anchors: terms of the loss that hold the tuned model to its base."""
