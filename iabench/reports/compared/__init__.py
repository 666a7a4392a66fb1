"""A comparison of two runs as people see it: terminal, page, Markdown, values."""
