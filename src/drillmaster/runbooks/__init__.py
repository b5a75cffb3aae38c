"""Evidence that a runbook is followed."""
