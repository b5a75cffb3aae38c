"""Game-day and chaos drills that prove the secondary on-call can step in."""

__version__ = "0.1.0"
