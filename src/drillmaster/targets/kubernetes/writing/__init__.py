"""What we write, so that the cluster alone is enough to undo it."""
