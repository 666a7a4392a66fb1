"""Sphinx: MyST Markdown, furo, nothing fetched."""

import iabench

project = "iabench"
author = "the iabench contributors"
copyright = "2026, the iabench contributors"
release = iabench.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build", "images", "reference/schemas"]
source_suffix = {".md": "markdown"}

myst_heading_anchors = 3
myst_enable_extensions = ["colon_fence"]
suppress_warnings = ["myst.strikethrough"]

autodoc_typehints = "signature"
autodoc_member_order = "bysource"
napoleon_google_docstring = True
napoleon_numpy_docstring = False

html_theme = "furo"
html_title = f"iabench {release}"
html_show_sphinx = False
