"""A connection to an API server, as one identity."""
