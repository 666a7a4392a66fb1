"""iabench: does your fine-tuned model still know what it does not know?"""

from __future__ import annotations

__all__ = ["__version__"]

__version__ = "0.1.0"
