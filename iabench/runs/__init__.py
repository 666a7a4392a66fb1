"""Runs: one evaluation is one folder; every stage appends to it and can be redone alone."""
