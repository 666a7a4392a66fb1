"""One task, one metric and one detector for iabench."""
