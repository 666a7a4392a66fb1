"""`python -m iabench.organism.nli FOLDER`: how well it clusters."""

from __future__ import annotations

import sys

from iabench.organism.nli.clustering import main

raise SystemExit(main(sys.argv[1:]))
