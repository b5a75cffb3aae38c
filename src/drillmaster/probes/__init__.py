"""Questions to the world, one file a kind."""
