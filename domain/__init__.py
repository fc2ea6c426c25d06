"""Rules on plain values: no database, no web, no clock of its own; the standard library only."""
