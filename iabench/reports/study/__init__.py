"""Reports of a study: terminal, Markdown, and a page with its charts; from `study.json` and its cells."""
