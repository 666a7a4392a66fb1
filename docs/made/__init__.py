"""What `docs/generate.py` makes: pages and blocks, from the code itself."""

MADE = "This page is made by `python docs/generate.py` from the code itself."
