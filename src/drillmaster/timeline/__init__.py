"""What happened: events, their hash chain, and the store that keeps them."""
