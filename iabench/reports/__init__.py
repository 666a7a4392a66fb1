"""Reports: a run as a page, a table, a CSV file. Reads the run folder and nothing else."""
