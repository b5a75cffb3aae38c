"""Who may do what in a cluster."""
