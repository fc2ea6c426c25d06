"""What the README and the docs tell people to type, typed in a clean clone."""
