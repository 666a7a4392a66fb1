"""Statistics: intervals over clusters. NumPy, scipy and statsmodels; no torch, no task."""
