"""Reports of a study: terminal, Markdown, a page with charts; from `study.json` and its cells."""
