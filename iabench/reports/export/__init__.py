"""A run in the formats of other tools; each is a choice of the group `iabench.exports`."""
