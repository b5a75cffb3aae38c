"""The audit log of the API server: who did what, and when."""
