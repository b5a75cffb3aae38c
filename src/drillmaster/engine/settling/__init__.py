"""Undoing everything and closing a run, whoever does it."""
