"""Before a drill: who plays whom, what would be done, and whether it may be."""
