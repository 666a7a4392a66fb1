"""After: what is done once the facts are learned."""
