"""Updates: which numbers change, and how."""
