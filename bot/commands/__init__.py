"""A command described once, for every platform and the CLI."""
