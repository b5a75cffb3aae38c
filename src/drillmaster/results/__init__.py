"""Runs that are over, or open: their scorecards, their reports and where they stand."""
