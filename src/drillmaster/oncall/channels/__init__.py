"""Ways in which a page reaches a person, one file a kind."""
