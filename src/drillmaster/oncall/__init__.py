"""On-call systems, one file a provider."""
