"""Metrics: from outcomes to estimates. The only room that sees expectation and outcome together."""
