"""Targets: what a row is answered with."""
