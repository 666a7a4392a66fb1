"""`python -m iabench`."""

from __future__ import annotations

from iabench.cli.main import main

if __name__ == "__main__":
    main()
