"""The books of a run: what it owes, who may act for it, what happened."""
