"""Systems that faults are injected into, one file a kind."""
