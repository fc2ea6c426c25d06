"""The link with the bookkeeping: its credentials and state, and reading long lists through it."""
