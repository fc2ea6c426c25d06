"""The same product on a real PostgreSQL."""
