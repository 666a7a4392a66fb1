"""Grading: did the answer abstain, and if not, is it right? Blind to what was expected."""
