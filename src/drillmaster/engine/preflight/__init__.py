"""What would stop a drill or the secondary tonight: looked at, and nothing changed."""
