"""Prompts: from a probe to messages, and from what a model wrote to its answer."""
