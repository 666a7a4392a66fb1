"""Rows: what is taught beside the facts."""
