"""Worlds: invented names by purpose, and seeded universes of entities and facts."""
