"""Leaderboards: folders whose numbers anybody can make again from the answers beside them."""
