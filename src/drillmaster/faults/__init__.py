"""Failures that a drill injects and undoes, one file a family."""
