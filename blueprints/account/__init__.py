"""One's own account: password, sessions, second factor, and saying once more who one is."""
