"""Sphinx: MyST Markdown, furo, nothing fetched."""

import re
from typing import Any

import iabench

project = "iabench"
author = "the iabench contributors"
copyright = "2026, the iabench contributors"
release = iabench.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build", "images", "reference/schemas"]
source_suffix = {".md": "markdown"}
myst_heading_anchors = 3

autodoc_typehints = "signature"
autodoc_member_order = "bysource"
napoleon_google_docstring = True
napoleon_numpy_docstring = False

html_theme = "furo"
html_title = f"iabench {release}"
html_show_sphinx = False


def code_as_in_markdown(
    app: Any, what: str, name: str, thing: Any, options: Any, lines: list[str]
) -> None:
    """Read `code` in docstrings as Markdown does; for reStructuredText it takes two backticks."""
    lines[:] = [re.sub(r"`([^`]+)`", lambda m: f"``{m[1].strip()}``", line) for line in lines]


def setup(app: Any) -> None:
    """Run before napoleon, which takes docstrings apart at colons."""
    app.connect("autodoc-process-docstring", code_as_in_markdown, priority=100)
