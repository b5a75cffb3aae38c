"""The embedded staging and its simulated responders."""
