"""The kinds of objects there are, and how they are found and read."""
