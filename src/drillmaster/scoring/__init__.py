"""A scorecard from a timeline: pure functions."""
