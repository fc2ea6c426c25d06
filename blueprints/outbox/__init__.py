"""The demo's outbox."""
