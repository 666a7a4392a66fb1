"""Reports of a study: terminal, Markdown, and a page with its charts; all from `study.json`."""
