"""The small HTTP door for people and providers."""
