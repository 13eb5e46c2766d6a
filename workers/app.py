"""Built below."""
