"""Ways of reading publications."""
