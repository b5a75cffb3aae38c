"""What a person may do, asked with controls."""
