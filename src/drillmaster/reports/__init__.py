"""Scorecard and timeline in, bytes out."""
