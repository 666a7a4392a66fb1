"""Studies: one base model, several tuning methods, several seeds, one table."""
