"""Uncertainty: what several samples of one prompt say about what the model knows."""
